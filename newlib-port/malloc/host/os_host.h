/*
 * What tests on the host may do to the heap's system.
 */
#ifndef OS_HOST_H
#define OS_HOST_H

#include <stdint.h>

/* Calls so far, and: every so many fails (0: none). */
extern unsigned long os_host_calls, os_host_fail_every;

/* sbrk() for others than the heap; NULL when it fails. */
void *os_host_sbrk(intptr_t nbytes);

/* From now on every call takes the lock; forks are prepared. */
void os_host_use_threads(void);

#endif
