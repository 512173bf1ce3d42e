/*
 * System V's semaphores.
 */
#ifndef _SYS_SEM_H
#define _SYS_SEM_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_timespec.h>
#include <sys/ipc.h>
#include <cairn/sem.h>

struct sembuf {
    unsigned short sem_num;
    short sem_op;
    short sem_flg;
};

/* As struct __cairn_semid_ds: its halves of times are one number here. */
struct semid_ds {
    struct ipc_perm sem_perm;
    time_t sem_otime;
    time_t sem_ctime;
    unsigned long sem_nsems;
    unsigned long __unused3;
    unsigned long __unused4;
};

#if __MISC_VISIBLE
#    define _SEM_SEMUN_UNDEFINED 1 /* the program defines union semun */

struct seminfo {
    int semmap, semmni, semmns, semmnu, semmsl, semopm, semume, semusz, semvmx,
        semaem;
};
#endif

__BEGIN_DECLS

int semctl(int, int, int, ...);
int semget(key_t, int, int);
int semop(int, struct sembuf *, size_t);
#if __GNU_VISIBLE
int semtimedop(int, struct sembuf *, size_t, const struct timespec *);
#endif

__END_DECLS

#endif
