/*
 * The heap's structures and the operations on its map; README.md draws them.
 *
 * Memory is counted in granules of 16 bytes.  A block is a row of granules and
 * has no header: all that is known about it lies in the map, two bits for
 * every granule of the address space, kept apart in two planes `a` and `b`:
 *
 *     a b
 *     0 0   inside of a block, or not ours
 *     1 1   a live block starts here
 *     0 1   a cached block (freed, kept whole for the next of its size), the
 *           top, or the fence behind a segment starts here
 *     1 0   first and last granule of a free block
 *
 * A block ends where the next one starts.  Blocks longer than LONG granules
 * would make that a long search, so a word of the map that lies wholly inside
 * them, the one after their first, holds a marker: a = length << 3 | 7 and
 * b = 0.  Three granules in a row with only the first bit cannot be otherwise:
 * free blocks never touch each other.  A long free block has a second marker,
 * in the word before its last, for those who come from behind.
 *
 * So only the start of a live block has both bits, a free of anything else is
 * found out at once, and malloc and free change one bit.
 */
#ifndef MALLOC_INTERNAL_H
#define MALLOC_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#define GRAIN       16u
#define GRAIN_SHIFT 4
/* Longest block without a marker, and longest that is cached. */
#define LONG 64u
/* Largest request: its length in granules still fits in a marker. */
#define REQUEST_MAX ((size_t)0x7fff0000)
/* From here on, and where growth would copy, a mapping of its own. */
#define MAP_MIN ((size_t)1 << 20)
#define PAGE    ((size_t)4096)

#define FREE_LISTS 248
#define SEGMENTS   64

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define hot         __attribute__((hot))
#define cold        __attribute__((cold, noinline))

/* One word of the map: 32 granules, 512 bytes. */
struct map_word {
    uint32_t a, b;
};

/* A cached block's only content. */
struct cached {
    struct cached *next;
};

/* A free block's content; the list is a ring without a head. */
struct span {
    struct span *next, *prev;
};

/* Granules [first, fence) of one piece of memory from the system. */
struct segment {
    size_t first, fence;
    bool is_mapped; /* from mmap, not from sbrk */
};

/*
 * All state.  `map` is NULL and `fast_max` 0 before the first call and in the
 * modes that look at every call: what the fast paths test anyhow sends them
 * the slow way.
 */
struct heap {
    struct map_word *map;
    size_t fast_max; /* largest request of the fast path */
    long spare;      /* live blocks above `low`; below 0: sweep */
    struct cached *bin[LONG + 1];
    uint8_t batch[LONG + 1]; /* blocks to cut at the next refill */

    struct map_word *all; /* the map, in every mode */
    size_t limit;         /* granules that the map covers */
    uintptr_t base;       /* address of granule 0 */
    long low;
    long nblocks;        /* live and cached */
    long kept;           /* cached blocks that the last sweep left */
    size_t top, top_end; /* the rest of the newest segment */
    size_t fresh;        /* top memory from here on is zero */
    size_t committed;    /* the map is writable to here, in granules */
    size_t ngrains;      /* of all segments */
    size_t peak;
    size_t nmapped, mapped_bytes;
    uint32_t filled[FREE_LISTS / 32 + 1];
    struct span *list[FREE_LISTS];
    struct segment segment[SEGMENTS];
    unsigned nsegments;
    bool is_ready, is_checking, is_tracing, is_locking;
};

extern struct heap __heap;

#if UINTPTR_MAX == UINT32_MAX
#    define MAP_BASE(h)  ((void)(h), (uintptr_t)0)
#    define MAP_LIMIT(h) ((void)(h), (size_t)-1)
#else
#    define MAP_BASE(h)  ((h)->base)
#    define MAP_LIMIT(h) ((h)->limit)
#endif

static inline size_t grain_of(const struct heap *h, const void *p)
{
    return ((uintptr_t)p - MAP_BASE(h)) >> GRAIN_SHIFT;
}

static inline void *grain_at(const struct heap *h, size_t i)
{
    return (void *)((i << GRAIN_SHIFT) + MAP_BASE(h));
}

static inline size_t grains_for(size_t nbytes)
{
    return nbytes <= GRAIN ? 1 : (nbytes + GRAIN - 1) >> GRAIN_SHIFT;
}

/*
 * Bit i % 32 of a word: what it was, and with _set and _clear what it is next.
 * The compiler makes several instructions of what is one.
 */
#if defined(__i386__) || defined(__x86_64__)
static inline bool bit_get(uint32_t word, size_t i)
{
    bool was;

    __asm__("btl %k2, %1" : "=@ccc"(was) : "r"(word), "r"(i));
    return was;
}

static inline bool bit_set(uint32_t *word, size_t i)
{
    uint32_t value = *word;
    bool was;

    __asm__("btsl %k2, %1" : "=@ccc"(was), "+r"(value) : "r"(i));
    *word = value;
    return was;
}

static inline bool bit_clear(uint32_t *word, size_t i)
{
    uint32_t value = *word;
    bool was;

    __asm__("btrl %k2, %1" : "=@ccc"(was), "+r"(value) : "r"(i));
    *word = value;
    return was;
}
#else
static inline bool bit_get(uint32_t word, size_t i)
{
    return word >> (i & 31) & 1;
}

static inline bool bit_set(uint32_t *word, size_t i)
{
    bool was = bit_get(*word, i);

    *word |= 1u << (i & 31);
    return was;
}

static inline bool bit_clear(uint32_t *word, size_t i)
{
    bool was = bit_get(*word, i);

    *word &= ~(1u << (i & 31));
    return was;
}
#endif

enum code { INSIDE = 0, FREE = 1, CACHED = 2, LIVE = 3 };

static inline struct map_word *map_word(const struct heap *h, size_t i)
{
    return &h->all[i >> 5];
}

static inline enum code map_code(const struct heap *h, size_t i)
{
    const struct map_word *w = map_word(h, i);

    return (w->a >> (i & 31) & 1) | (w->b >> (i & 31) & 1) << 1;
}

static inline void map_set(struct heap *h, size_t i, enum code code)
{
    struct map_word *w = map_word(h, i);
    uint32_t bit = 1u << (i & 31);

    w->a = (w->a & ~bit) | ((code & FREE) ? bit : 0);
    w->b = (w->b & ~bit) | ((code & CACHED) ? bit : 0);
}

static inline bool map_is_marker(const struct map_word *w)
{
    return w->b == 0 && (w->a & 7) == 7;
}

/* The length of a live or cached block, or of a free one with is_free. */
size_t __heap_length(const struct heap *h, size_t i, bool is_free);

/* heap.c: everything below expects the lock. */
bool __heap_ready(struct heap *h);
void *__heap_alloc(struct heap *h, size_t nbytes, bool *is_zero);
void *__heap_alloc_aligned(struct heap *h, size_t align, size_t nbytes);
void __heap_free(struct heap *h, void *p);
void *__heap_resize(struct heap *h, void *p, size_t nbytes);
void __heap_sweep(struct heap *h, size_t keep);
bool __heap_is_block(const struct heap *h, const void *p);
size_t __heap_usable(const struct heap *h, const void *p);
bool __heap_is_mapped(const struct heap *h, size_t i);
void __heap_die(const char *what, const void *p);
void __heap_free_event(struct heap *h);

/* check.c: the same calls when MALLOC_CONF asks for more. */
void *__check_alloc(struct heap *h, size_t align, size_t nbytes);
void __check_free(struct heap *h, void *p);
void *__check_resize(struct heap *h, void *p, size_t nbytes);
size_t __check_usable(const struct heap *h, const void *p);
void __malloc_trace_line(const char *what, const void *p, size_t n,
                         const void *q);

/* os_*.c: the only functions that know the system. */

/* Reserve a readable, zero map for all granules; sets all, base and limit. */
bool __os_reserve(struct heap *h);
/* Make bytes of the map writable.  Whole pages. */
bool __os_commit(void *from, size_t nbytes);
/* sbrk: the old break, or NULL. */
void *__os_sbrk(intptr_t nbytes);
/* Zeroed private memory at a page, or NULL. */
void *__os_map(size_t nbytes);
void __os_unmap(void *from, size_t nbytes);
/*
 * mremap: growing may move it, to `to` if that is not NULL; shrinking does not.
 * NULL when it does not work.
 */
void *__os_remap(void *from, size_t old_bytes, size_t new_bytes, void *to);
/* Give back the content of whole pages; they read as zeros afterwards. */
void __os_drop(void *from, size_t nbytes);
void __os_guard(void *from, size_t nbytes);

#endif
