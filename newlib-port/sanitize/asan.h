/*
 * asan.h - the address sanitizer's shadow, for programs of Cairn's.
 *
 * One byte of shadow tells of eight bytes of memory: 0, all of them may be
 * touched; 1 to 7, only so many; else none, and the value says why.  GCC's
 * code looks at it in place, so that its address and these values are GCC's
 * (gcc/config/i386/i386.cc, gcc/asan.h).
 */
#ifndef ASAN_H
#define ASAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SHADOW_BASE  0x20000000u
#define SHADOW_BYTES 0x20000000u
#define GRANULE      8u

enum {
    ASAN_HEAP_LEFT = 0xfa,
    ASAN_HEAP_RIGHT = 0xfb,
    ASAN_HEAP_FREED = 0xfd,
    ASAN_STACK_LEFT = 0xf1,
    ASAN_STACK_MID = 0xf2,
    ASAN_STACK_RIGHT = 0xf3,
    ASAN_STACK_RETIRED = 0xf5,
    ASAN_SCOPE = 0xf8,
    ASAN_GLOBAL = 0xf9,
    ASAN_USER = 0xf7,
    ASAN_ALLOCA_LEFT = 0xca,
    ASAN_ALLOCA_RIGHT = 0xcb,
};

#define NFRAMES 6 /* return addresses that are kept of each call */

struct heap_block {
    const char *start;
    size_t size;
    bool freed;
    const uintptr_t *allocated_by, *freed_by; /* NFRAMES each, 0 ends */
};

static inline unsigned char *shadow_of(const void *p)
{
    return (unsigned char *)(SHADOW_BASE + ((uintptr_t)p / GRANULE));
}

/* Mark the granules of `nbytes` from `p`, a multiple of 8, with `value`. */
void asan_poison(const void *p, size_t nbytes, int value);

/* Allow `nbytes` from `p`, a multiple of 8; only part of the last granule. */
void asan_unpoison(const void *p, size_t nbytes);

/* Return the first byte of `nbytes` that may not be touched, or NULL. */
const char *asan_find_bad(const void *p, size_t nbytes);

/* Report an access and end the program, if it is not allowed. */
void asan_check(const void *p, size_t nbytes, bool write);

/* Write a report of what is wrong with `p`, and die of SIGABRT. */
void asan_report(const char *what, const void *p) __attribute__((noreturn));

/* Keep the return addresses of the caller's callers. */
void asan_trace(uintptr_t *frames, const void *frame);

/* Find the heap block that `p` belongs to, by its shadow. */
bool asan_find_block(const void *p, struct heap_block *found);

#endif
