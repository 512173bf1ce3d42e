/*
 * sigaltstack: EFAULT, EINVAL, ENOMEM, EPERM.
 */
#include "../call.h"
#include <signal.h>

int sigaltstack(const stack_t *restrict stack, stack_t *restrict old)
{
    return (int)RESULT(CALL(sigaltstack, stack, old));
}
