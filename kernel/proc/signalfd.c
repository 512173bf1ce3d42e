/* Signals as a file: what is pending for the reader is taken by reading. */
#include "proc/signalfd.h"

#include <cairn/event.h>

#include "arch/i386/cpu.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/process.h"

struct signalfd {
    uint64_t mask;
};

static struct slab_cache signalfd_cache =
    SLAB_CACHE("signalfd", sizeof(struct signalfd), 8);

/* Fill in the value that sigqueue or a timer sends along. */
static void fill_value(struct __cairn_signalfd_siginfo *out, uint32_t value)
{
    out->ssi_int = (int32_t)value;
    out->ssi_ptr = value;
}

static void fill(struct __cairn_signalfd_siginfo *out,
                 const struct signal_info *info)
{
    const uint32_t *words = info->words;

    memset(out, 0, sizeof(*out));
    out->ssi_signo = (uint32_t)info->signo;
    out->ssi_errno = info->error;
    out->ssi_code = info->code;
    if (info->code == SI_TIMER) {
        out->ssi_tid = words[SIGNAL_TIMER];
        out->ssi_overrun = words[SIGNAL_OVERRUN];
        fill_value(out, words[SIGNAL_VALUE]);
    } else if (info->code <= 0) {
        out->ssi_pid = words[SIGNAL_PID];
        out->ssi_uid = words[SIGNAL_UID];
        if (info->code != SI_USER && info->code != SI_TKILL)
            fill_value(out, words[SIGNAL_VALUE]);
    } else if (info->signo == SIGCHLD) {
        out->ssi_pid = words[SIGNAL_PID];
        out->ssi_uid = words[SIGNAL_UID];
        out->ssi_status = (int32_t)words[SIGNAL_STATUS];
        out->ssi_utime = words[SIGNAL_UTIME];
        out->ssi_stime = words[SIGNAL_STIME];
    } else if (info->code != SI_KERNEL) {
        out->ssi_addr = words[SIGNAL_ADDR];
    }
}

/* What came of waiting for a signal, unless it was interrupted. */
enum taken {
    TAKEN_NONE, /* there may be one now */
    TAKEN_ONE,
};

/* Take a signal, or sleep until there may be one: TAKEN_*, or -EINTR. */
static int take_or_sleep(uint64_t mask, struct signal_info *info)
{
    uint32_t flags = irq_save(); /* interrupts send signals, too */
    int result = signal_take(mask, info) != 0 ? TAKEN_ONE : TAKEN_NONE;

    if (result == TAKEN_NONE)
        result = waitq_sleep(&current_process()->signal_watchers, true,
                             WAITQ_FOREVER);
    irq_restore(flags);
    return result;
}

/* Take one, sleeping if there is none and the reader may: -EAGAIN, -EINTR. */
static int take(struct file *file, bool sleeps, struct signal_info *info)
{
    const struct signalfd *s = file->private;
    int result = TAKEN_NONE;

    while (sleeps && result == TAKEN_NONE)
        result = take_or_sleep(s->mask, info);
    if (result == TAKEN_ONE || signal_take(s->mask, info) != 0)
        return 0;
    return sleeps ? result : -EAGAIN;
}

static ssize_t signalfd_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    bool sleeps = !(file->flags & O_NONBLOCK) && !uio->nonblock;
    struct __cairn_signalfd_siginfo out;
    struct signal_info info;
    size_t done = 0;
    int error = -EINVAL;

    (void)pos;
    while (uio->resid >= sizeof(out)) {
        error = take(file, sleeps && done == 0, &info);
        if (error < 0)
            break;
        fill(&out, &info);
        if (uio_copy_out(uio, &out, sizeof(out)) != sizeof(out)) {
            error = -EFAULT;
            break;
        }
        done += sizeof(out);
    }
    return done > 0 ? (ssize_t)done : error;
}

static unsigned signalfd_poll(struct file *file, struct poll_set *set)
{
    const struct signalfd *s = file->private;

    poll_wait(set, &current_process()->signal_watchers);
    return signal_pending_of(s->mask) != 0 ? POLLIN | POLLRDNORM : 0;
}

static void signalfd_release(struct file *file)
{
    slab_free(&signalfd_cache, file->private);
}

static const struct file_ops signalfd_ops = {
    .open = file_open_made,
    .release = signalfd_release,
    .read = signalfd_read,
    .poll = signalfd_poll,
};

int signalfd_create(uint64_t mask, uint32_t flags, struct file **out)
{
    struct signalfd *s = slab_alloc(&signalfd_cache);
    int error;

    if (s == NULL)
        return -ENOMEM;
    s->mask = mask & ~SIGNAL_NEVER_BLOCKED;
    error = file_open_anonymous("signalfd", 0600, flags | O_RDWR, &signalfd_ops,
                                s, out);
    if (error < 0)
        slab_free(&signalfd_cache, s);
    return error;
}

int signalfd_set(struct file *file, uint64_t mask)
{
    struct signalfd *s = file->private;

    if (file->ops != &signalfd_ops || (file->mode & FILE_PATH))
        return -EINVAL;
    s->mask = mask & ~SIGNAL_NEVER_BLOCKED;
    waitq_wake(&current_process()->signal_watchers);
    return 0;
}
