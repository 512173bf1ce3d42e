/*
 * The end of newlib's <string.h>: what it lacks of C23, POSIX.1-2024 and GNU.
 */
#ifndef _MACHINE_STRING_H
#define _MACHINE_STRING_H

#include <sys/cdefs.h>

__BEGIN_DECLS

#if __MISC_VISIBLE || __ISO_C_VISIBLE >= 2020
void *memccpy(void *__restrict, const void *__restrict, int, size_t);
void *memset_explicit(void *, int, size_t);
char *strdup(const char *);
char *strndup(const char *, size_t);
#endif
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
void *memmem(const void *, size_t, const void *, size_t);
size_t strlcat(char *__restrict, const char *__restrict, size_t);
size_t strlcpy(char *__restrict, const char *__restrict, size_t);
#endif
#if __GNU_VISIBLE
const char *sigabbrev_np(int);
const char *sigdescr_np(int);
#endif

__END_DECLS

#endif
