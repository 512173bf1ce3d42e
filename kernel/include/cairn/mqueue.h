/*
 * Message queues of POSIX.
 */
#ifndef _CAIRN_MQUEUE_H
#define _CAIRN_MQUEUE_H

#include <cairn/types.h>

#define __CAIRN_MQ_PRIO_MAX 32768

struct __cairn_mq_attr {
    __cairn_s32 mq_flags; /* O_NONBLOCK */
    __cairn_s32 mq_maxmsg;
    __cairn_s32 mq_msgsize;
    __cairn_s32 mq_curmsgs;
    __cairn_s32 __reserved[4];
};

_Static_assert(sizeof(struct __cairn_mq_attr) == 32, "mq_attr layout");

#endif
