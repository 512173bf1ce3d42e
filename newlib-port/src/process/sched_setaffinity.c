/*
 * sched_setaffinity: there is one processor, which must be in the set.
 * Errors: EFAULT, EINVAL, EPERM, ESRCH.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <sched.h>

int sched_setaffinity(pid_t pid, size_t nbytes, const cpu_set_t *set)
{
    return (int)RESULT(CALL(sched_setaffinity, pid, nbytes, set));
}
