/*
 * setresgid: EINVAL, EPERM.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <unistd.h>

int setresgid(gid_t real, gid_t effective, gid_t saved)
{
    return (int)RESULT(CALL(setresgid32, real, effective, saved));
}
