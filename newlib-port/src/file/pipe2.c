/*
 * pipe2: EFAULT, EINVAL, EMFILE, ENFILE, ENOMEM.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <unistd.h>

int pipe2(int fd[2], int flags)
{
    return (int)RESULT(CALL(pipe2, fd, flags));
}
