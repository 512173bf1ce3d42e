/*
 * The locks of newlib: of streams, the environment, exit functions and others.
 *
 * A program of one thread takes none: one byte says whether there ever were
 * more. Recursive or not, a lock is the same, and belongs to a thread.
 */
#ifndef __SYS_LOCK_H__
#define __SYS_LOCK_H__

struct __cairn_lock {
    void *volatile __owner; /* the control block of the thread that has it */
    unsigned __depth;
    volatile int __state; /* 0 free, 1 taken, 2 taken and perhaps waited for */
};

typedef struct __cairn_lock _LOCK_T;
typedef struct __cairn_lock _LOCK_RECURSIVE_T;

#ifdef __cplusplus
extern "C" {
#endif

/* An argument in a register: these are called from many places. */
#define __CAIRN_LOCK_CALL __attribute__((__fastcall__))
void __CAIRN_LOCK_CALL __cairn_lock_acquire(struct __cairn_lock *);
int __CAIRN_LOCK_CALL __cairn_lock_try(struct __cairn_lock *);
void __CAIRN_LOCK_CALL __cairn_lock_release(struct __cairn_lock *);

#ifdef __cplusplus
}
#endif

/* They are global whatever newlib says: fork takes them. */
#define __LOCK_INIT(class, lock)           _LOCK_T lock = {0, 0, 0};
#define __LOCK_INIT_RECURSIVE(class, lock) _LOCK_T lock = {0, 0, 0};

#define __lock_init(lock)            ((lock) = (_LOCK_T){0, 0, 0})
#define __lock_init_recursive(lock)  __lock_init(lock)
#define __lock_close(lock)           ((void)0)
#define __lock_close_recursive(lock) ((void)0)

#define __lock_acquire(lock)               __cairn_lock_acquire(&(lock))
#define __lock_acquire_recursive(lock)     __cairn_lock_acquire(&(lock))
#define __lock_try_acquire(lock)           __cairn_lock_try(&(lock))
#define __lock_try_acquire_recursive(lock) __cairn_lock_try(&(lock))
#define __lock_release(lock)               __cairn_lock_release(&(lock))
#define __lock_release_recursive(lock)     __cairn_lock_release(&(lock))

#endif
