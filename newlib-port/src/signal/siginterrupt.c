/*
 * siginterrupt: whether a signal interrupts calls or restarts them.
 *
 * Errors: EINVAL.
 */
#include <signal.h>

int siginterrupt(int signo, int interrupts)
{
    struct sigaction action;

    if (sigaction(signo, NULL, &action) < 0)
        return -1;
    if (interrupts)
        action.sa_flags &= ~SA_RESTART;
    else
        action.sa_flags |= SA_RESTART;
    return sigaction(signo, &action, NULL);
}
