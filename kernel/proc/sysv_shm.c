/*
 * System V's shared memory (shmop(2)).
 *
 * A segment is shared anonymous memory (mm/shmem.h) with a number. Areas that
 * map it are its attachments: the memory tells when one comes or goes, also by
 * fork, exec, exit and munmap. A segment that is removed keeps its number, but
 * not its key, until the last attachment has gone.
 */
#include <cairn/errno.h>
#include <cairn/shm.h>

#include "fs/claim.h"
#include "fs/ramdata.h"
#include "lib/checkpoint.h"
#include "mm/frame.h"
#include "mm/kmalloc.h"
#include "mm/shmem.h"
#include "mm/space.h"
#include "proc/process.h"
#include "proc/sysv.h"

struct segment {
    struct sysv_object common;
    struct mobject *pages; /* counted */
    uint32_t nbytes;       /* (c) */
    uint32_t nattached;
    uint64_t atime, dtime;
    int creator, last;
    bool doomed; /* goes with its last attachment */
};

static struct slab_cache segment_cache =
    SLAB_CACHE("shm", sizeof(struct segment), 8);

static struct segment *segment_of(struct sysv_object *object)
{
    return container_of(object, struct segment, common);
}

static int find(int id, struct segment **out)
{
    struct sysv_object *object;
    int error = sysv_find(SYSV_SHM, id, &object);

    *out = error == 0 ? segment_of(object) : NULL;
    return error;
}

/* ---- life ---- */

/* The number goes; the reference to the pages is the caller's then. */
static void segment_free(struct segment *segment)
{
    sysv_remove(&segment->common);
    shmem_set_owner(segment->pages, NULL, NULL);
    if (sysv_put(&segment->common))
        slab_free(&segment_cache, segment);
}

/* An area that maps the segment has come or gone. */
static void on_area(void *owner, int by)
{
    const struct process *p = current_process();
    struct segment *segment = owner;

    segment->nattached += (uint32_t)by;
    segment->last = p != NULL ? p->pid : 0;
    if (by > 0)
        segment->atime = sysv_now();
    else
        segment->dtime = sysv_now();
    if (segment->nattached == 0 && segment->doomed) {
        mobject_drop(segment->pages); /* the area still has its own */
        segment_free(segment);
    }
}

static int check_size(uint32_t nbytes)
{
    uint64_t npages = ((uint64_t)nbytes + PAGE_MASK) >> PAGE_SHIFT;

    if (nbytes == 0 || nbytes > SHM_MAX_BYTES)
        return -EINVAL;
    return npages > ramdata_room() ? -ENOSPC : 0;
}

static int make(int32_t key, uint32_t nbytes, uint32_t flags)
{
    size_t npages = ((size_t)nbytes + PAGE_MASK) >> PAGE_SHIFT;
    struct segment *segment;
    int id = check_size(nbytes);

    if (id < 0)
        return id;
    if (flags & SHM_HUGETLB)
        return -EINVAL;
    segment = slab_zalloc(&segment_cache);
    if (segment == NULL)
        return -ENOMEM;
    id = shmem_create(npages, (flags & SHM_NORESERVE) != 0, &segment->pages);
    if (id == 0) {
        id = sysv_add(&segment->common, SYSV_SHM, key, flags, sizeof(*segment));
        if (id < 0)
            mobject_put(segment->pages);
    }
    if (id < 0) {
        slab_free(&segment_cache, segment);
        return id;
    }
    segment->nbytes = nbytes;
    segment->creator = current_process()->pid;
    shmem_set_owner(segment->pages, on_area, segment);
    return id;
}

int shm_get(int32_t key, uint32_t nbytes, uint32_t flags)
{
    struct sysv_object *object;
    int error = sysv_find_key(SYSV_SHM, key, flags, &object);

    if (error < 0)
        return error;
    if (object == NULL)
        return make(key, nbytes, flags);
    if (nbytes > segment_of(object)->nbytes)
        return -EINVAL;
    error = sysv_permission(object, flags & 0777);
    return error < 0 ? error : object->id;
}

/* ---- attaching ---- */

/* The address and the flags of mmap that an shmat means. */
static int choose_place(uint32_t *addr, uint32_t flags, unsigned *map_flags)
{
    *map_flags = MAP_SHARED;
    if (*addr == 0)
        return flags & SHM_REMAP ? -EINVAL : 0;
    if (flags & SHM_RND)
        *addr &= ~(uint32_t)PAGE_MASK;
    if ((*addr & PAGE_MASK) != 0 || *addr == 0)
        return -EINVAL;
    *map_flags |= flags & SHM_REMAP ? MAP_FIXED : MAP_FIXED_NOREPLACE;
    return 0;
}

int shm_attach(int id, uint32_t addr, uint32_t flags, uint32_t *out)
{
    bool writes = !(flags & SHM_RDONLY), executes = flags & SHM_EXEC;
    unsigned prot = PROT_READ | (writes ? PROT_WRITE : 0) |
                    (executes ? PROT_EXEC : 0),
             may = writes ? PROT_ALL : PROT_ALL & ~(unsigned)PROT_WRITE,
             map_flags;
    struct segment *segment;
    struct mobject *pages;
    vaddr_t at;
    int error = choose_place(&addr, flags, &map_flags);

    if (error == 0)
        error = find(id, &segment);
    if (error == 0)
        error = sysv_permission(&segment->common,
                                SYSV_READ | (writes ? SYSV_WRITE : 0) |
                                    (executes ? 0111u : 0));
    if (error < 0)
        return error;
    pages = mobject_get(segment->pages);
    error = space_map(current->space, addr, segment->nbytes, prot, map_flags,
                      pages, 0, may, &at);
    mobject_put(pages);
    if (error < 0)
        return error == -EEXIST ? -EINVAL : error;
    *out = at;
    return 0;
}

/* Is the area a part of a segment that was attached at `addr`? */
static bool is_of(const struct area_info *info, uint32_t addr)
{
    return info->obj != NULL && shmem_owner(info->obj, on_area) != NULL &&
           info->start >= addr &&
           info->page == (info->start - addr) >> PAGE_SHIFT;
}

int shm_detach(uint32_t addr)
{
    struct area_info info;
    struct mobject *pages = NULL;
    uint32_t va = addr, end = 0;
    unsigned n = 0;
    int error = 0;

    if (addr & PAGE_MASK)
        return -EINVAL;
    while (error == 0 && (pages == NULL || va < end) &&
           space_find(current->space, va, &info)) {
        va = info.end;
        if (is_of(&info, addr) && (pages == NULL || info.obj == pages)) {
            const struct segment *s = shmem_owner(info.obj, on_area);

            if (pages == NULL)
                pages = mobject_get(info.obj);
            end = addr + ((s->nbytes + PAGE_MASK) & ~(uint32_t)PAGE_MASK);
            error =
                space_unmap(current->space, info.start, info.end - info.start);
        }
        if (++n % 64 == 0)
            checkpoint();
    }
    if (pages == NULL)
        return -EINVAL;
    mobject_put(pages);
    return error;
}

/* ---- control ---- */

static int read_segment(const struct segment *s, uaddr_t buf)
{
    struct __cairn_shmid_ds ds = {
        .shm_segsz = s->nbytes,
        .shm_atime = (uint32_t)s->atime,
        .shm_atime_high = (uint32_t)(s->atime >> 32),
        .shm_dtime = (uint32_t)s->dtime,
        .shm_dtime_high = (uint32_t)(s->dtime >> 32),
        .shm_ctime = (uint32_t)s->common.ctime,
        .shm_ctime_high = (uint32_t)(s->common.ctime >> 32),
        .shm_cpid = s->creator,
        .shm_lpid = s->last,
        .shm_nattch = s->nattached,
    };

    sysv_read_perm(&s->common, &ds.shm_perm);
    return copy_to_user(buf, &ds, sizeof(ds));
}

static uint32_t npages_of(const struct segment *s)
{
    return (s->nbytes - 1) / PAGE_SIZE + 1;
}

static void sum_up(struct sysv_object *object, void *ctx)
{
    struct __cairn_shm_info *info = ctx;

    info->shm_tot += npages_of(segment_of(object));
    info->shm_rss += (uint32_t)shmem_resident(segment_of(object)->pages);
}

static int read_info(int command, uaddr_t buf)
{
    struct __cairn_shminfo limits = {
        SHM_MAX_BYTES, 1, SYSV_MAX, SYSV_MAX, (uint32_t)frame_total(), {0}};
    struct __cairn_shm_info info = {0};
    int error;

    if (command == IPC_INFO) {
        error = copy_to_user(buf, &limits, sizeof(limits));
    } else {
        info.used_ids = (int32_t)sysv_count(SYSV_SHM);
        sysv_each(SYSV_SHM, sum_up, &info);
        error = copy_to_user(buf, &info, sizeof(info));
    }
    return error < 0 ? error : sysv_last(SYSV_SHM);
}

static int read_by_index(int index, bool any, uaddr_t buf)
{
    struct sysv_object *object;
    int id, error = sysv_find_at(SYSV_SHM, index, &object);

    if (error == 0 && !any)
        error = sysv_permission(object, SYSV_READ);
    if (error < 0)
        return error;
    id = object->id;
    error = read_segment(segment_of(object), buf);
    return error < 0 ? error : id;
}

static void doom(struct segment *segment)
{
    struct mobject *pages = segment->pages;

    segment->doomed = true;
    segment->common.mode |= SHM_DEST;
    sysv_drop_key(&segment->common);
    if (segment->nattached != 0)
        return;
    segment_free(segment);
    mobject_put(pages);
}

/* Commands that change a segment. */
static int change(struct segment *segment, int command,
                  const struct __cairn_shmid_ds *ds)
{
    int error = sysv_check_owner(&segment->common);

    if (error < 0)
        return error;
    switch (command) {
    case IPC_SET:
        return sysv_set_perm(&segment->common, &ds->shm_perm);
    case IPC_RMID:
        doom(segment);
        return 0;
    case SHM_LOCK: /* nothing is ever paged out */
        segment->common.mode |= SHM_LOCKED;
        return 0;
    default:
        segment->common.mode &= ~(uint32_t)SHM_LOCKED;
        return 0;
    }
}

int shm_control(int id, int command, uaddr_t buf)
{
    struct __cairn_shmid_ds ds = {0};
    struct segment *segment = NULL;
    int error = 0;

    if (id < 0)
        return -EINVAL;
    if (command == IPC_INFO || command == SHM_INFO)
        return read_info(command, buf);
    if (command == SHM_STAT || command == SHM_STAT_ANY)
        return read_by_index(id, command == SHM_STAT_ANY, buf);
    if (command == IPC_SET)
        error = copy_from_user(&ds, buf, sizeof(ds));
    if (error == 0)
        error = find(id, &segment);
    if (error < 0)
        return error;
    switch (command) {
    case IPC_STAT:
        error = sysv_permission(&segment->common, SYSV_READ);
        return error < 0 ? error : read_segment(segment, buf);
    case IPC_SET:
    case IPC_RMID:
    case SHM_LOCK:
    case SHM_UNLOCK:
        return change(segment, command, &ds);
    default:
        return -EINVAL;
    }
}

/* Segments that are left: their memory counts as pages of files do. */
void shm_claim(struct sysv_object *object, struct fs_claims *claims)
{
    struct mobject *pages = segment_of(object)->pages;
    size_t low, charged = shmem_claim(pages, &low);

    claims->pages += shmem_resident(pages);
    claims->promised += charged - shmem_resident(pages);
    claims->low += low;
}
