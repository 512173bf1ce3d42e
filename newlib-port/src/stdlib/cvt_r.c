/*
 * ecvt_r, fcvt_r and their long double forms: digits of a number into the
 * caller's buffer.  Error: -1 when it is too small.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_DIGITS 17

static int deliver(const char *digits, size_t length, char *buffer, size_t size)
{
    if (length >= size)
        return -1;
    memcpy(buffer, digits, length);
    buffer[length] = '\0';
    return 0;
}

int ecvt_r(double value, int ndigits, int *restrict point, int *restrict sign,
           char *restrict buffer, size_t size)
{
    char text[MOST_DIGITS + 16];
    char *exponent;
    size_t length = 0;

    if (ndigits > MOST_DIGITS)
        ndigits = MOST_DIGITS;
    snprintf(text, sizeof(text), "%.*e", ndigits > 0 ? ndigits - 1 : 0, value);
    *sign = text[0] == '-';
    exponent = strchr(text, 'e');
    if (exponent == NULL) {
        *point = 0;
        return deliver(text + *sign, strlen(text + *sign), buffer, size);
    }
    *point = value == 0 ? (ndigits > 0) : atoi(exponent + 1) + 1;
    for (char *c = text + *sign; c < exponent; c++)
        if (*c != '.')
            text[length++] = *c;
    return deliver(text, ndigits > 0 ? length : 0, buffer, size);
}

int fcvt_r(double value, int ndigits, int *restrict point, int *restrict sign,
           char *restrict buffer, size_t size)
{
    char text[400 + MOST_DIGITS];
    char *from = text;
    size_t length = 0;

    if (ndigits > MOST_DIGITS)
        ndigits = MOST_DIGITS;
    snprintf(text, sizeof(text), "%.*f", ndigits > 0 ? ndigits : 0, value);
    *sign = *from == '-';
    from += *sign;
    *point = (int)strcspn(from, ".");
    if (*point == 1 && *from == '0') {
        /* below 1: zeros at the front are the point's place, not digits */
        *point = 0;
        from += from[1] == '.' ? 2 : 1;
        while (*from == '0' && from[1] != '\0')
            from++, (*point)--;
    }
    for (; *from != '\0'; from++)
        if (*from != '.')
            text[length++] = *from;
    return deliver(text, length, buffer, size);
}
