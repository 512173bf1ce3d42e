/*
 * kill: EINVAL, EPERM, ESRCH.
 */
#include "../call.h"
#include <signal.h>

int _kill_r(struct _reent *reent, int pid, int signo)
{
    return (int)__cairn_result(reent, CALL(kill, pid, signo));
}

WEAK int kill(pid_t pid, int signo)
{
    return _kill_r(_REENT, pid, signo);
}
