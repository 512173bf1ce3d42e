/*
 * dup2: EBADF, EINTR.
 */
#include "../call.h"
#include <unistd.h>

int dup2(int from, int to)
{
    return (int)RESULT(CALL(dup2, from, to));
}
