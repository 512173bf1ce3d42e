/*
 * setgroups: EFAULT, EINVAL, ENOMEM, EPERM.
 */
#include "../call.h"
#include <grp.h>

int setgroups(size_t count, const gid_t *list)
{
    return (int)RESULT(CALL(setgroups32, count, list));
}
