/*
 * times: ticks since some point in the past; wraps.
 */
#include "../call.h"
#include <sys/times.h>

clock_t _times_r(struct _reent *reent, struct tms *buffer)
{
    long ticks = CALL(times, buffer);

    /* A tick count may look like an error number; only these are errors. */
    if (ticks == -EFAULT || ticks == -ENOSYS)
        return __cairn_result(reent, ticks);
    return ticks;
}

WEAK clock_t times(struct tms *buffer)
{
    return _times_r(_REENT, buffer);
}
