/*
 * wait: any child.  Errors: ECHILD, EINTR.
 */
#include "../call.h"
#include <sys/wait.h>

int _wait_r(struct _reent *reent, int *status)
{
    return (int)__cairn_result(reent, CALL(wait4, -1, status, 0, 0));
}

WEAK pid_t wait(int *status)
{
    return (pid_t)RESULT(CANCEL(wait4, -1, status, 0, 0));
}
