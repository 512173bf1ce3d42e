/*
 * prlimit, getrlimit, setrlimit: all by the call with 64-bit limits.
 *
 * Errors: EINVAL, EPERM, EFAULT; ESRCH for prlimit.
 */
#include "../call.h"
#include <sys/resource.h>

_Static_assert(sizeof(struct rlimit) == sizeof(struct __cairn_rlimit64),
               "struct rlimit is the kernel's");

int prlimit(pid_t pid, int resource, const struct rlimit *limit,
            struct rlimit *old)
{
    return (int)RESULT(CALL(prlimit64, pid, resource, limit, old));
}

int getrlimit(int resource, struct rlimit *limit)
{
    return prlimit(0, resource, NULL, limit);
}

int setrlimit(int resource, const struct rlimit *limit)
{
    return prlimit(0, resource, limit, NULL);
}
