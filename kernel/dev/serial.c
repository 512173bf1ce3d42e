/*
 * 16550 UARTs (National Semiconductor PC16550D data sheet).
 *
 * Found by loopback: with MCR bit 4 set, a byte sent comes back, and no byte
 * leaves the machine. Receiver: FIFO on, an interrupt at 8 bytes or after a
 * pause, and every interrupt empties the FIFO into the terminal's buffer; when
 * the terminal's buffer is full, RTS is dropped and the bytes stay in the
 * FIFO, where a sender that minds the handshake (QEMU does) waits with more.
 * Transmitter: each interrupt fills the FIFO with up to 16 bytes.
 *
 * The transmitter-empty interrupt is only enabled while there is something to
 * send; the polled path saves and restores that.
 */
#include "dev/serial.h"

#include <cairn/errno.h>
#include "arch/i386/cpu.h"
#include "arch/i386/irq.h"
#include "dev/tty.h"
#include "lib/panic.h"

/* Registers, relative to the base port. */
#define REG_DATA    0 /* with LCR_DLAB: divisor, low byte */
#define REG_IER     1 /* with LCR_DLAB: divisor, high byte */
#define REG_IIR     2 /* read */
#define REG_FCR     2 /* write */
#define REG_LCR     3
#define REG_MCR     4
#define REG_LSR     5
#define REG_MSR     6
#define REG_SCRATCH 7

#define IER_RX   0x01
#define IER_TX   0x02
#define IER_LINE 0x04

#define IIR_NONE 0x01 /* no interrupt is pending */

#define FCR_ENABLE_CLEAR_8 0x87 /* enable, clear both, interrupt at 8 bytes */

#define LCR_8N1  0x03
#define LCR_DLAB 0x80

#define MCR_DTR  0x01
#define MCR_RTS  0x02
#define MCR_OUT2 0x08 /* lets the interrupt through on a PC */
#define MCR_LOOP 0x10

#define LSR_RX      0x01
#define LSR_OVERRUN 0x02
#define LSR_PARITY  0x04
#define LSR_FRAMING 0x08
#define LSR_BREAK   0x10
#define LSR_THRE    0x20

#define FIFO_BYTES 16

/* How often a stuck transmitter is asked before a byte is dropped. */
#define PATIENCE 200000

struct serial_line {
    uint16_t port;     /* (c) */
    uint8_t irq;       /* (c) */
    bool present;      /* (c) after serial_early_init */
    bool stuck;        /* (i) the last polled byte was not taken */
    uint8_t ier;       /* (i) what REG_IER holds */
    struct tty *tty;   /* (c) after serial_start; NULL: polled only */
    uint32_t overruns; /* (i) */
};

static struct serial_line lines[SERIAL_NLINES] = {
    {.port = 0x3F8, .irq = 4},
    {.port = 0x2F8, .irq = 3},
};

static uint8_t reg_read(const struct serial_line *line, unsigned reg)
{
    return inb((uint16_t)(line->port + reg));
}

static void reg_write(const struct serial_line *line, unsigned reg, uint8_t v)
{
    outb((uint16_t)(line->port + reg), v);
}

/* True if `byte` is among what the line has received, which is then gone. */
static bool receives(const struct serial_line *line, uint8_t byte)
{
    bool seen = false;

    for (unsigned n = 0; n < PATIENCE && !seen; n++)
        if (reg_read(line, REG_LSR) & LSR_RX)
            seen = reg_read(line, REG_DATA) == byte;
    return seen;
}

/*
 * QEMU goes on receiving while the line is looped back: what is typed in
 * advance comes before the test's own bytes, and may leave no room for them.
 */
static bool loops_back(const struct serial_line *line, uint8_t byte)
{
    for (unsigned n = 0; n < FIFO_BYTES; n++) {
        reg_write(line, REG_DATA, byte);
        if (receives(line, byte))
            return true;
    }
    return false;
}

static bool loopback_works(const struct serial_line *line)
{
    static const uint8_t patterns[] = {0x55, 0xAA};

    for (unsigned i = 0; i < sizeof(patterns); i++) {
        reg_write(line, REG_SCRATCH, patterns[i]);
        if (reg_read(line, REG_SCRATCH) != patterns[i] ||
            !loops_back(line, patterns[i]))
            return false;
    }
    return true;
}

static void line_init(struct serial_line *line)
{
    reg_write(line, REG_IER, 0);
    reg_write(line, REG_LCR, LCR_DLAB);
    reg_write(line, REG_DATA, 1); /* divisor 1: 115200 baud */
    reg_write(line, REG_IER, 0);
    reg_write(line, REG_LCR, LCR_8N1);
    reg_write(line, REG_FCR, FCR_ENABLE_CLEAR_8);
    reg_write(line, REG_MCR, MCR_LOOP | MCR_RTS | MCR_DTR);
    line->present = loopback_works(line);
    reg_write(line, REG_MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
}

void serial_early_init(void)
{
    for (unsigned i = 0; i < SERIAL_NLINES; i++)
        line_init(&lines[i]);
}

bool serial_is_present(unsigned line)
{
    return line < SERIAL_NLINES && lines[line].present;
}

static bool wait_for_room(struct serial_line *line)
{
    unsigned patience = line->stuck ? 1 : PATIENCE;

    while (patience-- > 0)
        if (reg_read(line, REG_LSR) & LSR_THRE) {
            line->stuck = false;
            return true;
        }
    line->stuck = true;
    return false;
}

static void put_polled(struct serial_line *line, char c)
{
    if (wait_for_room(line))
        reg_write(line, REG_DATA, (uint8_t)c);
}

void serial_write_polled(unsigned line, const char *s, size_t nbytes)
{
    uint32_t flags = irq_save();

    if (serial_is_present(line))
        for (size_t i = 0; i < nbytes; i++) {
            if (s[i] == '\n')
                put_polled(&lines[line], '\r');
            put_polled(&lines[line], s[i]);
        }
    irq_restore(flags);
}

void serial_send_polled(unsigned line, const char *s, size_t nbytes)
{
    uint32_t flags = irq_save();

    if (serial_is_present(line))
        for (size_t i = 0; i < nbytes; i++)
            put_polled(&lines[line], s[i]);
    irq_restore(flags);
}

static void set_ier(struct serial_line *line, uint8_t ier)
{
    if (line->ier == ier)
        return;
    line->ier = ier;
    reg_write(line, REG_IER, ier);
}

/*
 * Send what the terminal has, up to a FIFO full. Interrupts are off. The
 * transmitter's interrupt stays on until the terminal had nothing more.
 */
static void transmit(struct serial_line *line)
{
    char buf[FIFO_BYTES];
    size_t n;

    assert(!irq_is_on());
    if (!(reg_read(line, REG_LSR) & LSR_THRE))
        return;
    n = tty_fetch(line->tty, buf, sizeof(buf));
    for (size_t i = 0; i < n; i++)
        reg_write(line, REG_DATA, (uint8_t)buf[i]);
    set_ier(line, n > 0 ? line->ier | IER_TX : line->ier & (uint8_t)~IER_TX);
}

/*
 * Empties the receiver as far as the terminal has room. With a full terminal
 * the receiver's interrupt would come for ever, so it is switched off until
 * serial_kick finds room again.
 */
static void receive(struct serial_line *line)
{
    uint8_t status;

    assert(!irq_is_on());
    while ((status = reg_read(line, REG_LSR)) & (LSR_RX | LSR_OVERRUN)) {
        if (status & LSR_OVERRUN)
            line->overruns++;
        if (!(status & LSR_RX))
            break;
        if (!tty_has_room(line->tty)) {
            set_ier(line, line->ier & (uint8_t) ~(IER_RX | IER_LINE));
            reg_write(line, REG_MCR, MCR_DTR | MCR_OUT2);
            return;
        }
        char c = (char)reg_read(line, REG_DATA);

        if (status & LSR_BREAK)
            tty_receive_break(line->tty);
        else
            tty_receive(line->tty, &c, 1);
    }
}

static void resume_receiver(struct serial_line *line)
{
    if ((line->ier & IER_RX) || !tty_has_room(line->tty))
        return;
    reg_write(line, REG_MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
    set_ier(line, line->ier | IER_RX | IER_LINE);
}

static void serial_interrupt(void *arg)
{
    struct serial_line *line = arg;

    /* A bounded number of rounds: a mad UART must not hang the machine. */
    for (unsigned round = 0; round < 256; round++) {
        if (reg_read(line, REG_IIR) & IIR_NONE)
            return;
        receive(line);
        transmit(line);
        (void)reg_read(line, REG_MSR);
    }
}

int serial_start(unsigned number, struct tty *tty)
{
    struct serial_line *line;
    uint32_t flags;
    int error;

    if (!serial_is_present(number))
        return -ENODEV;
    line = &lines[number];
    line->tty = tty;
    error = irq_attach(line->irq, serial_interrupt, line);
    if (error < 0) {
        line->tty = NULL;
        return error;
    }
    flags = irq_save();
    reg_write(line, REG_MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
    set_ier(line, IER_RX | IER_LINE);
    irq_restore(flags);
    return 0;
}

void serial_kick(unsigned number)
{
    struct serial_line *line = &lines[number];
    uint32_t flags = irq_save();

    if (line->tty != NULL) {
        resume_receiver(line);
        transmit(line);
    }
    irq_restore(flags);
}

uint32_t serial_overruns(unsigned line)
{
    return line < SERIAL_NLINES ? lines[line].overruns : 0;
}
