/*
 * The heap's structures and the operations on its map; README.md draws them.
 *
 * Memory is counted in granules of 16 bytes.  A block is a row of granules and
 * has no header: all that is known about it lies in the map, two planes of one
 * bit for every granule of the address space:
 *
 *     start idle
 *     1     0    a live block starts here
 *     1     1    a block that is free starts here: one kept in a bin for the
 *                next request of its length, a run, the top, or a fence
 *     0     1    the last granule of a run (joined free blocks, 2 or more)
 *     0     0    inside of a block, or not ours
 *
 * A block ends where the next one starts.  One of more than LONG granules has
 * its length in the map as well, in the word of `idle` behind the one where it
 * starts; the word of `start` there is zero.  No last granule is in that word.
 *
 * So a free of anything but the start of a live block is found out by the two
 * bits, before anything is touched, and malloc and free change one bit.
 */
#ifndef MALLOC_INTERNAL_H
#define MALLOC_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>

#define GRAIN       16u
#define GRAIN_SHIFT 4
/* The longest block that bins keep; longer ones have their length in the map.*/
#define LONG 64u
/* Largest request. */
#define REQUEST_MAX ((size_t)0x7fff0000)
/* From here on, and where growth would copy, a mapping of its own. */
#define MAP_MIN ((size_t)1 << 20)
#define PAGE    ((size_t)4096)

/* Below this a heap is never swept and gives nothing back: 32 KiB. */
#define SMALL_HEAP 2048

#define FREE_LISTS 248
#define SEGMENTS   64

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define hot         __attribute__((hot))
#define cold        __attribute__((__cold__, noinline))
/* Called seldom: short code is worth more than fast code. */
#define seldom __attribute__((__cold__))
/* Called as if from elsewhere: the fast path keeps no register for it. */
#define apart __attribute__((noipa))
/* Do not compute it from something else again. */
#define hide(x) __asm__("" : "+r"(x))

/* How the parts of the allocator call each other. */
#ifdef __i386__
#    define internal __attribute__((regparm(3), visibility("hidden")))
#else
#    define internal __attribute__((visibility("hidden")))
#endif

/*
 * A block in a bin.  The link is mixed with a number that nobody outside
 * knows: what a program writes there after free leads nowhere.
 */
struct cached {
    uintptr_t link;
};

/* What ends a bin: no address of ours, and its granule is never idle. */
#define NOTHING ((struct cached *)16)

/* A run's first bytes.  Its length is in its last word as well. */
struct run {
    struct run *next, *prev;
    size_t n;
    bool is_dropped; /* of a run of DROP_MIN and more: its pages are gone */
};

/* The shortest run whose pages may be given back: 4 pages. */
#define DROP_MIN 1024u

/* Granules [first, fence) of one piece of memory from the system. */
struct segment {
    size_t first, fence;
    bool is_mapped; /* from mmap, not from sbrk */
};

/*
 * All state.  Before the first call, and in the modes that look at every call,
 * `misfit` is all ones, so that free() takes the slow way, and `bin` is empty,
 * so that malloc() does.
 */
struct heap {
    struct cached *bin[LONG + 1];
    uint32_t *start, *idle; /* the planes of the map */
    uintptr_t misfit;       /* bits that no pointer to a block has */
    uintptr_t key;
    long spare;              /* live blocks above `low`; below 0: sweep */
    uint8_t batch[LONG + 1]; /* blocks to cut at the next refill */

    /* The bins in use: those above, or where malloc() does not see them. */
    struct cached **bins, *hidden[LONG + 1];

    bool is_ready, is_checking, is_tracing, is_locking;
    size_t limit;   /* granules that the map covers */
    uintptr_t base; /* address of granule 0 */
    long low;
    long nblocks;        /* live and kept in bins */
    long lone;           /* kept ones that the last sweep could not join */
    size_t top, top_end; /* the rest of the newest segment */
    size_t fresh;        /* top memory from here on is zero */
    size_t committed;    /* the map is writable to here, in granules */
    size_t ngrains;      /* of all segments */
    size_t peak;
    size_t nmapped, mapped_bytes;
    size_t slack, trimmed; /* top bytes that stay; size before the last trim */
    size_t mapped_low;     /* no mapping lay below this granule */
    uint32_t any, filled[FREE_LISTS / 32 + 1]; /* which lists are not empty */
    struct run *list[FREE_LISTS];
    struct segment segment[SEGMENTS];
    unsigned nsegments;
};

extern struct heap __heap;

/* Where the map is short of addresses, each has to be looked at. */
#if UINTPTR_MAX == UINT32_MAX
#    define MAP_BASE(h) ((void)(h), (uintptr_t)0)
#    define MAP_WHOLE   (((size_t)1 << 28) - 256)
#else
#    define MAP_BASE(h) ((h)->base)
#    define MAP_WHOLE   ((size_t)1)
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

/* ---- bits ------------------------------------------------------------------
 *
 * Bit i of a plane: what it was.  One instruction each on a 386, of which the
 * compiler would make five.
 */
#ifdef __i386__
typedef uint32_t plane[1 << 23];

static inline bool bit_get(const uint32_t *p, size_t i)
{
    bool was;

    __asm__("btl %2, %1" : "=@ccc"(was) : "m"(*(const plane *)p), "r"(i));
    return was;
}

static inline bool bit_set(uint32_t *p, size_t i)
{
    bool was;

    __asm__("btsl %2, %1" : "=@ccc"(was), "+m"(*(plane *)p) : "r"(i));
    return was;
}

static inline bool bit_clear(uint32_t *p, size_t i)
{
    bool was;

    __asm__("btrl %2, %1" : "=@ccc"(was), "+m"(*(plane *)p) : "r"(i));
    return was;
}
#else
static inline bool bit_get(const uint32_t *p, size_t i)
{
    return p[i >> 5] >> (i & 31) & 1;
}

static inline bool bit_set(uint32_t *p, size_t i)
{
    bool was = bit_get(p, i);

    p[i >> 5] |= 1u << (i & 31);
    return was;
}

static inline bool bit_clear(uint32_t *p, size_t i)
{
    bool was = bit_get(p, i);

    p[i >> 5] &= ~(1u << (i & 31));
    return was;
}
#endif

/* The 32 bits of a plane that begin with bit i. */
static inline uint32_t bits_from(const uint32_t *p, size_t i)
{
    size_t k = i >> 5;

#ifdef __i386__
    uint32_t bits = p[k];

    __asm__("shrdl %%cl, %1, %0" : "+r"(bits) : "r"(p[k + 1]), "c"(i));
    return bits;
#else
    return (uint32_t)((p[k] | (uint64_t)p[k + 1] << 32) >> (i & 31));
#endif
}

static inline bool is_live(const struct heap *h, size_t i)
{
    return bit_get(h->start, i) && !bit_get(h->idle, i);
}

static inline bool is_idle(const struct heap *h, size_t i)
{
    return bit_get(h->start, i) && bit_get(h->idle, i);
}

/* On 32 bits the map covers every address, or there is no fast way. */
static inline bool is_outside(const struct heap *h, size_t i)
{
    return UINTPTR_MAX != UINT32_MAX && i >= h->limit;
}

/* Whether p can be looked up in the map. */
static inline bool is_covered(const struct heap *h, const void *p)
{
    return ((uintptr_t)p & (GRAIN - 1)) == 0 && grain_of(h, p) < h->limit;
}

/* ---- map.c -----------------------------------------------------------------
 *
 * The length of the block that starts at i; whether a run starts there.
 */
internal size_t __heap_length(const struct heap *h, size_t i);
internal bool __heap_is_run(const struct heap *h, size_t i, size_t *length);
/* The run whose last granule is i - 1: its length, or 0.  i is not marked. */
internal size_t __heap_run_before(struct heap *h, size_t i);

/* Mark n granules, of which nothing is marked, as one block, and undo it. */
static inline void __heap_mark(struct heap *h, size_t i, size_t n)
{
    bit_set(h->start, i);
    if (n > LONG)
        h->idle[(i >> 5) + 1] = (uint32_t)n;
}

static inline void __heap_unmark(struct heap *h, size_t i, size_t n)
{
    bit_clear(h->start, i);
    if (n > LONG)
        h->idle[(i >> 5) + 1] = 0;
}

/* ---- run.c: the lists of runs ----------------------------------------------
 *
 * Put n unmarked granules, 2 or more, into their list; take a marked run out;
 * find the best run of n granules and more and take it out, 0 if there is none.
 */
internal void __run_insert(struct heap *h, size_t i, size_t n);
internal void __run_remove(struct heap *h, size_t i, size_t n);
internal size_t __run_take(struct heap *h, size_t n, size_t *length);

/* ---- top.c: what comes from the system and goes back -----------------------
 */
internal void __top_move(struct heap *h, size_t top);
internal bool __top_grow(struct heap *h, size_t n);
internal void __top_trim(struct heap *h, size_t keep);
internal bool __map_commit(struct heap *h, size_t from, size_t to);
internal void __heap_drop(struct heap *h);

/* ---- sweep.c ---------------------------------------------------------------
 *
 * Join everything that is not live; keep at most so many bytes of top.
 */
internal void __heap_sweep(struct heap *h, size_t keep);
/* Live blocks fell to the low mark. */
internal void __heap_free_event(struct heap *h);
internal void __heap_raise_low(struct heap *h);

static inline long live_count(const struct heap *h)
{
    return h->spare + h->low + 1;
}

/* ---- heap.c: everything below expects the lock -----------------------------
 */
internal bool __heap_ready(struct heap *h);
internal void *__heap_alloc(struct heap *h, size_t nbytes, bool *is_zero);
internal void *__heap_alloc_aligned(struct heap *h, size_t align,
                                    size_t nbytes);
internal void __heap_give(struct heap *h, size_t i, size_t n);
internal void __heap_release(struct heap *h, size_t i, size_t n);
internal void __heap_free(struct heap *h, void *p);
internal void *__heap_resize(struct heap *h, void *p, size_t nbytes);
internal bool __heap_is_block(const struct heap *h, const void *p);
internal size_t __heap_usable(const struct heap *h, const void *p);
internal bool __heap_is_mapped(const struct heap *h, size_t i);
internal void __heap_modes(struct heap *h);
internal _Noreturn void __heap_die(const char *what, const void *p);

/* Granules, none of which are shared: four words at a time. */
static inline void copy_grains(void *to, const void *from, size_t n)
{
#ifdef __i386__
    n *= GRAIN / 4;
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
#else
    __builtin_memcpy(to, from, n * GRAIN);
#endif
}

static inline void clear_grains(void *to, size_t n)
{
#ifdef __i386__
    n *= GRAIN / 4;
    __asm__ volatile("rep stosl" : "+D"(to), "+c"(n) : "a"(0) : "memory");
#else
    __builtin_memset(to, 0, n * GRAIN);
#endif
}

static inline void push(const struct heap *h, struct cached **bin,
                        struct cached *c)
{
    c->link = (uintptr_t)*bin ^ h->key;
    *bin = c;
}

/* check.c: the same calls when MALLOC_CONF asks for more. */
internal void *__check_alloc(struct heap *h, size_t align, size_t nbytes);
internal void __check_free(struct heap *h, void *p);
internal void *__check_resize(struct heap *h, void *p, size_t nbytes);
/* Bytes of freed blocks that wait in the ring, live in the map. */
internal size_t __check_waiting(void);
internal size_t __check_usable(const struct heap *h, const void *p);
internal void __malloc_trace_line(const char *what, const void *p, size_t n,
                                  const void *q);

/* os_*.c: the only functions that know the system. */

/* Reserve readable, zero planes; sets start, idle, base and limit. */
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
/* A number that is hard to guess. */
uintptr_t __os_random(void);

#endif
