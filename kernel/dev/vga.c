/*
 * The VGA text screen.
 *
 * Memory: one 16-bit cell per character from physical 0xB8000 on, row by row
 * (IBM VGA reference, mode 3). The cursor is two registers of the CRT
 * controller.
 */
#include "dev/vga.h"

#include "arch/i386/cpu.h"
#include "arch/i386/window.h"
#include "dev/screen.h"

#define VGA_PA 0xB8000u

#define CRTC_INDEX        0x3D4
#define CRTC_DATA         0x3D5
#define CRTC_CURSOR_START 0x0A
#define CRTC_CURSOR_HIGH  0x0E
#define CRTC_CURSOR_LOW   0x0F
#define CURSOR_OFF        0x20

#define NCELLS (VGA_ROWS * VGA_COLUMNS)

static volatile uint16_t *memory;
static bool cursor_is_hidden;

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

static unsigned paint(const uint16_t *cells, uint16_t *shown, unsigned from,
                      unsigned to)
{
    for (unsigned i = from; i < to; i++)
        if (cells[i] != shown[i])
            memory[i] = shown[i] = cells[i];
    return to;
}

static void hide_cursor(bool hidden)
{
    uint8_t start = crtc_read(CRTC_CURSOR_START) & (uint8_t)~CURSOR_OFF;

    cursor_is_hidden = hidden;
    crtc_write(CRTC_CURSOR_START, hidden ? start | CURSOR_OFF : start);
}

static void set_cursor(unsigned at, bool hidden)
{
    crtc_write(CRTC_CURSOR_HIGH, (uint8_t)(at >> 8));
    crtc_write(CRTC_CURSOR_LOW, (uint8_t)at);
    if (hidden != cursor_is_hidden)
        hide_cursor(hidden);
}

static const struct screen_output output = {
    .paint = paint,
    .set_cursor = set_cursor,
};

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

/* Rows move up by one, to make room at the bottom. */
static void scroll(uint16_t *cells)
{
    for (unsigned i = 0; i < NCELLS; i++)
        memory[i] = cells[i] =
            i + VGA_COLUMNS < NCELLS ? cells[i + VGA_COLUMNS] : 0x0720;
}

bool vga_init(void)
{
    static uint16_t cells[NCELLS];
    unsigned at;

    if (!controller_works())
        return false;
    memory = direct_map(VGA_PA);
    for (unsigned i = 0; i < NCELLS; i++)
        cells[i] = memory[i];
    at =
        (unsigned)crtc_read(CRTC_CURSOR_HIGH) << 8 | crtc_read(CRTC_CURSOR_LOW);
    if (at >= NCELLS)
        at = (VGA_ROWS - 1) * VGA_COLUMNS;
    at = (at + VGA_COLUMNS - 1) / VGA_COLUMNS;
    if (at == VGA_ROWS) {
        scroll(cells);
        at--;
    }
    hide_cursor(false);
    screen_start(&output, VGA_COLUMNS, VGA_ROWS, cells, at);
    return true;
}
