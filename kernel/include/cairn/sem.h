/*
 * System V's semaphores.
 */
#ifndef _CAIRN_SEM_H
#define _CAIRN_SEM_H

#include <cairn/ipc.h>

/* semop, semctl. */
#define SEM_UNDO     0x1000
#define GETPID       11
#define GETVAL       12
#define GETALL       13
#define GETNCNT      14
#define GETZCNT      15
#define SETVAL       16
#define SETALL       17
#define SEM_STAT     18
#define SEM_INFO     19
#define SEM_STAT_ANY 20

struct __cairn_sembuf {
    __cairn_u16 sem_num;
    __cairn_s16 sem_op;
    __cairn_s16 sem_flg;
};

struct __cairn_semid_ds {
    struct __cairn_ipc_perm sem_perm;
    __cairn_u32 sem_otime;
    __cairn_u32 sem_otime_high;
    __cairn_u32 sem_ctime;
    __cairn_u32 sem_ctime_high;
    __cairn_u32 sem_nsems;
    __cairn_u32 __unused3;
    __cairn_u32 __unused4;
};

struct __cairn_seminfo {
    __cairn_s32 semmap, semmni, semmns, semmnu, semmsl, semopm, semume, semusz,
        semvmx, semaem;
};

_Static_assert(sizeof(struct __cairn_semid_ds) == 64, "semid_ds layout");

#endif
