/*
 * __utf8_mbtowc: a character from UTF-8, as newlib's locales call it.
 *
 * Well-formed is what the Unicode Standard's table 3-7 lists: no longer forms
 * than needed, no surrogates, nothing beyond 10FFFF; newlib's own lets
 * surrogates pass.  Between calls, the state holds the bytes so far: __count
 * of them, in __wchb.
 *
 * Returns the bytes used of this call's, 0 for the null character, -2 if all
 * were used and more are needed, -1 with EILSEQ.
 */
#include "../call.h"
#include <wchar.h>

/* The length of a character by its first byte, or 0 for a wrong one. */
static int length_of(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Whether a byte may stand there, given the first of the character. */
static int is_valid(unsigned char first, int place, unsigned char c)
{
    unsigned char low = 0x80;
    unsigned char high = 0xbf;

    if (place == 1) {
        if (first == 0xe0)
            low = 0xa0;
        else if (first == 0xed)
            high = 0x9f;
        else if (first == 0xf0)
            low = 0x90;
        else if (first == 0xf4)
            high = 0x8f;
    }
    return c >= low && c <= high;
}

static int fail(struct _reent *reent, mbstate_t *state)
{
    state->__count = 0;
    reent->_errno = EILSEQ;
    return -1;
}

int __utf8_mbtowc(struct _reent *reent, wchar_t *result, const char *text,
                  size_t nbytes, mbstate_t *state)
{
    unsigned char *seen = state->__value.__wchb;
    size_t used = 0;
    wchar_t c;
    int length;

    if (text == NULL)
        return 0;
    if (nbytes == 0)
        return -2;
    if (state->__count == 0) {
        seen[0] = (unsigned char)text[used++];
        state->__count = 1;
    }
    length = length_of(seen[0]);
    if (length == 0)
        return fail(reent, state);
    while (state->__count < length) {
        unsigned char next;

        if (used == nbytes)
            return -2;
        next = (unsigned char)text[used++];
        if (!is_valid(seen[0], state->__count, next))
            return fail(reent, state);
        seen[state->__count++] = next;
    }
    c = length == 1 ? seen[0] : seen[0] & (0xff >> (length + 1));
    for (int i = 1; i < length; i++)
        c = c << 6 | (seen[i] & 0x3f);
    state->__count = 0;
    if (result != NULL)
        *result = c;
    return c == 0 ? 0 : (int)used;
}
