/*
 * integer.c - see integer.h.
 */
#include "integer.h"
#include <ctype.h>
#include <stddef.h>

int __cairn_digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z')
        return c - 'A' + 10;
    return 36;
}

const char *__cairn_integer_start(const char *text, int *base, int *negative)
{
    while (isspace((unsigned char)*text))
        text++;
    *negative = *text == '-';
    if (*text == '-' || *text == '+')
        text++;
    if ((*base == 0 || *base == 16) && text[0] == '0' &&
        (text[1] | 32) == 'x' && __cairn_digit_value(text[2]) < 16) {
        text += 2;
        *base = 16;
    } else if (*base == 0) {
        *base = *text == '0' ? 8 : 10;
    }
    if (*base < 2 || *base > 36 || __cairn_digit_value(*text) >= *base)
        return NULL;
    return text;
}
