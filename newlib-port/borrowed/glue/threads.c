/*
 * What connects musl's threads to the rest of the library: the first thread's
 * structure, the storage of others, the locks of the allocator and of newlib
 * over a fork, and what a thread's end frees.
 *
 * Order of locks: fork handlers, the library's, the list of threads, the
 * allocator's.
 */
#define _GNU_SOURCE
#include "../shim/musl.h"
#include "pthread_impl.h"
#include "lock.h"
#include <reent.h>
#include <stddef.h>
#include <stdio.h>
#define LOCK_STRONG
#include "../../src/thread/lock.h"

_Static_assert(sizeof(struct pthread) <= sizeof(struct __cairn_control_block) &&
                   offsetof(struct pthread, canary) ==
                       offsetof(struct __cairn_control_block, stack_guard) &&
                   offsetof(struct pthread, reent) ==
                       offsetof(struct __cairn_control_block, reent),
               "one block");

volatile int __thread_list_lock;
volatile int __abort_lock[1];
volatile int __eintr_valid_flag = 1; /* EINTR means what it says */

void __cairn_threads_begin(void);
void __cairn_thread_end(void);
/* Another allocator has none. */
void __malloc_begin_locking(void) __attribute__((__weak__));
void __malloc_lock(struct _reent *r);
void __malloc_unlock(struct _reent *r);

/* The first thread, before main. */
void __cairn_threads_init(void)
{
    struct pthread *self = __pthread_self();

    self->tid = (int)__syscall(SYS_set_tid_address, &__thread_list_lock);
    self->detach_state = DT_JOINABLE;
    self->robust_list.head = &self->robust_list.head;
    self->next = self->prev = self;
    libc.can_do_threads = 1;
}

void *__copy_tls(unsigned char *memory)
{
    return __cairn_tls_copy(memory);
}

/* There is about to be a second one. */
void __cairn_threads_begin(void)
{
    if (__malloc_begin_locking != NULL)
        __malloc_begin_locking();
}

/* The current thread ends: free what newlib has given it. */
void __cairn_thread_end(void)
{
    struct _reent *reent = __pthread_self()->reent;

    if (reent == _GLOBAL_REENT)
        return;
    _REENT_CLEANUP(reent) = NULL; /* streams are the process's */
    _reclaim_reent(reent);
}

/* ---- locks ---- */

static struct __cairn_lock heap_lock;

void __malloc_lock(struct _reent *r)
{
    (void)r;
    if (libc.need_locks)
        __cairn_lock_acquire_now(&heap_lock);
}

void __malloc_unlock(struct _reent *r)
{
    (void)r;
    if (libc.need_locks)
        __cairn_lock_release_now(&heap_lock);
}

/* newlib's own, as far as the program has them (sys/lock.h). */
#define NEWLIB_LOCK(name) \
    extern struct __cairn_lock name __attribute__((__weak__))
NEWLIB_LOCK(__atexit_recursive_mutex);
NEWLIB_LOCK(__at_quick_exit_mutex);
NEWLIB_LOCK(__env_recursive_mutex);
NEWLIB_LOCK(__tz_mutex);
NEWLIB_LOCK(__sfp_recursive_mutex);
NEWLIB_LOCK(__arc4random_mutex);

static struct __cairn_lock *const newlib_locks[] = {
    &__atexit_recursive_mutex, &__at_quick_exit_mutex,
    &__env_recursive_mutex,    &__tz_mutex,
    &__sfp_recursive_mutex,    &__arc4random_mutex,
};
#define NLOCKS (sizeof(newlib_locks) / sizeof(newlib_locks[0]))

/* musl's, likewise. */
extern volatile int *const __sem_open_lockptr __attribute__((__weak__));
extern volatile int *const __timezone_lockptr __attribute__((__weak__));
extern volatile int *const __vmlock_lockptr __attribute__((__weak__));
__attribute__((__weak__)) void __fork_handler(int);
__attribute__((__weak__)) void __pthread_key_atfork(int);

static void lock_musl(volatile int *const *lock)
{
    if (lock != NULL)
        LOCK(*lock);
}

static void unlock_musl(volatile int *const *lock, int in_child)
{
    if (lock == NULL)
        return;
    if (in_child)
        **lock = 0;
    else
        UNLOCK(*lock);
}

static void lock_all(void)
{
    if (__pthread_key_atfork)
        __pthread_key_atfork(-1);
    __inhibit_ptc();
    lock_musl(&__sem_open_lockptr);
    lock_musl(&__timezone_lockptr);
    for (unsigned i = 0; i < NLOCKS; i++)
        if (newlib_locks[i] != NULL)
            __cairn_lock_acquire_now(newlib_locks[i]);
    __tl_lock();
    __malloc_lock(NULL);
}

static void unlock_all(int in_child)
{
    __malloc_unlock(NULL);
    __tl_unlock();
    for (unsigned i = 0; i < NLOCKS; i++)
        if (newlib_locks[i] != NULL)
            __cairn_lock_release_now(newlib_locks[i]);
    unlock_musl(&__timezone_lockptr, in_child);
    unlock_musl(&__sem_open_lockptr, in_child);
    __release_ptc();
    if (__pthread_key_atfork)
        __pthread_key_atfork(in_child);
}

/* ---- fork ---- */

#if __NEWLIB__ >= 4
/* A stream that another thread held is nobody's: that thread is not here. */
static void free_streams(void)
{
    for (struct _glue *g = &__sglue; g != NULL; g = g->_next)
        for (int i = 0; i < g->_niobs; i++)
            if (g->_iobs[i]._lock.__owner != __pthread_self())
                __lock_init_recursive(g->_iobs[i]._lock);
}
#else
static void free_streams(void)
{
}
#endif

/* The child has this thread only. */
static void begin_child(struct pthread *others)
{
    struct pthread *self = __pthread_self();

    for (; others != self; others = others->next)
        others->tid = -1;
    self->tid = (int)__syscall(SYS_set_tid_address, &__thread_list_lock);
    self->robust_list.off = 0;
    self->robust_list.pending = 0;
    self->next = self->prev = self;
    __thread_list_lock = 0;
    libc.threads_minus_1 = 0;
    if (&__vmlock_lockptr != NULL) {
        __vmlock_lockptr[0] = 0;
        __vmlock_lockptr[1] = 0;
    }
}

/* The pid, or -errno. */
int __cairn_threads_fork(void)
{
    struct pthread *self = __pthread_self(), *others;
    int need_locks, pid;
    sigset_t set;

    if (__fork_handler)
        __fork_handler(-1);
    __block_all_sigs(&set);
    need_locks = libc.need_locks != 0;
    if (need_locks)
        lock_all();
    others = self->next;
    pid = (int)__syscall(SYS_fork);
    if (pid == 0)
        begin_child(others);
    if (need_locks)
        unlock_all(pid == 0);
    if (pid == 0 && need_locks)
        free_streams();
    __restore_sigs(&set);
    if (__fork_handler)
        __fork_handler(pid == 0);
    return pid;
}
