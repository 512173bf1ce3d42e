/*
 * getsid: EPERM, ESRCH.
 */
#include "../call.h"
#include <unistd.h>

pid_t getsid(pid_t pid)
{
    return (pid_t)RESULT(CALL(getsid, pid));
}
