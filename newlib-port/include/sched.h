/*
 * Scheduling.
 */
#ifndef _SCHED_H_
#define _SCHED_H_

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/timespec.h>
#include <sys/sched.h>

__BEGIN_DECLS

#if __GNU_VISIBLE
#    define SCHED_BATCH         3
#    define SCHED_IDLE          5
#    define SCHED_RESET_ON_FORK 0x40000000
#endif

int sched_yield(void);
int sched_get_priority_max(int);
int sched_get_priority_min(int);
int sched_getparam(pid_t, struct sched_param *);
int sched_getscheduler(pid_t);
int sched_rr_get_interval(pid_t, struct timespec *);
int sched_setparam(pid_t, const struct sched_param *);
int sched_setscheduler(pid_t, int, const struct sched_param *);

#if __GNU_VISIBLE
#    define CPU_SETSIZE 1024
typedef struct {
    unsigned long __bits[CPU_SETSIZE / 32];
} cpu_set_t;

#    define CPU_ZERO(set) ((void)__builtin_memset((set), 0, sizeof(cpu_set_t)))
/* Each argument is evaluated once; a processor beyond the set is none. */
static __inline__ void __cpu_set(unsigned long __cpu, cpu_set_t *__set)
{
    if (__cpu < CPU_SETSIZE)
        __set->__bits[__cpu / 32] |= 1UL << __cpu % 32;
}

static __inline__ void __cpu_clr(unsigned long __cpu, cpu_set_t *__set)
{
    if (__cpu < CPU_SETSIZE)
        __set->__bits[__cpu / 32] &= ~(1UL << __cpu % 32);
}

static __inline__ int __cpu_isset(unsigned long __cpu, const cpu_set_t *__set)
{
    return __cpu < CPU_SETSIZE && (__set->__bits[__cpu / 32] >> __cpu % 32 & 1);
}

static __inline__ int __cpu_count(const cpu_set_t *__set)
{
    int __count = 0;

    for (unsigned __i = 0; __i < CPU_SETSIZE / 32; __i++)
        __count += __builtin_popcountl(__set->__bits[__i]);
    return __count;
}

#    define CPU_SET(cpu, set)   __cpu_set((cpu), (set))
#    define CPU_CLR(cpu, set)   __cpu_clr((cpu), (set))
#    define CPU_ISSET(cpu, set) __cpu_isset((cpu), (set))
#    define CPU_COUNT(set)      __cpu_count(set)
#    define CPU_EQUAL(a, b)     (__builtin_memcmp((a), (b), sizeof(cpu_set_t)) == 0)

int sched_getaffinity(pid_t, size_t, cpu_set_t *);
int sched_setaffinity(pid_t, size_t, const cpu_set_t *);
#endif

__END_DECLS

#endif
