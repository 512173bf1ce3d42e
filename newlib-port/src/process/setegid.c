/*
 * setegid: EINVAL, EPERM.
 */
#include "../call.h"
#include <unistd.h>

int setegid(gid_t gid)
{
    return (int)RESULT(CALL(setresgid32, -1, gid, -1));
}
