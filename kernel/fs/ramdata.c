/*
 * Regular files in memory.
 *
 * A page of a file is a frame of kind FRAME_FILE, charged for before it is
 * taken; a hole has none and reads as zeros. Frames of the boot module are
 * taken over as they are and differ in nothing from others.
 *
 * Invariants: no page lies wholly past the end of the file, unless fallocate
 * put it there; what lies past the end in the last page is zero; npages counts
 * the frames (ramdata_check).
 *
 * When pages are cut off while they are mapped, the mappings forget them too:
 * a touch past the end is then SIGBUS, one in a punched hole finds zeros.
 *
 * A window on a page stays open while user memory is copied. The copy may
 * fault and bring pages in, of this very file too, but nothing on that way
 * sleeps, and windows nest. A new page therefore enters the map only when it
 * is filled: nobody can see what a frame held before.
 */
#include <cairn/errno.h>
#include "lib/checkpoint.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "arch/i386/window.h"
#include "mm/commit.h"
#include "mm/space.h"
#include "fs/ramdata.h"

#define SEEK_DATA 3
#define SEEK_HOLE 4

/* Bytes above which a read or write lets others run in its midst. */
#define LONG_TRANSFER 65536u

/* Which part of memory files leave to programs. */
#define KEPT_PART 32
#define KEPT_MIN  256u /* frames: a few programs' */

static paddr_t frame_pa(uint32_t pfn)
{
    return (paddr_t)pfn << PAGE_SHIFT;
}

static uint32_t frame_number(paddr_t pa)
{
    return (uint32_t)(pa >> PAGE_SHIFT);
}

/* The part of a transfer at `pos` that lies in one page. */
static size_t page_part(uint64_t pos, uint64_t nbytes)
{
    size_t rest = PAGE_SIZE - ((size_t)pos & PAGE_MASK);

    return nbytes < rest ? (size_t)nbytes : rest;
}

static void enter(struct inode *inode, uint64_t index, paddr_t pa)
{
    pagemap_set(&inode->pages, index, frame_number(pa));
    inode->npages++;
    inode->fs->npages++;
}

/* Take page `index` out of the file; true if somebody else still holds it. */
static bool drop(struct inode *inode, uint64_t index)
{
    paddr_t pa = frame_pa(pagemap_take(&inode->pages, index));
    bool held = frame_refs(pa) > 1;

    inode->npages--;
    inode->fs->npages--;
    commit_put_file(pa);
    return held;
}

/* Drop all pages of [first, end); mappings of them must ask again. */
static void drop_range(struct inode *inode, uint64_t first, uint64_t end)
{
    uint64_t at = first;
    bool held = false;
    unsigned n = 0;

    while (pagemap_next(&inode->pages, &at) && at < end) {
        held |= drop(inode, at++);
        if (++n % 256 == 0)
            checkpoint();
    }
    if (held)
        space_forget_object(&inode->mobject, first, end);
}

/* Zero `nbytes` of the page that holds `pos`, if there is one. */
static void zero_part(struct inode *inode, uint64_t pos, size_t nbytes)
{
    uint32_t pfn = pagemap_get(&inode->pages, pos >> PAGE_SHIFT);
    char *page;

    if (pfn == 0 || nbytes == 0)
        return;
    page = window_open(frame_pa(pfn));
    memset(page + (pos & PAGE_MASK), 0, nbytes);
    window_close(page);
}

/*
 * Zero what follows `end` in its page. A shared mapping may have written
 * there, and it becomes visible when the file grows.
 */
static void zero_tail(struct inode *inode, uint64_t end)
{
    if (end & PAGE_MASK)
        zero_part(inode, end, PAGE_SIZE - ((size_t)end & PAGE_MASK));
}

size_t ramdata_room(void)
{
    struct commit_state state;
    size_t left, kept;

    commit_read(&state);
    left = state.limit - state.charged;
    kept = state.limit / KEPT_PART;
    if (kept < KEPT_MIN)
        kept = state.limit / 8 < KEPT_MIN ? state.limit / 8 : KEPT_MIN;
    if (!commit_is_privileged())
        kept += state.kept;
    else if (kept > state.kept / 2)
        kept = state.kept / 2; /* root makes files even if programs are all */
    return left > kept ? left - kept : 0;
}

static int charge_pages(size_t npages)
{
    return npages <= ramdata_room() ? commit_charge(npages) : -ENOSPC;
}

/* Put a page of zeros, charged for, into a reserved hole. */
static void enter_zeros(struct inode *inode, uint64_t index)
{
    enter(inode, index, commit_take_zeroed(FRAME_FILE));
}

/* Fill a hole with a page of zeros: 0 or -ENOSPC. */
static int fill_hole(struct inode *inode, uint64_t index)
{
    if (pagemap_reserve(&inode->pages, index) < 0)
        return -ENOSPC;
    if (charge_pages(1) < 0) {
        pagemap_unreserve(&inode->pages, index);
        return -ENOSPC;
    }
    enter_zeros(inode, index);
    return 0;
}

int ramdata_adopt(struct inode *inode, uint64_t index, paddr_t pa)
{
    if (pagemap_reserve(&inode->pages, index) < 0)
        return -ENOMEM;
    enter(inode, index, pa);
    return 0;
}

int ramdata_page(struct mobject *obj, uint64_t index, bool write, paddr_t *pa)
{
    struct inode *inode = inode_of(obj);
    uint32_t pfn =
        index < PAGEMAP_LIMIT ? pagemap_get(&inode->pages, index) : 0;

    if (index > inode->size >> PAGE_SHIFT || index << PAGE_SHIFT >= inode->size)
        return -ENXIO;
    if (pfn == 0) {
        if (fill_hole(inode, index) < 0)
            return -ENOMEM;
        pfn = pagemap_get(&inode->pages, index);
    }
    if (write)
        inode_modified(inode);
    frame_get(frame_pa(pfn));
    *pa = frame_pa(pfn);
    return 0;
}

/* The hole at or after `index`. */
static uint64_t next_hole(const struct inode *inode, uint64_t index)
{
    while (pagemap_get(&inode->pages, index) != 0)
        if (++index % 1024 == 0 && checkpoint())
            break;
    return index;
}

/* Fill holes of [first, end), `*holes` of them, all charged for. */
static int fill_holes(struct inode *inode, uint64_t first, uint64_t end,
                      uint64_t *holes)
{
    for (uint64_t at = first; at < end && *holes != 0; at++) {
        if (at % 32 == 31 && checkpoint())
            return -EINTR;
        if (pagemap_get(&inode->pages, at) != 0)
            continue;
        if (pagemap_reserve(&inode->pages, at) < 0)
            return -ENOSPC;
        enter_zeros(inode, at);
        --*holes;
    }
    return 0;
}

/*
 * The charge for all holes is taken first, so that a refusal costs nothing.
 * What faults have filled meanwhile they have charged for themselves.
 */
static int allocate(struct inode *inode, uint64_t first, uint64_t npages)
{
    uint64_t end = first + npages;
    uint64_t holes = npages - pagemap_count(&inode->pages, first, end);
    int error;

    if (holes > UINT32_MAX || charge_pages((size_t)holes) < 0)
        return -ENOSPC;
    error = fill_holes(inode, first, end, &holes);
    commit_uncharge((size_t)holes);
    return error;
}

int ramdata_allocate(struct inode *inode, uint64_t first, uint64_t npages)
{
    int error = turn_take(&inode->busy);

    if (error < 0)
        return error;
    error = allocate(inode, first, npages);
    turn_give(&inode->busy);
    return error;
}

static void punch(struct inode *inode, uint64_t start, uint64_t end)
{
    uint64_t first = (start + PAGE_MASK) >> PAGE_SHIFT;
    uint64_t last = end >> PAGE_SHIFT;

    if (first > last) { /* inside one page */
        zero_part(inode, start, (size_t)(end - start));
        return;
    }
    zero_part(inode, start, (size_t)((first << PAGE_SHIFT) - start));
    drop_range(inode, first, last);
    zero_part(inode, last << PAGE_SHIFT, (size_t)(end & PAGE_MASK));
}

void ramdata_punch(struct inode *inode, uint64_t start, uint64_t end)
{
    if (turn_take(&inode->busy) < 0)
        return;
    punch(inode, start, end);
    turn_give(&inode->busy);
}

/* The size changes first: no page past it can come while others are dropped. */
int ramdata_truncate(struct inode *inode, uint64_t size)
{
    uint64_t old;
    int error;

    if (size > FILE_SIZE_LIMIT)
        return -EFBIG;
    error = turn_take(&inode->busy);
    if (error < 0)
        return error;
    old = inode->size;
    zero_tail(inode, size > old ? old : size);
    inode->size = size;
    if (size <= old)
        drop_range(inode, (size + PAGE_MASK) >> PAGE_SHIFT, PAGEMAP_LIMIT);
    inode_modified(inode);
    turn_give(&inode->busy);
    return 0;
}

void ramdata_free(struct inode *inode)
{
    drop_range(inode, 0, PAGEMAP_LIMIT);
}

/* Move one part of a page out to the reader. */
static size_t read_part(struct inode *inode, struct uio *uio, uint64_t pos,
                        size_t part)
{
    uint32_t pfn = pagemap_get(&inode->pages, pos >> PAGE_SHIFT);
    size_t moved;
    char *page;

    if (pfn == 0)
        return uio_zero_out(uio, part);
    page = window_open(frame_pa(pfn));
    moved = uio_copy_out(uio, page + (pos & PAGE_MASK), part);
    window_close(page);
    return moved;
}

static void touch_read(struct file *file)
{
    if (!(file->flags & O_NOATIME))
        file->inode->atime_ns = inode_now();
}

/*
 * A long transfer lets others run. Meanwhile nobody else moves the offset it
 * uses, or changes the data of a file that it writes.
 */
static bool is_long(const struct uio *uio)
{
    return uio->resid > LONG_TRANSFER;
}

static bool pause_at(uint64_t at)
{
    return (at >> PAGE_SHIFT) % 16 == 0 && checkpoint();
}

static ssize_t read_pages(struct file *file, struct uio *uio, uint64_t *pos)
{
    struct inode *inode = file->inode;
    bool pauses = is_long(uio);
    uint64_t at = *pos;
    size_t done, part = 0, moved = 0;

    while (uio->resid > 0 && at < inode->size && moved == part) {
        if (pauses && pause_at(at))
            break;
        part = page_part(at, uio->resid);
        if (part > inode->size - at)
            part = (size_t)(inode->size - at);
        moved = read_part(inode, uio, at, part);
        at += moved;
    }
    done = (size_t)(at - *pos);
    *pos = at;
    touch_read(file);
    return uio_result(uio, done, 0);
}

static ssize_t ramdata_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    bool turn = pos == &file->pos && (file->busy || is_long(uio));
    ssize_t result;

    if (uio->resid == 0)
        return 0;
    if (unlikely(turn) && turn_take(&file->busy) < 0)
        return -EINTR;
    result = read_pages(file, uio, pos);
    if (unlikely(turn))
        turn_give(&file->busy);
    return result;
}

/* Overwrite a part of a page that is there. */
static size_t write_old(struct uio *uio, uint32_t pfn, size_t offset,
                        size_t part)
{
    char *page = window_open(frame_pa(pfn));
    size_t moved = uio_copy_in(uio, page + offset, part);

    window_close(page);
    return moved;
}

/* A part of the frame `from` into the same place of the frame `to`. */
static void copy_part(paddr_t to, paddr_t from, size_t offset, size_t nbytes)
{
    char *dst = window_open(to);
    char *src = window_open(from);

    memcpy(dst + offset, src + offset, nbytes);
    window_close(src);
    window_close(dst);
}

/*
 * Make the frame `pa`, whose bytes [offset, offset + nbytes) were written and
 * whose others are zero, page `index` of the file, which was a hole. If it no
 * longer is, the bytes go into the page that is there. 0 or -ENOSPC.
 */
static int enter_new(struct inode *inode, uint64_t index, paddr_t pa,
                     size_t offset, size_t nbytes)
{
    uint32_t pfn = pagemap_get(&inode->pages, index);

    if (pfn == 0 && pagemap_reserve(&inode->pages, index) == 0) {
        enter(inode, index, pa);
        return 0;
    }
    if (pfn != 0)
        copy_part(frame_pa(pfn), pa, offset, nbytes);
    commit_put_file(pa);
    return pfn != 0 ? 0 : -ENOSPC;
}

/*
 * Fill a hole with a part of a page and zeros around it. The copy may fault
 * and bring in pages of this file, the very hole too, or fail to; so the tree
 * of pages is looked at, and a place in it reserved, after the copy only.
 */
static int write_new(struct inode *inode, struct uio *uio, uint64_t index,
                     size_t offset, size_t part, size_t *moved)
{
    paddr_t pa;
    char *page;

    *moved = 0;
    if (charge_pages(1) < 0)
        return -ENOSPC;
    pa = commit_take(FRAME_FILE);
    page = window_open(pa);
    *moved = uio_copy_in(uio, page + offset, part);
    memset(page, 0, offset);
    memset(page + offset + *moved, 0, PAGE_SIZE - offset - *moved);
    window_close(page);
    if (*moved > 0)
        return enter_new(inode, index, pa, offset, *moved);
    commit_put_file(pa);
    return 0;
}

/*
 * How much may be written at `pos`: cut to the largest file and to the
 * process's limit. -EFBIG if that is nothing.
 */
static int limit_write(const struct uio *uio, uint64_t pos, uint64_t *end)
{
    uint64_t top = FILE_SIZE_LIMIT;

    if (uio->size_limit < top)
        top = uio->size_limit;
    if (pos >= top)
        return -EFBIG;
    *end = uio->resid < top - pos ? pos + uio->resid : top;
    return 0;
}

static ssize_t write_pages(struct file *file, struct uio *uio, uint64_t *pos)
{
    struct inode *inode = file->inode;
    uint64_t at = file->flags & O_APPEND ? inode->size : *pos;
    uint64_t start = at, end = at;
    size_t part = 0, moved = 0;
    bool pauses = is_long(uio);
    int error;

    error = limit_write(uio, at, &end);
    if (at > inode->size && at < end)
        zero_tail(inode, inode->size);
    while (error == 0 && at < end && moved == part) {
        uint64_t index = at >> PAGE_SHIFT;
        size_t offset = (size_t)at & PAGE_MASK;
        uint32_t pfn;

        if (pauses && pause_at(at))
            break;
        pfn = pagemap_get(&inode->pages, index);
        part = page_part(at, end - at);
        if (pfn != 0)
            moved = write_old(uio, pfn, offset, part);
        else
            error = write_new(inode, uio, index, offset, part, &moved);
        if (error == 0)
            at += moved;
        if (at > start && at > inode->size)
            inode->size = at;
    }
    if (at > start) {
        inode_modified(inode);
        *pos = at;
    }
    return uio_result(uio, (size_t)(at - start), error);
}

/* The same while nobody else changes the data. */
static ssize_t write_in_turn(struct file *file, struct uio *uio, uint64_t *pos)
{
    bool *busy = &file->inode->busy;
    ssize_t result = turn_take(busy);

    if (result < 0)
        return result;
    result = write_pages(file, uio, pos);
    turn_give(busy);
    return result;
}

static ssize_t write_at(struct file *file, struct uio *uio, uint64_t *pos)
{
    if (unlikely(file->inode->busy || is_long(uio)))
        return write_in_turn(file, uio, pos);
    return write_pages(file, uio, pos);
}

static ssize_t ramdata_write(struct file *file, struct uio *uio, uint64_t *pos)
{
    bool turn = pos == &file->pos && (file->busy || is_long(uio));
    ssize_t result;

    if (uio->resid == 0)
        return 0; /* not even to the end of the file, with O_APPEND */
    if (likely(!turn))
        return write_at(file, uio, pos);
    result = turn_take(&file->busy);
    if (result < 0)
        return result;
    result = write_at(file, uio, pos);
    turn_give(&file->busy);
    return result;
}

/* SEEK_DATA and SEEK_HOLE; there is always a hole at the end. */
static int64_t seek_data(struct inode *inode, int64_t offset, bool data)
{
    uint64_t pos = (uint64_t)offset, index = pos >> PAGE_SHIFT;

    if (offset < 0 || pos >= inode->size)
        return -ENXIO;
    if (!data)
        index = next_hole(inode, index);
    else if (!pagemap_next(&inode->pages, &index))
        return -ENXIO;
    if (index << PAGE_SHIFT > pos)
        pos = index << PAGE_SHIFT;
    if (pos >= inode->size)
        return data ? -ENXIO : (int64_t)inode->size;
    return (int64_t)pos;
}

static int64_t ramdata_seek(struct file *file, int64_t offset, int whence)
{
    int64_t target = turn_take(&file->busy);

    if (target < 0)
        return target;
    if (whence == SEEK_DATA || whence == SEEK_HOLE)
        target = seek_data(file->inode, offset, whence == SEEK_DATA);
    else
        target = file_seek_target(file->pos, file->inode->size, offset, whence);
    if (target > (int64_t)FILE_SIZE_LIMIT)
        target = -EINVAL;
    if (target >= 0)
        file->pos = (uint64_t)target;
    turn_give(&file->busy);
    return target;
}

/*
 * Whoever maps a file is promised its pages: the holes in the range are
 * filled now, so that no touch can fail later.
 */
static int ramdata_map(struct file *file, uint64_t first, size_t npages,
                       bool shared, struct mobject **obj)
{
    struct inode *inode = file->inode;
    uint64_t end = (inode->size + PAGE_MASK) >> PAGE_SHIFT;

    (void)shared;
    if (first < end) {
        if (npages > end - first)
            npages = (size_t)(end - first);
        if (ramdata_allocate(inode, first, npages) < 0)
            return -ENOMEM;
    }
    touch_read(file);
    *obj = mobject_get(&inode->mobject);
    return 0;
}

static int ramdata_fsync(struct file *file)
{
    (void)file;
    return 0;
}

const struct file_ops ramdata_file_ops = {
    .read = ramdata_read,
    .write = ramdata_write,
    .seek = ramdata_seek,
    .map = ramdata_map,
    .fsync = ramdata_fsync,
};

const char *ramdata_check(const struct inode *inode)
{
    if (inode->pages.npages != inode->npages)
        return "ramdata: a file's count of pages is wrong";
    return pagemap_check(&inode->pages);
}
