/*
 * sighold, sigrelse, sigignore, sigset: System V's functions.
 *
 * Errors: EINVAL.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <signal.h>

static int change(int how, int signo, sigset_t *old)
{
    sigset_t set;

    sigemptyset(&set);
    if (sigaddset(&set, signo) < 0)
        return -1;
    return sigprocmask(how, &set, old);
}

int sighold(int signo)
{
    return change(SIG_BLOCK, signo, NULL);
}

int sigrelse(int signo)
{
    return change(SIG_UNBLOCK, signo, NULL);
}

int sigignore(int signo)
{
    struct sigaction action = {.sa_handler = SIG_IGN};

    return sigaction(signo, &action, NULL);
}

_sig_func_ptr sigset(int signo, _sig_func_ptr handler)
{
    struct sigaction action = {.sa_handler = handler};
    struct sigaction old;
    sigset_t mask;
    int hold = handler == SIG_HOLD;

    if (sigaction(signo, hold ? NULL : &action, &old) < 0 ||
        change(hold ? SIG_BLOCK : SIG_UNBLOCK, signo, &mask) < 0)
        return SIG_ERR;
    return sigismember(&mask, signo) ? SIG_HOLD : old.sa_handler;
}
