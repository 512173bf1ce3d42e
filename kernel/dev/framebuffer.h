/*
 * A linear framebuffer that the boot loader has set up, as an output of the
 * screen: 8 by 16 dots for a cell.
 */
#ifndef DEV_FRAMEBUFFER_H
#define DEV_FRAMEBUFFER_H

#include "lib/types.h"
#include "mm/memmap.h"

enum framebuffer_type {
    FRAMEBUFFER_NONE = -1,
    FRAMEBUFFER_INDEXED = 0,
    FRAMEBUFFER_RGB = 1,
    FRAMEBUFFER_TEXT = 2
};

/* What the loader says of it (Multiboot 0.6.96, 3.3); not to be believed. */
struct framebuffer_info {
    int type;
    uint64_t address;
    uint32_t pitch;         /* bytes from one line of dots to the next */
    uint32_t width, height; /* in dots; of text in cells */
    uint8_t bpp;
    struct framebuffer_colour {
        uint8_t at, nbits; /* in a dot, from the lowest bit on */
    } red, green, blue;
};

/*
 * Return why this framebuffer cannot be the screen, or NULL: its format is none
 * that is known, its numbers contradict each other, or it lies where RAM or
 * firmware is in `map`, a finished one.
 */
const char *framebuffer_check(const struct framebuffer_info *info,
                              const struct memmap *map);

/*
 * Make a sound framebuffer the output of the screen, which is blank then. False
 * if it is not sound, which is logged, if there is none, or no font was there
 * when the kernel was built. Once, at boot, when there are timers.
 */
bool framebuffer_init(const struct framebuffer_info *info,
                      const struct memmap *map);

/* Show all that is not shown yet, and from now on everything at once. */
void framebuffer_hurry(void);

#endif
