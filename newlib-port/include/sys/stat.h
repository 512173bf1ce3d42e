/*
 * Attributes of files.
 */
#ifndef _SYS_STAT_H
#define _SYS_STAT_H

#include <_ansi.h>
#include <time.h>
#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_timespec.h>
#include <cairn/stat.h>

__BEGIN_DECLS

/* The libc's own: filled from what statx reports. */
struct stat {
    dev_t st_dev;
    ino_t st_ino;
    mode_t st_mode;
    nlink_t st_nlink;
    uid_t st_uid;
    gid_t st_gid;
    dev_t st_rdev;
    off_t st_size;
    blksize_t st_blksize;
    blkcnt_t st_blocks; /* of 512 bytes */
    struct timespec st_atim;
    struct timespec st_mtim;
    struct timespec st_ctim;
};

#define st_atime st_atim.tv_sec
#define st_mtime st_mtim.tv_sec
#define st_ctime st_ctim.tv_sec

#if __BSD_VISIBLE
#    define S_IREAD     S_IRUSR
#    define S_IWRITE    S_IWUSR
#    define S_IEXEC     S_IXUSR
#    define S_BLKSIZE   512
#    define ACCESSPERMS (S_IRWXU | S_IRWXG | S_IRWXO)
#    define ALLPERMS    (S_ISUID | S_ISGID | S_ISVTX | ACCESSPERMS)
#    define DEFFILEMODE 0666
#endif

/* There are no such objects; POSIX wants the tests. */
#define S_TYPEISMQ(buf)  ((void)(buf)->st_mode, 0)
#define S_TYPEISSEM(buf) ((void)(buf)->st_mode, 0)
#define S_TYPEISSHM(buf) ((void)(buf)->st_mode, 0)

int chmod(const char *, mode_t);
int fchmod(int, mode_t);
int fstat(int, struct stat *);
int lstat(const char *__restrict, struct stat *__restrict);
int mkdir(const char *, mode_t);
int mkfifo(const char *, mode_t);
int mknod(const char *, mode_t, dev_t);
int stat(const char *__restrict, struct stat *__restrict);
mode_t umask(mode_t);
#if __ATFILE_VISIBLE
int fchmodat(int, const char *, mode_t, int);
int fstatat(int, const char *__restrict, struct stat *__restrict, int);
int mkdirat(int, const char *, mode_t);
int mkfifoat(int, const char *, mode_t);
int mknodat(int, const char *, mode_t, dev_t);
int utimensat(int, const char *, const struct timespec[2], int);
#endif
#if __POSIX_VISIBLE >= 200809
int futimens(int, const struct timespec[2]);
#endif

#if __GNU_VISIBLE
struct statx_timestamp {
    __int64_t tv_sec;
    __uint32_t tv_nsec;
    __int32_t __reserved;
};

struct statx {
    __uint32_t stx_mask;
    __uint32_t stx_blksize;
    __uint64_t stx_attributes;
    __uint32_t stx_nlink;
    __uint32_t stx_uid;
    __uint32_t stx_gid;
    __uint16_t stx_mode;
    __uint16_t __spare0;
    __uint64_t stx_ino;
    __uint64_t stx_size;
    __uint64_t stx_blocks;
    __uint64_t stx_attributes_mask;
    struct statx_timestamp stx_atime;
    struct statx_timestamp stx_btime;
    struct statx_timestamp stx_ctime;
    struct statx_timestamp stx_mtime;
    __uint32_t stx_rdev_major;
    __uint32_t stx_rdev_minor;
    __uint32_t stx_dev_major;
    __uint32_t stx_dev_minor;
    __uint64_t stx_mnt_id;
    __uint64_t __spare2[13];
};

int statx(int, const char *__restrict, int, unsigned, struct statx *__restrict);
#endif

__END_DECLS

#endif
