/*
 * Wide characters in and out of struct __cairn_stream.
 *
 * A stream over a FILE has the multibyte characters of the locale.  One over a
 * wide string has UTF-8, whatever the locale is, so that every character of the
 * string survives the way through the bytes.
 */
#include "stdio_impl.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "stream.h"

#undef fgetwc
#undef ungetwc
#undef fputwc
#undef fputws

/* The first byte of a UTF-8 character tells its length; 1 for what is none. */
static int length_of(int first)
{
    return first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

static wint_t get_utf8(struct __cairn_stream *f)
{
    int c = getc_unlocked(f);
    int length;
    wint_t wide;

    if (c < 0x80)
        return c < 0 ? WEOF : (wint_t)c;
    length = length_of(c);
    wide = (wint_t)c & (0x7f >> length);
    while (--length > 0)
        wide = wide << 6 | ((wint_t)getc_unlocked(f) & 0x3f);
    return wide;
}

static wint_t get_multibyte(struct __cairn_stream *f)
{
    mbstate_t state = {0};
    wchar_t wide;

    for (;;) {
        int c = getc_unlocked(f);
        char byte = (char)c;
        size_t length;

        if (c == EOF)
            return WEOF;
        length = mbrtowc(&wide, &byte, 1, &state);
        if (length == (size_t)-1) {
            f->flags |= F_ERR;
            f->file->_flags |= __SERR;
            return WEOF;
        }
        if (length != (size_t)-2)
            return (wint_t)wide;
    }
}

wint_t __cairn_getwc(struct __cairn_stream *f)
{
    return f->file != NULL ? get_multibyte(f) : get_utf8(f);
}

/*
 * Give back the character that was read last.  Its bytes are before rpos, but
 * for one whose first bytes were at the end of a FILE's buffer: newlib keeps
 * that one aside.
 */
static void unget_file(wint_t wide, struct __cairn_stream *f)
{
    char bytes[MB_LEN_MAX];
    mbstate_t state = {0};
    size_t length = wcrtomb(bytes, (wchar_t)wide, &state);

    if (length == (size_t)-1)
        return;
    if ((size_t)(f->rpos - f->buf) >= length - 1 &&
        f->rpos > f->file->_bf._base &&
        (size_t)(f->rpos - f->file->_bf._base) >= length) {
        f->rpos -= length;
        return;
    }
    __cairn_stream_end(f);
    ungetwc(wide, f->file);
    __cairn_stream_begin(f);
}

wint_t __cairn_ungetwc(wint_t wide, struct __cairn_stream *f)
{
    if (wide == WEOF)
        return WEOF;
    if (f->file != NULL)
        unget_file(wide, f);
    else
        f->rpos -= wide < 0x80 ? 1 : wide < 0x800 ? 2 : wide < 0x10000 ? 3 : 4;
    return wide;
}

int __cairn_wide(struct __cairn_stream *f, int mode)
{
    (void)f;
    return mode;
}

static size_t put_utf8(wchar_t wide, unsigned char bytes[4])
{
    unsigned long c = (unsigned long)wide;

    if (c < 0x80) {
        bytes[0] = (unsigned char)c;
        return 1;
    }
    if (c < 0x800) {
        bytes[0] = (unsigned char)(0xc0 | c >> 6);
        bytes[1] = (unsigned char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        bytes[0] = (unsigned char)(0xe0 | c >> 12);
        bytes[1] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
        bytes[2] = (unsigned char)(0x80 | (c & 0x3f));
        return 3;
    }
    bytes[0] = (unsigned char)(0xf0 | (c >> 18 & 7));
    bytes[1] = (unsigned char)(0x80 | (c >> 12 & 0x3f));
    bytes[2] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
    bytes[3] = (unsigned char)(0x80 | (c & 0x3f));
    return 4;
}

wint_t __cairn_putwc(wchar_t wide, struct __cairn_stream *f)
{
    unsigned char bytes[MB_LEN_MAX];
    mbstate_t state = {0};
    size_t length;

    if (f->file == NULL)
        length = put_utf8(wide, bytes);
    else
        length = wcrtomb((char *)bytes, wide, &state);
    if (length == (size_t)-1) {
        f->flags |= F_ERR;
        return WEOF;
    }
    __fwritex(bytes, length, f);
    return (wint_t)wide;
}

int __cairn_putws(const wchar_t *text, struct __cairn_stream *f)
{
    for (; *text != L'\0'; text++)
        if (__cairn_putwc(*text, f) == WEOF)
            return EOF;
    return 0;
}

/* ---- wide strings ---- */

/* Fill buf with whole characters, so that none is split by a refill. */
size_t __cairn_read_wide(struct __cairn_stream *f, unsigned char *byte,
                         size_t length)
{
    const wchar_t *text = f->cookie;
    size_t filled = 0;

    while (*text != L'\0' && filled + 8 <= f->buf_size)
        filled += put_utf8(*text++, f->buf + filled);
    f->cookie = (void *)text;
    f->rpos = f->buf;
    f->rend = f->buf + filled;
    if (filled == 0 || length == 0)
        return 0;
    *byte = *f->rpos++;
    return 1;
}
