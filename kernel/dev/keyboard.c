/*
 * The PS/2 keyboard behind the 8042 controller (IBM PS/2 Technical Reference,
 * "Keyboard and Auxiliary Device Controller"), US layout.
 *
 * The controller translates the keyboard's set 2 into set 1 when bit 6 of its
 * command byte is set, as firmware leaves it; this driver sets it again and
 * so reads set 1: one code per key, bit 7 for release, 0xE0 before the keys
 * that the first PC did not have, 0xE1 before Pause.
 *
 * Keys become bytes as the Linux console sends them: UTF-8 text, ESC before
 * what is typed with Alt, escape sequences for the cursor block.
 */
#include "dev/keyboard.h"

#include <cairn/errno.h>
#include "arch/i386/cpu.h"
#include "arch/i386/irq.h"
#include "dev/tty.h"
#include "lib/string.h"

#define PORT_DATA    0x60
#define PORT_STATUS  0x64
#define PORT_COMMAND 0x64

#define STATUS_OUTPUT 0x01 /* a byte can be read */
#define STATUS_INPUT  0x02 /* the controller is busy with our last byte */
#define STATUS_MOUSE  0x20 /* the byte comes from the second port */

#define COMMAND_READ_CONFIG  0x20
#define COMMAND_WRITE_CONFIG 0x60
#define COMMAND_SELF_TEST    0xAA
#define COMMAND_ENABLE       0xAE
#define SELF_TEST_PASSED     0x55

#define CONFIG_IRQ1      0x01
#define CONFIG_OFF       0x10
#define CONFIG_TRANSLATE 0x40

#define KEYBOARD_IRQ 1
#define PATIENCE     20000

#define CODE_EXTENDED 0xE0
#define CODE_PAUSE    0xE1
#define CODE_RELEASE  0x80

#define KEY_CTRL        0x1D
#define KEY_SHIFT_LEFT  0x2A
#define KEY_SHIFT_RIGHT 0x36
#define KEY_ALT         0x38
#define KEY_CAPS        0x3A
#define KEY_DELETE      0x53

static struct tty *keyboard_tty;
static bool shift, ctrl, alt, caps;
static bool extended;
static unsigned pause_codes; /* of Pause, still to be skipped */

void (*keyboard_ctrl_alt_del)(void);

/* Set 1 codes 0x00 to 0x39: what a key gives alone and with Shift. */
static const char plain[] =
    "\0\0331234567890-=\177\tqwertyuiop[]\r\0asdfghjkl;'"
    "`\0\\zxcvbnm,./\0*\0 ";
static const char shifted[] =
    "\0\033!@#$%^&*()_+\177\tQWERTYUIOP{}\r\0ASDFGHJKL:\""
    "~\0|ZXCVBNM<>?\0*\0 ";

/* The number block, without Num Lock: 0x47 to 0x53; and with 0xE0 the same. */
static const char *const block[] = {
    "\033[1~", "\033[A",  "\033[5~", "-",       "\033[D",  "\033[G",  "\033[C",
    "+",       "\033[4~", "\033[B",  "\033[6~", "\033[2~", "\033[3~",
};

static const char *const function_keys[] = {
    "\033[[A",  "\033[[B",  "\033[[C",  "\033[[D",  "\033[[E",
    "\033[17~", "\033[18~", "\033[19~", "\033[20~", "\033[21~",
};

static void type(const char *s, size_t nbytes)
{
    tty_receive(keyboard_tty, s, nbytes);
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* What Control makes of a key, as terminals do. */
static char with_control(char c)
{
    if (c == ' ' || c == '2')
        return 0;
    if (c == '/')
        return 0x1F;
    if (c >= '@' && c <= '~')
        return c & 0x1F;
    return c;
}

static void type_character(uint8_t code)
{
    bool upper = shift != (caps && is_letter(plain[code]));
    char c = upper ? shifted[code] : plain[code];
    char bytes[2] = {'\033', c};

    if (c == 0)
        return;
    if (ctrl)
        bytes[1] = with_control(c);
    type(alt ? bytes : bytes + 1, alt ? 2 : 1);
}

static void press(uint8_t code)
{
    const char *sequence = NULL;

    if (ctrl && alt && code == KEY_DELETE && keyboard_ctrl_alt_del != NULL) {
        keyboard_ctrl_alt_del();
        return;
    }
    if (extended && code == 0x35)
        sequence = "/";
    else if (extended && code == 0x1C)
        sequence = "\r";
    else if (code >= 0x47 && code < 0x47 + sizeof(block) / sizeof(block[0]))
        sequence = block[code - 0x47];
    else if (code >= 0x3B && code <= 0x44)
        sequence = function_keys[code - 0x3B];
    else if (code == 0x57 || code == 0x58)
        sequence = code == 0x57 ? "\033[23~" : "\033[24~";
    if (sequence != NULL)
        type(sequence, strlen(sequence));
    else if (!extended && code < sizeof(plain) - 1)
        type_character(code);
}

/* True if the code was a modifier's. */
static bool modifier(uint8_t code, bool down)
{
    switch (code) {
    case KEY_CTRL:
        ctrl = down;
        return true;
    case KEY_ALT:
        alt = down;
        return true;
    case KEY_SHIFT_LEFT:
    case KEY_SHIFT_RIGHT:
        /* With 0xE0 these two are not Shift but a part of other keys. */
        if (!extended)
            shift = down;
        return true;
    case KEY_CAPS:
        caps ^= down;
        return true;
    default:
        return false;
    }
}

static void receive_code(uint8_t code)
{
    bool down = !(code & CODE_RELEASE);

    if (pause_codes > 0) {
        pause_codes--;
        return;
    }
    if (code == CODE_PAUSE) {
        pause_codes = 2;
        return;
    }
    if (code == CODE_EXTENDED) {
        extended = true;
        return;
    }
    code &= (uint8_t)~CODE_RELEASE;
    if (!modifier(code, down) && down)
        press(code);
    extended = false;
}

static void keyboard_interrupt(void *arg)
{
    (void)arg;
    for (unsigned n = 0; n < 32; n++) {
        uint8_t status = inb(PORT_STATUS);
        uint8_t code;

        if (!(status & STATUS_OUTPUT))
            return;
        code = inb(PORT_DATA);
        if (!(status & STATUS_MOUSE))
            receive_code(code);
    }
}

static bool wait_status(uint8_t mask, uint8_t value)
{
    for (unsigned n = 0; n < PATIENCE; n++)
        if ((inb(PORT_STATUS) & mask) == value)
            return true;
    return false;
}

static bool send(uint16_t port, uint8_t v)
{
    if (!wait_status(STATUS_INPUT, 0))
        return false;
    outb(port, v);
    return true;
}

/* The byte the controller answers with, or -1. */
static int receive(void)
{
    return wait_status(STATUS_OUTPUT, STATUS_OUTPUT) ? inb(PORT_DATA) : -1;
}

static void drop_old_bytes(void)
{
    for (unsigned n = 0; n < 64 && (inb(PORT_STATUS) & STATUS_OUTPUT); n++)
        (void)inb(PORT_DATA);
}

static bool controller_works(void)
{
    /* A bus without a controller reads as all ones. */
    if (inb(PORT_STATUS) == 0xFF)
        return false;
    drop_old_bytes();
    return send(PORT_COMMAND, COMMAND_SELF_TEST) &&
           receive() == SELF_TEST_PASSED;
}

static bool configure(void)
{
    int config;

    if (!send(PORT_COMMAND, COMMAND_READ_CONFIG))
        return false;
    config = receive();
    if (config < 0)
        return false;
    config |= CONFIG_IRQ1 | CONFIG_TRANSLATE;
    config &= ~CONFIG_OFF;
    return send(PORT_COMMAND, COMMAND_WRITE_CONFIG) &&
           send(PORT_DATA, (uint8_t)config) &&
           send(PORT_COMMAND, COMMAND_ENABLE);
}

void keyboard_set_tty(struct tty *tty)
{
    keyboard_tty = tty;
}

int keyboard_start(struct tty *tty)
{
    uint32_t flags = irq_save();
    bool works = controller_works() && configure();

    drop_old_bytes();
    keyboard_tty = tty;
    irq_restore(flags);
    if (!works)
        return -ENODEV;
    return irq_attach(KEYBOARD_IRQ, keyboard_interrupt, NULL);
}
