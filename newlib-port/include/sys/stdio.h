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
#if __POSIX_VISIBLE >= 200809
_ssize_t getdelim(char **__restrict, size_t *__restrict, int, FILE *__restrict);
_ssize_t getline(char **__restrict, size_t *__restrict, FILE *__restrict);
#endif

#endif
