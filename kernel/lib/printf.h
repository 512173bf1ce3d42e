/*
 * Formatting into a buffer: C17 7.21.6.1 without floats, %n and wide
 * characters.
 *
 *   flags       - + space # 0
 *   width       number or *       precision   .number or .*
 *   lengths     hh h l ll z t j
 *   conversions d i u x X o c s p %
 *
 * %p prints 0x and as many hexadecimal digits as a pointer has. %s of NULL
 * prints (null). An unknown conversion is copied as it stands and ends the
 * formatting: what its argument would be cannot be known.
 */
#ifndef LIB_PRINTF_H
#define LIB_PRINTF_H

#include <stdarg.h>
#include <stddef.h>

#include "lib/compiler.h"

/*
 * Write at most `size` bytes to `buf`, the last one always NUL; `buf` may be
 * NULL when size is 0. Return the length that the whole text has without its
 * NUL, so the text was cut if and only if the result is >= size. Never fails,
 * never sleeps, uses no memory but some 100 bytes of stack.
 */
int kvsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
    printf_like(3, 0);
int ksnprintf(char *buf, size_t size, const char *fmt, ...) printf_like(3, 4);

/*
 * As ksnprintf, but returns what was written without the NUL: always below
 * `size`. For texts that are put together piece by piece.
 */
size_t kscnprintf(char *buf, size_t size, const char *fmt, ...)
    printf_like(3, 4);

#endif
