/*
 * System V's shared memory.
 */
#ifndef _SYS_SHM_H
#define _SYS_SHM_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/ipc.h>
#include <cairn/shm.h>

#define SHMLBA 4096
#define SHM_R  0400
#define SHM_W  0200

typedef unsigned long shmatt_t;

/* As struct __cairn_shmid_ds: its halves of times are one number here. */
struct shmid_ds {
    struct ipc_perm shm_perm;
    size_t shm_segsz;
    time_t shm_atime;
    time_t shm_dtime;
    time_t shm_ctime;
    pid_t shm_cpid;
    pid_t shm_lpid;
    shmatt_t shm_nattch;
    unsigned long __unused4;
    unsigned long __unused5;
};

#if __MISC_VISIBLE
struct shminfo {
    unsigned long shmmax, shmmin, shmmni, shmseg, shmall, __spare[4];
};

struct shm_info {
    int used_ids;
    unsigned long shm_tot, shm_rss, shm_swp, swap_attempts, swap_successes;
};
#endif

__BEGIN_DECLS

void *shmat(int, const void *, int);
int shmctl(int, int, struct shmid_ds *);
int shmdt(const void *);
int shmget(key_t, size_t, int);

__END_DECLS

#endif
