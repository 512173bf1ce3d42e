/*
 * sigblock, sigsetmask, siggetmask: 4.3BSD's mask of the first 32 signals;
 * each returns the old one.
 */
#include <signal.h>

static int change(int how, int mask)
{
    sigset_t set = {{(unsigned long)mask, 0}};
    sigset_t old;

    sigprocmask(how, &set, &old);
    return (int)old.__bits[0];
}

int sigblock(int mask)
{
    return change(SIG_BLOCK, mask);
}

int sigsetmask(int mask)
{
    return change(SIG_SETMASK, mask);
}

int siggetmask(void)
{
    return change(SIG_BLOCK, 0);
}
