/*
 * System V's message queues.
 */
#ifndef _SYS_MSG_H
#define _SYS_MSG_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/ipc.h>
#include <cairn/msg.h>

typedef unsigned long msgqnum_t;
typedef unsigned long msglen_t;

/* As struct __cairn_msqid_ds: its halves of times are one number here. */
struct msqid_ds {
    struct ipc_perm msg_perm;
    time_t msg_stime;
    time_t msg_rtime;
    time_t msg_ctime;
    unsigned long __msg_cbytes;
    msgqnum_t msg_qnum;
    msglen_t msg_qbytes;
    pid_t msg_lspid;
    pid_t msg_lrpid;
    unsigned long __unused4;
    unsigned long __unused5;
};

#if __MISC_VISIBLE
#    define msg_cbytes __msg_cbytes

struct msginfo {
    int msgpool, msgmap, msgmax, msgmnb, msgmni, msgssz, msgtql;
    unsigned short msgseg;
};
#endif

#if __GNU_VISIBLE
/* What is sent looks like this. */
struct msgbuf {
    long mtype;
    char mtext[1];
};
#endif

__BEGIN_DECLS

int msgctl(int, int, struct msqid_ds *);
int msgget(key_t, int);
ssize_t msgrcv(int, void *, size_t, long, int);
int msgsnd(int, const void *, size_t, int);

__END_DECLS

#endif
