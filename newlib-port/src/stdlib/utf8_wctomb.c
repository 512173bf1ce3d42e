/*
 * __utf8_wctomb: a wide character as UTF-8 (RFC 3629); every conversion of the
 * locale C.UTF-8 ends here.  newlib's own lets surrogates pass.
 *
 * Errors: EILSEQ for a surrogate or a number above 0x10ffff.
 */
#include "../call.h"

#include <wchar.h>

int __utf8_wctomb(struct _reent *reent, char *s, wchar_t wide,
                  mbstate_t *state);

int __utf8_wctomb(struct _reent *reent, char *s, wchar_t wide, mbstate_t *state)
{
    unsigned long c = (unsigned long)wide;
    int length = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;

    (void)state;
    if (s == NULL)
        return 0; /* UTF-8 has no shift states */
    if ((c >= 0xd800 && c <= 0xdfff) || c > 0x10ffff) {
        reent->_errno = EILSEQ;
        return -1;
    }
    if (length == 1) {
        *s = (char)c;
        return 1;
    }
    for (int i = length - 1; i > 0; i--) {
        s[i] = (char)(0x80 | (c & 0x3f));
        c >>= 6;
    }
    s[0] = (char)((0xf00 >> length) | c);
    return length;
}
