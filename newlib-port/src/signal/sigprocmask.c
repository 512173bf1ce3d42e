/*
 * sigprocmask: EFAULT, EINVAL.
 */
#include "../call.h"
#include <signal.h>

int sigprocmask(int how, const sigset_t *restrict set, sigset_t *restrict old)
{
    return (int)RESULT(CALL(rt_sigprocmask, how, set, old, sizeof(*set)));
}
