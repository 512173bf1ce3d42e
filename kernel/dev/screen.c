/*
 * The screen as a terminal, whatever shows it.
 *
 * Its cells are those of the VGA text mode: low byte the character (code page
 * 437), high byte the colours (IBM VGA reference, mode 3). An output shows
 * them: the VGA text screen (screen.c) or a framebuffer (framebuffer.c).
 *
 *      bytes -> UTF-8 decoder -> escape machine -> cells -> output
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
 * what the screen shows, and each call ends by showing those that differ.
 *
 * All state belongs to whoever runs with interrupts off.
 */
#include "dev/screen.h"

#include "arch/i386/cpu.h"
#include "dev/cp437.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "lib/panic.h"

#define DEFAULT_COLOUR 0x07 /* light grey on black */
#define MAX_PARAMETERS 16
#define MAX_PARAMETER  9999
#define TAB_WIDTH      8
#define REPLACEMENT    0xFFFD

enum screen_mode { GROUND, ESCAPE, CSI, STRING, STRING_ESCAPE, CHARSET };

static struct {
    const struct screen_output *output; /* NULL: there is none */
    unsigned columns, rows, ncells;
    _Alignas(4) uint16_t cells[SCREEN_CELLS_MAX]; /* what it shall show */
    uint16_t shown[SCREEN_CELLS_MAX];             /* what it shows */
    unsigned from, to; /* only in [from, to) may the two differ */
    bool held;         /* until screen_release() */
    void (*reply)(const char *s, size_t nbytes);
    unsigned row, column; /* column may be screen.columns: wrap is pending */
    unsigned top, bottom; /* the scrolling region, both inclusive */
    unsigned saved_row, saved_column;
    uint8_t saved_colour;
    uint8_t colour; /* as a cell wants it, before bold and inverse */
    bool bold, inverse, cursor_hidden;
    enum screen_mode mode;
    bool private_csi; /* the sequence began with one of < = > ? */
    unsigned nparameters;
    unsigned parameters[MAX_PARAMETERS];
    uint32_t character; /* of a UTF-8 sequence so far */
    unsigned wanted;    /* continuation bytes to come */
} screen;

static uint16_t blank_cell(void)
{
    return (uint16_t)(' ' | screen.colour << 8);
}

static uint8_t cell_colour(void)
{
    uint8_t colour = screen.colour;

    if (screen.bold)
        colour |= 0x08;
    if (screen.inverse)
        colour =
            (uint8_t)((colour & 0x88) | (colour & 7) << 4 | (colour >> 4 & 7));
    return colour;
}

static unsigned cursor_column(void)
{
    return screen.column < screen.columns ? screen.column : screen.columns - 1;
}

/* Cells [from, to) are changed. */
static void touch(unsigned from, unsigned to)
{
    if (screen.from == screen.to)
        screen.from = screen.to = from;
    if (from < screen.from)
        screen.from = from;
    if (to > screen.to)
        screen.to = to;
}

/* Brings the screen up to date, or as far as the output can at once. */
static void flush(void)
{
    unsigned at = screen.row * screen.columns + cursor_column();

    assert(!irq_is_on());
    if (screen.held && !panic_is_under_way)
        return;
    screen.from = screen.output->paint(screen.cells, screen.shown, screen.from,
                                       screen.to);
    if (screen.from == screen.to)
        screen.from = screen.to = 0;
    screen.output->set_cursor(at, screen.cursor_hidden);
}

/* Cells [from, to) in reading order become blank. */
static void clear_cells(unsigned from, unsigned to)
{
    uint16_t blank = blank_cell();

    touch(from, to);
    if (from < to && from % 2 != 0)
        screen.cells[from++] = blank;
#pragma GCC unroll 8
    for (; from + 1 < to; from += 2)
        *(uint32_t *)&screen.cells[from] = blank * 0x10001u;
    if (from < to)
        screen.cells[from] = blank;
}

/* Move n cells, overlapping or not. */
static void move_cells(unsigned to, unsigned from, unsigned n)
{
    touch(to, to + n);
    memmove(&screen.cells[to], &screen.cells[from], n * sizeof(*screen.cells));
}

/* Rows [top, bottom] move up by n; blank rows come in from below. */
static void scroll_up(unsigned top, unsigned bottom, unsigned n)
{
    unsigned height = bottom - top + 1;

    if (n > height)
        n = height;
    move_cells(top * screen.columns, (top + n) * screen.columns,
               (height - n) * screen.columns);
    clear_cells((bottom + 1 - n) * screen.columns,
                (bottom + 1) * screen.columns);
}

static void scroll_down(unsigned top, unsigned bottom, unsigned n)
{
    unsigned height = bottom - top + 1;

    if (n > height)
        n = height;
    move_cells((top + n) * screen.columns, top * screen.columns,
               (height - n) * screen.columns);
    clear_cells(top * screen.columns, (top + n) * screen.columns);
}

static void line_feed(void)
{
    if (screen.row == screen.bottom)
        scroll_up(screen.top, screen.bottom, 1);
    else if (screen.row < screen.rows - 1)
        screen.row++;
}

static void reverse_line_feed(void)
{
    if (screen.row == screen.top)
        scroll_down(screen.top, screen.bottom, 1);
    else if (screen.row > 0)
        screen.row--;
}

static void put_cell(uint32_t c)
{
    unsigned at;

    if (screen.column >= screen.columns) {
        screen.column = 0;
        line_feed();
    }
    at = screen.row * screen.columns + screen.column++;
    screen.cells[at] = (uint16_t)(cp437_from_unicode(c) | cell_colour() << 8);
    touch(at, at + 1);
}

static void reset(void)
{
    screen.colour = DEFAULT_COLOUR;
    screen.bold = screen.inverse = false;
    screen.row = screen.column = 0;
    screen.saved_row = screen.saved_column = 0;
    screen.saved_colour = DEFAULT_COLOUR;
    screen.top = 0;
    screen.bottom = screen.rows - 1;
    screen.mode = GROUND;
    clear_cells(0, screen.ncells);
    screen.cursor_hidden = false;
}

static void save_cursor(void)
{
    screen.saved_row = screen.row;
    screen.saved_column = screen.column;
    screen.saved_colour = screen.colour;
}

static void restore_cursor(void)
{
    screen.row = screen.saved_row;
    screen.column = screen.saved_column;
    screen.colour = screen.saved_colour;
}

static void control(uint8_t c)
{
    switch (c) {
    case '\b':
        screen.column = cursor_column();
        if (screen.column > 0)
            screen.column--;
        break;
    case '\t':
        screen.column = (screen.column / TAB_WIDTH + 1) * TAB_WIDTH;
        if (screen.column >= screen.columns)
            screen.column = screen.columns - 1;
        break;
    case '\n':
    case '\v':
    case '\f':
        line_feed();
        break;
    case '\r':
        screen.column = 0;
        break;
    }
}

/* Parameter i of the sequence; missing or 0 means `otherwise`. */
static unsigned parameter(unsigned i, unsigned otherwise)
{
    return i < screen.nparameters && screen.parameters[i] > 0
               ? screen.parameters[i]
               : otherwise;
}

static unsigned at_most(unsigned v, unsigned limit)
{
    return v < limit ? v : limit;
}

static void move_to(unsigned row, unsigned column)
{
    screen.row = at_most(row, screen.rows - 1);
    screen.column = at_most(column, screen.columns - 1);
}

static void move_by_letter(char letter, unsigned n)
{
    unsigned column = cursor_column();

    switch (letter) {
    case 'A':
        move_to(screen.row > n ? screen.row - n : 0, column);
        break;
    case 'B':
        move_to(screen.row + n, column);
        break;
    case 'C':
        move_to(screen.row, column + n);
        break;
    case 'D':
        move_to(screen.row, column > n ? column - n : 0);
        break;
    case 'E':
        move_to(screen.row + n, 0);
        break;
    case 'F':
        move_to(screen.row > n ? screen.row - n : 0, 0);
        break;
    }
}

/* ED and EL: 0 from the cursor to the end, 1 up to the cursor, 2 all. */
static void erase(unsigned start, unsigned end, unsigned how)
{
    unsigned at = screen.row * screen.columns + cursor_column();

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
    unsigned at = screen.row * screen.columns + column;

    n = at_most(n, screen.columns - column);
    move_cells(at + n, at, screen.columns - column - n);
    clear_cells(at, at + n);
}

static void delete_cells(unsigned n)
{
    unsigned column = cursor_column();
    unsigned at = screen.row * screen.columns + column;

    n = at_most(n, screen.columns - column);
    move_cells(at, at + n, screen.columns - column - n);
    clear_cells(at + screen.columns - column - n, at + screen.columns - column);
}

/* ANSI counts red, green, blue from the lowest bit, VGA the other way. */
static uint8_t vga_colour(unsigned ansi)
{
    return (uint8_t)((ansi & 1) << 2 | (ansi & 2) | (ansi & 4) >> 2);
}

static void set_foreground(uint8_t colour)
{
    screen.colour = (uint8_t)((screen.colour & 0xF0) | colour);
}

static void set_background(uint8_t colour)
{
    screen.colour = (uint8_t)((screen.colour & 0x8F) | (colour & 7) << 4);
}

static void select_rendition(unsigned p)
{
    switch (p) {
    case 0:
        screen.colour = DEFAULT_COLOUR;
        screen.bold = screen.inverse = false;
        break;
    case 1:
        screen.bold = true;
        break;
    case 2:
    case 22:
        screen.bold = false;
        break;
    case 7:
        screen.inverse = true;
        break;
    case 27:
        screen.inverse = false;
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
    unsigned which = i + 2 < screen.nparameters ? screen.parameters[i + 2] : 0;

    if (i + 1 < screen.nparameters && screen.parameters[i + 1] == 5) {
        if (which < 16)
            select_rendition((foreground ? 30 : 40) + (which & 7) +
                             (which < 8 ? 0 : 60));
        return 2;
    }
    return 4;
}

static void select_renditions(void)
{
    if (screen.nparameters == 0)
        select_rendition(0);
    for (unsigned i = 0; i < screen.nparameters; i++) {
        unsigned p = screen.parameters[i];

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
        n = kscnprintf(buf, sizeof(buf), "\033[%u;%uR", screen.row + 1,
                       cursor_column() + 1);
    else if (parameter(0, 0) == 5)
        n = kscnprintf(buf, sizeof(buf), "\033[0n");
    if (n > 0 && screen.reply != NULL)
        screen.reply(buf, n);
}

static void set_region(void)
{
    unsigned top = parameter(0, 1);
    unsigned bottom = parameter(1, screen.rows);

    if (bottom > screen.rows)
        bottom = screen.rows;
    if (top >= bottom)
        return;
    screen.top = top - 1;
    screen.bottom = bottom - 1;
    move_to(0, 0);
}

static bool in_region(void)
{
    return screen.row >= screen.top && screen.row <= screen.bottom;
}

static void csi_private(char final)
{
    if ((final == 'h' || final == 'l') && parameter(0, 0) == 25)
        screen.cursor_hidden = final == 'l';
}

static void csi_edit(char final)
{
    unsigned n = parameter(0, 1);

    switch (final) {
    case 'J':
        erase(0, screen.ncells, parameter(0, 0));
        break;
    case 'K':
        erase(screen.row * screen.columns, (screen.row + 1) * screen.columns,
              parameter(0, 0));
        break;
    case 'L':
        if (in_region())
            scroll_down(screen.row, screen.bottom, n);
        break;
    case 'M':
        if (in_region())
            scroll_up(screen.row, screen.bottom, n);
        break;
    case 'P':
        delete_cells(n);
        break;
    case '@':
        insert_cells(n);
        break;
    case 'X':
        n = at_most(n, screen.columns - cursor_column());
        clear_cells(screen.row * screen.columns + cursor_column(),
                    screen.row * screen.columns + cursor_column() + n);
        break;
    case 'S':
        scroll_up(screen.top, screen.bottom, n);
        break;
    case 'T':
        scroll_down(screen.top, screen.bottom, n);
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
        move_to(screen.row, parameter(0, 1) - 1);
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

    if (screen.nparameters == 0)
        screen.parameters[screen.nparameters++] = 0;
    last = &screen.parameters[screen.nparameters - 1];
    *last = at_most(*last * 10 + digit, MAX_PARAMETER);
}

static void csi_byte(uint8_t c)
{
    if (c >= '<' && c <= '?') {
        screen.private_csi = true;
    } else if (c >= '0' && c <= '9') {
        add_digit(c - '0');
    } else if (c == ';') {
        if (screen.nparameters == 0)
            screen.parameters[screen.nparameters++] = 0;
        if (screen.nparameters < MAX_PARAMETERS)
            screen.parameters[screen.nparameters++] = 0;
    } else if (c >= 0x40 && c <= 0x7E) {
        screen.mode = GROUND;
        if (screen.private_csi)
            csi_private((char)c);
        else
            csi((char)c);
    } else if (c < 0x20) {
        control(c);
    }
}

static void begin_csi(void)
{
    screen.mode = CSI;
    screen.private_csi = false;
    screen.nparameters = 0;
}

static void escape_byte(uint8_t c)
{
    screen.mode = GROUND;
    switch (c) {
    case '[':
        begin_csi();
        break;
    case ']':
    case 'P':
    case '_':
    case '^':
        screen.mode = STRING;
        break;
    case '(':
    case ')':
    case '#':
    case '%':
        screen.mode = CHARSET;
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
        screen.column = 0;
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
        if (screen.wanted > 0)
            put_cell(REPLACEMENT);
        screen.wanted = 0;
        put_cell(c);
    } else if (c < 0xC0) {
        if (screen.wanted == 0) {
            put_cell(REPLACEMENT);
            return;
        }
        screen.character = screen.character << 6 | (c & 0x3F);
        if (--screen.wanted == 0)
            put_cell(screen.character);
    } else {
        screen.wanted = c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
        screen.character = c & (0x3Fu >> screen.wanted);
    }
}

static void ground_byte(uint8_t c)
{
    if (c == 0x1B)
        screen.mode = ESCAPE;
    else if (c < 0x20)
        control(c);
    else if (c != 0x7F)
        text_byte(c);
}

static void put_byte(uint8_t c)
{
    switch (screen.mode) {
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
            screen.mode = GROUND;
        else if (c == 0x1B)
            screen.mode = STRING_ESCAPE;
        break;
    case STRING_ESCAPE:
    case CHARSET:
        screen.mode = GROUND;
        break;
    }
}

void screen_start(const struct screen_output *output, unsigned columns,
                  unsigned rows, const uint16_t *cells, unsigned row)
{
    uint32_t flags = irq_save();

    screen.columns = columns;
    screen.rows = rows;
    screen.ncells = columns * rows;
    screen.output = output;
    reset();
    for (unsigned i = 0; i < screen.ncells; i++)
        screen.cells[i] = screen.shown[i] = cells ? cells[i] : blank_cell();
    screen.from = screen.to = 0;
    screen.row = row;
    flush();
    irq_restore(flags);
}

bool screen_is_present(void)
{
    return screen.output != NULL;
}

unsigned screen_columns(void)
{
    return screen.columns;
}

unsigned screen_rows(void)
{
    return screen.rows;
}

bool screen_refresh(void)
{
    flush();
    return screen.from != screen.to;
}

void screen_hold(void)
{
    assert(!irq_is_on());
    screen.held = true;
}

void screen_release(void)
{
    screen.held = false;
    if (screen_is_present())
        flush();
}

void screen_write(const char *s, size_t nbytes)
{
    uint32_t flags = irq_save();

    if (screen_is_present()) {
        for (size_t i = 0; i < nbytes; i++)
            put_byte((uint8_t)s[i]);
        flush();
    }
    irq_restore(flags);
}

void screen_write_log(const char *s, size_t nbytes)
{
    uint32_t flags = irq_save();

    if (screen_is_present()) {
        for (size_t i = 0; i < nbytes; i++) {
            if (s[i] == '\n')
                put_byte('\r');
            put_byte((uint8_t)s[i]);
        }
        flush();
    }
    irq_restore(flags);
}

void screen_set_reply(void (*reply)(const char *s, size_t nbytes))
{
    screen.reply = reply;
}
