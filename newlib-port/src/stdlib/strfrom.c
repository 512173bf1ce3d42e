/*
 * strfromd, strfromf, strfroml (C23): a number by a format of one conversion,
 * "%[.precision](a|A|e|E|f|F|g|G)".  Another format gives an empty text and -1.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Put an L before the conversion; -1 for a format that is not one. */
static int widen(char out[32], const char *format)
{
    size_t length = strlen(format);
    size_t digits;

    if (format[0] != '%' || length < 2 || length > 28)
        return -1;
    digits = format[1] == '.' ? 1 + strspn(format + 2, "0123456789") : 0;
    if (length != 2 + digits || strchr("aAeEfFgG", format[length - 1]) == NULL)
        return -1;
    memcpy(out, format, length - 1);
    out[length - 1] = 'L';
    out[length] = format[length - 1];
    out[length + 1] = '\0';
    return 0;
}

int strfroml(char *restrict text, size_t size, const char *restrict format,
             long double value)
{
    char wide[32];

    if (widen(wide, format) < 0) {
        if (size > 0)
            *text = '\0';
        errno = EINVAL;
        return -1;
    }
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    return snprintf(text, size, wide, value);
}

int strfromd(char *restrict text, size_t size, const char *restrict format,
             double value)
{
    return strfroml(text, size, format, value);
}

int strfromf(char *restrict text, size_t size, const char *restrict format,
             float value)
{
    return strfroml(text, size, format, value);
}
