/*
 * The heap's structures and the operations on its map; README.md draws them.
 *
 *     granule   16 bytes; memory is counted in them, from `base` on
 *     unit      64 granules, 1 KiB
 *     block     a row of granules; it has no header, and ends where the next
 *               one starts
 *     live      a block that the program has, or that the heap keeps for itself
 *     hole      any other block; its first words are links
 *     small     a block of at most 64 granules
 *     bin       holes of one length, or when not small of similar length
 *     map       two planes of one bit a granule, `start` and `live`, and one
 *               byte a unit, `hint`
 *     segment   one stretch of memory from the system; the granules at its
 *               two ends are its edges
 *     top       the unused end of the newest segment
 *     spot      the hole that was cut last; it is in no bin
 *     mapping   a block of 1 MiB and more that has pages of its own; the map
 *               does not know it, a table does
 *     pass      a walk through the heap that joins holes, in steps
 *
 *     start live
 *     1     1    a live block starts here
 *     1     0    a hole, the top or an edge starts here
 *     0     0    inside of a block, or not ours
 *
 * So a free of anything but the start of a live block is found out by one bit,
 * and malloc and free change that bit.
 *
 * The hint of a unit is the length of all small blocks that start in it, and 0
 * where they differ or a longer one starts; it may be 0 without reason.  A
 * unit inside of a block has no use for its hint: the first and the last of
 * them say how many there are, so that a block's length is found from both
 * ends.  Where there are many, LONG_MARK says that the length itself follows.
 * Other units may still have what they had: a hint of this kind is only read
 * where nothing starts.
 */
#ifndef MALLOC_INTERNAL_H
#define MALLOC_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <stdbool.h>
#include <string.h>

#define GRAIN       16u
#define GRAIN_SHIFT 4
#define UNIT        64u
#define UNIT_SHIFT  6
/* The longest small block. */
#define SMALL 64u
/* The hint of a unit inside of a block: this and the number of them. */
#define INSIDE 128u
/* The hint where there are more than can be counted, or LONG_UNITS. */
#define LONG_MARK  255u
#define LONG_UNITS 10u
/* Largest request. */
#define REQUEST_MAX ((size_t)0x7fff0000)
/* From here on, and where growth would copy half of it, a mapping. */
#define MAP_MIN ((size_t)1 << 20)
#define PAGE    ((size_t)4096)

/* A heap this short gives nothing back: 64 KiB, in granules. */
#define SMALL_HEAP 4096

/* Holes that are not small and wait for the next request of their length. */
#define KEPT     8
#define KEPT_MAX 1040u

#define BINS     256
#define SEGMENTS 64
/* Granules that the first map covers, which is part of struct heap. */
#define FIRST_COVER 4096u
/* Bytes behind each part of the map that may be looked at. */
#define MAP_SPARE 16u
/* Mappings that need no table of their own. */
#define FIRST_TABLE 16u
/* Freed mappings that are remembered. */
#define UNMAPPED 16u
/* Blocks of no bytes on pages that cannot be touched. */
#define ZERO_BLOCKS 4096u

#define likely(x)   __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define hot         __attribute__((hot))
#define cold        __attribute__((__cold__, noinline))
/* Called seldom: short code is worth more than fast code. */
#define seldom __attribute__((__cold__))
/* Called as if from elsewhere: the fast path keeps no register for it. */
#define apart __attribute__((noipa))

/* How the parts of the allocator call each other. */
#ifdef __i386__
#    define internal __attribute__((regparm(3), visibility("hidden")))
#else
#    define internal __attribute__((visibility("hidden")))
#endif

/* Ends a bin: no granule has this number. */
#define EMPTY ((size_t)-1)
/* The first word of an edge: not a link either. */
#define EDGE ((size_t)-2)

/*
 * The first bytes of a hole: numbers of granules.  In a small one there is
 * only `next`, mixed with its own number and one that is hard to guess: what a
 * program writes there after free leads nowhere.
 */
struct hole {
    size_t next, prev, n;
    bool is_dropped; /* of DROP_MIN granules and more: its pages are gone */
};

/* The shortest hole whose pages may be given back: 4 pages. */
#define DROP_MIN 1024u

/* Granules [first, fence) of one piece of memory; by address. */
struct segment {
    size_t first, fence;
    bool is_mapped; /* from mmap, not from sbrk */
};

/* An entry of the table, empty if nbytes is 0. */
struct mapping {
    uintptr_t at;
    size_t nbytes;
};

/*
 * All state.  `limit` is 0 before the first call and in the modes that look at
 * every call, so that malloc() and free() take the slow way.
 */
struct heap {
    size_t bin[BINS]; /* a granule, or EMPTY; see `filled` */
    uintptr_t base;   /* address of granule 0 */
    size_t limit;     /* granules that the fast paths may use */
    uint32_t *live, *start;
    uint8_t *hint;
    uintptr_t key;
    long spare;            /* live blocks above `low`; below 0: give back */
    size_t spot, spot_end; /* both 0, or a hole after the cursor */
    long nblocks;          /* live ones, and small holes in bins */
    /* Blocks to cut at the next refill; at most 1: cut it off the spot. */
    uint8_t batch[SMALL + 1];

    long low;
    long lone;    /* small holes that the last pass could not join */
    size_t cover; /* granules that the map covers */
    /* The next block of a pass, 0: none.  Small holes from here on are in no
     * bin; see pass.c. */
    size_t cursor;
    bool is_ready, is_checking, is_tracing, is_locking;
    bool is_listing;     /* at exit, what was not freed */
    bool is_releasing;   /* the pass gives pages back */
    bool is_extending;   /* the block before the top: nothing goes between */
    size_t top, top_end; /* the rest of the newest segment */
    struct kept {        /* by length */
        size_t i, n;     /* 0, or a hole of KEPT_MAX at most */
    } kept[KEPT];
    size_t fresh;          /* top memory from here on is zero */
    size_t ngrains;        /* of all segments */
    size_t peak;           /* their most */
    size_t slack, trimmed; /* top bytes that stay; size before the last trim */
    size_t map_block;      /* the live block that holds the map, or 0 */
    size_t area_bytes[3];  /* of start, live and hint, if they are mapped */
    size_t table_block;    /* the live block that holds the table, or 0 */
    struct mapping *table; /* by a hash of the address */
    size_t room;           /* of the table: a power of two */
    size_t nmapped, mapped_bytes;
    uintptr_t unmapped[UNMAPPED]; /* mappings that were freed last */
    unsigned next_unmapped;
    unsigned nsegments, newest;
    uintptr_t zero_pages; /* of blocks of no bytes, or 0 */
    size_t nzero;         /* live ones */
    size_t zero_next;     /* the first to be tried */
    size_t floor_block;   /* a canary below all blocks, when checking */
    /*
     * Of small bins a bit may say in vain that there are holes, and not say it
     * of those that were freed; of others it is exact, and without it their
     * entry of `bin` says nothing.
     */
    uint32_t filled[BINS / 32];
    struct segment segment[SEGMENTS];
    uint32_t zero_used[ZERO_BLOCKS / 32];
    struct mapping first_table[FIRST_TABLE];
    uint8_t first_hint[FIRST_COVER / UNIT + MAP_SPARE];
    uint32_t first_start[(FIRST_COVER / 8 + MAP_SPARE) / 4];
    uint32_t first_live[(FIRST_COVER / 8 + MAP_SPARE) / 4];
};

extern struct heap __heap;

/* Of an address that is not at a granule, a number beyond all of them. */
static inline size_t grain_of(const struct heap *h, const void *p)
{
    uintptr_t at = (uintptr_t)p - h->base;

    return at >> GRAIN_SHIFT | at << (8 * sizeof at - GRAIN_SHIFT);
}

static inline void *grain_at(const struct heap *h, size_t i)
{
    return (void *)((i << GRAIN_SHIFT) + h->base);
}

static inline struct hole *hole_at(const struct heap *h, size_t i)
{
    return grain_at(h, i);
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

static inline bool is_start(const struct heap *h, size_t i)
{
    return i < h->cover && bit_get(h->start, i);
}

static inline bool is_live(const struct heap *h, size_t i)
{
    return i < h->cover && bit_get(h->live, i);
}

/* A hole, the top or an edge. */
static inline bool is_idle(const struct heap *h, size_t i)
{
    return is_start(h, i) && !bit_get(h->live, i);
}

/* A hole, where a block starts. */
static inline bool is_hole(const struct heap *h, size_t i)
{
    return !bit_get(h->live, i) && i != h->top &&
           (i == h->spot ? i != 0 : hole_at(h, i)->next != EDGE);
}

/* In a pass, a small hole here is in no bin, and nothing is joined. */
static inline bool is_ahead(const struct heap *h, size_t i)
{
    return h->cursor != 0 && i >= h->cursor;
}

/* A live block that is the heap's own. */
static inline bool is_own(const struct heap *h, size_t i)
{
    return i == h->map_block || i == h->table_block || i == h->floor_block;
}

static inline long live_count(const struct heap *h)
{
    return h->spare + h->low + 1;
}

/* Put a marked small hole into its bin. */
static inline void bin_push(struct heap *h, size_t i, size_t n)
{
    hole_at(h, i)->next = i ^ h->bin[n] ^ h->key;
    h->bin[n] = i;
}

/* ---- map.c -----------------------------------------------------------------
 *
 * The length of the block that starts at i; the start of the one that ends
 * there.
 */
internal size_t __map_length(const struct heap *h, size_t i);
internal size_t __map_before(const struct heap *h, size_t i);
/* The same where a long block is likely. */
static inline size_t map_length_long(const struct heap *h, size_t i)
{
    const uint32_t *start = &h->start[i >> 5];
    size_t k = (i >> UNIT_SHIFT) + 1;
    uint32_t n;

    if (*start >> (i & 31) != 1 || start[1] != 0 ||
        (h->start[2 * k] | h->start[2 * k + 1]) != 0 ||
        h->hint[k] != LONG_MARK || i == h->spot)
        return __map_length(h, i);
    memcpy(&n, &h->hint[k + 1], sizeof n);
    return n;
}

static inline size_t map_before_long(const struct heap *h, size_t i)
{
    const uint32_t *start = &h->start[i >> 5];
    size_t k = i >> UNIT_SHIFT;
    uint32_t n;

    if ((*start & ~(~0u << (i & 31))) != 0 || k < LONG_UNITS ||
        (h->start[2 * k - 2] | start[-1]) != 0 ||
        ((i & 32) != 0 && start[-2] != 0) || h->hint[k - 1] != LONG_MARK ||
        i == h->spot_end)
        return __map_before(h, i);
    memcpy(&n, &h->hint[k - 5], sizeof n);
    return i - n;
}

/* Write what hints inside of a block that is not small say. */
internal void __map_hint_inside(struct heap *h, size_t i, size_t n);
/* Hints for count blocks of n granules that follow each other. */
internal void __map_hint(struct heap *h, size_t i, size_t n, size_t count);
/*
 * Make the map cover the granules up to `end`.  It may take the first of the
 * free ones [*i, end), zeros from `zero` on, for itself; then *i is behind
 * them.  False: no memory.
 */
internal bool __map_extend(struct heap *h, size_t *i, size_t end, size_t zero);
/* Granules that it would take. */
internal size_t __map_need(const struct heap *h, size_t end);
/* Give back the pages of the map that are for granules from `end` on. */
internal void __map_drop(struct heap *h, size_t end);
/*
 * Forget all blocks of the one segment but the map's own: the first granule
 * above that.
 */
internal size_t __map_empty(struct heap *h, size_t first);

/* Mark n granules, of which nothing is marked, as one block, and undo it. */
static inline void map_mark(struct heap *h, size_t i, size_t n)
{
    uint8_t *hint = &h->hint[i >> UNIT_SHIFT];

    bit_set(h->start, i);
    if (*hint != n || n > SMALL)
        *hint = 0;
    if (n > SMALL)
        __map_hint_inside(h, i, n);
}

static inline void map_unmark(struct heap *h, size_t i)
{
    bit_clear(h->start, i);
}

/* ---- the spot --------------------------------------------------------------
 *
 * The spot begins at i instead.
 */
static inline void spot_move(struct heap *h, size_t i)
{
    bit_clear(h->start, h->spot);
    bit_set(h->start, i);
    h->spot = i;
}

/* Whether it has more than n granules, and no batch of them is due. */
static inline bool spot_is_for(const struct heap *h, size_t n)
{
    return h->batch[n] <= 1 && h->spot_end - h->spot > n;
}

/* Its first n granules become a live block. */
static inline void *spot_alloc(struct heap *h, size_t n)
{
    size_t i = h->spot;
    uint8_t *hint = &h->hint[i >> UNIT_SHIFT];

    if (*hint != n)
        *hint = 0;
    h->spot = i + n;
    bit_set(h->start, i + n);
    bit_set(h->live, i);
    h->batch[n] = 2;
    h->nblocks++;
    h->spare++;
    return grain_at(h, i);
}

/* ---- bin.c: the holes ------------------------------------------------------
 *
 * Make a hole of n unmarked granules; take a hole out and unmark it, false if
 * it cannot be found in its bin at once; find the best hole of n granules and
 * more and take it out, 0 if there is none.
 */
internal void __bin_put(struct heap *h, size_t i, size_t n);
/* Make n unmarked granules free, joined with the holes around them. */
internal void __bin_give(struct heap *h, size_t i, size_t n);
/*
 * Make n granules, more than a small block, of the best hole a live block; what
 * is over stays a hole.  0: there is none.
 */
internal size_t __bin_cut(struct heap *h, size_t n);
internal bool __bin_remove(struct heap *h, size_t i, size_t n);
internal size_t __bin_take(struct heap *h, size_t n, size_t *length);
/* The same of a hole that is not small. */
internal size_t __bin_take_long(struct heap *h, size_t *length);
/* Make a hole of n unmarked granules, or nothing, the spot; end it. */
internal void __bin_put_spot(struct heap *h, size_t i, size_t n);
internal void __bin_end_spot(struct heap *h);
/* One that is not small leaves its list, but stays marked. */
internal void __bin_unlink(struct heap *h, size_t i, size_t n);
/* Take the first hole out of a small bin, 0: none. */
internal size_t __bin_pop(struct heap *h, size_t n);
internal void __bin_forget(struct heap *h);
/* The first filled bin from k on, or BINS. */
internal unsigned __bin_next(const struct heap *h, unsigned k);

/* ---- top.c: what comes from the system and goes back -----------------------
 */
internal void __top_move(struct heap *h, size_t top);
internal bool __top_grow(struct heap *h, size_t n);
internal void __top_trim(struct heap *h, size_t keep);
/* The pages of a hole; those of the top that were written to. */
internal void __top_drop_hole(struct heap *h, size_t i, size_t n);
internal void __top_drop(struct heap *h);

/* ---- pass.c ----------------------------------------------------------------
 *
 * Begin a pass; do a step of it; do all of it.
 */
internal void __pass_begin(struct heap *h);
internal void __pass_step(struct heap *h);
internal void __pass_all(struct heap *h);
/* Whether a pass is worth its cost when `room` granules are left. */
internal bool __pass_is_due(const struct heap *h, size_t room);
/* The fast paths may use what is covered and behind the cursor. */
internal void __pass_set_limit(struct heap *h);
/* Live blocks fell to the low mark. */
internal void __pass_free_event(struct heap *h);
internal void __pass_raise_low(struct heap *h);

/* ---- big.c: mappings -------------------------------------------------------
 *
 * The entry of the mapping at p, or NULL.
 */
internal struct mapping *__big_find(const struct heap *h, const void *p);
internal void *__big_alloc(struct heap *h, size_t nbytes);
internal void __big_free(struct heap *h, struct mapping *m);
internal void *__big_resize(struct heap *h, struct mapping *m, size_t nbytes);

/* ---- zero.c: blocks of no bytes --------------------------------------------
 *
 * NULL: there are no more.
 */
internal void *__zero_alloc(struct heap *h);
/* Return whether p is a live one; end the process if it was one or never is. */
internal bool __zero_has(const struct heap *h, const void *p);
internal void __zero_free(struct heap *h, const void *p);
internal void __zero_walk(struct heap *h,
                          void (*call)(struct heap *h, void *p, size_t n));

/* ---- heap.c: everything below expects the lock -----------------------------
 */
internal bool __heap_ready(struct heap *h);
internal void *__heap_alloc(struct heap *h, size_t nbytes, bool *is_zero);
internal void *__heap_alloc_aligned(struct heap *h, size_t align,
                                    size_t nbytes);
/* n granules as a live block that is the heap's own; 0: no memory. */
internal size_t __heap_take_own(struct heap *h, size_t n);
internal void __heap_give_own(struct heap *h, size_t i);
internal void __heap_free(struct heap *h, void *p);
/* Free the block of n granules at i, whose live bit is cleared already. */
internal void __heap_release(struct heap *h, size_t i, size_t n);
internal void *__heap_resize(struct heap *h, void *p, size_t nbytes);
/* The same of a live block of `old` granules. */
internal void *__heap_resize_to(void *p, size_t n, size_t old);
/* Make ordinary holes of those that are kept: of so many, joined with what is
 * around them; 0: of all, as they are. */
internal void __heap_end_kept(struct heap *h, int joined);
internal size_t __heap_usable(const struct heap *h, const void *p);
internal _Noreturn void __heap_die(const char *what, const void *p);
/* The same of an address in a block of so many bytes. */
internal _Noreturn void __heap_die_in(const char *what, const void *p,
                                      const void *block, size_t nbytes);

/* Granules, none of which are shared: four words at a time. */
static inline void copy_grains(void *to, const void *from, size_t n)
{
#ifdef __i386__
    n *= GRAIN / 4;
    __asm__ volatile("rep movsl" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
#else
    memcpy(to, from, n * GRAIN);
#endif
}

static inline void fill_words(void *to, size_t n, uint32_t with)
{
#ifdef __i386__
    __asm__ volatile("rep stosl" : "+D"(to), "+c"(n) : "a"(with) : "memory");
#else
    for (uint32_t *word = to; n > 0; n--)
        *word++ = with;
#endif
}

/* memset() by a name that keeps the compiler from writing its loop. */
void *__malloc_fill(void *, int, size_t) __asm__("memset");

static inline void clear_grains(void *to, size_t n)
{
    if (n <= SMALL)
        fill_words(to, n * GRAIN / 4, 0);
    else
        __malloc_fill(to, 0, n * GRAIN);
}

/* api.c: the slow ways of malloc and free, called by the fast ones. */
__attribute__((visibility("hidden"))) void *__malloc_slow(size_t nbytes);
__attribute__((visibility("hidden"))) void __malloc_free_slow(void *p);
__attribute__((visibility("hidden"))) void *__malloc_resize_slow(void *p,
                                                                 size_t nbytes);
/* The live bit is cleared, and the length is not known. */
__attribute__((visibility("hidden"))) void __malloc_free_longer(void *p);
__attribute__((visibility("hidden"))) void __malloc_free_event(void);

/* walk.c: call for each live block that is not the heap's own. */
internal void __walk_live(struct heap *h,
                          void (*call)(struct heap *h, void *p, size_t n));

/* check.c: the same calls when MALLOC_CONF asks for more. */
internal void *__check_alloc(struct heap *h, size_t align, size_t nbytes);
internal void __check_free(struct heap *h, void *p);
internal void *__check_resize(struct heap *h, void *p, size_t nbytes);
/* Look at a block; false if it waits in the ring. *n is what was asked for. */
internal bool __check_look(const struct heap *h, void *p, size_t *n);
/* Bytes of freed blocks that wait in the ring, live in the map. */
internal size_t __check_waiting(void);
/* Look at what lies below the first block. */
internal void __check_floor(const struct heap *h);
internal size_t __check_usable(const struct heap *h, const void *p);
internal void __malloc_trace_line(const char *what, const void *p, size_t n,
                                  const void *q);

/* os_*.c: the only functions that know the system. */

/* sbrk: the old break, or NULL. */
void *__os_sbrk(intptr_t nbytes);
/* Zeroed private memory at a page, or NULL. */
void *__os_map(size_t nbytes);
void __os_unmap(void *from, size_t nbytes);
/* mremap: growing may move it, shrinking does not.  NULL: it did not work. */
void *__os_remap(void *from, size_t old_bytes, size_t new_bytes);
/* Give back the content of whole pages; they read as zeros afterwards. */
void __os_drop(void *from, size_t nbytes);
void __os_guard(void *from, size_t nbytes);
/* A number that is hard to guess. */
uintptr_t __os_random(void);

#endif
