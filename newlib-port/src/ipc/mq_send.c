/*
 * mq_send, mq_receive and their timed forms: EAGAIN, EBADF, EFAULT, EINTR,
 * EINVAL, EMSGSIZE, ETIMEDOUT.
 */
#include "../call.h"
#include <mqueue.h>

int mq_timedsend(mqd_t queue, const char *text, size_t nbytes,
                 unsigned priority, const struct timespec *until)
{
    return (int)RESULT(
        CALL(mq_timedsend_time64, queue, text, nbytes, priority, until));
}

int mq_send(mqd_t queue, const char *text, size_t nbytes, unsigned priority)
{
    return mq_timedsend(queue, text, nbytes, priority, NULL);
}

ssize_t mq_timedreceive(mqd_t queue, char *restrict text, size_t nbytes,
                        unsigned *restrict priority,
                        const struct timespec *restrict until)
{
    return RESULT(
        CALL(mq_timedreceive_time64, queue, text, nbytes, priority, until));
}

ssize_t mq_receive(mqd_t queue, char *text, size_t nbytes, unsigned *priority)
{
    return mq_timedreceive(queue, text, nbytes, priority, NULL);
}
