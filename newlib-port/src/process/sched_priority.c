/*
 * sched_get_priority_max, sched_get_priority_min: the one policy that the
 * system schedules by has no priorities.  Errors: EINVAL.
 */
#include "../call.h"
#include <sched.h>

static int range_end(int policy)
{
    return policy == SCHED_OTHER ? 0 : __cairn_fail(EINVAL);
}

int sched_get_priority_max(int policy)
{
    return range_end(policy);
}

int sched_get_priority_min(int policy)
{
    return range_end(policy);
}
