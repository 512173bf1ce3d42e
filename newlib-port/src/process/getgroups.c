/*
 * getgroups: EFAULT, EINVAL.
 */
#include "../call.h"
#include <unistd.h>

int getgroups(int count, gid_t list[])
{
    return (int)RESULT(CALL(getgroups32, count, list));
}
