/*
 * wcwidth, wcswidth: newlib's tables, but a character that is not printable has
 * no width, whether it takes part in a wide block or not.
 */
#define _GNU_SOURCE
#include <wchar.h>
#include <wctype.h>

int __wcwidth(wint_t);

int wcwidth(wchar_t c)
{
    int width = __wcwidth((wint_t)c);

    return width > 0 && !iswprint((wint_t)c) ? -1 : width;
}

int wcswidth(const wchar_t *text, size_t length)
{
    int sum = 0;

    for (; length > 0 && *text != L'\0'; text++, length--) {
        int width = wcwidth(*text);

        if (width < 0)
            return -1;
        sum += width;
    }
    return sum;
}
