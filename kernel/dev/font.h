/*
 * The font of framebuffers: glyphs of 8 by 16 dots, one line of dots a byte,
 * the leftmost dot its highest bit.
 */
#ifndef DEV_FONT_H
#define DEV_FONT_H

#include "lib/types.h"

#define FONT_WIDTH  8u
#define FONT_HEIGHT 16u
#define FONT_BYTES  (256 * FONT_HEIGHT)

/* A kernel that was built without a font has none between the two. */
extern const uint8_t font_glyphs[], font_end[];

#endif
