/*
 * System calls as C functions.
 *
 * A call NAME of <cairn/syscalls.def> is provided by a function sys_NAME that
 * is defined with
 *
 *     SYSCALL_DEFINE(read, int fd, uaddr_t buf, uint32_t nbytes)
 *     {
 *         ...
 *     }
 *
 * in one of the files sys_*.c; nothing else has to be edited. Arguments are
 * 32-bit words of any type. The function returns a value >= 0 (as the caller
 * sees it: an address is fine too) or -errno. A call without a function
 * answers -ENOSYS.
 */
#ifndef SYS_SYS_H
#define SYS_SYS_H

#include <cairn/errno.h>
#include "arch/i386/ucopy.h"
#include "arch/i386/cpu.h"
#include "arch/i386/window.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/types.h"
#include "sched/thread.h"

/*
 * A call that may sleep runs for a process, with interrupts on and without a
 * window through which it looks at a high frame.
 */
static inline void sys_may_sleep(void)
{
    assert(current->process != NULL && irq_is_on() && !window_any_open());
}

/* What was used, as getrusage and wait4 tell it. */
struct __cairn_rusage;
struct use;
void sys_fill_rusage(struct __cairn_rusage *ru, const struct use *use);

#define SYSCALL_DEFINE(name, ...)            \
    long stack_args sys_##name(__VA_ARGS__); \
    long stack_args sys_##name(__VA_ARGS__)

/* The function of a number; sys_missing where there is none. */
typedef long stack_args syscall_fn(void);
syscall_fn *syscall_function(uint32_t number);

#endif
