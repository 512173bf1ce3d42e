/*
 * dup3: EBADF, EINTR, EINVAL.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <unistd.h>

int dup3(int from, int to, int flags)
{
    return (int)RESULT(CALL(dup3, from, to, flags));
}
