/*
 * mq_notify: EBADF, EBUSY, EINVAL; ENOTSUP for SIGEV_THREAD.
 */
#include "../call.h"
#include <mqueue.h>
#include <signal.h>

int mq_notify(mqd_t queue, const struct sigevent *event)
{
    if (event != NULL && event->sigev_notify == SIGEV_THREAD)
        return __cairn_fail(ENOTSUP);
    return (int)RESULT(CALL(mq_notify, queue, event));
}
