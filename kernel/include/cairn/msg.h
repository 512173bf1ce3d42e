/*
 * System V's message queues.
 */
#ifndef _CAIRN_MSG_H
#define _CAIRN_MSG_H

#include <cairn/ipc.h>

/* msgsnd, msgrcv, msgctl. */
#define MSG_NOERROR  010000
#define MSG_EXCEPT   020000
#define MSG_COPY     040000
#define MSG_STAT     11
#define MSG_INFO     12
#define MSG_STAT_ANY 13

struct __cairn_msqid_ds {
    struct __cairn_ipc_perm msg_perm;
    __cairn_u32 msg_stime;
    __cairn_u32 msg_stime_high;
    __cairn_u32 msg_rtime;
    __cairn_u32 msg_rtime_high;
    __cairn_u32 msg_ctime;
    __cairn_u32 msg_ctime_high;
    __cairn_u32 msg_cbytes;
    __cairn_u32 msg_qnum;
    __cairn_u32 msg_qbytes;
    __cairn_s32 msg_lspid;
    __cairn_s32 msg_lrpid;
    __cairn_u32 __unused4;
    __cairn_u32 __unused5;
};

struct __cairn_msginfo {
    __cairn_s32 msgpool, msgmap, msgmax, msgmnb, msgmni, msgssz, msgtql;
    __cairn_u16 msgseg;
};

_Static_assert(sizeof(struct __cairn_msqid_ds) == 88, "msqid_ds layout");
_Static_assert(sizeof(struct __cairn_msginfo) == 32, "msginfo layout");

#endif
