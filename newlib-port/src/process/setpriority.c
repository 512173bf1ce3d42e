/*
 * setpriority: EACCES, EINVAL, EPERM, ESRCH.
 */
#include "../call.h"
#include <sys/resource.h>

int setpriority(int which, id_t who, int value)
{
    return (int)RESULT(CALL(setpriority, which, who, value));
}
