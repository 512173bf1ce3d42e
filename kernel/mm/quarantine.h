/*
 * Freed objects that are kept a while before they can be had again, so that
 * who still uses one is caught (make KASAN=1). Without KASAN there is none.
 */
#ifndef MM_QUARANTINE_H
#define MM_QUARANTINE_H

#include "lib/types.h"

struct slab_cache;

#ifdef KASAN

/*
 * Keep a freed object; the oldest ones go back to their caches. Panics if it
 * is there already. Always true: the object is no longer the caller's.
 */
bool quarantine_put(struct slab_cache *cache, void *object);

/* Give all of them back; returns whether there were any. */
bool quarantine_flush(void);

#else

static inline bool quarantine_put(struct slab_cache *cache, void *object)
{
    (void)cache, (void)object;
    return false;
}

static inline bool quarantine_flush(void)
{
    return false;
}

#endif

/* Put an object that leaves the quarantine among the free ones. */
void slab_release(struct slab_cache *cache, void *object);

#endif
