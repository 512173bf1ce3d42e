/*
 * Shared anonymous memory: an object with pages of zeros and no name, made by
 * mmap with MAP_SHARED | MAP_ANONYMOUS and shared by fork.
 */
#ifndef MM_SHMEM_H
#define MM_SHMEM_H

#include "lib/types.h"
#include "mm/object.h"

/*
 * An object of `npages` with one reference. All pages are charged for now;
 * with `noreserve` each when it is first touched. -ENOMEM.
 */
int shmem_create(size_t npages, bool noreserve,
                 struct mobject **out) must_check;

/*
 * Call on_area(owner, by) whenever an area that maps the object comes (1) or
 * goes (-1); the object may be given back meanwhile. NULL ends it.
 */
typedef void shmem_area_fn(void *owner, int by);
void shmem_set_owner(struct mobject *obj, shmem_area_fn *on_area, void *owner);

/* The owner, if the object is of shared memory and has that function. */
void *shmem_owner(const struct mobject *obj, shmem_area_fn *on_area);

/* Pages that were touched. */
size_t shmem_resident(struct mobject *obj);

/*
 * For leak checks: claim what the object has allocated. Return the pages that
 * it is charged for; *low: low frames, which it has and is charged for.
 */
size_t shmem_claim(struct mobject *obj, size_t *low);

/*
 * Frames charged for by all such objects, pages that outlive theirs not
 * included, and low ones for their tables; for the global invariant.
 */
void shmem_total_charges(size_t *user, size_t *low);

#endif
