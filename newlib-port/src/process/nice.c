/*
 * nice: the new value, or -1 with errno set.  Errors: EPERM.
 */
#include "../call.h"
#include <sys/resource.h>
#include <unistd.h>

int nice(int increment)
{
    if (RESULT(CALL(nice, increment)) < 0)
        return -1;
    return getpriority(PRIO_PROCESS, 0);
}
