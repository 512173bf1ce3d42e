/*
 * ioctl of terminals: attributes, window size, job control, flow.
 */
#include "dev/tty_private.h"

#include <cairn/errno.h>
#include <cairn/signal.h>
#include "arch/i386/cpu.h"
#include "arch/i386/ucopy.h"
#include "fs/file.h"
#include "lib/string.h"
#include "proc/process.h"
#include "proc/signal.h"

static long put_int(uint32_t arg, int v)
{
    return copy_to_user(arg, &v, sizeof(v));
}

static long get_attributes(struct tty *tty, uint32_t arg)
{
    return copy_to_user(arg, &tty->termios, sizeof(tty->termios));
}

/*
 * New attributes take effect between two bytes. Leaving canonical mode makes
 * the line typed so far readable; so does entering it with bytes unread.
 */
void tty_set_attributes(struct tty *tty, const struct termios *termios)
{
    uint32_t flags = irq_save();
    tcflag_t changed = tty->termios.c_lflag ^ termios->c_lflag;

    tty->termios = *termios;
    tty->termios.c_line = 0;
    if (changed & ICANON)
        tty_release_line(tty);
    if (!(termios->c_iflag & IXON))
        tty_start(tty);
    waitq_wake(&tty->readers);
    irq_restore(flags);
}

static long set_attributes(struct tty *tty, uint32_t request, uint32_t arg)
{
    struct termios termios;
    int error = tty_check_background(tty, SIGTTOU);

    if (error == 0)
        error = copy_from_user(&termios, arg, sizeof(termios));
    if (error == 0 && request != TCSETS)
        error = tty_drain(tty);
    if (error < 0)
        return error;
    if (request == TCSETSF) {
        uint32_t flags = irq_save();

        tty_flush_input(tty);
        irq_restore(flags);
    }
    tty_set_attributes(tty, &termios);
    return 0;
}

void tty_set_window(struct tty *tty, const struct winsize *winsize)
{
    if (memcmp(winsize, &tty->winsize, sizeof(*winsize)) == 0)
        return;
    tty->winsize = *winsize;
    if (tty->pgid > 0)
        (void)signal_send_group(tty->pgid, SIGWINCH);
}

static long set_window(struct tty *tty, uint32_t arg)
{
    struct winsize winsize;
    int error = copy_from_user(&winsize, arg, sizeof(winsize));

    if (error == 0)
        tty_set_window(tty, &winsize);
    return error;
}

static long set_group(struct tty *tty, uint32_t arg)
{
    int error, pgid;

    if (!tty_is_ours(tty))
        return -ENOTTY;
    error = tty_check_background(tty, SIGTTOU);
    if (error == 0)
        error = copy_from_user(&pgid, arg, sizeof(pgid));
    if (error < 0)
        return error;
    if (pgid <= 0)
        return -EINVAL;
    if (!process_group_exists(pgid, current_process()->sid))
        return -EPERM;
    tty_set_foreground(tty, pgid);
    return 0;
}

static long give_up(struct tty *tty)
{
    struct process *p = current_process();

    if (!tty_is_ours(tty))
        return -ENOTTY;
    if (p->sid == p->pid)
        tty_end_session(p->sid);
    else
        p->left_terminal = true;
    return 0;
}

static long flush(struct tty *tty, uint32_t which)
{
    uint32_t flags;

    if (which > TCIOFLUSH)
        return -EINVAL;
    flags = irq_save();
    if (which == TCIFLUSH || which == TCIOFLUSH)
        tty_flush_input(tty);
    if (which == TCOFLUSH || which == TCIOFLUSH)
        tty_flush_output(tty);
    irq_restore(flags);
    return 0;
}

static long drain(struct tty *tty)
{
    int error = tty_check_background(tty, SIGTTOU);

    return error < 0 ? error : tty_drain(tty);
}

static void send_raw(struct tty *tty, char c)
{
    uint32_t flags = irq_save();

    if (c != _POSIX_VDISABLE)
        (void)tty_put_raw(tty, &c, 1);
    if (tty->ops->kick != NULL)
        tty->ops->kick(tty);
    irq_restore(flags);
}

static long flow(struct tty *tty, uint32_t action)
{
    switch (action) {
    case TCOOFF:
        tty_stop(tty);
        return 0;
    case TCOON:
        tty_start(tty);
        return 0;
    case TCIOFF:
        send_raw(tty, (char)tty->termios.c_cc[VSTOP]);
        return 0;
    case TCION:
        send_raw(tty, (char)tty->termios.c_cc[VSTART]);
        return 0;
    default:
        return -EINVAL;
    }
}

static long simulate_input(struct tty *tty, uint32_t arg)
{
    char c;
    int error = copy_from_user(&c, arg, 1);

    if (error < 0)
        return error;
    if (current_process()->creds.euid != 0)
        return -EPERM;
    tty_receive(tty, &c, 1);
    return 0;
}

static long job_control(struct tty *tty, uint32_t request, uint32_t arg)
{
    switch (request) {
    case TIOCGPGRP:
        return tty_is_ours(tty) ? put_int(arg, tty->pgid) : -ENOTTY;
    case TIOCSPGRP:
        return set_group(tty, arg);
    case TIOCGSID:
        return tty_is_ours(tty) ? put_int(arg, tty->sid) : -ENOTTY;
    case TIOCSCTTY:
        return tty_set_session(tty, current_process());
    case TIOCNOTTY:
        return give_up(tty);
    default:
        return -ENOTTY;
    }
}

long tty_ioctl(struct file *file, uint32_t request, uint32_t arg)
{
    if (request == TIOCSCTTY && !(file->mode & FILE_READ) &&
        current_process()->creds.euid != 0)
        return -EPERM;
    if (tty_file_is_dead(file->private, file))
        return -EIO;
    return tty_control(file->private, request, arg);
}

long tty_control(struct tty *tty, uint32_t request, uint32_t arg)
{
    if (tty->hung_up)
        return -EIO;
    switch (request) {
    case TCGETS:
        return get_attributes(tty, arg);
    case TCSETS:
    case TCSETSW:
    case TCSETSF:
        return set_attributes(tty, request, arg);
    case TIOCGWINSZ:
        return copy_to_user(arg, &tty->winsize, sizeof(tty->winsize));
    case TIOCSWINSZ:
        return set_window(tty, arg);
    case FIONREAD:
        return put_int(arg, (int)tty_nready(tty));
    case TIOCOUTQ:
        return put_int(arg, (int)(tty->out_tail - tty->out_head));
    case TCSBRK:
    case TCSBRKP:
        return drain(tty);
    case TIOCSBRK:
    case TIOCCBRK:
    case TIOCEXCL:
    case TIOCNXCL:
        return 0;
    case TCXONC:
        return flow(tty, arg);
    case TCFLSH:
        return flush(tty, arg);
    case TIOCSTI:
        return simulate_input(tty, arg);
    case TIOCGETD:
        return put_int(arg, 0);
    default:
        return job_control(tty, request, arg);
    }
}
