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
 * Frames charged for by all such objects, pages that outlive theirs not
 * included, and low ones for their tables; for the global invariant.
 */
void shmem_total_charges(size_t *user, size_t *low);

#endif
