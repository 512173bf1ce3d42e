/* Functions of threads that POSIX does not have. */
#define _GNU_SOURCE
#include "../shim/musl.h"
#include "pthread_impl.h"
#include <sched.h>
#include <string.h>

int pthread_getaffinity_np(pthread_t t, size_t size, cpu_set_t *set)
{
    long n = __syscall(SYS_sched_getaffinity, t->tid, size, set);

    if (n < 0)
        return (int)-n;
    memset((char *)set + n, 0, size - (size_t)n);
    return 0;
}

int pthread_setaffinity_np(pthread_t t, size_t size, const cpu_set_t *set)
{
    return (int)-__syscall(SYS_sched_setaffinity, t->tid, size, set);
}
