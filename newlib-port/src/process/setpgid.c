/*
 * setpgid: EACCES, EINVAL, EPERM, ESRCH.
 */
#include "../call.h"
#include <unistd.h>

int setpgid(pid_t pid, pid_t group)
{
    return (int)RESULT(CALL(setpgid, pid, group));
}
