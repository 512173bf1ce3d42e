/*
 * The character set of the PC's screen, code page 437.
 */
#ifndef DEV_CP437_H
#define DEV_CP437_H

#include "lib/types.h"

/* The cell code that shows a Unicode character, '?' if there is none. */
uint8_t cp437_from_unicode(uint32_t c);

#endif
