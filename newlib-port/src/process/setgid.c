/*
 * setgid: EINVAL, EPERM.
 */
#include "../call.h"
#include <unistd.h>

int setgid(gid_t gid)
{
    return (int)RESULT(CALL(setgid32, gid));
}
