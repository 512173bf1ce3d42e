/*
 * stat64 and statx: layouts and mode bits of Linux i386.
 *
 * The libc uses statx, which has 64-bit times; stat64, lstat64, fstat64 and
 * fstatat64 fill struct __cairn_stat64, which has not; stat, lstat and fstat
 * fill struct __cairn_stat16, whose ids have 16 bits and whose size has 31.
 */
#ifndef _CAIRN_STAT_H
#define _CAIRN_STAT_H

#include <cairn/types.h>

#ifndef S_IFMT
#    define S_IFMT   0170000
#    define S_IFIFO  0010000
#    define S_IFCHR  0020000
#    define S_IFDIR  0040000
#    define S_IFBLK  0060000
#    define S_IFREG  0100000
#    define S_IFLNK  0120000
#    define S_IFSOCK 0140000
#    define S_ISUID  0004000
#    define S_ISGID  0002000
#    define S_ISVTX  0001000
#    define S_IRWXU  0000700
#    define S_IRUSR  0000400
#    define S_IWUSR  0000200
#    define S_IXUSR  0000100
#    define S_IRWXG  0000070
#    define S_IRGRP  0000040
#    define S_IWGRP  0000020
#    define S_IXGRP  0000010
#    define S_IRWXO  0000007
#    define S_IROTH  0000004
#    define S_IWOTH  0000002
#    define S_IXOTH  0000001
#endif

#ifndef S_ISREG
#    define S_ISFIFO(m) (((m)&S_IFMT) == S_IFIFO)
#    define S_ISCHR(m)  (((m)&S_IFMT) == S_IFCHR)
#    define S_ISDIR(m)  (((m)&S_IFMT) == S_IFDIR)
#    define S_ISBLK(m)  (((m)&S_IFMT) == S_IFBLK)
#    define S_ISREG(m)  (((m)&S_IFMT) == S_IFREG)
#    define S_ISLNK(m)  (((m)&S_IFMT) == S_IFLNK)
#    define S_ISSOCK(m) (((m)&S_IFMT) == S_IFSOCK)
#endif

/*
 * struct stat64 of Linux i386, 96 bytes.  A device number is the encoded one:
 * minor bits 0-7, major bits 8-19, then the rest of the minor.
 */
struct __cairn_stat64 {
    __cairn_u64 st_dev;
    __cairn_u8 __pad0[4];
    __cairn_u32 __st_ino; /* low half of st_ino */
    __cairn_u32 st_mode;
    __cairn_u32 st_nlink;
    __cairn_u32 st_uid;
    __cairn_u32 st_gid;
    __cairn_u64 st_rdev;
    __cairn_u8 __pad3[4];
    __cairn_s64 st_size;
    __cairn_u32 st_blksize;
    __cairn_u64 st_blocks; /* of 512 bytes */
    __cairn_u32 st_atime_sec;
    __cairn_u32 st_atime_nsec;
    __cairn_u32 st_mtime_sec;
    __cairn_u32 st_mtime_nsec;
    __cairn_u32 st_ctime_sec;
    __cairn_u32 st_ctime_nsec;
    __cairn_u64 st_ino;
};

/* struct stat of Linux i386, 64 bytes. */
struct __cairn_stat16 {
    __cairn_u32 st_dev; /* minor bits 0-7, major bits 8-15 */
    __cairn_u32 st_ino;
    __cairn_u16 st_mode;
    __cairn_u16 st_nlink;
    __cairn_u16 st_uid;
    __cairn_u16 st_gid;
    __cairn_u32 st_rdev;
    __cairn_u32 st_size;
    __cairn_u32 st_blksize;
    __cairn_u32 st_blocks;
    __cairn_u32 st_atime_sec;
    __cairn_u32 st_atime_nsec;
    __cairn_u32 st_mtime_sec;
    __cairn_u32 st_mtime_nsec;
    __cairn_u32 st_ctime_sec;
    __cairn_u32 st_ctime_nsec;
    __cairn_u32 __spare[2];
};

struct __cairn_statx_timestamp {
    __cairn_s64 tv_sec;
    __cairn_u32 tv_nsec;
    __cairn_s32 __reserved;
};

/* What statx fills, 256 bytes. */
struct __cairn_statx {
    __cairn_u32 stx_mask; /* STATX_*: what is valid below */
    __cairn_u32 stx_blksize;
    __cairn_u64 stx_attributes;
    __cairn_u32 stx_nlink;
    __cairn_u32 stx_uid;
    __cairn_u32 stx_gid;
    __cairn_u16 stx_mode;
    __cairn_u16 __spare0;
    __cairn_u64 stx_ino;
    __cairn_u64 stx_size;
    __cairn_u64 stx_blocks;
    __cairn_u64 stx_attributes_mask;
    struct __cairn_statx_timestamp stx_atime;
    struct __cairn_statx_timestamp stx_btime;
    struct __cairn_statx_timestamp stx_ctime;
    struct __cairn_statx_timestamp stx_mtime;
    __cairn_u32 stx_rdev_major;
    __cairn_u32 stx_rdev_minor;
    __cairn_u32 stx_dev_major;
    __cairn_u32 stx_dev_minor;
    __cairn_u64 stx_mnt_id;
    __cairn_u32 stx_dio_mem_align;
    __cairn_u32 stx_dio_offset_align;
    __cairn_u64 __spare3[12];
};

#define STATX_TYPE        0x0001
#define STATX_MODE        0x0002
#define STATX_NLINK       0x0004
#define STATX_UID         0x0008
#define STATX_GID         0x0010
#define STATX_ATIME       0x0020
#define STATX_MTIME       0x0040
#define STATX_CTIME       0x0080
#define STATX_INO         0x0100
#define STATX_SIZE        0x0200
#define STATX_BLOCKS      0x0400
#define STATX_BASIC_STATS 0x07ff
#define STATX_BTIME       0x0800
#define STATX_ALL         0x0fff
#define STATX__RESERVED   0x80000000u

/* tv_nsec of utimensat: the time of the call, or leave as it is. */
#define UTIME_NOW  0x3fffffff
#define UTIME_OMIT 0x3ffffffe

_Static_assert(sizeof(struct __cairn_statx) == 256, "statx layout");

#endif
