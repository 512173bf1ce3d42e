/*
 * gcov.c - what GCC's libgcov calls by names of another C library.
 *
 * libgcov.a of the cross compiler writes the .gcda files of a program that is
 * compiled with --coverage. It was compiled for large files with the headers of
 * the GNU library, so it asks for open64 and the like, and a symbol stderr.
 * Its constants and structs are those of the system calls, which Cairn shares.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

int open64(const char *, int, ...);
int fcntl64(int, int, ...);
FILE *fopen64(const char *, const char *);
void *mmap64(void *, size_t, int, int, int, long long);
int *__errno_location(void);

/* The macro's value, under the name as a symbol. */
FILE *profile_stderr __asm__("stderr");

__attribute__((constructor(101))) static void set_stderr(void)
{
    profile_stderr = stderr;
}

int *__errno_location(void)
{
    return &errno;
}

int open64(const char *path, int flags, ...)
{
    va_list args;
    mode_t mode;

    va_start(args, flags);
    mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return open(path, flags, mode);
}

/* Locks with 64-bit offsets: libgcov's struct is the kernel's. */
int fcntl64(int fd, int command, ...)
{
    va_list args;
    long argument;

    va_start(args, command);
    argument = va_arg(args, long);
    va_end(args);
    return (int)syscall(SYS_fcntl64, fd, command, argument);
}

FILE *fopen64(const char *path, const char *mode)
{
    return fopen(path, mode);
}

void *mmap64(void *address, size_t nbytes, int protection, int flags, int fd,
             long long offset)
{
    return mmap(address, nbytes, protection, flags, fd, (off_t)offset);
}
