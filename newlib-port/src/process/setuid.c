/*
 * setuid: EAGAIN, EINVAL, EPERM.
 */
#include "../call.h"
#include <unistd.h>

int setuid(uid_t uid)
{
    return (int)RESULT(CALL(setuid32, uid));
}
