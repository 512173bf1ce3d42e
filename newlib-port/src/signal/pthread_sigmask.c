/*
 * pthread_sigmask: sigprocmask for the calling thread; returns the error
 * number.
 */
#include "../call.h"
#include "kept.h"
#include <signal.h>

int pthread_sigmask(int how, const sigset_t *restrict set,
                    sigset_t *restrict old)
{
    return (int)-CALL(rt_sigprocmask, how, SIGNALS_KEPT(set), old,
                      sizeof(*set));
}
