/*
 * open, openat, fcntl64 and the *at calls: flags and structs of Linux i386.
 */
#ifndef _CAIRN_FCNTL_H
#define _CAIRN_FCNTL_H

#include <cairn/types.h>

#define O_ACCMODE   00000003
#define O_RDONLY    00000000
#define O_WRONLY    00000001
#define O_RDWR      00000002
#define O_CREAT     00000100
#define O_EXCL      00000200
#define O_NOCTTY    00000400
#define O_TRUNC     00001000
#define O_APPEND    00002000
#define O_NONBLOCK  00004000
#define O_NDELAY    O_NONBLOCK
#define O_DSYNC     00010000
#define O_ASYNC     00020000
#define O_DIRECT    00040000
#define O_LARGEFILE 00100000
#define O_DIRECTORY 00200000
#define O_NOFOLLOW  00400000
#define O_NOATIME   01000000
#define O_CLOEXEC   02000000
#define O_SYNC      04010000
#define O_RSYNC     O_SYNC
#define O_PATH      010000000
#define O_TMPFILE   020200000

/* fcntl64 commands.  The plain lock commands take struct __cairn_flock. */
#define F_DUPFD         0
#define F_GETFD         1
#define F_SETFD         2
#define F_GETFL         3
#define F_SETFL         4
#define __F_GETLK32     5
#define __F_SETLK32     6
#define __F_SETLKW32    7
#define F_SETOWN        8
#define F_GETOWN        9
#define F_SETSIG        10
#define F_GETSIG        11
#define __F_GETLK64     12
#define __F_SETLK64     13
#define __F_SETLKW64    14
#define F_OFD_GETLK     36
#define F_OFD_SETLK     37
#define F_OFD_SETLKW    38
#define F_DUPFD_CLOEXEC 1030
#define F_SETPIPE_SZ    1031
#define F_GETPIPE_SZ    1032

#define FD_CLOEXEC 1

#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2

/* The lock of F_GETLK and its like in their 32-bit form. */
struct __cairn_flock {
    __cairn_s16 l_type;
    __cairn_s16 l_whence;
    __cairn_s32 l_start;
    __cairn_s32 l_len;
    __cairn_s32 l_pid;
};

/* The same for the 64 forms of the commands, and for F_OFD_*. */
struct __cairn_flock64 {
    __cairn_s16 l_type;
    __cairn_s16 l_whence;
    __cairn_s64 l_start;
    __cairn_s64 l_len;
    __cairn_s32 l_pid;
};

/* flock(2). */
#define LOCK_SH 1
#define LOCK_EX 2
#define LOCK_NB 4
#define LOCK_UN 8

/* The *at calls. */
#define AT_FDCWD              (-100)
#define AT_SYMLINK_NOFOLLOW   0x100
#define AT_EACCESS            0x200
#define AT_REMOVEDIR          0x200
#define AT_SYMLINK_FOLLOW     0x400
#define AT_NO_AUTOMOUNT       0x800
#define AT_EMPTY_PATH         0x1000
#define AT_STATX_SYNC_TYPE    0x6000
#define AT_STATX_SYNC_AS_STAT 0x0000
#define AT_STATX_FORCE_SYNC   0x2000
#define AT_STATX_DONT_SYNC    0x4000

/* renameat2. */
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE  2

/* access. */
#ifndef F_OK
#    define F_OK 0
#    define X_OK 1
#    define W_OK 2
#    define R_OK 4
#endif

/* lseek and _llseek. */
#ifndef SEEK_SET
#    define SEEK_SET 0
#    define SEEK_CUR 1
#    define SEEK_END 2
#endif

#endif
