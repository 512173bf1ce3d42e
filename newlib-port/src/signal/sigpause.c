/*
 * sigpause: BSD's waits with a mask of the first 32 signals; System V's, which
 * has another name inside, waits for one signal that it unblocks.
 *
 * Errors: EINTR, always; EINVAL.
 */
#include "../call.h"
#include <signal.h>

int sigpause(int mask)
{
    sigset_t set = {{(unsigned long)mask, 0}};

    return sigsuspend(&set);
}

int __xpg_sigpause(int signo)
{
    sigset_t set;

    sigprocmask(SIG_BLOCK, NULL, &set);
    if (sigdelset(&set, signo) < 0)
        return -1;
    return sigsuspend(&set);
}
