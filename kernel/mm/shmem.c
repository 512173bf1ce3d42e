/*
 * Shared anonymous memory.
 *
 *     object -> chunks[0 .. n) -> frame numbers, 1,024 each -> frames
 *
 * Chunks are low frames and made with the object, so that bringing in a page
 * needs no memory but the page. A frame number of 0 means that the page was
 * not touched yet: frame 0 is never handed out.
 *
 * Charges: every page of the object from the start; or, if it was made
 * without reserve, each page with its frame. The object's reference to a
 * frame is dropped with commit_put_file, so a frame that is still mapped
 * somewhere keeps its charge until it is let go of there.
 */
#include <cairn/errno.h>

#include "arch/i386/window.h"
#include "lib/bits.h"
#include "lib/checkpoint.h"
#include "lib/list.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/kmalloc.h"
#include "mm/shmem.h"

#define CHUNK_SHIFT 10
#define CHUNK_PAGES (1u << CHUNK_SHIFT)
#define CHUNK_MASK  (CHUNK_PAGES - 1)

struct shmem {
    struct mobject object;
    size_t npages;          /* (c) */
    size_t nchunks;         /* (c) */
    size_t nframes;         /* pages that were touched */
    bool noreserve;         /* (c) */
    uint32_t **chunks;      /* (c) tables of frame numbers */
    shmem_area_fn *on_area; /* see shmem_set_owner */
    void *owner;
};

static size_t total_user, total_low;

static struct shmem *shmem_of(struct mobject *obj)
{
    return container_of(obj, struct shmem, object);
}

static int shmem_page(struct mobject *obj, uint64_t index, bool write,
                      paddr_t *pa)
{
    struct shmem *shmem = shmem_of(obj);
    uint32_t *slot;

    (void)write;
    if (index >= shmem->npages)
        return -ENXIO;
    slot = &shmem->chunks[index >> CHUNK_SHIFT][index & CHUNK_MASK];
    if (*slot == 0) {
        if (shmem->noreserve) {
            if (commit_charge(1) != 0)
                return -ENOMEM;
            total_user++;
        }
        *pa = commit_take_zeroed(FRAME_FILE);
        *slot = (uint32_t)(*pa >> PAGE_SHIFT);
        shmem->nframes++;
    }
    *pa = (paddr_t)*slot << PAGE_SHIFT;
    frame_get(*pa);
    return 0;
}

static void free_chunks(struct shmem *shmem, size_t nchunks)
{
    size_t i;

    for (i = 0; i < nchunks; i++)
        commit_give(direct_pa(shmem->chunks[i]), FRAME_KERNEL);
    commit_uncharge_low(shmem->nchunks);
    total_low -= shmem->nchunks;
    kfree(shmem->chunks);
}

static void shmem_release(struct mobject *obj)
{
    struct shmem *shmem = shmem_of(obj);
    size_t i;

    for (i = 0; i < shmem->nchunks * CHUNK_PAGES; i++) {
        uint32_t nr = shmem->chunks[i >> CHUNK_SHIFT][i & CHUNK_MASK];

        if (nr != 0)
            commit_put_file((paddr_t)nr << PAGE_SHIFT);
        if (unlikely(i % CHUNK_PAGES == CHUNK_PAGES - 1))
            checkpoint();
    }
    if (shmem->noreserve) {
        total_user -= shmem->nframes;
    } else {
        total_user -= shmem->npages;
        commit_uncharge(shmem->npages - shmem->nframes);
    }
    free_chunks(shmem, shmem->nchunks);
    kfree(shmem);
}

static void shmem_count_area(struct mobject *obj, int by)
{
    struct shmem *shmem = shmem_of(obj);

    if (shmem->on_area != NULL)
        shmem->on_area(shmem->owner, by);
}

static const struct mobject_ops shmem_ops = {.page = shmem_page,
                                             .release = shmem_release,
                                             .count_area = shmem_count_area};

void shmem_set_owner(struct mobject *obj, shmem_area_fn *on_area, void *owner)
{
    shmem_of(obj)->on_area = on_area;
    shmem_of(obj)->owner = owner;
}

void *shmem_owner(const struct mobject *obj, shmem_area_fn *on_area)
{
    const struct shmem *shmem = container_of(obj, struct shmem, object);

    if (obj->ops != &shmem_ops || shmem->on_area != on_area)
        return NULL;
    return shmem->owner;
}

size_t shmem_resident(struct mobject *obj)
{
    return shmem_of(obj)->nframes;
}

size_t shmem_claim(struct mobject *obj, size_t *low)
{
    struct shmem *shmem = shmem_of(obj);

    kmalloc_claim(shmem);
    kmalloc_claim(shmem->chunks);
    *low = shmem->nchunks;
    return shmem->noreserve ? shmem->nframes : shmem->npages;
}

/* Charge for, and take, the tables. */
static int make_chunks(struct shmem *shmem)
{
    size_t i;

    shmem->chunks = kmalloc(shmem->nchunks * sizeof(uint32_t *));
    if (shmem->chunks == NULL)
        return -ENOMEM;
    if (commit_charge_low(shmem->nchunks) != 0) {
        kfree(shmem->chunks);
        return -ENOMEM;
    }
    total_low += shmem->nchunks;
    for (i = 0; i < shmem->nchunks; i++) {
        shmem->chunks[i] = direct_map(commit_take(FRAME_KERNEL));
        memset(shmem->chunks[i], 0, PAGE_SIZE);
        if (unlikely(i % 32 == 31))
            checkpoint();
    }
    return 0;
}

int shmem_create(size_t npages, bool noreserve, struct mobject **out)
{
    struct shmem *shmem = kzalloc(sizeof *shmem);

    if (shmem == NULL)
        return -ENOMEM;
    mobject_init(&shmem->object, &shmem_ops);
    shmem->npages = npages;
    shmem->nchunks = (npages + CHUNK_MASK) >> CHUNK_SHIFT;
    shmem->noreserve = noreserve;
    if (make_chunks(shmem) != 0)
        goto err_shmem;
    if (!noreserve && commit_charge(npages) != 0)
        goto err_chunks;
    if (!noreserve)
        total_user += npages;
    *out = &shmem->object;
    return 0;

err_chunks:
    free_chunks(shmem, shmem->nchunks);
err_shmem:
    kfree(shmem);
    return -ENOMEM;
}

void shmem_total_charges(size_t *user, size_t *low)
{
    *user = total_user;
    *low = total_low;
}
