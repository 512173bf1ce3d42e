/*
 * musl's own, and what it takes for granted. What includes it is of the thread
 * library, and needs the thread's number: __cairn_threads_init comes along.
 */
#ifndef PTHREAD_SHIM_H
#define PTHREAD_SHIM_H
#pragma GCC diagnostic ignored "-Wunused-value"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <sched.h>
#include <ucontext.h>
#include_next <pthread_impl.h>
#define PTHREAD_SHIM_DONE

void __cairn_threads_init(void);
static void (*const __cairn_along)(void)
    __attribute__((used, section(".rodata.along"))) = __cairn_threads_init;

void __block_all_sigs(void *);
void __block_app_sigs(void *);
void __restore_sigs(void *);

void __vm_wait(void);
void __vm_lock(void);
void __vm_unlock(void);

#endif
