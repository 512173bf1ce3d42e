/*
 * What newlib's streams and its classes of wide characters ask of multibyte
 * characters, over the borrowed functions.  The reentrancy structure that they
 * pass holds the errno of this thread.
 *
 * wchar_t is Unicode in every locale, so that the conversions between it and
 * other wide sets are the identity.
 */
#define _GNU_SOURCE
#include <reent.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>

#include "locale_impl.h"

size_t _mbrtowc_r(struct _reent *reent, wchar_t *wide, const char *text,
                  size_t length, mbstate_t *state)
{
    (void)reent;
    return mbrtowc(wide, text, length, state);
}

size_t _wcrtomb_r(struct _reent *reent, char *text, wchar_t wide,
                  mbstate_t *state)
{
    (void)reent;
    return wcrtomb(text, wide, state);
}

size_t _mbsnrtowcs_r(struct _reent *reent, wchar_t *wide, const char **text,
                     size_t length, size_t room, mbstate_t *state)
{
    (void)reent;
    return mbsnrtowcs(wide, text, length, room, state);
}

size_t _mbsrtowcs_r(struct _reent *reent, wchar_t *wide, const char **text,
                    size_t room, mbstate_t *state)
{
    (void)reent;
    return mbsrtowcs(wide, text, room, state);
}

size_t _wcsnrtombs_r(struct _reent *reent, char *text, const wchar_t **wide,
                     size_t length, size_t room, mbstate_t *state)
{
    (void)reent;
    return wcsnrtombs(text, wide, length, room, state);
}

size_t _wcsrtombs_r(struct _reent *reent, char *text, const wchar_t **wide,
                    size_t room, mbstate_t *state)
{
    (void)reent;
    return wcsrtombs(text, wide, room, state);
}

int _mbtowc_r(struct _reent *reent, wchar_t *wide, const char *text,
              size_t length, mbstate_t *state)
{
    (void)reent;
    return (int)mbrtowc(wide, text, length, state);
}

int _wctomb_r(struct _reent *reent, char *text, wchar_t wide, mbstate_t *state)
{
    (void)reent;
    return (int)wcrtomb(text, wide, state);
}

wint_t _jp2uc_l(wint_t c, locale_t locale)
{
    (void)locale;
    return c;
}

wint_t _jp2uc(wint_t c)
{
    return c;
}

wint_t _uc2jp_l(wint_t c, locale_t locale)
{
    (void)locale;
    return c;
}
