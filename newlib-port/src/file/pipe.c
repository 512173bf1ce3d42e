/*
 * pipe: EFAULT, EMFILE, ENFILE, ENOMEM.
 */
#include "../call.h"
#include <unistd.h>

int pipe(int fd[2])
{
    return (int)RESULT(CALL(pipe, fd));
}
