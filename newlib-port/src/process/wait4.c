/*
 * wait4, wait3: wait for a child and learn what it used.
 *
 * Errors: ECHILD, EINTR, EINVAL.
 */
#include "../call.h"
#include "rusage.h"
#include <sys/wait.h>

pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
    struct __cairn_rusage raw = {0};
    pid_t child;

    child = (pid_t)RESULT(
        CANCEL(wait4, pid, status, options, usage != NULL ? &raw : NULL));
    if (child > 0 && usage != NULL)
        __cairn_rusage_convert(usage, &raw);
    return child;
}

pid_t wait3(int *status, int options, struct rusage *usage)
{
    return wait4(-1, status, options, usage);
}
