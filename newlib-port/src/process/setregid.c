/*
 * setregid: EINVAL, EPERM.
 */
#include "../call.h"
#include <unistd.h>

int setregid(gid_t real, gid_t effective)
{
    return (int)RESULT(CALL(setregid32, real, effective));
}
