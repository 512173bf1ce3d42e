/*
 * fork: EAGAIN, ENOMEM.
 */
#include "../call.h"
#include <unistd.h>

/* The thread library's, in programs that have it; else NULL. */
__attribute__((weak)) int __cairn_threads_fork(void);

int _fork_r(struct _reent *reent)
{
    return (int)__cairn_result(reent, CALL(fork));
}

WEAK pid_t fork(void)
{
    if (__cairn_threads_fork != NULL)
        return (pid_t)RESULT(__cairn_threads_fork());
    return _fork_r(_REENT);
}
