/*
 * killpg: kill a process group, 0 for the own one.
 *
 * Errors: EINVAL, EPERM, ESRCH.
 */
#include "../call.h"
#include <signal.h>

int killpg(pid_t group, int signo)
{
    if (group < 0)
        return __cairn_fail(EINVAL);
    return kill(-group, signo);
}
