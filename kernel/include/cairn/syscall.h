/*
 * System call numbers: __NR_name for each line of syscalls.def.
 *
 * They are enumerators, so #ifdef does not see them.  Programs include
 * <sys/syscall.h>, where the same numbers are macros.
 */
#ifndef _CAIRN_SYSCALL_H
#define _CAIRN_SYSCALL_H

/* Where Cairn's own calls begin; Linux answers all of these with -ENOSYS. */
#define __CAIRN_SYSCALL_PRIVATE 0x1000

/* A result in [-__CAIRN_ERRNO_MAX, -1] is an error, all else is a value. */
#define __CAIRN_ERRNO_MAX 4095

#if !defined(__ASSEMBLER__) && !defined(_SYS_SYSCALL_H)
#    define SYSCALL(nr, name, nargs) __NR_##name = nr,
enum {
#    include <cairn/syscalls.def>
};
#    undef SYSCALL
#endif

#endif
