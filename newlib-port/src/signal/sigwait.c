/*
 * sigwait, sigwaitinfo, sigtimedwait: take a pending signal of a set.
 *
 * Errors: EAGAIN after the timeout, EINTR, EINVAL.  sigwait returns the error
 * number and waits on when another signal's handler has run.
 */
#include "../call.h"
#include <signal.h>
#include <time.h>

int sigtimedwait(const sigset_t *restrict set, siginfo_t *restrict info,
                 const struct timespec *restrict timeout)
{
    int signo = (int)RESULT(
        CANCEL(rt_sigtimedwait_time64, set, info, timeout, sizeof(*set)));

    /* What raise and pthread_kill have sent is a user's signal to POSIX. */
    if (signo > 0 && info != NULL && info->si_code == SI_TKILL)
        info->si_code = SI_USER;
    return signo;
}

int sigwaitinfo(const sigset_t *restrict set, siginfo_t *restrict info)
{
    return sigtimedwait(set, info, NULL);
}

int sigwait(const sigset_t *restrict set, int *restrict signo)
{
    long result;

    do
        result = CANCEL(rt_sigtimedwait_time64, set, 0, 0, sizeof(*set));
    while (result == -EINTR);
    if (result < 0)
        return (int)-result;
    *signo = (int)result;
    return 0;
}
