/*
 * sched_get_priority_max, sched_get_priority_min: the priorities of a policy.
 * Errors: EINVAL.
 */
#include "../call.h"
#include <sched.h>

int sched_get_priority_max(int policy)
{
    return (int)RESULT(CALL(sched_get_priority_max, policy));
}

int sched_get_priority_min(int policy)
{
    return (int)RESULT(CALL(sched_get_priority_min, policy));
}
