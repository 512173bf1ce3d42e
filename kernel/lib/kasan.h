/*
 * The address sanitizer (make KASAN=1): a shadow byte for each 8 bytes of the
 * direct map says how many of these may be touched, and each load and store of
 * the kernel asks it first. Without KASAN all of this is nothing.
 *
 *      00        all 8 bytes            FA   a slab's own words
 *      01 to 07  the first 1 to 7       FB   an object that was freed
 *                                       FC   an object never handed out
 *                                       FE   behind an object or a global
 *                                       FF   a free frame
 *
 * Addresses outside of the direct map (stacks, windows, devices) are not
 * looked at: what is not mapped there faults. Memory above the direct map has
 * no shadow either.
 */
#ifndef LIB_KASAN_H
#define LIB_KASAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KASAN_GRANULE 8u

#define KASAN_SLAB    0xFAu
#define KASAN_FREED   0xFBu
#define KASAN_UNUSED  0xFCu
#define KASAN_REDZONE 0xFEu
#define KASAN_FRAME   0xFFu

/* A function whose accesses are not checked. */
#define no_kasan __attribute__((no_sanitize_address))

#ifdef KASAN

/* Bytes that are kept untouched after each object of a slab. */
#    define KASAN_ROOM 8u

/* Bytes of shadow for `nbytes` of direct map. */
size_t kasan_shadow_bytes(uint64_t nbytes);

/*
 * From now on the `nbytes` from `base` are minded, all of them accessible;
 * `shadow` is kasan_shadow_bytes(nbytes) long. Red zones of globals are set.
 */
void kasan_init(void *base, uint64_t nbytes, void *shadow);

/* Let nobody touch [at, at + nbytes), whole granules, because of `why`. */
void kasan_poison(const void *at, size_t nbytes, unsigned why);

/* Let everybody touch it; `at` is aligned to 8, the size need not be. */
void kasan_unpoison(const void *at, size_t nbytes);

/* The same for physical memory of the direct map, or above it: then nothing. */
void kasan_poison_frames(uint64_t pa, size_t nbytes);
void kasan_unpoison_frames(uint64_t pa, size_t nbytes);

/* The shadow byte of an address; 0 if it has none. */
unsigned kasan_shadow_of(const void *at);

/* Panic with a report if any of it must not be touched. */
void kasan_check(const void *at, size_t nbytes, bool is_write);

/*
 * Write what is known of an address to `buf`: set by the allocator, which
 * knows its objects.
 */
extern void (*kasan_describe)(const void *at, char *buf, size_t size);

#else

#    define KASAN_ROOM 0u

static inline void kasan_poison(const void *at, size_t nbytes, unsigned why)
{
    (void)at, (void)nbytes, (void)why;
}

static inline void kasan_unpoison(const void *at, size_t nbytes)
{
    (void)at, (void)nbytes;
}

static inline void kasan_poison_frames(uint64_t pa, size_t nbytes)
{
    (void)pa, (void)nbytes;
}

static inline void kasan_unpoison_frames(uint64_t pa, size_t nbytes)
{
    (void)pa, (void)nbytes;
}

static inline void kasan_check(const void *at, size_t nbytes, bool is_write)
{
    (void)at, (void)nbytes, (void)is_write;
}

#endif
#endif
