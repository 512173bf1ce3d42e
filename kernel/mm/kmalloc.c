/*
 * Slabs. A slab is one low frame: a header, then objects of one cache at
 * equal distances.
 *
 *     +--------+--------+----------+----------+-----+----------+-----+
 *     | header | bitmap | object 0 | object 1 | ... | object n | gap |
 *     +--------+--------+----------+----------+-----+----------+-----+
 *     0                 first                                     4096
 *
 * The header sits at the start of the frame, so an object's slab is found by
 * masking its address, and no object is ever page-aligned: that is how kfree
 * tells an object of a slab from a block of whole frames.
 *
 * Free objects are chained through their first word. The bitmap has a bit for
 * each object that is handed out; it is what catches a double free, also one
 * after the object's memory was scribbled over.
 *
 * Each cache keeps its slabs on lists: partial (some objects free, and where
 * slab_alloc looks first), full, and at most one empty slab in reserve, so
 * that an object taken and given back in turn does not cost a frame each time.
 *
 * Invariants, walked by kmalloc_check: a slab on `partial` has 0 < used <
 * per_slab, on `full` used = per_slab, the one in `empty` used = 0; the bits
 * set and the free chain add up to per_slab and never name the same object;
 * nused and nslabs are the sums. One frame is charged low for every slab.
 */
#include "arch/i386/window.h"
#include "lib/bits.h"
#include "lib/compiler.h"
#include "lib/kasan.h"
#include "lib/list.h"
#include "lib/panic.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/inject.h"
#include "mm/kmalloc.h"
#include "mm/quarantine.h"

#define BITS_PER_WORD 32
#define SLAB_MAGIC    0x51ab51abu
#define MIN_ALIGN     (KASAN_ROOM > 0 ? KASAN_GRANULE : sizeof(void *))

struct slab {
    struct slab *next;        /* on one of the cache's lists */
    struct slab **link;       /* the pointer that points here */
    struct slab_cache *cache; /* (c) */
    void *free;               /* first free object, NULL when full */
    uint32_t magic;           /* (c) SLAB_MAGIC */
    uint16_t nused;           /* objects handed out */
    uint16_t first;           /* (c) offset of the first object */
    uint32_t used[];          /* a bit for each object handed out */
};

/* Caches of kmalloc, by size. Strides fill a slab with little left over. */
#define KMALLOC_CACHE(size) SLAB_CACHE("kmalloc-" #size, size, 8)

static struct slab_cache kmalloc_caches[] = {
    KMALLOC_CACHE(16),  KMALLOC_CACHE(32),   KMALLOC_CACHE(48),
    KMALLOC_CACHE(64),  KMALLOC_CACHE(96),   KMALLOC_CACHE(128),
    KMALLOC_CACHE(192), KMALLOC_CACHE(256),  KMALLOC_CACHE(384),
    KMALLOC_CACHE(512), KMALLOC_CACHE(1008), KMALLOC_CACHE(2024)};

#define NKMALLOC_CACHES (sizeof kmalloc_caches / sizeof kmalloc_caches[0])
#define KMALLOC_MAX     ((size_t)PAGE_SIZE << (FRAME_MAX_ORDER - 1))

static struct slab_cache *all_caches; /* chain of caches ever used */
static size_t nlarge;                 /* blocks of whole frames handed out */
static size_t nlarge_frames;          /* frames of these */
static size_t nlarge_claimed;         /* of these frames, see kmalloc_claim */

static void slab_push(struct slab **list, struct slab *slab)
{
    slab->next = *list;
    slab->link = list;
    if (slab->next != NULL)
        slab->next->link = &slab->next;
    *list = slab;
}

static void slab_unlink(struct slab *slab)
{
    *slab->link = slab->next;
    if (slab->next != NULL)
        slab->next->link = slab->link;
}

static char *slab_object(const struct slab *slab, unsigned index)
{
    return (char *)slab + slab->first + index * slab->cache->stride;
}

static unsigned bitmap_words(unsigned nobjects)
{
    return bits_div_up32(nobjects, BITS_PER_WORD);
}

/* Where the first of `nobjects` lies behind header and bitmap. */
static unsigned first_offset(unsigned nobjects, unsigned align)
{
    return bits_round_up32(sizeof(struct slab) + 4 * bitmap_words(nobjects),
                           align);
}

/* Lay a cache out at its first use and chain it up. */
static void cache_set_up(struct slab_cache *cache)
{
    unsigned align = cache->align;
    unsigned stride, n;

    if (align < MIN_ALIGN)
        align = MIN_ALIGN;
    assert(bits_is_pow2(align) && align <= 64 && cache->size > 0);
    stride = bits_round_up32(cache->size + KASAN_ROOM, align);
    n = (PAGE_SIZE - sizeof(struct slab)) / stride;
    while (n > 0 && first_offset(n, align) + n * stride > PAGE_SIZE)
        n--;
    assert(n > 0);
    cache->align = (uint16_t)align;
    cache->stride = (uint16_t)stride;
    cache->per_slab = (uint16_t)n;
    cache->next = all_caches;
    all_caches = cache;
}

static struct slab *slab_create(struct slab_cache *cache)
{
    struct slab *slab;
    unsigned i;

    if (commit_charge_low(1) != 0)
        return NULL;
    slab = direct_map(commit_take_zeroed(FRAME_KERNEL));
    slab->cache = cache;
    slab->magic = SLAB_MAGIC;
    slab->nused = 0;
    slab->first = (uint16_t)first_offset(cache->per_slab, cache->align);
    memset(slab->used, 0, 4 * bitmap_words(cache->per_slab));
    slab->free = NULL;
    for (i = cache->per_slab; i-- > 0;) {
        void **object = (void **)slab_object(slab, i);

        *object = slab->free;
        slab->free = object;
    }
    kasan_poison(slab, slab->first & ~(KASAN_GRANULE - 1), KASAN_SLAB);
    kasan_poison(slab_object(slab, 0), PAGE_SIZE - slab->first, KASAN_UNUSED);
    cache->nslabs++;
    return slab;
}

static void slab_destroy(struct slab *slab)
{
    slab->cache->nslabs--;
    slab->magic = 0;
    commit_give(direct_pa(slab), FRAME_KERNEL);
    commit_uncharge_low(1);
}

/* Put a slab with free objects on `partial`, or return false. */
static bool cache_refill(struct slab_cache *cache)
{
    struct slab *slab = cache->empty;

    if (cache->stride == 0)
        cache_set_up(cache);
    if (slab != NULL)
        slab_unlink(slab);
    else
        slab = slab_create(cache);
    if (slab == NULL && quarantine_flush())
        return cache->partial != NULL || cache_refill(cache);
    if (slab == NULL)
        return false;
    slab_push(&cache->partial, slab);
    return true;
}

static unsigned index_of(const struct slab *slab, const void *object)
{
    size_t offset = (size_t)((const char *)object - (const char *)slab);

    return (unsigned)(offset - slab->first) / slab->cache->stride;
}

void *slab_alloc(struct slab_cache *cache)
{
    struct slab *slab = cache->partial;
    unsigned index;
    void **object;

    if (inject_fails())
        return NULL;
    if (unlikely(slab == NULL)) {
        if (!cache_refill(cache))
            return NULL;
        slab = cache->partial;
    }
    object = slab->free;
    index = index_of(slab, object);
    slab->free = *object;
    slab->used[index / BITS_PER_WORD] |= 1u << index % BITS_PER_WORD;
    slab->nused++;
    cache->nused++;
    if (slab->free == NULL) {
        slab_unlink(slab);
        slab_push(&cache->full, slab);
    }
    kasan_unpoison(object, cache->size);
    return object;
}

void *slab_zalloc(struct slab_cache *cache)
{
    void *object = slab_alloc(cache);

    if (object != NULL)
        memset(object, 0, cache->size);
    return object;
}

static struct slab *slab_of(const void *object)
{
    return (struct slab *)((uintptr_t)object & ~(uintptr_t)PAGE_MASK);
}

/* Panic unless `object` is one that `cache` handed out; return its index. */
static unsigned check_object(const struct slab_cache *cache,
                             const struct slab *slab, const char *object)
{
    unsigned index;

    if (unlikely(slab->magic != SLAB_MAGIC || slab->cache != cache ||
                 object < (const char *)slab + slab->first))
        panic("kmalloc: %p is no object of cache %s", object, cache->name);
    index = index_of(slab, object);
    if (unlikely(index >= cache->per_slab ||
                 object != slab_object(slab, index)))
        panic("kmalloc: %p is inside an object of %s", object, cache->name);
    if (unlikely(!(
            slab->used[index / BITS_PER_WORD] >> (index % BITS_PER_WORD) & 1)))
        panic("kmalloc: %p of cache %s freed twice", object, cache->name);
    return index;
}

/* A slab ran empty: keep it if the cache has no reserve. */
static void slab_retire(struct slab_cache *cache, struct slab *slab)
{
    slab_unlink(slab);
    if (cache->empty == NULL)
        slab_push(&cache->empty, slab);
    else
        slab_destroy(slab);
}

static inline void put_back(struct slab_cache *cache, struct slab *slab,
                            void *object, unsigned index)
{
    slab->used[index / BITS_PER_WORD] &= ~(1u << index % BITS_PER_WORD);
    if (slab->free == NULL) {
        slab_unlink(slab);
        slab_push(&cache->partial, slab);
    }
    *(void **)object = slab->free;
    slab->free = object;
    cache->nused--;
    if (--slab->nused == 0)
        slab_retire(cache, slab);
}

void slab_free(struct slab_cache *cache, void *object)
{
    struct slab *slab = slab_of(object);
    unsigned index = check_object(cache, slab, object);

    if (!quarantine_put(cache, object))
        put_back(cache, slab, object, index);
}

void slab_release(struct slab_cache *cache, void *object)
{
    struct slab *slab = slab_of(object);

    put_back(cache, slab, object, index_of(slab, object));
}

/*
 * Blocks of whole frames, for what is too large for a slab.
 */

/* Of `room` bytes at `p` the owner may touch `nbytes`. */
static void note_size(void *p, size_t room, size_t nbytes)
{
    kasan_poison(p, room, KASAN_REDZONE);
    kasan_unpoison(p, nbytes > 0 ? nbytes : 1);
}

static void *large_alloc(size_t nbytes)
{
    size_t npages = (nbytes + PAGE_MASK) >> PAGE_SHIFT;
    unsigned order = bits_log2_up32((uint32_t)npages);
    size_t nframes = (size_t)1 << order;
    paddr_t pa;

    if (commit_alloc_block(order, FRAME_KERNEL, &pa) != 0)
        return NULL;
    nlarge++;
    nlarge_frames += nframes;
    note_size(direct_map(pa), nframes << PAGE_SHIFT, nbytes);
    return direct_map(pa);
}

static unsigned large_order(const void *p)
{
    paddr_t pa = direct_pa(p);
    paddr_t cursor = pa;
    struct frame_info info;

    if (!frame_next(&cursor, &info) || info.pa != pa ||
        info.kind != FRAME_KERNEL)
        panic("kmalloc: %p is no block of frames", p);
    return info.order;
}

static void large_free(void *p)
{
    unsigned order = large_order(p);
    size_t nframes = (size_t)1 << order;

    commit_free_block(direct_pa(p), order);
    nlarge--;
    nlarge_frames -= nframes;
}

static struct slab_cache *cache_for(size_t nbytes)
{
    size_t i;

    for (i = 0; i < NKMALLOC_CACHES; i++)
        if (nbytes <= kmalloc_caches[i].size)
            return &kmalloc_caches[i];
    return NULL;
}

void *kmalloc(size_t nbytes)
{
    struct slab_cache *cache = cache_for(nbytes);
    void *p;

    if (cache != NULL) {
        p = slab_alloc(cache);
        if (KASAN_ROOM > 0 && p != NULL)
            note_size(p, cache->stride, nbytes);
        return p;
    }
    if (nbytes > KMALLOC_MAX)
        return NULL;
    return large_alloc(nbytes);
}

void *kzalloc(size_t nbytes)
{
    void *p = kmalloc(nbytes);

    if (p != NULL)
        memset(p, 0, nbytes);
    return p;
}

void kfree(void *p)
{
    struct slab *slab = slab_of(p);

    if (p == NULL)
        return;
    if ((void *)slab == p) {
        large_free(p);
        return;
    }
    if (slab->magic != SLAB_MAGIC || slab->cache < kmalloc_caches ||
        slab->cache >= kmalloc_caches + NKMALLOC_CACHES)
        panic("kmalloc: %p does not come from kmalloc", p);
    slab_free(slab->cache, p);
}

size_t kmalloc_shrink(void)
{
    struct slab_cache *cache;
    size_t nfreed = 0;

    (void)quarantine_flush();
    for (cache = all_caches; cache != NULL; cache = cache->next) {
        struct slab *slab = cache->empty;

        if (slab == NULL)
            continue;
        slab_unlink(slab);
        slab_destroy(slab);
        nfreed++;
    }
    return nfreed;
}

void kmalloc_settle(void)
{
    if (KASAN_ROOM > 0)
        (void)kmalloc_shrink();
}

size_t kmalloc_nobjects(void)
{
    const struct slab_cache *cache;
    size_t n = nlarge;

    for (cache = all_caches; cache != NULL; cache = cache->next)
        n += cache->nused;
    return n;
}

size_t kmalloc_nframes(void)
{
    const struct slab_cache *cache;
    size_t n = nlarge_frames;

    for (cache = all_caches; cache != NULL; cache = cache->next)
        n += cache->nslabs;
    return n;
}

void kmalloc_describe(const void *at, char *text, size_t size)
{
    const struct slab *slab = slab_of(at);
    unsigned index;
    ptrdiff_t offset;

    text[0] = '\0';
    if (slab->magic != SLAB_MAGIC ||
        (const char *)at < (const char *)slab + slab->first)
        return;
    index = index_of(slab, at);
    offset = (const char *)at - slab_object(slab, index);
    ksnprintf(text, size, ", byte %d of an object of cache %s (%u bytes)",
              (int)offset, slab->cache->name, slab->cache->size);
}

void kmalloc_each(void (*visit)(const struct slab_cache *, void *), void *ctx)
{
    const struct slab_cache *cache;

    for (cache = all_caches; cache != NULL; cache = cache->next)
        visit(cache, ctx);
}

static bool is_used(const struct slab *slab, unsigned index)
{
    return slab->used[index / BITS_PER_WORD] >> index % BITS_PER_WORD & 1;
}

/*
 * Who owns what.
 */

void kmalloc_claim_none(void)
{
    struct slab_cache *cache;

    for (cache = all_caches; cache != NULL; cache = cache->next)
        cache->nclaimed = 0;
    nlarge_claimed = 0;
}

void kmalloc_claim(const void *object)
{
    const struct slab *slab = slab_of(object);

    if ((const void *)slab == object)
        nlarge_claimed += (size_t)1 << large_order(object);
    else
        slab->cache->nclaimed++;
}

size_t kmalloc_large(void)
{
    return nlarge_frames;
}

size_t kmalloc_large_claimed(void)
{
    return nlarge_claimed;
}

static void each_on_list(const struct slab *list,
                         void (*visit)(void *object, void *ctx), void *ctx)
{
    const struct slab *slab;
    unsigned i;

    for (slab = list; slab != NULL; slab = slab->next)
        for (i = 0; i < slab->cache->per_slab; i++)
            if (is_used(slab, i))
                visit(slab_object(slab, i), ctx);
}

void slab_each(const struct slab_cache *cache,
               void (*visit)(void *object, void *ctx), void *ctx)
{
    each_on_list(cache->partial, visit, ctx);
    each_on_list(cache->full, visit, ctx);
}

/*
 * The walk.
 */

static const char *check_free_chain(const struct slab *slab)
{
    const struct slab_cache *cache = slab->cache;
    unsigned nfree = 0;
    void **object;

    for (object = slab->free; object != NULL; object = *object) {
        unsigned index = index_of(slab, object);

        if (slab_of(object) != slab || index >= cache->per_slab ||
            (char *)object != slab_object(slab, index))
            return "kmalloc: the free chain leaves the slab";
        if (is_used(slab, index))
            return "kmalloc: an object is free and handed out";
        if (++nfree > cache->per_slab)
            return "kmalloc: the free chain is a ring";
    }
    if (nfree + slab->nused != cache->per_slab)
        return "kmalloc: free and used objects do not add up";
    return NULL;
}

static const char *check_slab(const struct slab_cache *cache,
                              const struct slab *slab)
{
    unsigned nused = 0;
    unsigned i;

    if (slab->magic != SLAB_MAGIC || slab->cache != cache)
        return "kmalloc: a slab's header is damaged";
    if (*slab->link != slab)
        return "kmalloc: a slab's back link is wrong";
    for (i = 0; i < cache->per_slab; i++)
        nused += is_used(slab, i);
    if (nused != slab->nused)
        return "kmalloc: a slab's bitmap and count differ";
    return check_free_chain(slab);
}

/* Walk one list whose slabs have `least` to `most` objects handed out. */
static const char *check_list(const struct slab_cache *cache,
                              const struct slab *list, unsigned least,
                              unsigned most, uint32_t *nused, uint32_t *nslabs)
{
    const struct slab *slab;

    for (slab = list; slab != NULL; slab = slab->next) {
        const char *broken = check_slab(cache, slab);

        if (broken != NULL)
            return broken;
        if (slab->nused < least || slab->nused > most)
            return "kmalloc: a slab is on the wrong list";
        *nused += slab->nused;
        if (++*nslabs > cache->nslabs)
            return "kmalloc: more slabs on lists than counted";
    }
    return NULL;
}

static const char *check_cache(const struct slab_cache *cache)
{
    unsigned n = cache->per_slab;
    uint32_t nused = 0, nslabs = 0;
    const char *broken;

    broken = check_list(cache, cache->partial, 1, n - 1, &nused, &nslabs);
    if (broken == NULL)
        broken = check_list(cache, cache->full, n, n, &nused, &nslabs);
    if (broken == NULL)
        broken = check_list(cache, cache->empty, 0, 0, &nused, &nslabs);
    if (broken != NULL)
        return broken;
    if (cache->empty != NULL && cache->empty->next != NULL)
        return "kmalloc: more than one slab in reserve";
    if (nused != cache->nused || nslabs != cache->nslabs)
        return "kmalloc: a cache's counts are wrong";
    return NULL;
}

const char *kmalloc_check(void)
{
    const struct slab_cache *cache;

    for (cache = all_caches; cache != NULL; cache = cache->next) {
        const char *broken = check_cache(cache);

        if (broken != NULL)
            return broken;
    }
    return NULL;
}
