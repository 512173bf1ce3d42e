/*
 * Event counters: a number of 64 bits that writes add to and reads take.
 */
#include "fs/eventfd.h"

#include "mm/kmalloc.h"
#include "sched/waitq.h"

#define COUNT_MAX (UINT64_MAX - 1)

struct eventfd {
    uint64_t count;
    bool semaphore; /* (c) */
    struct waitq can_read, can_write;
};

static struct slab_cache eventfd_cache =
    SLAB_CACHE("eventfd", sizeof(struct eventfd), 8);

static bool may_sleep(const struct file *file, const struct uio *uio)
{
    return !(file->flags & O_NONBLOCK) && !uio->nonblock;
}

static bool adding_fits(void *ctx, size_t need)
{
    const struct eventfd *event = ctx;

    (void)need;
    return event->count < COUNT_MAX;
}

static ssize_t eventfd_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    struct eventfd *event = file->private;
    uint64_t taken;
    size_t moved;

    (void)pos;
    if (uio->resid < sizeof(taken))
        return -EINVAL;
    while (event->count == 0) {
        int error = -EAGAIN;

        if (may_sleep(file, uio))
            error = waitq_sleep_exclusive(&event->can_read, 0);
        if (error < 0 && event->count == 0)
            return error;
    }
    taken = event->semaphore ? 1 : event->count;
    event->count -= taken;
    if (event->count != 0)
        waitq_wake_first(&event->can_read);
    waitq_wake_one(&event->can_write, adding_fits, event);
    moved = uio_copy_out(uio, &taken, sizeof(taken));
    return moved == sizeof(taken) ? (ssize_t)moved : -EFAULT;
}

static ssize_t eventfd_write(struct file *file, struct uio *uio, uint64_t *pos)
{
    struct eventfd *event = file->private;
    bool slept = false;
    uint64_t more;

    (void)pos;
    if (uio->resid < sizeof(more))
        return -EINVAL;
    if (uio_copy_in(uio, &more, sizeof(more)) != sizeof(more))
        return -EFAULT;
    if (more == UINT64_MAX)
        return -EINVAL;
    while (more > COUNT_MAX - event->count) {
        int error = -EAGAIN;

        if (may_sleep(file, uio))
            error = waitq_sleep_exclusive(&event->can_write, 0);
        slept = true;
        if (error < 0 && more > COUNT_MAX - event->count) {
            waitq_wake_one(&event->can_write, adding_fits, event);
            return error;
        }
    }
    event->count += more;
    if (more != 0)
        waitq_wake_first(&event->can_read);
    if (slept)
        waitq_wake_one(&event->can_write, adding_fits, event);
    return sizeof(more);
}

static unsigned eventfd_poll(struct file *file, struct poll_set *set)
{
    struct eventfd *event = file->private;
    unsigned events = 0;

    poll_wait(set, &event->can_read);
    poll_wait(set, &event->can_write);
    if (event->count != 0)
        events |= POLLIN | POLLRDNORM;
    if (event->count < COUNT_MAX)
        events |= POLLOUT | POLLWRNORM;
    return events;
}

static void eventfd_release(struct file *file)
{
    slab_free(&eventfd_cache, file->private);
}

static const struct file_ops eventfd_ops = {
    .open = file_open_made,
    .release = eventfd_release,
    .read = eventfd_read,
    .write = eventfd_write,
    .poll = eventfd_poll,
};

int eventfd_create(uint32_t count, bool semaphore, uint32_t flags,
                   struct file **out)
{
    struct eventfd *event = slab_zalloc(&eventfd_cache);
    int error;

    if (event == NULL)
        return -ENOMEM;
    event->count = count;
    event->semaphore = semaphore;
    waitq_init(&event->can_read);
    waitq_init(&event->can_write);
    error = file_open_anonymous("eventfd", 0600, flags | O_RDWR, &eventfd_ops,
                                event, out);
    if (error < 0)
        slab_free(&eventfd_cache, event);
    return error;
}
