/*
 * Memory and strings: the part of C17's <string.h> that the kernel uses, with
 * the standard's contracts, and strlcpy and strlcat with OpenBSD's.
 *
 * GCC may call memcpy, memmove, memset and memcmp on its own, so these four
 * must exist under exactly these names. Nothing here keeps state, sleeps or
 * changes flags: the direction flag must be clear on entry, as the ABI demands.
 */
#ifndef LIB_STRING_H
#define LIB_STRING_H

#include <stddef.h>

/* Copy `nbytes`; the two must not overlap. Return `to`. */
void *memcpy(void *to, const void *from, size_t nbytes);

/* Copy `nbytes`; the two may overlap. Return `to`. */
void *memmove(void *to, const void *from, size_t nbytes);

/* Fill `nbytes` with the low byte of `value`. Return `to`. */
void *memset(void *to, int value, size_t nbytes);

/* Compare as unsigned bytes: below 0, 0, above 0. */
int memcmp(const void *a, const void *b, size_t nbytes);

/*
 * Small copies of a size that the compiler knows become a few moves: without a
 * hosted library it must be told so.
 */
#ifndef memcpy
#    define memcpy(to, from, nbytes)  __builtin_memcpy(to, from, nbytes)
#    define memset(to, value, nbytes) __builtin_memset(to, value, nbytes)
#endif

/* The first byte equal to `value` within `nbytes`, or NULL. */
void *memchr(const void *where, int value, size_t nbytes);

/* Bytes before the NUL; strnlen looks at no more than `max` of them. */
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);

/* Compare as unsigned bytes; strncmp no more than `max` of them. */
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t max);

/* The first or last `c` in `s`, its NUL included, or NULL. */
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);

/* The first place where `what` begins in `s`, or NULL. */
char *strstr(const char *s, const char *what);

/* How many bytes at the start of `s` are (or are not) in `set`. */
size_t strspn(const char *s, const char *set);
size_t strcspn(const char *s, const char *set);

/*
 * Copy or append as much of `from` as fits `size` bytes at `to`, always
 * ended by NUL when size > 0. Return the length that was wanted: the result
 * was cut if and only if that is >= size.
 */
size_t strlcpy(char *to, const char *from, size_t size);
size_t strlcat(char *to, const char *from, size_t size);

#endif
