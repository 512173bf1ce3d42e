/*
 * Opening and controlling files.
 */
#ifndef _FCNTL_H_
#define _FCNTL_H_

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/stat.h>
#include <cairn/fcntl.h>

__BEGIN_DECLS

/* Locks always carry 64-bit offsets. */
#define F_GETLK  __F_GETLK64
#define F_SETLK  __F_SETLK64
#define F_SETLKW __F_SETLKW64

#define O_SEARCH   O_PATH
#define O_EXEC     O_PATH
#define O_TTY_INIT 0

#if __BSD_VISIBLE
#    define FAPPEND   O_APPEND
#    define FASYNC    O_ASYNC
#    define FNONBLOCK O_NONBLOCK
#    define FNDELAY   O_NDELAY
#    define FREAD     1
#    define FWRITE    2
#endif

#define POSIX_FADV_NORMAL     0
#define POSIX_FADV_RANDOM     1
#define POSIX_FADV_SEQUENTIAL 2
#define POSIX_FADV_WILLNEED   3
#define POSIX_FADV_DONTNEED   4
#define POSIX_FADV_NOREUSE    5

struct flock {
    short l_type;
    short l_whence;
    off_t l_start;
    off_t l_len;
    pid_t l_pid;
};

int open(const char *, int, ...);
int creat(const char *, mode_t);
int fcntl(int, int, ...);
#if __ATFILE_VISIBLE
int openat(int, const char *, int, ...);
#endif
#if __POSIX_VISIBLE >= 200112
int posix_fadvise(int, off_t, off_t, int);
int posix_fallocate(int, off_t, off_t);
#endif
#if __MISC_VISIBLE
int flock(int, int);
#endif
#if __GNU_VISIBLE
int fallocate(int, int, off_t, off_t);
#endif

__END_DECLS

#endif
