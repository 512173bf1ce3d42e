/*
 * setgroups: EFAULT, EINVAL, ENOMEM, EPERM.
 */
#include "../call.h"
#include <unistd.h>

int setgroups(int count, const gid_t *list)
{
    return (int)RESULT(CALL(setgroups32, count, list));
}
