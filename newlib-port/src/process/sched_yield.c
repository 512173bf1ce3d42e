/*
 * sched_yield: no error is known.
 */
#include "../call.h"
#include <sched.h>

int sched_yield(void)
{
    return (int)RESULT(CALL(sched_yield));
}
