/*
 * Terminals as files: opening, reading, writing, waiting, and whose they are.
 *
 * Canonical reads take one line at most (POSIX 11.1.6); raw reads follow VMIN
 * and VTIME (POSIX 11.1.7), whose four cases are one loop here: how long to
 * sleep depends on what has been read so far.
 */
#include "dev/tty_private.h"

#include <cairn/errno.h>
#include <cairn/signal.h>
#include "arch/i386/cpu.h"
#include "fs/file.h"
#include "lib/checkpoint.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/pid.h"
#include "proc/process.h"
#include "proc/signal.h"
#include "sched/thread.h"
#include "lib/panic.h"

#define TENTH_OF_SECOND_NS 100000000ull
#define CHUNK              128
#define SHOWN              4 /* the same where they are shown at once */

static const struct termios sane = {
    .c_iflag = ICRNL | IXON | IMAXBEL | IUTF8,
    .c_oflag = OPOST | ONLCR,
    .c_cflag = B115200 | CS8 | CREAD | HUPCL | CLOCAL,
    .c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
    .c_cc =
        {
            [VINTR] = 'C' & 0x1F,
            [VQUIT] = '\\' & 0x1F,
            [VERASE] = 0x7F,
            [VKILL] = 'U' & 0x1F,
            [VEOF] = 'D' & 0x1F,
            [VMIN] = 1,
            [VSTART] = 'Q' & 0x1F,
            [VSTOP] = 'S' & 0x1F,
            [VSUSP] = 'Z' & 0x1F,
            [VREPRINT] = 'R' & 0x1F,
            [VDISCARD] = 'O' & 0x1F,
            [VWERASE] = 'W' & 0x1F,
            [VLNEXT] = 'V' & 0x1F,
        },
};

int tty_create(const struct tty_ops *ops, void *driver, unsigned rows,
               unsigned columns, struct tty **out)
{
    struct tty *tty = kzalloc(sizeof(*tty));

    if (tty == NULL)
        return -ENOMEM;
    tty->ops = ops;
    tty->driver = driver;
    tty->refs = 1;
    tty->termios = sane;
    tty->epoch = TTY_FOR_EVER + 1;
    tty->winsize.ws_row = (unsigned short)rows;
    tty->winsize.ws_col = (unsigned short)columns;
    waitq_init(&tty->readers);
    waitq_init(&tty->writers);
    *out = tty;
    return 0;
}

void tty_put_reference(struct tty *tty)
{
    if (--tty->refs > 0)
        return;
    kfree(tty);
}

/* The files that are open now are dead; what was typed for them is gone. */
static void hang_up_files(struct tty *tty)
{
    uint32_t flags = irq_save();

    if (++tty->epoch == TTY_FOR_EVER)
        tty->epoch++;
    tty_flush_input(tty);
    waitq_wake(&tty->readers);
    waitq_wake(&tty->writers);
    irq_restore(flags);
}

void tty_keep_file(struct file *file)
{
    file->epoch = TTY_FOR_EVER;
}

void *tty_driver(const struct tty *tty)
{
    return tty->driver;
}

void tty_set_driver(struct tty *tty, void *driver)
{
    tty->driver = driver;
}

void tty_set_foreground(struct tty *tty, int pgid)
{
    int old = tty->pgid;

    if (pgid == old)
        return;
    if (pgid > 0)
        pid_hold(pgid);
    tty->pgid = pgid;
    if (old > 0)
        pid_drop(old);
}

static struct tty *find_by_session(int sid)
{
    struct pid *pid = pid_find(sid);

    return pid != NULL ? pid->terminal : NULL;
}

const void *tty_of_session(int sid, int *pgid)
{
    struct tty *tty = find_by_session(sid);

    *pgid = tty != NULL && tty->pgid > 0 ? tty->pgid : -1;
    return tty;
}

int tty_set_session(struct tty *tty, struct process *leader)
{
    if (leader->sid != leader->pid)
        return -EPERM;
    if (tty->sid == leader->sid)
        return 0;
    if (tty->sid != 0 || find_by_session(leader->sid) != NULL)
        return -EPERM;
    tty->sid = leader->sid;
    pid_find(tty->sid)->terminal = tty;
    tty_set_foreground(tty, leader->pgid);
    return 0;
}

/* Free the terminal from its session; SIGHUP, SIGCONT to the foreground. */
static void leave_session(struct tty *tty)
{
    int pgid = tty->pgid;

    pid_find(tty->sid)->terminal = NULL;
    tty->sid = 0;
    if (pgid > 0)
        pid_hold(pgid);
    tty_set_foreground(tty, 0);
    if (pgid <= 0)
        return;
    (void)signal_send_group(pgid, SIGHUP);
    (void)signal_send_group(pgid, SIGCONT);
    pid_drop(pgid);
}

void tty_end_session(int sid)
{
    struct tty *tty = find_by_session(sid);

    if (tty == NULL)
        return;
    if (!tty->ops->is_pseudo)
        hang_up_files(tty);
    leave_session(tty);
}

void tty_hang_up(struct tty *tty)
{
    uint32_t flags = irq_save();

    tty->hung_up = true;
    waitq_wake(&tty->readers);
    waitq_wake(&tty->writers);
    irq_restore(flags);
    if (tty->sid > 0)
        leave_session(tty);
}

bool tty_is_ours(const struct tty *tty)
{
    const struct process *p = current_process();

    return tty->sid > 0 && tty->sid == p->sid && !p->left_terminal;
}

static bool refuses_signal(const struct process *p, int signo)
{
    if (current->signals.blocked & SIGNAL_BIT(signo))
        return true;
    return p->handlers != NULL &&
           p->handlers->actions[signo - 1].handler == __CAIRN_SIG_IGN;
}

int tty_check_background(struct tty *tty, int signo)
{
    struct process *p = current_process();

    if (tty->pgid <= 0 || !tty_is_ours(tty) || p->pgid == tty->pgid)
        return 0;
    if (refuses_signal(p, signo))
        return signo == SIGTTIN ? -EIO : 0;
    if (process_group_is_orphaned(p->pgid))
        return -EIO;
    if (signal_send_group(p->pgid, signo) < 0)
        return -EIO;
    return -EINTR;
}

/* A session leader without a terminal gets the one it opens. */
static int adopt(struct tty *tty, bool wanted)
{
    struct process *p = current_process();
    int error = 0;

    /* The kernel's own processes want no terminal. */
    if (p != NULL && p->handlers != NULL && wanted && p->sid == p->pid)
        error = tty_set_session(tty, p);
    /* Whoever cannot have it as its own can still use it. */
    return error == -EPERM ? 0 : error;
}

static int tty_open(struct file *file)
{
    struct tty *tty = file->private;
    int error;

    if (tty->hung_up)
        return -EIO;
    error = tty->ops->opened != NULL ? tty->ops->opened(tty) : 0;
    if (error < 0)
        return error;
    tty->refs++;
    file->epoch = tty->epoch;
    /* Who may only write to a terminal does not get it as his own. */
    return adopt(tty, !(file->flags & O_NOCTTY) && (file->mode & FILE_READ));
}

static void tty_release(struct file *file)
{
    struct tty *tty = file->private;

    if (tty->ops->closed != NULL)
        tty->ops->closed(tty);
    tty_put_reference(tty);
}

static int open_current(struct file *file)
{
    struct tty *tty = find_by_session(current_process()->sid);

    if (tty == NULL || !tty_is_ours(tty))
        return -ENXIO;
    file->private = tty;
    return tty_open(file);
}

/* Move ready bytes up to the first that ends a line. Interrupts are off. */
static size_t take_plain(struct tty *tty, char *buf, size_t nbytes)
{
    uint32_t head = tty->in_head, ready = tty_nready(tty);
    size_t most = nbytes < ready ? nbytes : ready, n = 0;

    for (; n < most; n++) {
        unsigned cell = tty->in[(head + n) % TTY_IN_CELLS];

        if (cell & (CELL_EOF | CELL_END))
            break;
        buf[n] = (char)cell;
    }
    tty->in_head = head + (uint32_t)n;
    return n;
}

/*
 * Move what is ready, up to the end of a line in canonical mode, to `buf`.
 * Set *ended when a line ended. Interrupts are off.
 */
static size_t take(struct tty *tty, char *buf, size_t nbytes, bool *ended)
{
    size_t n = take_plain(tty, buf, nbytes);

    assert(!irq_is_on());
    while (tty_nready(tty) > 0 && !*ended) {
        unsigned cell = tty->in[tty->in_head % TTY_IN_CELLS];

        if (cell & CELL_EOF) {
            *ended = true;
        } else {
            if (n == nbytes)
                break;
            buf[n++] = (char)cell;
            *ended = (cell & CELL_END) && tty_has(tty, ICANON);
        }
        tty->in_head++;
    }
    return n;
}

/* Move ready input to the reader. Set *ended as above. */
static size_t take_to_user(struct tty *tty, struct uio *uio, bool *ended)
{
    char buf[CHUNK];
    size_t done = 0;

    while (!*ended && !uio->fault) {
        size_t want = uio->resid < sizeof(buf) ? uio->resid : sizeof(buf);
        uint32_t flags = irq_save();
        size_t n = take(tty, buf, want, ended);

        if (n > 0 && tty->ops->kick != NULL)
            tty->ops->kick(tty);
        irq_restore(flags);
        done += uio_copy_out(uio, buf, n);
        if (n == 0 || n < want)
            break;
    }
    return done;
}

/*
 * When a raw read that has `done` bytes must be over: now (0), never, or at a
 * time. MIN > 0 with TIME: the clock starts with each byte; MIN = 0: with the
 * call.
 */
static uint64_t raw_deadline(const struct tty *tty, size_t done, uint64_t start)
{
    uint8_t min = tty->termios.c_cc[VMIN];
    uint64_t time = tty->termios.c_cc[VTIME] * TENTH_OF_SECOND_NS;

    if (min == 0)
        return time > 0 && done == 0 ? start + time : 0;
    if (done >= min)
        return 0;
    if (time == 0 || done == 0)
        return WAITQ_FOREVER;
    return clock_monotonic_ns() + time;
}

/* Sleeps until input is ready. 0, -EINTR, -ETIMEDOUT. */
static int wait_for_input(struct tty *tty, uint64_t deadline)
{
    uint32_t flags = irq_save();
    int error = 0;

    if (tty_nready(tty) == 0)
        error = waitq_sleep(&tty->readers, true, deadline);
    irq_restore(flags);
    return error;
}

static bool would_block(const struct file *file, const struct uio *uio)
{
    return (file->flags & O_NONBLOCK) || uio->nonblock;
}

static ssize_t tty_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    struct tty *tty = file->private;
    uint64_t start = clock_monotonic_ns();
    uint64_t deadline = WAITQ_FOREVER;
    size_t done = 0;
    bool ended = false;
    int error = 0;

    (void)pos;
    while (uio->resid > 0 && !uio->fault) {
        if (tty_file_is_dead(tty, file) && !tty->hung_up)
            break;
        error = tty_check_background(tty, SIGTTIN);
        if (error < 0)
            break;
        done += take_to_user(tty, uio, &ended);
        if (ended || uio->resid == 0 || (tty_has(tty, ICANON) && done > 0))
            break;
        if (tty->hung_up)
            break;
        if (!tty_has(tty, ICANON))
            deadline = raw_deadline(tty, done, start);
        if (deadline == 0)
            break;
        if (would_block(file, uio)) {
            error = -EAGAIN;
            break;
        }
        error = wait_for_input(tty, deadline);
        if (error < 0)
            break;
    }
    return uio_result(uio, done, error == -ETIMEDOUT ? 0 : error);
}

/* How many of the bytes could be put. */
static size_t put_some(struct tty *tty, const char *s, size_t nbytes)
{
    size_t n = 0;

    if (tty->ops->hold != NULL)
        tty->ops->hold(true);
    if (!(tty->termios.c_oflag & OPOST)) {
        n = tty_out_room(tty) < nbytes ? tty_out_room(tty) : nbytes;
        if (n > 0 && !tty_put_raw(tty, s, n))
            n = 0;
    }
    while (n < nbytes && tty_put(tty, s[n]))
        n++;
    if (tty->ops->hold != NULL)
        tty->ops->hold(false);
    if (tty->ops->kick != NULL)
        tty->ops->kick(tty);
    return n;
}

/*
 * Put all bytes, sleeping for room. Return how many were put: fewer only
 * with *error set.
 */
static size_t put_all(const struct file *file, const char *s, size_t nbytes,
                      bool nonblock, int *error)
{
    struct tty *tty = file->private;
    uint32_t flags = irq_save();
    size_t done = 0;

    for (;;) {
        if (!tty_file_may_write(tty, file)) {
            *error = -EIO;
            break;
        }
        done += put_some(tty, s + done, nbytes - done);
        if (done == nbytes)
            break;
        *error = nonblock ? -EAGAIN
                          : waitq_sleep(&tty->writers, true, WAITQ_FOREVER);
        if (*error < 0)
            break;
    }
    irq_restore(flags);
    return done;
}

static ssize_t tty_write(struct file *file, struct uio *uio, uint64_t *pos)
{
    struct tty *tty = file->private;
    size_t part = tty->ops->show == NULL ? CHUNK : SHOWN;
    char buf[CHUNK];
    size_t done = 0;
    int error = 0;

    (void)pos;
    if (tty_has(tty, TOSTOP))
        error = tty_check_background(tty, SIGTTOU);
    while (error == 0 && uio->resid > 0 && !uio->fault) {
        size_t n = uio_copy_in(uio, buf, part);

        done += put_all(file, buf, n, would_block(file, uio), &error);
        if (done % (8 * part) == 0 && uio->resid > 0 && checkpoint_signal())
            break;
    }
    return uio_result(uio, done, error);
}

static unsigned tty_poll(struct file *file, struct poll_set *set)
{
    struct tty *tty = file->private;
    unsigned events = 0;

    poll_wait(set, &tty->readers);
    poll_wait(set, &tty->writers);
    if (tty_file_is_dead(tty, file))
        return POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM | POLLERR | POLLHUP;
    if (tty_nready(tty) > 0)
        events |= POLLIN | POLLRDNORM;
    if (tty_out_room(tty) >= TTY_OUT_GROWTH)
        events |= POLLOUT | POLLWRNORM;
    return events;
}

const struct file_ops tty_file_ops = {
    .open = tty_open,
    .release = tty_release,
    .read = tty_read,
    .write = tty_write,
    .ioctl = tty_ioctl,
    .poll = tty_poll,
};

const struct file_ops tty_current_ops = {
    .open = open_current,
    .release = tty_release,
    .read = tty_read,
    .write = tty_write,
    .ioctl = tty_ioctl,
    .poll = tty_poll,
};
