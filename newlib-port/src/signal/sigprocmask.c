/*
 * sigprocmask: EFAULT, EINVAL.
 */
#include "../call.h"
#include "kept.h"
#include <signal.h>

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
    return (int)RESULT(
        CALL(rt_sigprocmask, how, SIGNALS_KEPT(set), old, sizeof(*set)));
}
