/*
 * seteuid: EINVAL, EPERM.
 */
#include "../call.h"
#include <unistd.h>

int seteuid(uid_t uid)
{
    return (int)RESULT(CALL(setresuid32, -1, uid, -1));
}
