/*
 * Pseudo-terminals (POSIX posix_openpt, and Linux's pty(7)).
 *
 *      program <--> terminal /dev/pts/N <--> master <--> terminal emulator
 *                   line discipline
 *
 * The master takes the place of the device: what is written to it is received
 * by the terminal, what the terminal has to say is read from it. The terminal
 * is locked until TIOCSPTLCK opens it, as unlockpt does.
 *
 * When the master is closed the terminal hangs up and its name goes. When all
 * files of the terminal are closed the master reads what is left, then -EIO,
 * until somebody opens it again.
 */
#include "dev/pty.h"

#include <cairn/errno.h>
#include <cairn/ioctl.h>
#include <cairn/stat.h>
#include "arch/i386/cpu.h"
#include "dev/tty.h"
#include "fs/devfs.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "lib/checkpoint.h"
#include "lib/printf.h"
#include "mm/kmalloc.h"
#include "proc/process.h"
#include "proc/user.h"
#include "sched/waitq.h"

/*
 * How many there are: for one user, and for root alone when users have had all
 * others.
 */
#define NPTYS     64
#define USER_PTYS 24
#define ROOT_PTYS 8

#define CHUNK 512

/* Bytes, and pieces of a line, between two chances for others. */
#define MUCH_WORK 128

/* Device numbers as Linux has them. */
#define MAJOR_PTMX 5
#define MINOR_PTMX 2
#define MAJOR_PTS  136

#define GROUP_TTY 5 /* may write to a terminal: write(1), wall(1) */

#define NAME_BYTES 16

struct pty {
    struct tty *tty;      /* (c) counted by the master */
    struct user *user;    /* (c) who opened it; counted */
    unsigned number;      /* (c) */
    bool locked;          /* the terminal cannot be opened yet */
    bool was_open;        /* the terminal has been opened once */
    unsigned nopen;       /* files of the terminal */
    struct waitq readers; /* output came, or all files were closed */
    struct waitq writers; /* the terminal has room again */
};

static struct pty *ptys[NPTYS];

static void kick(struct tty *tty)
{
    struct pty *pty = tty_driver(tty);

    /* The master may have been closed before the terminal. */
    if (pty == NULL)
        return;
    waitq_wake(&pty->readers);
    waitq_wake(&pty->writers);
}

static int opened(struct tty *tty)
{
    struct pty *pty = tty_driver(tty);

    if (pty == NULL || pty->locked)
        return -EIO;
    pty->nopen++;
    pty->was_open = true;
    return 0;
}

static void closed(struct tty *tty)
{
    struct pty *pty = tty_driver(tty);

    if (pty == NULL)
        return;
    pty->nopen--;
    waitq_wake(&pty->readers);
}

static const struct tty_ops pts_ops = {
    .kick = kick,
    .opened = opened,
    .closed = closed,
    .is_pseudo = true,
};

static void make_name(const struct pty *pty, char *name)
{
    ksnprintf(name, NAME_BYTES, "pts/%u", pty->number);
}

static uint32_t device_number(const struct pty *pty)
{
    return inode_makedev(MAJOR_PTS, pty->number);
}

static int register_pts(struct pty *pty)
{
    char name[NAME_BYTES];

    make_name(pty, name);
    return devfs_register_passing(name, S_IFCHR | 0620, GROUP_TTY,
                                  device_number(pty), &tty_file_ops, pty->tty);
}

static int create(unsigned number, struct pty **out)
{
    struct pty *pty = kzalloc(sizeof(*pty));
    int error;

    if (pty == NULL)
        return -ENOMEM;
    pty->number = number;
    pty->locked = true;
    waitq_init(&pty->readers);
    waitq_init(&pty->writers);
    error = tty_create(&pts_ops, pty, 0, 0, &pty->tty);
    if (error < 0)
        goto err_pty;
    error = register_pts(pty);
    if (error < 0)
        goto err_tty;
    ptys[number] = pty;
    pty->user = user_again(current_process()->user);
    pty->user->nptys++;
    *out = pty;
    return 0;

err_tty:
    tty_put_reference(pty->tty);
err_pty:
    kfree(pty);
    return error;
}

/* Has the user of the running process had his part? */
static bool is_over_limit(unsigned ntaken)
{
    return !process_is_roots() && (ntaken >= NPTYS - ROOT_PTYS ||
                                   current_process()->user->nptys >= USER_PTYS);
}

static int ptmx_open(struct file *file)
{
    struct pty *pty;
    unsigned ntaken = 0;
    int error;

    for (unsigned number = 0; number < NPTYS; number++)
        ntaken += ptys[number] != NULL;
    for (unsigned number = 0; number < NPTYS && !is_over_limit(ntaken);
         number++) {
        if (ptys[number] != NULL)
            continue;
        error = create(number, &pty);
        if (error == 0)
            file->private = pty;
        return error;
    }
    return -ENOSPC;
}

static void ptmx_release(struct file *file)
{
    struct pty *pty = file->private;
    char name[NAME_BYTES];

    make_name(pty, name);
    devfs_unregister(name, device_number(pty));
    ptys[pty->number] = NULL;
    pty->user->nptys--;
    user_put(pty->user);
    tty_hang_up(pty->tty);
    tty_set_driver(pty->tty, NULL);
    tty_put_reference(pty->tty);
    kfree(pty);
}

static bool would_block(const struct file *file, const struct uio *uio)
{
    return (file->flags & O_NONBLOCK) || uio->nonblock;
}

/* Take output, sleeping until there is some: bytes or -errno. */
static ssize_t fetch(struct pty *pty, char *buf, size_t nbytes, bool nonblock)
{
    uint32_t flags = irq_save();
    ssize_t n;
    int error = 0;

    while ((n = (ssize_t)tty_fetch(pty->tty, buf, nbytes)) == 0 && error == 0) {
        if (pty->was_open && pty->nopen == 0)
            error = -EIO;
        else if (nonblock)
            error = -EAGAIN;
        else
            error = waitq_sleep(&pty->readers, true, WAITQ_FOREVER);
    }
    irq_restore(flags);
    return n > 0 ? n : error;
}

static ssize_t ptmx_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    struct pty *pty = file->private;
    char buf[CHUNK];
    size_t done = 0;
    ssize_t n = 0;

    (void)pos;
    while (uio->resid > 0 && !uio->fault) {
        size_t want = uio->resid < sizeof(buf) ? uio->resid : sizeof(buf);

        n = fetch(pty, buf, want, would_block(file, uio) || done > 0);
        if (n < 0)
            break;
        done += uio_copy_out(uio, buf, (size_t)n);
    }
    return uio_result(uio, done, n < 0 ? (int)n : 0);
}

/* Let the terminal receive bytes, sleeping for room: how many it took. */
static size_t feed(struct pty *pty, const char *s, size_t nbytes, bool nonblock,
                   int *error)
{
    size_t done = 0, work = 0;

    while (done < nbytes && *error == 0) {
        done += tty_receive_plain(pty->tty, s + done, nbytes - done);
        if (done == nbytes)
            break;
        if (tty_has_room(pty->tty)) {
            /* A key may go over all that was typed. */
            work += 1 + tty_line_length(pty->tty) / 32;
            tty_receive(pty->tty, s + done++, 1);
        } else if (nonblock) {
            *error = -EAGAIN;
        } else {
            *error = waitq_sleep(&pty->writers, true, WAITQ_FOREVER);
        }
        if (work >= MUCH_WORK) {
            work = 0;
            *error = checkpoint_signal() ? -EINTR : *error;
        }
    }
    return done;
}

static ssize_t ptmx_write(struct file *file, struct uio *uio, uint64_t *pos)
{
    struct pty *pty = file->private;
    char buf[CHUNK];
    size_t done = 0;
    int error = 0;

    (void)pos;
    while (uio->resid > 0 && !uio->fault && error == 0) {
        size_t n = uio_copy_in(uio, buf, sizeof(buf));

        done += feed(pty, buf, n, would_block(file, uio), &error);
        if (error == 0 && uio->resid > 0 && checkpoint_signal())
            break;
    }
    return uio_result(uio, done, error);
}

static unsigned ptmx_poll(struct file *file, struct poll_set *set)
{
    struct pty *pty = file->private;
    unsigned events = 0;

    poll_wait(set, &pty->readers);
    poll_wait(set, &pty->writers);
    if (tty_has_output(pty->tty))
        events |= POLLIN | POLLRDNORM;
    if (tty_has_room(pty->tty))
        events |= POLLOUT | POLLWRNORM;
    if (pty->was_open && pty->nopen == 0)
        events |= POLLHUP;
    return events;
}

static long set_lock(struct pty *pty, uint32_t arg)
{
    int locked;
    int error = copy_from_user(&locked, arg, sizeof(locked));

    if (error == 0)
        pty->locked = locked != 0;
    return error;
}

/* What the master does not know itself is meant for the terminal. */
static long ptmx_ioctl(struct file *file, uint32_t request, uint32_t arg)
{
    struct pty *pty = file->private;
    int number = (int)pty->number;

    switch (request) {
    case TIOCGPTN:
        return copy_to_user(arg, &number, sizeof(number));
    case TIOCSPTLCK:
        return set_lock(pty, arg);
    case TIOCSCTTY:
    case TIOCNOTTY:
        return -ENOTTY;
    default:
        return tty_control(pty->tty, request, arg);
    }
}

static const struct file_ops ptmx_ops = {
    .open = ptmx_open,
    .release = ptmx_release,
    .read = ptmx_read,
    .write = ptmx_write,
    .ioctl = ptmx_ioctl,
    .poll = ptmx_poll,
};

/* ---- the kernel as master ---- */

int pty_create(struct pty **out)
{
    for (unsigned number = 0; number < NPTYS; number++) {
        int error;

        if (ptys[number] != NULL)
            continue;
        error = create(number, out);
        if (error == 0)
            (*out)->locked = false;
        return error;
    }
    return -ENOSPC;
}

struct tty *pty_tty(const struct pty *pty)
{
    return pty->tty;
}

unsigned pty_number(const struct pty *pty)
{
    return pty->number;
}

void pty_await_output(struct pty *pty)
{
    uint32_t flags = irq_save();

    while (!tty_has_output(pty->tty))
        waitq_wait(&pty->readers);
    irq_restore(flags);
}

void pty_type(struct pty *pty, const char *s, size_t nbytes)
{
    int error = 0;

    while (nbytes > 0) {
        size_t n = feed(pty, s, nbytes, false, &error);

        s += n;
        nbytes -= n;
    }
}

int pty_init(void)
{
    return devfs_register("ptmx", S_IFCHR | 0666,
                          inode_makedev(MAJOR_PTMX, MINOR_PTMX), &ptmx_ops,
                          NULL);
}
