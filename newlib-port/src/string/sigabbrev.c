/*
 * sigabbrev_np, sigdescr_np: a signal's name without SIG, and its text; NULL for
 * a number that is no signal's.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>

const char *sigabbrev_np(int signo)
{
    static char name[SIG2STR_MAX];

    if (signo <= 0 || signo >= 32 || sig2str(signo, name) < 0)
        return NULL;
    return name;
}

const char *sigdescr_np(int signo)
{
    return signo > 0 && signo < 32 ? strsignal(signo) : NULL;
}
