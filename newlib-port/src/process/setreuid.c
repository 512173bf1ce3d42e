/*
 * setreuid: EAGAIN, EINVAL, EPERM.
 */
#include "../call.h"
#include <unistd.h>

int setreuid(uid_t real, uid_t effective)
{
    return (int)RESULT(CALL(setreuid32, real, effective));
}
