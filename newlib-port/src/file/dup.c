/*
 * dup: EBADF, EMFILE.
 */
#include "../call.h"
#include <unistd.h>

int dup(int fd)
{
    return (int)RESULT(CALL(dup, fd));
}
