/*
 * mq_notify: EAGAIN, EBADF, EBUSY, EINVAL, ENOMEM; without musl's archive ENOTSUP
 * for SIGEV_THREAD, which needs Cairn's kernel: it tells a thread of the message,
 * or that there will be none.
 */
#include "../event/thread.h"
#include "../call.h"
#include <mqueue.h>
#include <signal.h>

#ifdef HAS_THREADS
static int notify_thread(mqd_t queue, const struct sigevent *event)
{
    struct __event_thread *t = __event_thread_start(event, 1);
    struct sigevent told = {.sigev_notify = SIGEV_THREAD_ID,
                            .sigev_signo = EVENT_SIGNAL};
    long result;

    if (t == NULL)
        return -1;
    told.sigev_notify_thread_id = t->tid;
    result = CALL(mq_notify, queue, &told);
    if (result < 0)
        __event_thread_end(t);
    return (int)RESULT(result);
}
#endif

int mq_notify(mqd_t queue, const struct sigevent *event)
{
    if (event != NULL && event->sigev_notify == SIGEV_THREAD)
#ifdef HAS_THREADS
        return notify_thread(queue, event);
#else
        return __cairn_fail(ENOTSUP);
#endif
    return (int)RESULT(CALL(mq_notify, queue, event));
}
