/*
 * Semaphores (POSIX.1-2017).
 */
#ifndef _SEMAPHORE_H
#define _SEMAPHORE_H

#include <fcntl.h>
#include <sys/cdefs.h>
#include <sys/timespec.h>

__BEGIN_DECLS

#define SEM_FAILED ((sem_t *)0)

typedef struct {
    volatile int __val[4];
} sem_t;

int sem_close(sem_t *);
int sem_destroy(sem_t *);
int sem_getvalue(sem_t *__restrict, int *__restrict);
int sem_init(sem_t *, int, unsigned);
sem_t *sem_open(const char *, int, ...);
int sem_post(sem_t *);
int sem_timedwait(sem_t *__restrict, const struct timespec *__restrict);
int sem_trywait(sem_t *);
int sem_unlink(const char *);
int sem_wait(sem_t *);

__END_DECLS

#endif
