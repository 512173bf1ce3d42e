/* Calls that borrowed code makes under private names; raw ones give -errno. */
#ifndef SYSCALL_SHIM_H
#define SYSCALL_SHIM_H

#define NO_CANCEL /* musl has its own way */
#include "../../src/call.h"
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef long syscall_arg_t;

#define sys_open(path, flags) open(path, flags)
#define __fstat(fd, result)   fstat(fd, result)
#define __mmap                mmap
#define __mprotect            mprotect
#ifndef __munmap
#    define __munmap munmap
#endif
#define __clock_gettime   clock_gettime
#define __clock_nanosleep clock_nanosleep

/* Six words whatever the call takes: the kernel looks at its own. */
#define SYS6(n, a, b, c, d, e, f, ...) \
    (n), (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f)
#define __syscall(...)    __cairn_call6(SYS6(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0))
#define __syscall_cp(...) (__syscall_cp)(SYS6(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0))
#define syscall_cp(...)   __syscall_ret(__syscall_cp(__VA_ARGS__))

long(__syscall_cp)(long, long, long, long, long, long, long);

static inline long __syscall_ret(unsigned long result)
{
    return RESULT((long)result);
}

#endif
