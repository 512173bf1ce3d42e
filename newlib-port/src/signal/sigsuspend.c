/*
 * sigsuspend: EINTR, always.
 */
#include "../call.h"
#include <signal.h>

int sigsuspend(const sigset_t *set)
{
    return (int)RESULT(CANCEL(rt_sigsuspend, set, sizeof(*set)));
}
