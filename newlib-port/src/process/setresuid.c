/*
 * setresuid: EAGAIN, EINVAL, EPERM.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <unistd.h>

int setresuid(uid_t real, uid_t effective, uid_t saved)
{
    return (int)RESULT(CALL(setresuid32, real, effective, saved));
}
