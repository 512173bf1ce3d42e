/*
 * sigpending: EFAULT.
 */
#include "../call.h"
#include <signal.h>

int sigpending(sigset_t *set)
{
    return (int)RESULT(CALL(rt_sigpending, set, sizeof(*set)));
}
