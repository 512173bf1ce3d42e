/*
 * The way out of a terminal: output processing (POSIX 11.2.3) and the ring
 * that the device fetches from.
 *
 * A device without `kick` has no ring: what is put is shown at once.
 */
#include "dev/tty_private.h"

#include <cairn/errno.h>
#include "arch/i386/cpu.h"
#include "lib/panic.h"
#include "lib/string.h"

uint32_t tty_out_room(const struct tty *tty)
{
    if (tty->ops->kick == NULL)
        return tty->stopped ? 0 : TTY_OUT_BYTES;
    return TTY_OUT_BYTES - (tty->out_tail - tty->out_head);
}

bool tty_put_raw(struct tty *tty, const char *s, size_t nbytes)
{
    if (tty_out_room(tty) < nbytes)
        return false;
    if (tty->ops->show != NULL)
        tty->ops->show(tty, s, nbytes);
    if (tty->ops->kick == NULL)
        return true;
    while (nbytes > 0) {
        size_t at = tty->out_tail % TTY_OUT_BYTES;
        size_t n = nbytes < TTY_OUT_BYTES - at ? nbytes : TTY_OUT_BYTES - at;

        if (nbytes == 1)
            tty->out[at] = *s; /* as most calls are */
        else
            memcpy(tty->out + at, s, n);
        tty->out_tail += (uint32_t)n;
        s += n;
        nbytes -= n;
    }
    return true;
}

static bool put_tab(struct tty *tty)
{
    static const char blanks[TTY_TAB_WIDTH] = "        ";
    unsigned width = TTY_TAB_WIDTH - tty->column % TTY_TAB_WIDTH;
    bool expand = (tty->termios.c_oflag & TABDLY) == XTABS;

    if (!tty_put_raw(tty, expand ? blanks : "\t", expand ? width : 1))
        return false;
    tty->column += width;
    return true;
}

static bool put_newline(struct tty *tty)
{
    tcflag_t oflag = tty->termios.c_oflag;
    bool with_return = oflag & ONLCR;

    if (!tty_put_raw(tty, with_return ? "\r\n" : "\n", with_return ? 2 : 1))
        return false;
    if (oflag & (ONLCR | ONLRET))
        tty->column = 0;
    return true;
}

static bool put_return(struct tty *tty)
{
    tcflag_t oflag = tty->termios.c_oflag;

    if ((oflag & ONOCR) && tty->column == 0)
        return true;
    if (oflag & OCRNL)
        return put_newline(tty);
    if (!tty_put_raw(tty, "\r", 1))
        return false;
    tty->column = 0;
    return true;
}

static bool put_plain(struct tty *tty, char c)
{
    uint8_t byte = (uint8_t)c;

    if ((tty->termios.c_oflag & OLCUC) && c >= 'a' && c <= 'z')
        c -= 'a' - 'A';
    if (!tty_put_raw(tty, &c, 1))
        return false;
    if (c == '\b')
        tty->column -= tty->column > 0;
    else if (byte >= 0x20 && byte != 0x7F && (byte & 0xC0) != 0x80)
        tty->column++;
    return true;
}

bool tty_put(struct tty *tty, char c)
{
    if (!(tty->termios.c_oflag & OPOST))
        return tty_put_raw(tty, &c, 1);
    switch (c) {
    case '\t':
        return put_tab(tty);
    case '\n':
        return put_newline(tty);
    case '\r':
        return put_return(tty);
    default:
        return put_plain(tty, c);
    }
}

size_t tty_fetch(struct tty *tty, char *buf, size_t nbytes)
{
    size_t n = 0;

    assert(!irq_is_on());
    if (tty->stopped)
        return 0;
    while (n < nbytes && tty->out_head != tty->out_tail) {
        size_t at = tty->out_head % TTY_OUT_BYTES;
        size_t part = tty->out_tail - tty->out_head;

        if (part > nbytes - n)
            part = nbytes - n;
        if (part > TTY_OUT_BYTES - at)
            part = TTY_OUT_BYTES - at;
        memcpy(buf + n, tty->out + at, part);
        tty->out_head += (uint32_t)part;
        n += part;
    }
    /* Writers wake when half the ring is free, not for every byte. */
    if (n > 0 && tty_out_room(tty) >= TTY_OUT_BYTES / 2)
        waitq_wake(&tty->writers);
    return n;
}

bool tty_has_output(const struct tty *tty)
{
    return !tty->stopped && tty->out_head != tty->out_tail;
}

void tty_flush_output(struct tty *tty)
{
    tty->out_head = tty->out_tail;
    waitq_wake(&tty->writers);
}

void tty_start(struct tty *tty)
{
    if (!tty->stopped)
        return;
    tty->stopped = false;
    if (tty->ops->kick != NULL)
        tty->ops->kick(tty);
    waitq_wake(&tty->writers);
}

void tty_stop(struct tty *tty)
{
    tty->stopped = true;
}

int tty_drain(struct tty *tty)
{
    uint32_t flags = irq_save(), epoch = tty->epoch;
    int error = 0;

    if (tty->ops->is_pseudo)
        goto out; /* as on Linux: all has left when the master may read it */
    while (error == 0 && !tty->hung_up && tty->out_head != tty->out_tail) {
        error = waitq_sleep(&tty->writers, true, WAITQ_FOREVER);
        if (error == 0 && tty->epoch != epoch)
            error = -EIO; /* hung up meanwhile: nothing more is done to it */
    }
out:
    irq_restore(flags);
    return error;
}
