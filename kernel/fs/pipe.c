/*
 * Pipes and FIFOs.
 *
 * A pipe is a ring of bytes in pages of low memory. head and tail count bytes
 * and go on for ever; both go back to 0 whenever the pipe is empty, so that a
 * pipe that is read as fast as it is written stays within its first page.
 *
 *      slot      0        1        2        3
 *              [   . ]  [ddddd]  [dd   ]  [     ]     capacity: 4 pages
 *                  ^tail           ^head
 *
 * Memory is charged when a page is taken, and a write never fails for the lack
 * of it: a pipe owns one page from the start, and if no further page can be
 * had, it is simply full until somebody reads. A page that was read goes back,
 * but for one that is kept as a spare.
 *
 * POSIX wants a write of up to PIPE_BUF bytes to be in one piece: it waits
 * until all of it fits. With one page that happens at the latest when the pipe
 * is empty.
 *
 * Invariant: head - tail <= capacity; every slot that holds data has a page;
 * there is at least one page, in a slot or as the spare.
 */
#include <cairn/ioctl.h>
#include "lib/bits.h"
#include "lib/string.h"
#include "arch/i386/window.h"
#include "mm/commit.h"
#include "mm/kmalloc.h"
#include "sched/waitq.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/pipe.h"

#undef PIPE_BUF
#define PIPE_BUF __CAIRN_PIPE_BUF

struct pipe {
    uint32_t refs;             /* open files, and opens under way */
    uint32_t readers, writers; /* open files that may read, or write */
    uint32_t reader_opens;     /* how often somebody opened it to read, ... */
    uint32_t writer_opens;     /* ... to write: a FIFO's open waits for one */
    uint32_t head, tail;
    uint32_t capacity; /* bytes, a power of two */
    char **pages;      /* capacity / PAGE_SIZE slots */
    char *spare;
    struct waitq can_read, can_write, opened;
};

static struct slab_cache pipe_cache =
    SLAB_CACHE("pipe", sizeof(struct pipe), sizeof(void *));

static char *page_alloc(void)
{
    if (commit_charge_low(1) < 0)
        return NULL;
    return direct_map(commit_take(FRAME_KERNEL));
}

static void page_free(char *page)
{
    commit_give(direct_pa(page), FRAME_KERNEL);
    commit_uncharge_low(1);
}

static void wake(struct waitq *wq)
{
    if (!list_is_empty(&wq->waiters))
        waitq_wake(wq);
}

static int pipe_make(struct pipe **out)
{
    struct pipe *pipe = slab_zalloc(&pipe_cache);

    if (pipe == NULL)
        return -ENOMEM;
    pipe->refs = 1;
    pipe->capacity = PIPE_CAPACITY;
    pipe->pages = kzalloc(PIPE_CAPACITY / PAGE_SIZE * sizeof(char *));
    pipe->spare = page_alloc();
    if (pipe->pages == NULL || pipe->spare == NULL) {
        if (pipe->spare != NULL)
            page_free(pipe->spare);
        kfree(pipe->pages);
        slab_free(&pipe_cache, pipe);
        return -ENOMEM;
    }
    waitq_init(&pipe->can_read);
    waitq_init(&pipe->can_write);
    waitq_init(&pipe->opened);
    *out = pipe;
    return 0;
}

static void pipe_free(struct pipe *pipe)
{
    for (uint32_t i = 0; i < pipe->capacity / PAGE_SIZE; i++)
        if (pipe->pages[i] != NULL)
            page_free(pipe->pages[i]);
    if (pipe->spare != NULL)
        page_free(pipe->spare);
    kfree(pipe->pages);
    slab_free(&pipe_cache, pipe);
}

static void pipe_put(struct inode *inode, struct pipe *pipe)
{
    if (--pipe->refs > 0)
        return;
    inode->pipe = NULL;
    pipe_free(pipe);
}

static char **slot_of(struct pipe *pipe, uint32_t at)
{
    return &pipe->pages[(at & (pipe->capacity - 1)) >> PAGE_SHIFT];
}

/* See that the slot of position `at` has a page. */
static bool have_page(struct pipe *pipe, uint32_t at)
{
    char **slot = slot_of(pipe, at);

    if (*slot != NULL)
        return true;
    *slot = pipe->spare;
    pipe->spare = NULL;
    if (*slot == NULL)
        *slot = page_alloc();
    return *slot != NULL;
}

/* A page is no longer needed in its slot: keep it as the spare, or free it. */
static void drop_page(struct pipe *pipe, char **slot)
{
    if (*slot == NULL)
        return;
    if (pipe->spare == NULL)
        pipe->spare = *slot;
    else
        page_free(*slot);
    *slot = NULL;
}

/*
 * The tail has come to the end of a page. In a full ring the head may stand
 * in the same page, behind the tail: then its start holds data.
 */
static void leave_page(struct pipe *pipe)
{
    if (pipe->head - pipe->tail <= pipe->capacity - PAGE_SIZE)
        drop_page(pipe, slot_of(pipe, pipe->tail - 1));
}

/*
 * All was read: start at the beginning. Besides the spare only the slot of the
 * head and the next one can have a page (has_room).
 */
static void rewind_empty(struct pipe *pipe)
{
    char **slot = slot_of(pipe, pipe->head);
    char *page = *slot;

    *slot = NULL;
    drop_page(pipe, slot_of(pipe, pipe->head + PAGE_SIZE));
    drop_page(pipe, &pipe->pages[0]);
    pipe->pages[0] = page;
    pipe->head = 0;
    pipe->tail = 0;
}

/* Can the next `nbytes` bytes (at most PIPE_BUF) be written. */
static bool has_room(struct pipe *pipe, size_t nbytes)
{
    uint32_t used = pipe->head - pipe->tail;

    if (nbytes > pipe->capacity - used || !have_page(pipe, pipe->head))
        return false;
    return (pipe->head & PAGE_MASK) + nbytes <= PAGE_SIZE ||
           have_page(pipe, pipe->head + (uint32_t)nbytes - 1);
}

/* ---- who is woken ---- */

static bool reader_fits(void *ctx, size_t need)
{
    (void)ctx;
    (void)need;
    return true;
}

static bool writer_fits(void *ctx, size_t need)
{
    return has_room(ctx, need);
}

/*
 * One reader is enough for what there is: one that was woken wakes the next if
 * it leaves something. So is one writer for the room.
 */
static void wake_reader(struct pipe *pipe)
{
    if (!list_is_empty(&pipe->can_read.waiters))
        waitq_wake_one(&pipe->can_read, reader_fits, NULL);
}

static void wake_writer(struct pipe *pipe)
{
    if (!list_is_empty(&pipe->can_write.waiters))
        waitq_wake_one(&pipe->can_write, writer_fits, pipe);
}

/* Move as much as fits; at least what has_room promised, but for a fault. */
static size_t fill(struct pipe *pipe, struct uio *uio)
{
    size_t done = 0, part, moved = 0;

    do {
        uint32_t offset = pipe->head & PAGE_MASK;
        uint32_t room = pipe->capacity - (pipe->head - pipe->tail);
        char **slot;

        part = PAGE_SIZE - offset;
        if (part > room)
            part = room;
        if (part > uio->resid)
            part = uio->resid;
        slot = slot_of(pipe, pipe->head);
        if (part == 0 || (*slot == NULL && !have_page(pipe, pipe->head)))
            break;
        moved = uio_copy_in(uio, *slot + offset, part);
        pipe->head += (uint32_t)moved;
        done += moved;
    } while (moved == part && uio->resid > 0);
    return done;
}

static size_t drain(struct pipe *pipe, struct uio *uio)
{
    size_t done = 0, part, moved;

    do {
        uint32_t offset = pipe->tail & PAGE_MASK;
        uint32_t used = pipe->head - pipe->tail;

        part = PAGE_SIZE - offset;
        if (part > used)
            part = used;
        if (part > uio->resid)
            part = uio->resid;
        moved = uio_copy_out(uio, *slot_of(pipe, pipe->tail) + offset, part);
        pipe->tail += (uint32_t)moved;
        done += moved;
        if (moved > 0 && (pipe->tail & PAGE_MASK) == 0)
            leave_page(pipe);
    } while (moved == part && uio->resid > 0 && pipe->tail != pipe->head);
    if (pipe->tail == pipe->head)
        rewind_empty(pipe);
    return done;
}

static bool may_sleep(const struct file *file, const struct uio *uio)
{
    return !(file->flags & O_NONBLOCK) && !uio->nonblock;
}

static ssize_t pipe_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    struct pipe *pipe = file->private;
    bool slept = false;
    size_t done;
    int error;

    (void)pos;
    if (uio->resid == 0)
        return 0;
    while (pipe->head == pipe->tail) {
        if (pipe->writers == 0)
            return 0;
        if (!may_sleep(file, uio))
            return -EAGAIN;
        slept = true;
        error = waitq_sleep_exclusive(&pipe->can_read, 1);
        if (error < 0 && pipe->head == pipe->tail)
            return error;
    }
    done = drain(pipe, uio);
    wake_writer(pipe);
    if (slept && pipe->head != pipe->tail)
        wake_reader(pipe);
    return uio_result(uio, done, 0);
}

static ssize_t pipe_write(struct file *file, struct uio *uio, uint64_t *pos)
{
    struct pipe *pipe = file->private;
    size_t piece = uio->resid <= PIPE_BUF ? uio->resid : 1;
    bool slept = false;
    size_t done = 0;
    int error = 0;

    (void)pos;
    while (error == 0 && uio->resid > 0 && !uio->fault) {
        if (pipe->readers == 0) {
            uio->broken = true;
            error = -EPIPE;
        } else if (has_room(pipe, piece)) {
            done += fill(pipe, uio);
            wake_reader(pipe);
        } else if (!may_sleep(file, uio)) {
            error = -EAGAIN;
        } else {
            slept = true;
            error = waitq_sleep_exclusive(&pipe->can_write, piece);
        }
    }
    if (slept)
        wake_writer(pipe);
    return uio_result(uio, done, error);
}

static unsigned pipe_poll(struct file *file, struct poll_set *set)
{
    struct pipe *pipe = file->private;
    unsigned events = 0;

    if (file->mode & FILE_READ) {
        poll_wait(set, &pipe->can_read);
        if (pipe->head != pipe->tail)
            events |= POLLIN | POLLRDNORM;
        if (pipe->writers == 0 && pipe->writer_opens > 0)
            events |= POLLHUP;
    }
    if (file->mode & FILE_WRITE) {
        poll_wait(set, &pipe->can_write);
        if (pipe->readers == 0)
            events |= POLLERR;
        if (has_room(pipe, PIPE_BUF))
            events |= POLLOUT | POLLWRNORM;
    }
    return events;
}

static long pipe_ioctl(struct file *file, uint32_t request, uint32_t arg)
{
    struct pipe *pipe = file->private;
    int32_t used = (int32_t)(pipe->head - pipe->tail);

    if (request != FIONREAD)
        return -ENOTTY;
    return copy_to_user(arg, &used, sizeof(used));
}

static void count_ends(struct pipe *pipe, const struct file *file, int by)
{
    if (file->mode & FILE_READ)
        pipe->readers += (uint32_t)by;
    if (file->mode & FILE_WRITE)
        pipe->writers += (uint32_t)by;
}

static void pipe_release(struct file *file)
{
    struct pipe *pipe = file->private;

    count_ends(pipe, file, -1);
    if (pipe->writers == 0)
        wake(&pipe->can_read);
    if (pipe->readers == 0)
        wake(&pipe->can_write);
    pipe_put(file->inode, pipe);
}

/* Wait for somebody to open the other end, as FIFOs do. */
static int wait_opened(struct pipe *pipe, const uint32_t *opens)
{
    uint32_t before = *opens;
    int error = 0;

    while (error == 0 && *opens == before)
        error = waitq_sleep(&pipe->opened, true, WAITQ_FOREVER);
    return *opens != before ? 0 : error;
}

/* One more file on a pipe: count it, and wait as open(2) says of FIFOs. */
static int join(struct pipe *pipe, struct file *file, bool wait)
{
    uint32_t ends = file->mode & (FILE_READ | FILE_WRITE);
    int error = 0;

    if (ends == 0)
        return -EINVAL;
    if (ends == FILE_WRITE && pipe->readers == 0 && wait &&
        (file->flags & O_NONBLOCK))
        return -ENXIO;
    count_ends(pipe, file, 1);
    pipe->reader_opens += (ends & FILE_READ) != 0;
    pipe->writer_opens += (ends & FILE_WRITE) != 0;
    waitq_wake(&pipe->opened);
    wait = wait && !(file->flags & O_NONBLOCK);
    if (wait && ends == FILE_READ && pipe->writers == 0)
        error = wait_opened(pipe, &pipe->writer_opens);
    if (wait && ends == FILE_WRITE && pipe->readers == 0)
        error = wait_opened(pipe, &pipe->reader_opens);
    if (error < 0)
        count_ends(pipe, file, -1);
    return error;
}

/* A file whose `private` is set already is an end of a new pipe. */
static int pipe_open(struct file *file)
{
    struct inode *inode = file->inode;
    bool fresh = file->private != NULL;
    int error = 0;

    if (fresh)
        inode->pipe = file->private;
    if (inode->pipe == NULL)
        error = pipe_make(&inode->pipe);
    else if (!fresh)
        inode->pipe->refs++;
    if (error < 0)
        return error;
    file->private = inode->pipe;
    error = join(inode->pipe, file, !fresh && inode->fops == NULL);
    if (error < 0 && !fresh)
        pipe_put(inode, file->private);
    return error;
}

const struct file_ops fifo_ops = {
    .open = pipe_open,
    .release = pipe_release,
    .read = pipe_read,
    .write = pipe_write,
    .poll = pipe_poll,
    .ioctl = pipe_ioctl,
};

int pipe_create(uint32_t flags, struct file **reader, struct file **writer)
{
    struct pipe *pipe;
    struct inode *inode;
    int error = pipe_make(&pipe);

    if (error < 0)
        return error;
    error = file_open_anonymous("pipe", S_IFIFO | 0600, flags | O_RDONLY,
                                &fifo_ops, pipe, reader);
    if (error < 0) {
        pipe_free(pipe);
        return error;
    }
    inode = (*reader)->inode;
    pipe->refs++;
    error = file_open_inode(inode, (*reader)->dentry, flags | O_WRONLY,
                            &fifo_ops, pipe, writer);
    if (error < 0) {
        pipe->refs--;
        file_put(*reader);
    }
    return error;
}

int pipe_size(const struct file *file)
{
    const struct pipe *pipe = file->private;

    return file->ops == &fifo_ops ? (int)pipe->capacity : -EBADF;
}

/*
 * Move the pages with content to a new array of slots. If the head has come
 * round to the page of the tail, its part of it gets a page of its own.
 */
static int move_pages(struct pipe *pipe, char **pages, uint32_t npages)
{
    uint32_t old = pipe->capacity / PAGE_SIZE;

    if (npages > old) {
        pages[old] = page_alloc();
        if (pages[old] == NULL)
            return -ENOMEM;
        memcpy(pages[old], *slot_of(pipe, pipe->head), pipe->head & PAGE_MASK);
        npages = old;
    }
    for (uint32_t i = 0; i < npages; i++) {
        char **slot = slot_of(pipe, pipe->tail + i * PAGE_SIZE);

        pages[i] = *slot;
        *slot = NULL;
    }
    return 0;
}

int pipe_resize(struct file *file, uint32_t nbytes)
{
    struct pipe *pipe = file->private;
    uint32_t size, used, npages;
    char **pages;

    if (file->ops != &fifo_ops)
        return -EBADF;
    if (nbytes == 0 || nbytes > PIPE_MAX)
        return -EINVAL;
    size = nbytes <= PAGE_SIZE ? PAGE_SIZE : 1u << bits_log2_up32(nbytes);
    used = pipe->head - pipe->tail;
    npages = ((pipe->tail & PAGE_MASK) + used + PAGE_MASK) >> PAGE_SHIFT;
    if (npages > size / PAGE_SIZE)
        return -EBUSY;
    pages = kzalloc(size / PAGE_SIZE * sizeof(char *));
    if (pages == NULL)
        return -ENOMEM;
    if (move_pages(pipe, pages, npages) < 0) {
        kfree(pages);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < pipe->capacity / PAGE_SIZE; i++)
        drop_page(pipe, &pipe->pages[i]);
    kfree(pipe->pages);
    pipe->pages = pages;
    pipe->capacity = size;
    pipe->tail &= PAGE_MASK;
    pipe->head = pipe->tail + used;
    wake_writer(pipe);
    return (int)size;
}
