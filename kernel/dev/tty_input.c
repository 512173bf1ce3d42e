/*
 * The way into a terminal: what a received byte means (POSIX 11.1.6, 11.1.9,
 * 11.2.2, 11.2.5), the editing of the line being typed, and its echo.
 *
 * Everything here runs in the interrupt that brings the bytes; that of a pseudo
 * terminal, which only threads use, with interrupts on. What an interrupt shows
 * of a long line is limited.
 */
#include "dev/tty_private.h"

#include <cairn/signal.h>
#include "arch/i386/cpu.h"
#include "proc/signal.h"

#define LIMIT_LINE   400 /* characters that are worked on in an interrupt */
#define LIMIT_SCREEN 100 /* the same, for a device that shows them at once */

static void echo_flush(struct tty *tty)
{
    if (tty->ops->kick != NULL)
        tty->ops->kick(tty);
}

static bool is_control(uint8_t c)
{
    return c < 0x20 || c == 0x7F;
}

static bool is_continuation(const struct tty *tty, uint8_t c)
{
    return (tty->termios.c_iflag & IUTF8) && (c & 0xC0) == 0x80;
}

static void echo_control(struct tty *tty, uint8_t c)
{
    tty_put(tty, '^');
    tty_put(tty, (char)(c ^ 0x40));
}

/* Show a typed byte; control characters as ^X if ECHOCTL says so. */
static void echo(struct tty *tty, uint8_t c)
{
    if (!tty_has(tty, ECHO) && !(c == '\n' && tty_has(tty, ECHONL | ICANON)))
        return;
    if (tty_has(tty, ECHOCTL) && is_control(c) && c != '\t' && c != '\n')
        echo_control(tty, c);
    else
        tty_put(tty, (char)c);
}

static uint8_t typed(const struct tty *tty, uint32_t at)
{
    return tty->in[at % TTY_IN_CELLS] & CELL_BYTE;
}

/* How many columns byte c takes; a tab, by where it begins. */
static unsigned width_of(const struct tty *tty, unsigned column, uint8_t c)
{
    if (c == '\t')
        return TTY_TAB_WIDTH - column % TTY_TAB_WIDTH;
    if (is_control(c))
        return tty_has(tty, ECHOCTL) ? 2 : 0;
    return is_continuation(tty, c) ? 0 : 1;
}

/*
 * The column at which the line being typed ends, modulo the width of a tab:
 * looked for from the end, up to the last tab.
 */
static unsigned typed_column(const struct tty *tty)
{
    unsigned column = 0;
    uint32_t at = tty->in_tail;

    while (at != tty->in_ready && typed(tty, at - 1) != '\t')
        column += width_of(tty, 0, typed(tty, --at));
    return at == tty->in_ready ? tty->edit_column + column : column;
}

/* How much of a line may be shown, or taken from it, at once. */
static unsigned work_limit(const struct tty *tty)
{
    if (tty->ops->is_pseudo)
        return UINT32_MAX;
    return tty->ops->kick != NULL ? LIMIT_LINE : LIMIT_SCREEN;
}

static void rub_out(struct tty *tty, unsigned ncolumns)
{
    while (ncolumns-- > 0 && tty_put(tty, '\b')) {
        tty_put(tty, ' ');
        tty_put(tty, '\b');
    }
}

/* A tab is rubbed out by moving back over blanks. */
static void move_back(struct tty *tty, unsigned ncolumns)
{
    while (ncolumns-- > 0 && tty_put(tty, '\b'))
        continue;
}

static bool line_is_empty(const struct tty *tty)
{
    return tty->in_tail == tty->in_ready;
}

/* Take the last typed character away, all bytes of it. */
static void erase_character(struct tty *tty)
{
    unsigned width = 0;
    uint8_t c;

    if (line_is_empty(tty))
        return;
    do {
        c = typed(tty, --tty->in_tail);
        width += c == '\t' ? 0 : width_of(tty, 0, c);
    } while (is_continuation(tty, c) && !line_is_empty(tty));
    if (!tty_has(tty, ECHO))
        return;
    if (!tty_has(tty, ECHOE))
        echo(tty, tty->termios.c_cc[VERASE]);
    else if (c == '\t')
        move_back(tty, width_of(tty, typed_column(tty), c));
    else
        rub_out(tty, width);
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

static void erase_word(struct tty *tty)
{
    unsigned n = work_limit(tty);

    while (!line_is_empty(tty) && is_blank(typed(tty, tty->in_tail - 1)) && n--)
        erase_character(tty);
    while (!line_is_empty(tty) && !is_blank(typed(tty, tty->in_tail - 1)) &&
           n-- > 0)
        erase_character(tty);
}

static void kill_line(struct tty *tty)
{
    if (tty_has(tty, ECHO | ECHOE | ECHOKE) &&
        tty_line_length(tty) <= work_limit(tty)) {
        while (!line_is_empty(tty))
            erase_character(tty);
        return;
    }
    tty->in_tail = tty->in_ready;
    if (!tty_has(tty, ECHO))
        return;
    echo(tty, tty->termios.c_cc[VKILL]);
    if (tty_has(tty, ECHOK))
        tty_put(tty, '\n');
}

static void reprint_line(struct tty *tty)
{
    uint32_t n = tty_line_length(tty);

    if (n > work_limit(tty))
        n = work_limit(tty);
    echo(tty, tty->termios.c_cc[VREPRINT]);
    tty_put(tty, '\n');
    tty->edit_column = 0;
    for (uint32_t at = tty->in_tail - n; at != tty->in_tail; at++)
        echo(tty, typed(tty, at));
}

/* The line being typed can be read from now on. */
void tty_release_line(struct tty *tty)
{
    tty->in_ready = tty->in_tail;
    waitq_wake(&tty->readers);
}

void tty_flush_input(struct tty *tty)
{
    tty->in_head = tty->in_ready = tty->in_tail;
    tty->literal_next = false;
}

static uint32_t cells_free(const struct tty *tty)
{
    return TTY_IN_CELLS - (tty->in_tail - tty->in_head);
}

/*
 * A line that is still typed never fills the ring to the last cell, so that
 * its end can always be entered.
 */
bool tty_has_room(const struct tty *tty)
{
    if (tty_has(tty, ICANON) && tty_nready(tty) == 0)
        return true;
    return cells_free(tty) > TTY_OUT_GROWTH;
}

static bool put_cell(struct tty *tty, unsigned cell)
{
    bool ends = cell & (CELL_END | CELL_EOF);

    if (cells_free(tty) <= (ends ? 0 : 1)) {
        if (tty->termios.c_iflag & IMAXBEL)
            tty_put(tty, '\a');
        return false;
    }
    if (line_is_empty(tty))
        tty->edit_column = tty->column;
    tty->in[tty->in_tail++ % TTY_IN_CELLS] = (uint16_t)cell;
    return true;
}

static void enter_end(struct tty *tty, unsigned cell)
{
    if (put_cell(tty, cell))
        tty_release_line(tty);
}

/* A byte that means nothing but itself. */
static void enter_byte(struct tty *tty, uint8_t c)
{
    bool mark = (tty->termios.c_iflag & PARMRK) && c == 0xFF;

    if (mark && !put_cell(tty, c))
        return;
    if (!put_cell(tty, c))
        return;
    echo(tty, c);
    if (!tty_has(tty, ICANON))
        tty_release_line(tty);
}

static void send_signal(struct tty *tty, uint8_t c, int signo)
{
    if (!tty_has(tty, NOFLSH)) {
        tty_flush_input(tty);
        tty_flush_output(tty);
    }
    if (tty_has(tty, ECHO))
        echo(tty, c);
    if (tty->pgid > 0)
        (void)signal_send_group(tty->pgid, signo);
}

/* ISIG keys. True if it was one. */
static bool signal_key(struct tty *tty, uint8_t c)
{
    if (!tty_has(tty, ISIG))
        return false;
    if (tty_is_key(tty, VINTR, c))
        send_signal(tty, c, SIGINT);
    else if (tty_is_key(tty, VQUIT, c))
        send_signal(tty, c, SIGQUIT);
    else if (tty_is_key(tty, VSUSP, c))
        send_signal(tty, c, SIGTSTP);
    else
        return false;
    tty_start(tty);
    return true;
}

/* IXON keys. True if it was one. */
static bool flow_key(struct tty *tty, uint8_t c)
{
    tcflag_t iflag = tty->termios.c_iflag;

    if (!(iflag & IXON))
        return false;
    if (tty_is_key(tty, VSTOP, c)) {
        if (tty->stopped && tty->termios.c_cc[VSTART] == c)
            tty_start(tty);
        else
            tty_stop(tty);
        return true;
    }
    if (tty_is_key(tty, VSTART, c)) {
        tty_start(tty);
        return true;
    }
    if (iflag & IXANY)
        tty_start(tty);
    return false;
}

/* Keys that edit the line. True if it was one. */
static bool edit_key(struct tty *tty, uint8_t c)
{
    bool extended = tty_has(tty, IEXTEN);

    if (tty_is_key(tty, VERASE, c)) {
        erase_character(tty);
    } else if (tty_is_key(tty, VKILL, c)) {
        kill_line(tty);
    } else if (extended && tty_is_key(tty, VWERASE, c)) {
        erase_word(tty);
    } else if (extended && tty_is_key(tty, VREPRINT, c)) {
        if (tty_has(tty, ECHO))
            reprint_line(tty);
    } else if (extended && tty_is_key(tty, VLNEXT, c)) {
        tty->literal_next = true;
        if (tty_has(tty, ECHO | ECHOCTL))
            tty_put_raw(tty, "^\b", 2);
    } else {
        return false;
    }
    return true;
}

/* Keys that end the line. True if it was one. */
static bool end_key(struct tty *tty, uint8_t c)
{
    bool end = c == '\n' || tty_is_key(tty, VEOL, c) ||
               (tty_has(tty, IEXTEN) && tty_is_key(tty, VEOL2, c));

    if (tty_is_key(tty, VEOF, c)) {
        enter_end(tty, CELL_EOF);
        return true;
    }
    if (!end)
        return false;
    enter_end(tty, c | CELL_END);
    echo(tty, c);
    return true;
}

static void receive_byte(struct tty *tty, uint8_t c)
{
    tcflag_t iflag = tty->termios.c_iflag;

    if (iflag & ISTRIP)
        c &= 0x7F;
    if (tty->literal_next) {
        tty->literal_next = false;
        enter_byte(tty, c);
        return;
    }
    if ((iflag & IUCLC) && tty_has(tty, IEXTEN) && c >= 'A' && c <= 'Z')
        c += 'a' - 'A';
    if (flow_key(tty, c) || signal_key(tty, c))
        return;
    if (c == '\r' && (iflag & IGNCR))
        return;
    if (c == '\r' && (iflag & ICRNL))
        c = '\n';
    else if (c == '\n' && (iflag & INLCR))
        c = '\r';
    if (tty_has(tty, ICANON) && (edit_key(tty, c) || end_key(tty, c)))
        return;
    enter_byte(tty, c);
}

/* Does every byte of input mean nothing but itself. */
static bool is_plain(const struct tty *tty)
{
    return !(tty->termios.c_lflag & (ICANON | ISIG | ECHO)) &&
           !(tty->termios.c_iflag &
             (ISTRIP | IUCLC | IXON | IGNCR | ICRNL | INLCR | PARMRK)) &&
           !tty->literal_next;
}

/*
 * Put `n` bytes in as they are, up to the end of the ring and from its start.
 */
static void put_plain(struct tty *tty, const char *s, size_t n)
{
    size_t at = tty->in_tail % TTY_IN_CELLS;
    size_t first = TTY_IN_CELLS - at < n ? TTY_IN_CELLS - at : n;

    for (size_t i = 0; i < first; i++)
        tty->in[at + i] = (uint8_t)s[i];
    for (size_t i = first; i < n; i++)
        tty->in[i - first] = (uint8_t)s[i];
    tty->in_tail += (uint32_t)n;
}

size_t tty_receive_plain(struct tty *tty, const char *s, size_t nbytes)
{
    size_t room = cells_free(tty), n;

    room = room > TTY_OUT_GROWTH && is_plain(tty) ? room - TTY_OUT_GROWTH : 0;
    n = nbytes < room ? nbytes : room;
    put_plain(tty, s, n);
    if (n > 0)
        tty_release_line(tty);
    return n;
}

static void receive(struct tty *tty, const char *s, size_t nbytes)
{
    if (tty->ops->hold != NULL)
        tty->ops->hold(true);
    for (size_t i = 0; i < nbytes; i++)
        receive_byte(tty, (uint8_t)s[i]);
    if (tty->ops->hold != NULL)
        tty->ops->hold(false);
    echo_flush(tty);
}

void tty_receive(struct tty *tty, const char *s, size_t nbytes)
{
    uint32_t flags;

    if (tty->ops->is_pseudo) {
        receive(tty, s, nbytes);
        return;
    }
    flags = irq_save();
    receive(tty, s, nbytes);
    irq_restore(flags);
}

uint32_t tty_line_length(const struct tty *tty)
{
    return tty->in_tail - tty->in_ready;
}

void tty_receive_break(struct tty *tty)
{
    tcflag_t iflag = tty->termios.c_iflag;
    uint32_t flags = irq_save();

    if (iflag & IGNBRK) {
        irq_restore(flags);
        return;
    }
    if (iflag & BRKINT) {
        send_signal(tty, tty->termios.c_cc[VINTR], SIGINT);
    } else {
        if (iflag & PARMRK) {
            put_cell(tty, 0xFF);
            put_cell(tty, 0);
        }
        enter_byte(tty, 0);
    }
    echo_flush(tty);
    irq_restore(flags);
}
