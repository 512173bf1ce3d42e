/*
 * getresuid: EFAULT.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <unistd.h>

int getresuid(uid_t *real, uid_t *effective, uid_t *saved)
{
    return (int)RESULT(CALL(getresuid32, real, effective, saved));
}
