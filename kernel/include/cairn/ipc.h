/*
 * What System V's shared memory, semaphores and message queues have in common;
 * the structs are those of Linux i386 (IPC_64).
 */
#ifndef _CAIRN_IPC_H
#define _CAIRN_IPC_H

#include <cairn/types.h>

#define IPC_PRIVATE 0
#define IPC_CREAT   01000
#define IPC_EXCL    02000
#define IPC_NOWAIT  04000

#define IPC_RMID 0
#define IPC_SET  1
#define IPC_STAT 2
#define IPC_INFO 3

/* The structs below, not those of 16-bit ids: always, by the direct calls. */
#define __CAIRN_IPC_64 0x100

struct __cairn_ipc_perm {
    __cairn_s32 key;
    __cairn_u32 uid;
    __cairn_u32 gid;
    __cairn_u32 cuid;
    __cairn_u32 cgid;
    __cairn_u32 mode;
    __cairn_u16 seq;
    __cairn_u16 __pad2;
    __cairn_u32 __unused1;
    __cairn_u32 __unused2;
};

/* The first argument of ipc, which is all of these calls in one. */
#define __CAIRN_IPC_SEMOP      1
#define __CAIRN_IPC_SEMGET     2
#define __CAIRN_IPC_SEMCTL     3
#define __CAIRN_IPC_SEMTIMEDOP 4
#define __CAIRN_IPC_MSGSND     11
#define __CAIRN_IPC_MSGRCV     12
#define __CAIRN_IPC_MSGGET     13
#define __CAIRN_IPC_MSGCTL     14
#define __CAIRN_IPC_SHMAT      21
#define __CAIRN_IPC_SHMDT      22
#define __CAIRN_IPC_SHMGET     23
#define __CAIRN_IPC_SHMCTL     24

_Static_assert(sizeof(struct __cairn_ipc_perm) == 36, "ipc_perm layout");

#endif
