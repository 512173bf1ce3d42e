/*
 * fork: EAGAIN, ENOMEM.
 */
#include "../call.h"
#include <unistd.h>

int _fork_r(struct _reent *reent)
{
    return (int)__cairn_result(reent, CALL(fork));
}

WEAK pid_t fork(void)
{
    return _fork_r(_REENT);
}
