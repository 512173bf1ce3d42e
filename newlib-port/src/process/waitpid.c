/*
 * waitpid: ECHILD, EINTR, EINVAL.
 */
#include "../call.h"
#include <sys/wait.h>

pid_t waitpid(pid_t pid, int *status, int options)
{
    return (pid_t)RESULT(CANCEL(wait4, pid, status, options, 0));
}
