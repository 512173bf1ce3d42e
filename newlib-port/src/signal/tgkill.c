/*
 * tgkill: EINVAL, EPERM, ESRCH.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <signal.h>

int tgkill(pid_t process, pid_t thread, int signo)
{
    return (int)RESULT(CALL(tgkill, process, thread, signo));
}
