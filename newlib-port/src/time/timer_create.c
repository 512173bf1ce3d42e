/*
 * timer_create: EAGAIN, EFAULT, EINVAL, ENOMEM; without musl's archive ENOTSUP
 * for SIGEV_THREAD.
 */
#include "timer.h"
#include "../call.h"
#include <signal.h>

#ifdef HAS_THREADS
/* The kernel tells a thread, which makes those that call the function. */
static int create_for_thread(clockid_t clock, const struct sigevent *event,
                             timer_t *timer)
{
    struct __event_thread *t = __event_thread_start(event, 0);
    struct sigevent told = {.sigev_notify = SIGEV_THREAD_ID,
                            .sigev_signo = EVENT_SIGNAL,
                            .sigev_value = event->sigev_value};
    int id;
    long result;

    if (t == NULL)
        return -1;
    told.sigev_notify_thread_id = t->tid;
    result = CALL(timer_create, clock, &told, &id);
    if (result < 0) {
        __event_thread_end(t);
        return __cairn_fail((int)-result);
    }
    t->id = id;
    *timer = (timer_t)t >> 1 | 0x80000000u;
    return 0;
}
#endif

int timer_create(clockid_t clock, struct sigevent *restrict event,
                 timer_t *restrict timer)
{
    int id;

    if (event != NULL && event->sigev_notify == SIGEV_THREAD)
#ifdef HAS_THREADS
        return create_for_thread(clock, event, timer);
#else
        return __cairn_fail(ENOTSUP);
#endif
    if (RESULT(CALL(timer_create, clock, event, &id)) < 0)
        return -1;
    *timer = (timer_t)id;
    return 0;
}
