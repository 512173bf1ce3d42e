/* A ring of freed objects, bounded in number and in bytes. */
#include "mm/quarantine.h"

#include "lib/kasan.h"
#include "lib/panic.h"
#include "mm/kmalloc.h"

#define MAX_OBJECTS 1024u
#define MAX_BYTES   (128u * 1024)

static struct {
    struct slab_cache *cache;
    void *object;
} ring[MAX_OBJECTS];

static unsigned oldest, count;
static size_t nbytes;

static void let_go(void)
{
    struct slab_cache *cache = ring[oldest].cache;
    void *object = ring[oldest].object;

    oldest = (oldest + 1) % MAX_OBJECTS;
    count--;
    nbytes -= cache->stride;
    slab_release(cache, object);
}

bool quarantine_put(struct slab_cache *cache, void *object)
{
    unsigned at;

    if (kasan_shadow_of(object) == KASAN_FREED)
        panic("kmalloc: %p of cache %s freed twice", object, cache->name);
    kasan_poison(object, cache->stride, KASAN_FREED);
    while (count == MAX_OBJECTS || nbytes > MAX_BYTES)
        let_go();
    at = (oldest + count) % MAX_OBJECTS;
    ring[at].cache = cache;
    ring[at].object = object;
    count++;
    nbytes += cache->stride;
    return true;
}

bool quarantine_flush(void)
{
    bool any = count > 0;

    while (count > 0)
        let_go();
    return any;
}
