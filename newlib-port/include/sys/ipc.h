/*
 * What System V's shared memory, semaphores and message queues have in common.
 */
#ifndef _SYS_IPC_H
#define _SYS_IPC_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <cairn/ipc.h>

/* As struct __cairn_ipc_perm. */
struct ipc_perm {
#if __GNU_VISIBLE
    key_t key;
#    define __key key
#else
    key_t __key;
#endif
    uid_t uid;
    gid_t gid;
    uid_t cuid;
    gid_t cgid;
    mode_t mode;
    unsigned short __seq;
    unsigned short __pad2;
    unsigned long __unused1;
    unsigned long __unused2;
};

__BEGIN_DECLS

key_t ftok(const char *, int);

__END_DECLS

#endif
