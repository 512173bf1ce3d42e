/*
 * sigqueue: a signal with a value.  Errors: EAGAIN, EINVAL, EPERM, ESRCH.
 */
#include "../call.h"
#include <signal.h>
#include <unistd.h>

int sigqueue(pid_t pid, int signo, union sigval value)
{
    siginfo_t info = {.si_signo = signo, .si_code = SI_QUEUE};

    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value = value;
    return (int)RESULT(CALL(rt_sigqueueinfo, pid, signo, &info));
}
