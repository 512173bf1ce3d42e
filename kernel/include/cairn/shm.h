/*
 * System V's shared memory.
 */
#ifndef _CAIRN_SHM_H
#define _CAIRN_SHM_H

#include <cairn/ipc.h>

/* shmat, shmctl; modes as IPC_STAT tells them. */
#define SHM_RDONLY    010000
#define SHM_RND       020000
#define SHM_REMAP     040000
#define SHM_EXEC      0100000
#define SHM_NORESERVE 010000
#define SHM_HUGETLB   04000
#define SHM_DEST      01000
#define SHM_LOCKED    02000
#define SHM_LOCK      11
#define SHM_UNLOCK    12
#define SHM_STAT      13
#define SHM_INFO      14
#define SHM_STAT_ANY  15

struct __cairn_shmid_ds {
    struct __cairn_ipc_perm shm_perm;
    __cairn_u32 shm_segsz;
    __cairn_u32 shm_atime;
    __cairn_u32 shm_atime_high;
    __cairn_u32 shm_dtime;
    __cairn_u32 shm_dtime_high;
    __cairn_u32 shm_ctime;
    __cairn_u32 shm_ctime_high;
    __cairn_s32 shm_cpid;
    __cairn_s32 shm_lpid;
    __cairn_u32 shm_nattch;
    __cairn_u32 __unused4;
    __cairn_u32 __unused5;
};

/* IPC_INFO of shmctl. */
struct __cairn_shminfo {
    __cairn_u32 shmmax, shmmin, shmmni, shmseg, shmall;
    __cairn_u32 __spare[4];
};

struct __cairn_shm_info {
    __cairn_s32 used_ids;
    __cairn_u32 shm_tot, shm_rss, shm_swp, swap_attempts, swap_successes;
};

_Static_assert(sizeof(struct __cairn_shmid_ds) == 84, "shmid_ds layout");

#endif
