/*
 * string.c - string functions that look at the shadow of what they are given.
 * The C library's own are assembly, or read a word at a time.
 */
#include "asan.h"
#include <string.h>

#define WEAK_NAME __attribute__((weak))

static void copy_up(char *to, const char *from, size_t n)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
}

static void copy_down(char *to, const char *from, size_t n)
{
    to += n - 1;
    from += n - 1;
    __asm__ volatile("std; rep movsb; cld"
                     : "+D"(to), "+S"(from), "+c"(n)
                     :
                     : "memory");
}

WEAK_NAME void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
    asan_check(from, n, false);
    asan_check(to, n, true);
    if (to != from && (uintptr_t)to - (uintptr_t)from + n - 1 < 2 * n - 1 &&
        n > 0)
        asan_report("memcpy-param-overlap", to);
    copy_up(to, from, n);
    return to;
}

WEAK_NAME void *memmove(void *to, const void *from, size_t n)
{
    asan_check(from, n, false);
    asan_check(to, n, true);
    if ((uintptr_t)to - (uintptr_t)from < n)
        copy_down(to, from, n);
    else
        copy_up(to, from, n);
    return to;
}

WEAK_NAME void *memset(void *p, int c, size_t n)
{
    char *at = p;

    asan_check(p, n, true);
    __asm__ volatile("rep stosb" : "+D"(at), "+c"(n) : "a"(c) : "memory");
    return p;
}

WEAK_NAME int memcmp(const void *a, const void *b, size_t n)
{
    const unsigned char *x = a, *y = b;

    asan_check(a, n, false);
    asan_check(b, n, false);
    for (; n > 0; n--, x++, y++)
        if (*x != *y)
            return *x - *y;
    return 0;
}

WEAK_NAME void *memchr(const void *p, int c, size_t n)
{
    const unsigned char *at = p;

    for (size_t i = 0; i < n; i++) {
        if (at[i] == (unsigned char)c) {
            asan_check(p, i + 1, false);
            return (void *)(at + i);
        }
        if (((uintptr_t)(at + i + 1)) % GRANULE == 0 || i + 1 == n)
            asan_check(p, i + 1, false);
    }
    return NULL;
}

/* Return the length, after a check of every byte with the zero. */
static size_t checked_length(const char *s, size_t max)
{
    size_t n = 0;

    while (n < max) {
        if (asan_find_bad(s + n, 1) != NULL)
            return n + 1; /* the check of so many bytes fails */
        if (s[n] == '\0')
            return n;
        n++;
    }
    return n;
}

static size_t length_of(const char *s)
{
    size_t n = checked_length(s, (size_t)-1);

    asan_check(s, n + 1, false);
    return n;
}

WEAK_NAME size_t strlen(const char *s)
{
    return length_of(s);
}

WEAK_NAME char *strcpy(char *restrict to, const char *restrict from)
{
    size_t n = length_of(from);

    asan_check(to, n + 1, true);
    if ((uintptr_t)to - (uintptr_t)from + n < 2 * n + 1)
        asan_report("strcpy-param-overlap", to);
    copy_up(to, from, n + 1);
    return to;
}

WEAK_NAME char *strncpy(char *restrict to, const char *restrict from, size_t n)
{
    size_t length = checked_length(from, n);

    asan_check(from, length < n ? length + 1 : n, false);
    asan_check(to, n, true);
    copy_up(to, from, length);
    for (size_t i = length; i < n; i++)
        to[i] = '\0';
    return to;
}

WEAK_NAME char *strcat(char *restrict to, const char *restrict from)
{
    size_t at = length_of(to), n = length_of(from);

    asan_check(to + at, n + 1, true);
    copy_up(to + at, from, n + 1);
    return to;
}

WEAK_NAME char *strncat(char *restrict to, const char *restrict from, size_t n)
{
    size_t at = length_of(to), length = checked_length(from, n);

    asan_check(from, length < n ? length + 1 : n, false);
    asan_check(to + at, length + 1, true);
    copy_up(to + at, from, length);
    to[at + length] = '\0';
    return to;
}

static int compare(const char *a, const char *b, size_t max)
{
    const unsigned char *x = (const unsigned char *)a;
    const unsigned char *y = (const unsigned char *)b;

    for (size_t n = 0; n < max; n++) {
        asan_check(x + n, 1, false);
        asan_check(y + n, 1, false);
        if (x[n] != y[n])
            return x[n] - y[n];
        if (x[n] == '\0')
            break;
    }
    return 0;
}

WEAK_NAME int strcmp(const char *a, const char *b)
{
    return compare(a, b, (size_t)-1);
}

WEAK_NAME int strncmp(const char *a, const char *b, size_t n)
{
    return compare(a, b, n);
}

WEAK_NAME char *strchr(const char *s, int c)
{
    for (;; s++) {
        asan_check(s, 1, false);
        if (*s == (char)c)
            return (char *)s;
        if (*s == '\0')
            return NULL;
    }
}
