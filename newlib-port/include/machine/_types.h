/*
 * Widths of the POSIX types on Cairn, through the hooks of newlib's
 * <sys/_types.h>.  Offsets, inode and device numbers and times have 64 bits.
 */
#ifndef _MACHINE__TYPES_H
#define _MACHINE__TYPES_H

#include <machine/_default_types.h>

typedef __int64_t _off_t;
#define __machine_off_t_defined

typedef __int64_t _fpos_t;
#define __machine_fpos_t_defined

typedef __uint64_t __dev_t;
#define __machine_dev_t_defined

typedef __uint64_t __ino_t;
#define __machine_ino_t_defined

typedef __uint32_t __uid_t;
#define __machine_uid_t_defined

typedef __uint32_t __gid_t;
#define __machine_gid_t_defined

typedef __uint32_t __mode_t;
#define __machine_mode_t_defined

typedef __int64_t __blkcnt_t;
#define __machine_blkcnt_t_defined

typedef __uint64_t __fsblkcnt_t;
#define __machine_fsblkcnt_t_defined

typedef __uint64_t __fsfilcnt_t;
#define __machine_fsfilcnt_t_defined

/* newlib has no hook for this one and would make it 16 bits wide. */
typedef __uint32_t nlink_t;
#define _NLINK_T_DECLARED

typedef int __key_t;
#define __machine_key_t_defined

#define _CLOCK_T_ long
#define __machine_clock_t_defined

#define _CLOCKID_T_ int
#define __machine_clockid_t_defined

/*
 * The reentrancy structure of the thread, which <sys/reent.h> asks for: a word
 * of its control block (src/start/threads.h).
 */
#define __DYNAMIC_REENT__
#define __getreent() __cairn_reent()

struct _reent;
static __inline__ struct _reent *__cairn_reent(void)
{
    struct _reent *__reent;

    __asm__("movl %%gs:24, %0" : "=r"(__reent));
    return __reent;
}

#endif
