/*
 * The tables that entry.S calls through, made from <cairn/syscalls.def>:
 * Linux's numbers in one, Cairn's own in a second. A call that no file defines,
 * and a number that no line names, lead to sys_missing.
 */
#include <cairn/errno.h>
#include <cairn/syscall.h>

#include "lib/types.h"
#include "sys/sys.h"

#define LINUX_COUNT   512u /* numbers below this are Linux's */
#define PRIVATE_BASE  0x1000u
#define PRIVATE_COUNT 16u

/* Asked by entry.S. */
extern const uint32_t syscall_count;
extern syscall_fn *const syscall_table[LINUX_COUNT + 1];
syscall_fn *syscall_private(uint32_t number);
syscall_fn sys_missing;

long stack_args sys_missing(void)
{
    return -ENOSYS;
}

/* Each call is sys_missing until some file defines it. */
#define SYSCALL(number, name, nargs) \
    syscall_fn sys_##name __attribute__((weak, alias("sys_missing")));
#include <cairn/syscalls.def>
#undef SYSCALL

/* A line of the list takes the place of what fills the table. */
#pragma GCC diagnostic ignored "-Woverride-init"

/* Numbers of the other table go to a place of their own that nobody calls. */
#define SYSCALL(number, name, nargs) \
    [(number) < LINUX_COUNT ? (number) : LINUX_COUNT] = sys_##name,

const uint32_t syscall_count = LINUX_COUNT;
syscall_fn *const syscall_table[LINUX_COUNT + 1] = {
    [0 ... LINUX_COUNT] = sys_missing,
#include <cairn/syscalls.def>
};
#undef SYSCALL

#define SYSCALL(number, name, nargs)                                     \
    [(number) >= PRIVATE_BASE ? (number)-PRIVATE_BASE : PRIVATE_COUNT] = \
        sys_##name,

static syscall_fn *const private_table[PRIVATE_COUNT + 1] = {
    [0 ... PRIVATE_COUNT] = sys_missing,
#include <cairn/syscalls.def>
};
#undef SYSCALL

syscall_fn *syscall_function(uint32_t number)
{
    return number < LINUX_COUNT ? syscall_table[number]
                                : syscall_private(number);
}

syscall_fn *syscall_private(uint32_t number)
{
    if (number < PRIVATE_BASE || number - PRIVATE_BASE >= PRIVATE_COUNT)
        return sys_missing;
    return private_table[number - PRIVATE_BASE];
}
