/*
 * getpgid: ESRCH.
 */
#include "../call.h"
#include <unistd.h>

pid_t getpgid(pid_t pid)
{
    return (pid_t)RESULT(CALL(getpgid, pid));
}
