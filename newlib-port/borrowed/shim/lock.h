/*
 * Locks of borrowed code; musl's, of which a program without threads has
 * nothing.
 */
#ifndef LOCK_H
#define LOCK_H

#include "libc.h"

#ifndef PTHREAD_SHIM_DONE
__attribute__((__weak__)) void __lock(volatile int *);
__attribute__((__weak__)) void __unlock(volatile int *);
#else
void __lock(volatile int *);
void __unlock(volatile int *);
#endif

#define LOCK(lock)   (libc.need_locks ? __lock(lock) : (void)(lock))
#define UNLOCK(lock) (*(lock) ? __unlock(lock) : (void)0)

#endif
