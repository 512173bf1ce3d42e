/*
 * timer_create: EAGAIN, EFAULT, EINVAL; ENOTSUP for SIGEV_THREAD.
 *
 * A timer_t is the kernel's number.
 */
#include "../call.h"
#include <signal.h>
#include <time.h>

int timer_create(clockid_t clock, struct sigevent *restrict event,
                 timer_t *restrict timer)
{
    int id;

    if (event != NULL && event->sigev_notify == SIGEV_THREAD)
        return __cairn_fail(ENOTSUP);
    if (RESULT(CALL(timer_create, clock, event, &id)) < 0)
        return -1;
    *timer = (timer_t)id;
    return 0;
}
