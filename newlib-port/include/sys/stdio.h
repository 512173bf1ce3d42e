/*
 * What newlib's <stdio.h> leaves to the system: the locks of streams, and
 * functions of POSIX that it does not declare.
 */
#ifndef _NEWLIB_STDIO_H
#define _NEWLIB_STDIO_H

#ifndef _STDIO_H_
#    error "must be included via <stdio.h>"
#endif

#include <sys/lock.h>
#include <sys/reent.h>

/* A stream of sprintf and its like is private and has no lock. */
#if !defined(_flockfile)
#    define _flockfile(fp)               \
        ((fp)->_flags & __SSTR ? (void)0 \
                               : (void)__lock_acquire_recursive((fp)->_lock))
#    define _funlockfile(fp)             \
        ((fp)->_flags & __SSTR ? (void)0 \
                               : (void)__lock_release_recursive((fp)->_lock))
#endif

#if __POSIX_VISIBLE
#    define L_ctermid 16
char *ctermid(char *);
#endif
#if __GNU_VISIBLE || __POSIX_VISIBLE >= 202405
#    define SEEK_DATA 3
#    define SEEK_HOLE 4
#endif
#if __GNU_VISIBLE
#    define RENAME_NOREPLACE 1
#    define RENAME_EXCHANGE  2
#    define RENAME_WHITEOUT  4
int renameat2(int, const char *, int, const char *, unsigned);
#endif
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int asprintf(char **__restrict, const char *__restrict, ...)
    __attribute__((__format__(__printf__, 2, 3)));
int vasprintf(char **__restrict, const char *__restrict, __builtin_va_list)
    __attribute__((__format__(__printf__, 2, 0)));
#endif
#if __POSIX_VISIBLE >= 200809
_ssize_t getdelim(char **__restrict, size_t *__restrict, int, FILE *__restrict);
_ssize_t getline(char **__restrict, size_t *__restrict, FILE *__restrict);
#endif

#endif
