/*
 * sched_setscheduler and its like: policies of processes.
 *
 * Errors: EINVAL, EPERM, ESRCH; ENOSYS where there is one policy only.
 */
#include "../call.h"
#include <sched.h>

int sched_getparam(pid_t pid, struct sched_param *parameters)
{
    return (int)RESULT(CALL(sched_getparam, pid, parameters));
}

int sched_setparam(pid_t pid, const struct sched_param *parameters)
{
    return (int)RESULT(CALL(sched_setparam, pid, parameters));
}

int sched_getscheduler(pid_t pid)
{
    return (int)RESULT(CALL(sched_getscheduler, pid));
}

int sched_setscheduler(pid_t pid, int policy,
                       const struct sched_param *parameters)
{
    return (int)RESULT(CALL(sched_setscheduler, pid, policy, parameters));
}

int sched_rr_get_interval(pid_t pid, struct timespec *interval)
{
    return (int)RESULT(CALL(sched_rr_get_interval_time64, pid, interval));
}
