/*
 * A framebuffer as the screen: cells become dots by a font.
 *
 * A glyph takes five hundred instructions, a screen full of them millions; what
 * is printed is shown with interrupts off. So a call draws a few cells, and a
 * timer goes on every fifth of a millisecond until all are drawn. In a panic,
 * when no timer rings any more, and before there are any, all are drawn at
 * once.
 *
 * Four dots are as many words as a dot has bytes: of each of the 16 patterns of
 * four dots there is an image in the colours of the cells that were drawn last.
 *
 * The cursor is a line in the cell where it is; the cell is drawn again when it
 * leaves.
 */
#include "dev/framebuffer.h"

#include "arch/i386/clock.h"
#include "arch/i386/paging.h"
#include "dev/font.h"
#include "dev/screen.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "sched/timer.h"

#define CELLS_AT_ONCE 12u
#define LOOKS_AT_ONCE 768u
#define STEP_NS       200000u
#define PATTERN_DOTS  4u
#define NPATTERNS     (1u << PATTERN_DOTS)
#define CURSOR_LINES  2u
#define COLUMNS_MIN   40u
#define ROWS_MIN      10u
#define DOTS_MAX      16384u
#define PITCH_MAX     (DOTS_MAX * 4)
#define NO_CURSOR     UINT32_MAX
#define NO_COLOURS    UINT32_MAX

/* The 16 colours of VGA's text mode, 0xRRGGBB. */
static const uint32_t palette[16] = {
    0x000000, 0x0000AA, 0x00AA00, 0x00AAAA, 0xAA0000, 0xAA00AA,
    0xAA5500, 0xAAAAAA, 0x555555, 0x5555FF, 0x55FF55, 0x55FFFF,
    0xFF5555, 0xFF55FF, 0xFFFF55, 0xFFFFFF,
};

static struct {
    volatile uint8_t *base;
    uint32_t pitch;
    unsigned nbytes;      /* of a dot */
    uint32_t colours[16]; /* as dots */
    uint32_t patterns[NPATTERNS][4];
    unsigned patterns_of; /* the colours of a cell, or NO_COLOURS */
    unsigned columns;
    const uint16_t *shown; /* of the screen */
    unsigned cursor;       /* the cell that has it, or NO_CURSOR */
    bool patient;          /* timers ring */
    struct timer timer;
} fb;

/* ---- dots ---- */

static uint32_t scale(uint32_t rgb, unsigned shift,
                      const struct framebuffer_colour *colour)
{
    uint32_t value = rgb >> shift & 0xFF;

    value = colour->nbits >= 8 ? value << (colour->nbits - 8)
                               : value >> (8 - colour->nbits);
    return value << colour->at;
}

static uint32_t dot_of(const struct framebuffer_info *info, uint32_t rgb)
{
    return scale(rgb, 16, &info->red) | scale(rgb, 8, &info->green) |
           scale(rgb, 0, &info->blue);
}

/* The images of the patterns, whose upper bit is the left dot. */
static void make_patterns(uint32_t ink, uint32_t paper)
{
    for (unsigned bits = 0; bits < NPATTERNS; bits++) {
        uint8_t *at = (uint8_t *)fb.patterns[bits];

        for (unsigned x = 0; x < PATTERN_DOTS; x++, at += fb.nbytes) {
            uint32_t dot = bits << x & NPATTERNS / 2 ? ink : paper;

            for (unsigned i = 0; i < fb.nbytes; i++)
                at[i] = (uint8_t)(dot >> i * 8);
        }
    }
}

static inline volatile uint32_t *put_pattern(volatile uint32_t *at,
                                             unsigned bits)
{
    const uint32_t *words = fb.patterns[bits];

    at[0] = words[0];
    at[1] = words[1];
    if (fb.nbytes > 2)
        at[2] = words[2];
    if (fb.nbytes > 3)
        at[3] = words[3];
    return at + fb.nbytes;
}

/* One line of dots of a cell, those of `bits` in the colour of the ink. */
static void put_line(volatile uint8_t *at, uint8_t bits)
{
    volatile uint32_t *to = (volatile uint32_t *)at;

    to = put_pattern(to, bits >> PATTERN_DOTS);
    put_pattern(to, bits & (NPATTERNS - 1));
}

static void set_colours(unsigned colours)
{
    if (fb.patterns_of == colours)
        return;
    fb.patterns_of = colours;
    make_patterns(fb.colours[colours & 15], fb.colours[colours >> 4 & 7]);
}

static void draw(unsigned at, uint16_t cell, bool cursor)
{
    const uint8_t *glyph = font_glyphs + (cell & 0xFF) * FONT_HEIGHT;
    volatile uint8_t *to = fb.base + at / fb.columns * FONT_HEIGHT * fb.pitch +
                           at % fb.columns * FONT_WIDTH * fb.nbytes;

    set_colours(cell >> 8);
    for (unsigned y = 0; y < FONT_HEIGHT; y++, to += fb.pitch)
        put_line(to,
                 cursor && y >= FONT_HEIGHT - CURSOR_LINES ? 0xFF : glyph[y]);
}

/* ---- the output ---- */

static unsigned paint(const uint16_t *cells, uint16_t *shown, unsigned from,
                      unsigned to)
{
    bool all = !fb.patient || panic_is_under_way;
    unsigned drawn = 0, i;

    fb.shown = shown;
    for (i = from; i < to; i++) {
        if (!all && (drawn == CELLS_AT_ONCE || i - from == LOOKS_AT_ONCE))
            break;
        if (cells[i] == shown[i])
            continue;
        shown[i] = cells[i];
        draw(i, cells[i], i == fb.cursor);
        drawn++;
    }
    if (i < to && !timer_is_armed(&fb.timer))
        timer_arm(&fb.timer, clock_monotonic_ns() + STEP_NS);
    return i;
}

static void set_cursor(unsigned at, bool hidden)
{
    unsigned before = fb.cursor;

    fb.cursor = hidden ? NO_CURSOR : at;
    if (fb.cursor == before)
        return;
    if (before != NO_CURSOR)
        draw(before, fb.shown[before], false);
    if (!hidden)
        draw(at, fb.shown[at], true);
}

static const struct screen_output output = {
    .paint = paint,
    .set_cursor = set_cursor,
};

/* In the alarm's interrupt. */
static void go_on(struct timer *timer)
{
    (void)timer;
    (void)screen_refresh(); /* it arms the timer again */
}

void framebuffer_hurry(void)
{
    fb.patient = false;
    if (fb.base != NULL)
        (void)screen_refresh();
}

/* ---- the loader's word ---- */

static unsigned dot_bytes(const struct framebuffer_info *info)
{
    return (info->bpp + 7u) / 8;
}

static bool is_colour(const struct framebuffer_info *info,
                      const struct framebuffer_colour *colour)
{
    return colour->nbits > 0 && colour->nbits <= 16 &&
           colour->at + colour->nbits <= info->bpp;
}

static bool is_format(const struct framebuffer_info *info)
{
    return (info->bpp == 15 || info->bpp == 16 || info->bpp == 24 ||
            info->bpp == 32) &&
           is_colour(info, &info->red) && is_colour(info, &info->green) &&
           is_colour(info, &info->blue);
}

static bool is_size(const struct framebuffer_info *info)
{
    return info->width >= COLUMNS_MIN * FONT_WIDTH && info->width <= DOTS_MAX &&
           info->height >= ROWS_MIN * FONT_HEIGHT && info->height <= DOTS_MAX;
}

/* Is nothing but devices there? */
static bool is_apart(const struct memmap *map, uint64_t start, uint64_t end)
{
    struct memmap_range r;

    for (unsigned i = 0; memmap_next(map, &i, &r);)
        if (r.start < end && start < r.end && r.kind != MEMMAP_HOLE &&
            r.kind != MEMMAP_RESERVED)
            return false;
    return true;
}

const char *framebuffer_check(const struct framebuffer_info *info,
                              const struct memmap *map)
{
    uint64_t nbytes = (uint64_t)info->pitch * info->height;

    if (info->type != FRAMEBUFFER_RGB)
        return "its type is unknown";
    if (!is_format(info))
        return "its dots are unknown";
    if (!is_size(info))
        return "its size is out of bounds";
    if (info->pitch < info->width * dot_bytes(info) || info->pitch > PITCH_MAX)
        return "its lines are too long or too short";
    if (info->bpp == 32 && (info->pitch % 4 != 0 || info->address % 4 != 0))
        return "it is not aligned";
    if (info->address < MEMMAP_LOW_END || info->address >= MEMMAP_TOP - nbytes)
        return "its address is out of bounds";
    if (!is_apart(map, info->address & ~(uint64_t)(LARGE_PAGE - 1),
                  info->address + nbytes + LARGE_PAGE - 1))
        return "it overlaps memory";
    return NULL;
}

static unsigned at_most(unsigned v, unsigned limit)
{
    return v < limit ? v : limit;
}

/* Black up to the edges; cells need not fill it. */
static void clear(const struct framebuffer_info *info, uint32_t height)
{
    for (uint32_t y = 0; y < height; y++)
        for (uint32_t x = 0; x < info->width * fb.nbytes; x++)
            fb.base[y * info->pitch + x] = 0;
}

bool framebuffer_init(const struct framebuffer_info *info,
                      const struct memmap *map)
{
    const char *why;
    unsigned rows, height;

    if (info->type == FRAMEBUFFER_NONE || info->type == FRAMEBUFFER_TEXT ||
        (size_t)(font_end - font_glyphs) != FONT_BYTES)
        return false;
    why = framebuffer_check(info, map);
    if (why != NULL) {
        klog(LOG_WARNING, "framebuffer: not used: %s", why);
        return false;
    }
    rows = at_most(info->height / FONT_HEIGHT, SCREEN_ROWS_MAX);
    height = rows * FONT_HEIGHT;
    fb.base =
        paging_map_large_device(info->address, (size_t)info->pitch * height);
    if (fb.base == NULL) {
        klog(LOG_WARNING, "framebuffer: not used: it is too large");
        return false;
    }
    fb.pitch = info->pitch;
    fb.nbytes = dot_bytes(info);
    fb.cursor = NO_CURSOR;
    fb.patterns_of = NO_COLOURS;
    fb.columns = at_most(info->width / FONT_WIDTH, SCREEN_COLUMNS_MAX);
    for (unsigned i = 0; i < 16; i++)
        fb.colours[i] = dot_of(info, palette[i]);
    timer_init(&fb.timer, go_on);
    fb.patient = true;
    klog(LOG_INFO, "framebuffer: %u by %u dots of %u bits, %u by %u cells",
         info->width, info->height, info->bpp, fb.columns, rows);
    clear(info, height);
    screen_start(&output, fb.columns, rows, NULL, 0);
    return true;
}
