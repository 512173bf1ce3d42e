/*
 * sigset.c - sets of signals: 64 bits, bit signo - 1.
 *
 * Error: EINVAL for a number that is no signal's.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <signal.h>

#define WORD(signo) (((unsigned)(signo)-1) / 32)
#define BIT(signo)  (1UL << (((unsigned)(signo)-1) % 32))

static int is_signal(int signo)
{
    return signo >= 1 && signo <= __CAIRN_NSIG;
}

int sigemptyset(sigset_t *set)
{
    set->__bits[0] = 0;
    set->__bits[1] = 0;
    return 0;
}

int sigfillset(sigset_t *set)
{
    set->__bits[0] = ~0UL;
    set->__bits[1] = ~0UL;
    return 0;
}

int sigaddset(sigset_t *set, int signo)
{
    if (!is_signal(signo))
        return __cairn_fail(EINVAL);
    set->__bits[WORD(signo)] |= BIT(signo);
    return 0;
}

int sigdelset(sigset_t *set, int signo)
{
    if (!is_signal(signo))
        return __cairn_fail(EINVAL);
    set->__bits[WORD(signo)] &= ~BIT(signo);
    return 0;
}

int sigismember(const sigset_t *set, int signo)
{
    if (!is_signal(signo))
        return __cairn_fail(EINVAL);
    return (set->__bits[WORD(signo)] & BIT(signo)) != 0;
}

int sigisemptyset(const sigset_t *set)
{
    return (set->__bits[0] | set->__bits[1]) == 0;
}

int sigandset(sigset_t *to, const sigset_t *a, const sigset_t *b)
{
    to->__bits[0] = a->__bits[0] & b->__bits[0];
    to->__bits[1] = a->__bits[1] & b->__bits[1];
    return 0;
}

int sigorset(sigset_t *to, const sigset_t *a, const sigset_t *b)
{
    to->__bits[0] = a->__bits[0] | b->__bits[0];
    to->__bits[1] = a->__bits[1] | b->__bits[1];
    return 0;
}
