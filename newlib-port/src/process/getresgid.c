/*
 * getresgid: EFAULT.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <unistd.h>

int getresgid(gid_t *real, gid_t *effective, gid_t *saved)
{
    return (int)RESULT(CALL(getresgid32, real, effective, saved));
}
