/*
 * sched_getaffinity: the kernel returns how many bytes it wrote; the rest of
 * the set is zeroed.  Errors: EINVAL, ESRCH.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <sched.h>
#include <string.h>

int sched_getaffinity(pid_t pid, size_t nbytes, cpu_set_t *set)
{
    long written = RESULT(CALL(sched_getaffinity, pid, nbytes, set));

    if (written < 0)
        return -1;
    memset((char *)set + written, 0, nbytes - (size_t)written);
    return 0;
}
