/*
 * Memory and strings.
 *
 * Blocks are moved by the processor's string instructions: one instruction a
 * word, no registers to save, and on every CPU since 1996 the fast way for
 * anything longer than a few words. They only name general registers, so the
 * same code runs in the 32-bit kernel and in the 64-bit host test. Intel SDM
 * 2B, REP: counts in (E/R)CX, addresses in (E/R)DI and (E/R)SI, forwards while
 * the direction flag is clear.
 *
 * The loops over single bytes must stay loops: GCC would turn some of them
 * into calls to the very function that they are the body of.
 */
#include "lib/string.h"

#include <stdint.h>

#include "lib/kasan.h"

#ifdef __clang__
#    pragma clang optimize off
#else
#    pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

void *(memcpy)(void *to, const void *from, size_t nbytes)
{
    void *d = to;
    size_t nwords = nbytes / 4;

    kasan_check(from, nbytes, false);
    kasan_check(to, nbytes, true);
    __asm__ volatile("rep movsl"
                     : "+D"(d), "+S"(from), "+c"(nwords)
                     :
                     : "memory");
    nbytes &= 3;
    if (nbytes != 0)
        __asm__ volatile("rep movsb"
                         : "+D"(d), "+S"(from), "+c"(nbytes)
                         :
                         : "memory");
    return to;
}

/* Copy from the last byte to the first. */
static void copy_backwards(unsigned char *to, const unsigned char *from,
                           size_t nbytes)
{
    size_t nwords = nbytes / 4;
    uint32_t word;

    while (nbytes % 4 != 0) {
        nbytes--;
        to[nbytes] = from[nbytes];
    }
    while (nwords-- > 0) {
        __builtin_memcpy(&word, from + nwords * 4, 4);
        __builtin_memcpy(to + nwords * 4, &word, 4);
    }
}

void *memmove(void *to, const void *from, size_t nbytes)
{
    if ((uintptr_t)to - (uintptr_t)from >= nbytes)
        return memcpy(to, from, nbytes);
    copy_backwards(to, from, nbytes);
    return to;
}

void *(memset)(void *to, int value, size_t nbytes)
{
    void *d = to;
    size_t nwords = nbytes / 4;
    uint32_t word = (unsigned char)value * UINT32_C(0x01010101);

    kasan_check(to, nbytes, true);
    __asm__ volatile("rep stosl"
                     : "+D"(d), "+c"(nwords)
                     : "a"(word)
                     : "memory");
    nbytes &= 3;
    if (nbytes != 0)
        __asm__ volatile("rep stosb"
                         : "+D"(d), "+c"(nbytes)
                         : "a"(word)
                         : "memory");
    return to;
}

int memcmp(const void *a, const void *b, size_t nbytes)
{
    const unsigned char *p = a;
    const unsigned char *q = b;

    for (size_t i = 0; i < nbytes; i++) {
        if (p[i] != q[i])
            return p[i] - q[i];
    }
    return 0;
}

void *memchr(const void *where, int value, size_t nbytes)
{
    const unsigned char *p = where;

    for (size_t i = 0; i < nbytes; i++) {
        if (p[i] == (unsigned char)value)
            return (void *)(uintptr_t)(p + i);
    }
    return NULL;
}

size_t strlen(const char *s)
{
    size_t length = 0;

    while (s[length] != '\0')
        length++;
    return length;
}

size_t strnlen(const char *s, size_t max)
{
    size_t length = 0;

    while (length < max && s[length] != '\0')
        length++;
    return length;
}

int strcmp(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t max)
{
    for (size_t i = 0; i < max; i++) {
        if (a[i] != b[i])
            return (unsigned char)a[i] - (unsigned char)b[i];
        if (a[i] == '\0')
            return 0;
    }
    return 0;
}

char *strchr(const char *s, int c)
{
    for (; *s != (char)c; s++) {
        if (*s == '\0')
            return NULL;
    }
    return (char *)(uintptr_t)s;
}

char *strrchr(const char *s, int c)
{
    const char *last = NULL;

    for (;; s++) {
        if (*s == (char)c)
            last = s;
        if (*s == '\0')
            return (char *)(uintptr_t)last;
    }
}

char *strstr(const char *s, const char *what)
{
    size_t length = strlen(what);

    for (;; s++) {
        if (strncmp(s, what, length) == 0)
            return (char *)(uintptr_t)s;
        if (*s == '\0')
            return NULL;
    }
}

size_t strspn(const char *s, const char *set)
{
    size_t n = 0;

    while (s[n] != '\0' && strchr(set, s[n]) != NULL)
        n++;
    return n;
}

size_t strcspn(const char *s, const char *set)
{
    size_t n = 0;

    while (s[n] != '\0' && strchr(set, s[n]) == NULL)
        n++;
    return n;
}

size_t strlcpy(char *to, const char *from, size_t size)
{
    size_t length = strlen(from);
    size_t fits = length < size ? length : size - 1;

    if (size == 0)
        return length;
    memcpy(to, from, fits);
    to[fits] = '\0';
    return length;
}

size_t strlcat(char *to, const char *from, size_t size)
{
    size_t used = strnlen(to, size);

    return used + strlcpy(to + used, from, size - used);
}
