/*
 * The VGA text screen as a terminal.
 *
 * Memory: one 16-bit cell per character from physical 0xB8000 on, row by row;
 * low byte the character (code page 437), high byte the colours (IBM VGA
 * reference, mode 3). The cursor is two registers of the CRT controller.
 *
 *      bytes -> UTF-8 decoder -> escape machine -> cells
 *
 *      GROUND --ESC--> ESCAPE --[--> CSI --final byte--> GROUND
 *                        |--]--> STRING --BEL or ESC \--> GROUND
 *                        '--( ) #--> CHARSET --any--> GROUND
 *
 * The sequences are those of ECMA-48 and of the Linux console that programs
 * use: cursor movement, erasing, inserting and deleting of lines and
 * characters, a scrolling region, colours, saving the cursor, showing and
 * hiding it, and the position report. Others are read over and ignored.
 *
 * Reading and writing the screen's memory is slow, on real adapters and even
 * more on emulated ones. So the cells are kept in RAM, along with a copy of
 * what the screen shows, and each call ends by writing those that differ.
 *
 * All state belongs to whoever runs with interrupts off.
 */
#include "dev/vga.h"

#include "arch/i386/cpu.h"
#include "arch/i386/window.h"
#include "dev/cp437.h"
#include "lib/printf.h"
#include "lib/string.h"

#define VGA_PA 0xB8000u

#define CRTC_INDEX        0x3D4
#define CRTC_DATA         0x3D5
#define CRTC_CURSOR_START 0x0A
#define CRTC_CURSOR_HIGH  0x0E
#define CRTC_CURSOR_LOW   0x0F
#define CURSOR_OFF        0x20

#define COLUMNS VGA_COLUMNS
#define ROWS    VGA_ROWS
#define NCELLS  (ROWS * COLUMNS)

#define DEFAULT_COLOUR 0x07 /* light grey on black */
#define MAX_PARAMETERS 16
#define MAX_PARAMETER  9999
#define TAB_WIDTH      8
#define REPLACEMENT    0xFFFD

enum vga_mode { GROUND, ESCAPE, CSI, STRING, STRING_ESCAPE, CHARSET };

static struct {
    volatile uint16_t *screen; /* (c) NULL: there is none */
    uint16_t cells[NCELLS];    /* what the screen shall show */
    uint16_t shown[NCELLS];    /* what it shows */
    unsigned from, to;         /* only in [from, to) may the two differ */
    void (*reply)(const char *s, size_t nbytes);
    unsigned row, column; /* column may be COLUMNS: wrap is pending */
    unsigned top, bottom; /* the scrolling region, both inclusive */
    unsigned saved_row, saved_column;
    uint8_t saved_colour;
    uint8_t colour; /* as a cell wants it, before bold and inverse */
    bool bold, inverse, cursor_hidden;
    enum vga_mode mode;
    bool private_csi; /* the sequence began with one of < = > ? */
    unsigned nparameters;
    unsigned parameters[MAX_PARAMETERS];
    uint32_t character; /* of a UTF-8 sequence so far */
    unsigned wanted;    /* continuation bytes to come */
} vga;

static uint16_t blank_cell(void)
{
    return (uint16_t)(' ' | vga.colour << 8);
}

static uint8_t cell_colour(void)
{
    uint8_t colour = vga.colour;

    if (vga.bold)
        colour |= 0x08;
    if (vga.inverse)
        colour =
            (uint8_t)((colour & 0x88) | (colour & 7) << 4 | (colour >> 4 & 7));
    return colour;
}

static void crtc_write(uint8_t index, uint8_t v)
{
    outb(CRTC_INDEX, index);
    outb(CRTC_DATA, v);
}

static uint8_t crtc_read(uint8_t index)
{
    outb(CRTC_INDEX, index);
    return inb(CRTC_DATA);
}

static unsigned cursor_column(void)
{
    return vga.column < COLUMNS ? vga.column : COLUMNS - 1;
}

/* Cells [from, to) are changed. */
static void touch(unsigned from, unsigned to)
{
    if (vga.from == vga.to)
        vga.from = vga.to = from;
    if (from < vga.from)
        vga.from = from;
    if (to > vga.to)
        vga.to = to;
}

/* Brings the screen up to date. */
static void flush(void)
{
    unsigned at = vga.row * COLUMNS + cursor_column();

    for (unsigned i = vga.from; i < vga.to; i++)
        if (vga.cells[i] != vga.shown[i])
            vga.screen[i] = vga.shown[i] = vga.cells[i];
    vga.from = vga.to = 0;
    crtc_write(CRTC_CURSOR_HIGH, (uint8_t)(at >> 8));
    crtc_write(CRTC_CURSOR_LOW, (uint8_t)at);
}

static void set_cursor_hidden(bool hidden)
{
    uint8_t start = crtc_read(CRTC_CURSOR_START) & (uint8_t)~CURSOR_OFF;

    vga.cursor_hidden = hidden;
    crtc_write(CRTC_CURSOR_START, hidden ? start | CURSOR_OFF : start);
}

/* Cells [from, to) in reading order become blank. */
static void clear_cells(unsigned from, unsigned to)
{
    touch(from, to);
    for (unsigned i = from; i < to; i++)
        vga.cells[i] = blank_cell();
}

/* Moves n cells, overlapping or not. */
static void move_cells(unsigned to, unsigned from, unsigned n)
{
    touch(to, to + n);
    if (to < from)
        for (unsigned i = 0; i < n; i++)
            vga.cells[to + i] = vga.cells[from + i];
    else
        for (unsigned i = n; i-- > 0;)
            vga.cells[to + i] = vga.cells[from + i];
}

/* Rows [top, bottom] move up by n; blank rows come in from below. */
static void scroll_up(unsigned top, unsigned bottom, unsigned n)
{
    unsigned height = bottom - top + 1;

    if (n > height)
        n = height;
    move_cells(top * COLUMNS, (top + n) * COLUMNS, (height - n) * COLUMNS);
    clear_cells((bottom + 1 - n) * COLUMNS, (bottom + 1) * COLUMNS);
}

static void scroll_down(unsigned top, unsigned bottom, unsigned n)
{
    unsigned height = bottom - top + 1;

    if (n > height)
        n = height;
    move_cells((top + n) * COLUMNS, top * COLUMNS, (height - n) * COLUMNS);
    clear_cells(top * COLUMNS, (top + n) * COLUMNS);
}

static void line_feed(void)
{
    if (vga.row == vga.bottom)
        scroll_up(vga.top, vga.bottom, 1);
    else if (vga.row < ROWS - 1)
        vga.row++;
}

static void reverse_line_feed(void)
{
    if (vga.row == vga.top)
        scroll_down(vga.top, vga.bottom, 1);
    else if (vga.row > 0)
        vga.row--;
}

static void put_cell(uint32_t c)
{
    unsigned at;

    if (vga.column >= COLUMNS) {
        vga.column = 0;
        line_feed();
    }
    at = vga.row * COLUMNS + vga.column++;
    vga.cells[at] = (uint16_t)(cp437_from_unicode(c) | cell_colour() << 8);
    touch(at, at + 1);
}

static void reset(void)
{
    vga.colour = DEFAULT_COLOUR;
    vga.bold = vga.inverse = false;
    vga.row = vga.column = 0;
    vga.saved_row = vga.saved_column = 0;
    vga.saved_colour = DEFAULT_COLOUR;
    vga.top = 0;
    vga.bottom = ROWS - 1;
    vga.mode = GROUND;
    clear_cells(0, NCELLS);
    set_cursor_hidden(false);
}

static void save_cursor(void)
{
    vga.saved_row = vga.row;
    vga.saved_column = vga.column;
    vga.saved_colour = vga.colour;
}

static void restore_cursor(void)
{
    vga.row = vga.saved_row;
    vga.column = vga.saved_column;
    vga.colour = vga.saved_colour;
}

static void control(uint8_t c)
{
    switch (c) {
    case '\b':
        vga.column = cursor_column();
        if (vga.column > 0)
            vga.column--;
        break;
    case '\t':
        vga.column = (vga.column / TAB_WIDTH + 1) * TAB_WIDTH;
        if (vga.column >= COLUMNS)
            vga.column = COLUMNS - 1;
        break;
    case '\n':
    case '\v':
    case '\f':
        line_feed();
        break;
    case '\r':
        vga.column = 0;
        break;
    }
}

/* Parameter i of the sequence; missing or 0 means `otherwise`. */
static unsigned parameter(unsigned i, unsigned otherwise)
{
    return i < vga.nparameters && vga.parameters[i] > 0 ? vga.parameters[i]
                                                        : otherwise;
}

static unsigned at_most(unsigned v, unsigned limit)
{
    return v < limit ? v : limit;
}

static void move_to(unsigned row, unsigned column)
{
    vga.row = at_most(row, ROWS - 1);
    vga.column = at_most(column, COLUMNS - 1);
}

static void move_by_letter(char letter, unsigned n)
{
    unsigned column = cursor_column();

    switch (letter) {
    case 'A':
        move_to(vga.row > n ? vga.row - n : 0, column);
        break;
    case 'B':
        move_to(vga.row + n, column);
        break;
    case 'C':
        move_to(vga.row, column + n);
        break;
    case 'D':
        move_to(vga.row, column > n ? column - n : 0);
        break;
    case 'E':
        move_to(vga.row + n, 0);
        break;
    case 'F':
        move_to(vga.row > n ? vga.row - n : 0, 0);
        break;
    }
}

/* ED and EL: 0 from the cursor to the end, 1 up to the cursor, 2 all. */
static void erase(unsigned start, unsigned end, unsigned how)
{
    unsigned at = vga.row * COLUMNS + cursor_column();

    if (how == 0)
        clear_cells(at, end);
    else if (how == 1)
        clear_cells(start, at + 1);
    else if (how == 2 || how == 3)
        clear_cells(start, end);
}

static void insert_cells(unsigned n)
{
    unsigned column = cursor_column();
    unsigned at = vga.row * COLUMNS + column;

    n = at_most(n, COLUMNS - column);
    move_cells(at + n, at, COLUMNS - column - n);
    clear_cells(at, at + n);
}

static void delete_cells(unsigned n)
{
    unsigned column = cursor_column();
    unsigned at = vga.row * COLUMNS + column;

    n = at_most(n, COLUMNS - column);
    move_cells(at, at + n, COLUMNS - column - n);
    clear_cells(at + COLUMNS - column - n, at + COLUMNS - column);
}

/* ANSI counts red, green, blue from the lowest bit, VGA the other way. */
static uint8_t vga_colour(unsigned ansi)
{
    return (uint8_t)((ansi & 1) << 2 | (ansi & 2) | (ansi & 4) >> 2);
}

static void set_foreground(uint8_t colour)
{
    vga.colour = (uint8_t)((vga.colour & 0xF0) | colour);
}

static void set_background(uint8_t colour)
{
    vga.colour = (uint8_t)((vga.colour & 0x8F) | (colour & 7) << 4);
}

static void select_rendition(unsigned p)
{
    switch (p) {
    case 0:
        vga.colour = DEFAULT_COLOUR;
        vga.bold = vga.inverse = false;
        break;
    case 1:
        vga.bold = true;
        break;
    case 2:
    case 22:
        vga.bold = false;
        break;
    case 7:
        vga.inverse = true;
        break;
    case 27:
        vga.inverse = false;
        break;
    case 30 ... 37:
        set_foreground(vga_colour(p - 30));
        break;
    case 39:
        set_foreground(DEFAULT_COLOUR);
        break;
    case 40 ... 47:
        set_background(vga_colour(p - 40));
        break;
    case 49:
        set_background(0);
        break;
    case 90 ... 97:
        set_foreground(vga_colour(p - 90) | 0x08);
        break;
    case 100 ... 107:
        set_background(vga_colour(p - 100));
        break;
    }
}

/* The screen has 16 colours: of 256, the first 16 are those. */
static unsigned extended_colour(unsigned i, bool foreground)
{
    unsigned which = i + 2 < vga.nparameters ? vga.parameters[i + 2] : 0;

    if (i + 1 < vga.nparameters && vga.parameters[i + 1] == 5) {
        if (which < 16)
            select_rendition((foreground ? 30 : 40) + (which & 7) +
                             (which < 8 ? 0 : 60));
        return 2;
    }
    return 4;
}

static void select_renditions(void)
{
    if (vga.nparameters == 0)
        select_rendition(0);
    for (unsigned i = 0; i < vga.nparameters; i++) {
        unsigned p = vga.parameters[i];

        if (p == 38 || p == 48)
            i += extended_colour(i, p == 38);
        else
            select_rendition(p);
    }
}

static void report(void)
{
    char buf[24];
    size_t n = 0;

    if (parameter(0, 0) == 6)
        n = kscnprintf(buf, sizeof(buf), "\033[%u;%uR", vga.row + 1,
                       cursor_column() + 1);
    else if (parameter(0, 0) == 5)
        n = kscnprintf(buf, sizeof(buf), "\033[0n");
    if (n > 0 && vga.reply != NULL)
        vga.reply(buf, n);
}

static void set_region(void)
{
    unsigned top = parameter(0, 1);
    unsigned bottom = parameter(1, ROWS);

    if (bottom > ROWS)
        bottom = ROWS;
    if (top >= bottom)
        return;
    vga.top = top - 1;
    vga.bottom = bottom - 1;
    move_to(0, 0);
}

static bool in_region(void)
{
    return vga.row >= vga.top && vga.row <= vga.bottom;
}

static void csi_private(char final)
{
    if ((final == 'h' || final == 'l') && parameter(0, 0) == 25)
        set_cursor_hidden(final == 'l');
}

static void csi_edit(char final)
{
    unsigned n = parameter(0, 1);

    switch (final) {
    case 'J':
        erase(0, NCELLS, parameter(0, 0));
        break;
    case 'K':
        erase(vga.row * COLUMNS, (vga.row + 1) * COLUMNS, parameter(0, 0));
        break;
    case 'L':
        if (in_region())
            scroll_down(vga.row, vga.bottom, n);
        break;
    case 'M':
        if (in_region())
            scroll_up(vga.row, vga.bottom, n);
        break;
    case 'P':
        delete_cells(n);
        break;
    case '@':
        insert_cells(n);
        break;
    case 'X':
        n = at_most(n, COLUMNS - cursor_column());
        clear_cells(vga.row * COLUMNS + cursor_column(),
                    vga.row * COLUMNS + cursor_column() + n);
        break;
    case 'S':
        scroll_up(vga.top, vga.bottom, n);
        break;
    case 'T':
        scroll_down(vga.top, vga.bottom, n);
        break;
    }
}

static void csi(char final)
{
    switch (final) {
    case 'A' ... 'F':
        move_by_letter(final, parameter(0, 1));
        break;
    case 'G':
    case '`':
        move_to(vga.row, parameter(0, 1) - 1);
        break;
    case 'd':
        move_to(parameter(0, 1) - 1, cursor_column());
        break;
    case 'H':
    case 'f':
        move_to(parameter(0, 1) - 1, parameter(1, 1) - 1);
        break;
    case 'm':
        select_renditions();
        break;
    case 'n':
        report();
        break;
    case 'r':
        set_region();
        break;
    case 's':
        save_cursor();
        break;
    case 'u':
        restore_cursor();
        break;
    default:
        csi_edit(final);
    }
}

static void add_digit(unsigned digit)
{
    unsigned *last;

    if (vga.nparameters == 0)
        vga.parameters[vga.nparameters++] = 0;
    last = &vga.parameters[vga.nparameters - 1];
    *last = at_most(*last * 10 + digit, MAX_PARAMETER);
}

static void csi_byte(uint8_t c)
{
    if (c >= '<' && c <= '?') {
        vga.private_csi = true;
    } else if (c >= '0' && c <= '9') {
        add_digit(c - '0');
    } else if (c == ';') {
        if (vga.nparameters == 0)
            vga.parameters[vga.nparameters++] = 0;
        if (vga.nparameters < MAX_PARAMETERS)
            vga.parameters[vga.nparameters++] = 0;
    } else if (c >= 0x40 && c <= 0x7E) {
        vga.mode = GROUND;
        if (vga.private_csi)
            csi_private((char)c);
        else
            csi((char)c);
    } else if (c < 0x20) {
        control(c);
    }
}

static void begin_csi(void)
{
    vga.mode = CSI;
    vga.private_csi = false;
    vga.nparameters = 0;
}

static void escape_byte(uint8_t c)
{
    vga.mode = GROUND;
    switch (c) {
    case '[':
        begin_csi();
        break;
    case ']':
    case 'P':
    case '_':
    case '^':
        vga.mode = STRING;
        break;
    case '(':
    case ')':
    case '#':
    case '%':
        vga.mode = CHARSET;
        break;
    case '7':
        save_cursor();
        break;
    case '8':
        restore_cursor();
        break;
    case 'D':
        line_feed();
        break;
    case 'E':
        vga.column = 0;
        line_feed();
        break;
    case 'M':
        reverse_line_feed();
        break;
    case 'c':
        reset();
        break;
    }
}

/* One byte of text, which may be a part of a UTF-8 character. */
static void text_byte(uint8_t c)
{
    if (c < 0x80) {
        if (vga.wanted > 0)
            put_cell(REPLACEMENT);
        vga.wanted = 0;
        put_cell(c);
    } else if (c < 0xC0) {
        if (vga.wanted == 0) {
            put_cell(REPLACEMENT);
            return;
        }
        vga.character = vga.character << 6 | (c & 0x3F);
        if (--vga.wanted == 0)
            put_cell(vga.character);
    } else {
        vga.wanted = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
        vga.character = c & (0x3Fu >> vga.wanted);
    }
}

static void ground_byte(uint8_t c)
{
    if (c == 0x1B)
        vga.mode = ESCAPE;
    else if (c < 0x20)
        control(c);
    else if (c != 0x7F)
        text_byte(c);
}

static void put_byte(uint8_t c)
{
    switch (vga.mode) {
    case GROUND:
        ground_byte(c);
        break;
    case ESCAPE:
        escape_byte(c);
        break;
    case CSI:
        csi_byte(c);
        break;
    case STRING:
        if (c == 0x07)
            vga.mode = GROUND;
        else if (c == 0x1B)
            vga.mode = STRING_ESCAPE;
        break;
    case STRING_ESCAPE:
    case CHARSET:
        vga.mode = GROUND;
        break;
    }
}

/*
 * The CRT controller's cursor register keeps what is written to it; a bus
 * without an adapter does not. (The cells are no proof: some machines have
 * plain memory in their place.)
 */
static bool controller_works(void)
{
    uint8_t old = crtc_read(CRTC_CURSOR_LOW);
    bool works;

    crtc_write(CRTC_CURSOR_LOW, 0x55);
    works = crtc_read(CRTC_CURSOR_LOW) == 0x55;
    crtc_write(CRTC_CURSOR_LOW, 0xAA);
    works = works && crtc_read(CRTC_CURSOR_LOW) == 0xAA;
    crtc_write(CRTC_CURSOR_LOW, old);
    return works;
}

bool vga_init(void)
{
    volatile uint16_t *screen = direct_map(VGA_PA);
    unsigned at;

    if (!controller_works())
        return false;
    for (unsigned i = 0; i < NCELLS; i++)
        vga.cells[i] = vga.shown[i] = screen[i];
    vga.colour = vga.saved_colour = DEFAULT_COLOUR;
    vga.bottom = ROWS - 1;
    vga.screen = screen;
    at =
        (unsigned)crtc_read(CRTC_CURSOR_HIGH) << 8 | crtc_read(CRTC_CURSOR_LOW);
    if (at >= NCELLS)
        at = (ROWS - 1) * COLUMNS;
    vga.row = at / COLUMNS;
    if (at % COLUMNS != 0)
        line_feed();
    flush();
    return true;
}

bool vga_is_present(void)
{
    return vga.screen != NULL;
}

void vga_write(const char *s, size_t nbytes)
{
    uint32_t flags = irq_save();

    if (vga_is_present()) {
        for (size_t i = 0; i < nbytes; i++)
            put_byte((uint8_t)s[i]);
        flush();
    }
    irq_restore(flags);
}

void vga_write_log(const char *s, size_t nbytes)
{
    uint32_t flags = irq_save();

    if (vga_is_present()) {
        for (size_t i = 0; i < nbytes; i++) {
            if (s[i] == '\n')
                put_byte('\r');
            put_byte((uint8_t)s[i]);
        }
        flush();
    }
    irq_restore(flags);
}

void vga_set_reply(void (*reply)(const char *s, size_t nbytes))
{
    vga.reply = reply;
}
