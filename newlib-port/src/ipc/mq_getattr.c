/*
 * mq_getattr, mq_setattr: EBADF. Of the new attributes only O_NONBLOCK counts.
 */
#include "../call.h"
#include <cairn/mqueue.h>
#include <mqueue.h>

_Static_assert(sizeof(struct mq_attr) == sizeof(struct __cairn_mq_attr),
               "what the kernel writes");

int mq_setattr(mqd_t queue, const struct mq_attr *restrict attr,
               struct mq_attr *restrict old)
{
    return (int)RESULT(CALL(mq_getsetattr, queue, attr, old));
}

int mq_getattr(mqd_t queue, struct mq_attr *attr)
{
    return mq_setattr(queue, NULL, attr);
}
