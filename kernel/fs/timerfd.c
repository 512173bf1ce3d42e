/*
 * Timers as files. One that was due is not armed again before it is read, or
 * looked at: the times that have gone by meanwhile are counted then. So a timer
 * that nobody reads rings once.
 */
#include "fs/timerfd.h"

#include "arch/i386/clock.h"
#include "arch/i386/cpu.h"
#include "mm/kmalloc.h"
#include "sched/timer.h"
#include "sched/walltimer.h"
#include "sched/watch.h"

struct timerfd {
    struct timer timer;       /* of the monotonic clock */
    struct deadline deadline; /* of the wall clock */
    bool wall;                /* (c) */
    bool absolute;            /* of the wall clock: setting that counts */
    bool due;                 /* (i) it rang, and is not armed */
    bool cancel;              /* see timerfd_set */
    uint32_t moves;           /* walltimer_moves when it was armed */
    uint64_t expiry_ns;       /* (i) the next time, or that of the ring */
    uint64_t interval_ns;     /* (i) */
    uint64_t ticks;           /* (i) to be read */
    struct waitq wq;
};

static struct slab_cache timerfd_cache =
    SLAB_CACHE("timerfd", sizeof(struct timerfd), 8);

static bool is_by_wall(const struct timerfd *t)
{
    return t->wall && t->absolute;
}

static uint64_t now_of(const struct timerfd *t)
{
    return is_by_wall(t) ? clock_realtime_ns() : clock_monotonic_ns();
}

static uint64_t add(uint64_t a, uint64_t b)
{
    return b > INT64_MAX - a ? INT64_MAX : a + b;
}

static void arm(struct timerfd *t, uint64_t least)
{
    uint64_t at = t->expiry_ns > least ? t->expiry_ns : least;

    if (is_by_wall(t))
        walltimer_arm(&t->deadline, at);
    else
        timer_arm(&t->timer, at);
}

static void ring(struct timerfd *t)
{
    t->due = true;
    t->ticks++;
    waitq_wake(&t->wq);
}

static void on_timer(struct timer *timer)
{
    ring(container_of(timer, struct timerfd, timer));
}

static void on_deadline(struct deadline *deadline)
{
    ring(container_of(deadline, struct timerfd, deadline));
}

/* Count the times since the ring, and wait for the next. Interrupts are off. */
static void go_on(struct timerfd *t)
{
    uint64_t now = now_of(t), passed = 0;

    if (!t->due || t->interval_ns == 0)
        return;
    t->due = false;
    if (now > t->expiry_ns)
        passed = (now - t->expiry_ns) / t->interval_ns;
    t->ticks += passed;
    t->expiry_ns = passed + 1 > (INT64_MAX - t->expiry_ns) / t->interval_ns
                       ? INT64_MAX
                       : t->expiry_ns + (passed + 1) * t->interval_ns;
    arm(t, add(now, CLOCK_MIN_PERIOD_NS));
}

/* Has the clock been set meanwhile, for one that wants to know? */
static bool is_canceled(struct timerfd *t)
{
    return t->cancel && t->moves != walltimer_moves;
}

/* Sleep until it rings, or the clock is set, unless that is so. */
static int wait_for_ring(struct timerfd *t)
{
    uint32_t flags = irq_save();
    struct waiter moved;
    int error = 0;

    if (t->ticks == 0 && !is_canceled(t)) {
        waitq_join(&watch_wall_moved, &moved);
        error = waitq_sleep(&t->wq, true, WAITQ_FOREVER);
        waitq_leave(&moved);
    }
    irq_restore(flags);
    return error;
}

/* Take the ticks: -EAGAIN, -ECANCELED. */
static int take(struct timerfd *t, uint64_t *ticks)
{
    uint32_t flags = irq_save();

    go_on(t);
    *ticks = t->ticks;
    t->ticks = 0;
    irq_restore(flags);
    if (is_canceled(t)) {
        t->moves = walltimer_moves;
        return -ECANCELED;
    }
    return *ticks != 0 ? 0 : -EAGAIN;
}

static ssize_t timerfd_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    struct timerfd *t = file->private;
    uint64_t ticks;
    size_t moved;
    int error;

    (void)pos;
    if (uio->resid < sizeof(ticks))
        return -EINVAL;
    while ((error = take(t, &ticks)) == -EAGAIN) {
        if ((file->flags & O_NONBLOCK) || uio->nonblock)
            return -EAGAIN;
        error = wait_for_ring(t);
        if (error < 0 && t->ticks == 0 && !is_canceled(t))
            return error;
    }
    if (error < 0)
        return error;
    moved = uio_copy_out(uio, &ticks, sizeof(ticks));
    return moved == sizeof(ticks) ? (ssize_t)moved : -EFAULT;
}

static unsigned timerfd_poll(struct file *file, struct poll_set *set)
{
    struct timerfd *t = file->private;

    poll_wait(set, &t->wq);
    if (t->cancel)
        poll_wait(set, &watch_wall_moved);
    return t->ticks != 0 || is_canceled(t) ? POLLIN | POLLRDNORM : 0;
}

static void disarm(struct timerfd *t)
{
    timer_cancel(&t->timer);
    deadline_cancel(&t->deadline);
    t->due = false;
    t->ticks = 0;
}

static void timerfd_release(struct file *file)
{
    struct timerfd *t = file->private;
    uint32_t flags = irq_save();

    disarm(t);
    irq_restore(flags);
    slab_free(&timerfd_cache, t);
}

static const struct file_ops timerfd_ops = {
    .open = file_open_made,
    .release = timerfd_release,
    .read = timerfd_read,
    .poll = timerfd_poll,
};

bool timerfd_is(const struct file *file)
{
    return file->ops == &timerfd_ops && !(file->mode & FILE_PATH);
}

int timerfd_create(bool wall, uint32_t flags, struct file **out)
{
    struct timerfd *t = slab_zalloc(&timerfd_cache);
    int error;

    if (t == NULL)
        return -ENOMEM;
    t->wall = wall;
    timer_init(&t->timer, on_timer);
    deadline_init(&t->deadline, on_deadline);
    waitq_init(&t->wq);
    error = file_open_anonymous("timerfd", 0600, flags | O_RDWR, &timerfd_ops,
                                t, out);
    if (error < 0)
        slab_free(&timerfd_cache, t);
    return error;
}

void timerfd_get(struct file *file, uint64_t *value_ns, uint64_t *interval_ns)
{
    struct timerfd *t = file->private;
    uint32_t flags = irq_save();
    uint64_t now = now_of(t);

    go_on(t);
    *interval_ns = t->interval_ns;
    *value_ns = 0;
    if (t->expiry_ns != 0 && !t->due)
        *value_ns = t->expiry_ns > now ? t->expiry_ns - now : 1;
    irq_restore(flags);
}

void timerfd_set(struct file *file, bool absolute, bool cancel,
                 uint64_t value_ns, uint64_t interval_ns)
{
    struct timerfd *t = file->private;
    uint32_t flags = irq_save();

    disarm(t);
    t->absolute = absolute;
    t->cancel = cancel && absolute && t->wall;
    t->moves = walltimer_moves;
    t->interval_ns = interval_ns;
    t->expiry_ns = 0;
    if (value_ns != 0) {
        t->expiry_ns = absolute ? value_ns : add(now_of(t), value_ns);
        arm(t, 0);
    }
    irq_restore(flags);
    waitq_wake(&t->wq); /* who waits by what it watches looks again */
}
