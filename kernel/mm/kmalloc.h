/*
 * Memory for kernel objects: slabs of equal objects carved from low frames,
 * and a general allocator over a set of such caches. Every frame taken is
 * charged first (mm/commit.h) and counted as FRAME_KERNEL.
 */
#ifndef MM_KMALLOC_H
#define MM_KMALLOC_H

#include "lib/types.h"

struct slab_cache;

/*
 * A cache of objects of `size` bytes at multiples of `align` (a power of
 * two, at most 64). `name` must live for ever. Static initialisation:
 *     static struct slab_cache area_cache = SLAB_CACHE("area", size, align);
 */
#define SLAB_CACHE(name_, size_, align_)                    \
    {                                                       \
        .name = (name_), .size = (size_), .align = (align_) \
    }

struct slab; /* one frame of objects; see kmalloc.c */

struct slab_cache {
    const char *name;        /* (c) */
    uint16_t size;           /* (c) bytes of one object as asked for */
    uint16_t align;          /* (c) */
    uint16_t stride;         /* (c) distance of objects, set at first use */
    uint16_t per_slab;       /* (c) objects in one slab, set at first use */
    struct slab *partial;    /* slabs with both free and used objects */
    struct slab *full;       /* slabs with no free object */
    struct slab *empty;      /* at most one slab kept in reserve */
    uint32_t nused;          /* objects handed out */
    uint32_t nslabs;         /* frames held */
    uint32_t nclaimed;       /* of nused, those that kmalloc_claim was told */
    struct slab_cache *next; /* chain of caches ever used */
};

/* An object with undefined contents, or NULL when memory is short. */
void *slab_alloc(struct slab_cache *cache) must_check;

/* An object filled with zeros, or NULL. */
void *slab_zalloc(struct slab_cache *cache) must_check;

/* Give an object back to its cache; a double or foreign free panics. */
void slab_free(struct slab_cache *cache, void *object);

/*
 * `nbytes` (up to 2 MiB) aligned to 8, or NULL when memory is short; 0 bytes
 * give the smallest object. From half a page up, whole frames are used, and a
 * power of two of them. kfree(NULL) does nothing.
 */
void *kmalloc(size_t nbytes) must_check;
void *kzalloc(size_t nbytes) must_check;
void kfree(void *p);

/* Give reserved empty slabs back; returns the number of frames freed. */
size_t kmalloc_shrink(void);

/*
 * Before memory is counted for others to see: in a kernel that keeps freed
 * objects for a while (KASAN), let them go.
 */
void kmalloc_settle(void);

/* Walk all caches: NULL, or what is broken. */
const char *kmalloc_check(void);

/* Objects in use over all caches, and frames held. For leak checks. */
size_t kmalloc_nobjects(void);
size_t kmalloc_nframes(void);

/*
 * For leak checks that look for owners. kmalloc_claim says that an object is
 * in use for a known reason: it counts in its cache's nclaimed, and a block of
 * whole frames in kmalloc_large_claimed. kmalloc_claim_none starts at zero.
 */
void kmalloc_claim_none(void);
void kmalloc_claim(const void *object);

/* Frames of the blocks of whole frames: handed out, and claimed of these. */
size_t kmalloc_large(void);
size_t kmalloc_large_claimed(void);

/* Call `visit` for every object of a cache that is handed out. */
void slab_each(const struct slab_cache *cache,
               void (*visit)(void *object, void *ctx), void *ctx);

/*
 * Say of any address in low memory which object of which cache it is in, as
 * text to append to a sentence; an empty text if it is in none.
 */
void kmalloc_describe(const void *at, char *text, size_t size);

/* Call `visit` for every cache ever used. */
void kmalloc_each(void (*visit)(const struct slab_cache *cache, void *ctx),
                  void *ctx);

#endif
