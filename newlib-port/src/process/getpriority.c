/*
 * getpriority: the kernel returns 20 minus the value, so that it is never
 * negative.  A result of -1 may be right; errno says.  Errors: EINVAL, ESRCH.
 */
#include "../call.h"
#include <sys/resource.h>

int getpriority(int which, id_t who)
{
    long value = RESULT(CALL(getpriority, which, who));

    return value < 0 ? -1 : (int)(20 - value);
}
