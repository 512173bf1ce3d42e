/*
 * Mutexes with a ceiling (PTHREAD_PRIO_PROTECT): their owner runs at the
 * ceiling's priority, or at its own if that is higher.
 *
 * The type of such a mutex has the bit MUTEX_PROTECT, and the ceiling in bits 8
 * to 14. All of them note their owner, as recursive ones do, and so are in the
 * thread's list of what it owns: the highest ceiling there is what the thread
 * runs at. `ceiling` of its block is what the kernel was told, 0 if nothing was;
 * otherwise own_policy and own_priority are to be restored.
 */
#include "../shim/musl.h"
#include "pthread_impl.h"
#include "lock.h"
#include <sched.h>

#define CEILING_MAX 99

int __pthread_mutex_trylock_owner(pthread_mutex_t *);

static int ceiling_of(const pthread_mutex_t *m)
{
    int ceiling = m->_m_type >> 8 & 127;

    return ceiling ? ceiling : 1;
}

/* The highest ceiling of what a thread owns, or 0. */
static int highest_ceiling(pthread_t self)
{
    void *head = (void *)&self->robust_list.head;
    void *p = (void *)self->robust_list.head;
    int most = 0;

    for (; p != head; p = *(void **)p) {
        const pthread_mutex_t *m =
            (void *)((char *)p - offsetof(pthread_mutex_t, _m_next));

        if ((m->_m_type & MUTEX_PROTECT) && ceiling_of(m) > most)
            most = ceiling_of(m);
    }
    return most;
}

static int tell_kernel(pthread_t t, int policy, int priority)
{
    return (int)-__syscall(SYS_sched_setscheduler, t->tid, policy, &priority);
}

/* Run at a ceiling, if it is more than the thread's own priority. */
static int run_at(pthread_t t, int ceiling)
{
    if (ceiling <= t->own_priority)
        return tell_kernel(t, t->own_policy, t->own_priority);
    return tell_kernel(t, t->own_policy == SCHED_RR ? SCHED_RR : SCHED_FIFO,
                       ceiling);
}

/* Tell the kernel of another ceiling than before; 0: none. */
static int change(pthread_t self, int ceiling)
{
    int error;

    if (self->ceiling == 0) {
        self->own_policy = (int)__syscall(SYS_sched_getscheduler, self->tid);
        __syscall(SYS_sched_getparam, self->tid, &self->own_priority);
    }
    error = run_at(self, ceiling);
    if (!error)
        self->ceiling = ceiling;
    return error;
}

static int settle(pthread_t self, int ceiling)
{
    sigset_t set;
    int error = 0;

    if (ceiling == self->ceiling)
        return 0;
    __block_app_sigs(&set);
    LOCK(self->killlock);
    error = change(self, ceiling);
    UNLOCK(self->killlock);
    __restore_sigs(&set);
    return error;
}

/* The thread's own priority is more than the mutex admits. */
static int is_too_high(pthread_t self, int ceiling)
{
    int priority = self->own_priority;

    if (self->ceiling == 0)
        __syscall(SYS_sched_getparam, self->tid, &priority);
    return priority > ceiling;
}

int __cairn_ceiling_trylock(pthread_mutex_t *m)
{
    pthread_t self = __pthread_self();
    int ceiling = ceiling_of(m), owner = m->_m_lock & 0x3fffffff, error;

    if (self->ignores_ceiling || owner == self->tid)
        return __pthread_mutex_trylock_owner(m);
    if (is_too_high(self, ceiling))
        return EINVAL;
    if (owner != 0 && owner != 0x3fffffff)
        return EBUSY;
    error = settle(self, ceiling > self->ceiling ? ceiling : self->ceiling);
    if (error)
        return error;
    error = __pthread_mutex_trylock_owner(m);
    if (error && error != EOWNERDEAD)
        __cairn_ceiling_unlocked();
    return error;
}

void __cairn_ceiling_unlocked(void)
{
    pthread_t self = __pthread_self();

    (void)settle(self, highest_ceiling(self));
}

int __cairn_ceiling_setsched(pthread_t t, int policy, int priority)
{
    int error = tell_kernel(t, policy, priority);

    if (error || t->ceiling == 0)
        return error;
    t->own_policy = policy;
    t->own_priority = priority;
    return run_at(t, t->ceiling);
}

/* ---- attributes ---- */

int pthread_mutexattr_getprioceiling(const pthread_mutexattr_t *restrict attr,
                                     int *restrict ceiling)
{
    int n = (int)(attr->__attr >> 8 & 127);

    *ceiling = n ? n : 1;
    return 0;
}

int pthread_mutexattr_setprioceiling(pthread_mutexattr_t *attr, int ceiling)
{
    if (ceiling < 1 || ceiling > CEILING_MAX)
        return EINVAL;
    attr->__attr = (attr->__attr & ~(127u << 8)) | (unsigned)ceiling << 8;
    return 0;
}

int pthread_mutex_getprioceiling(const pthread_mutex_t *restrict m,
                                 int *restrict ceiling)
{
    if (!(m->_m_type & MUTEX_PROTECT))
        return EINVAL;
    *ceiling = ceiling_of(m);
    return 0;
}

/* The mutex is locked meanwhile, by a thread of any priority. */
int pthread_mutex_setprioceiling(pthread_mutex_t *restrict m, int ceiling,
                                 int *restrict old)
{
    pthread_t self = __pthread_self();
    int error;

    if (!(m->_m_type & MUTEX_PROTECT) || ceiling < 1 || ceiling > CEILING_MAX)
        return EINVAL;
    self->ignores_ceiling = 1;
    error = pthread_mutex_lock(m);
    self->ignores_ceiling = 0;
    if (error)
        return error;
    if (old)
        *old = ceiling_of(m);
    m->_m_type = (m->_m_type & ~(127 << 8)) | ceiling << 8;
    return pthread_mutex_unlock(m);
}
