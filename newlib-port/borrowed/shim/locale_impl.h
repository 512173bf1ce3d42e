/*
 * Locales as borrowed code sees them: glue/locale.c.  Texts are those of the C
 * locale in every locale that there is.
 */
#ifndef LOCALE_IMPL_H
#define LOCALE_IMPL_H

#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <stdlib.h>

#include <time.h>
#include <wchar.h>

size_t __strftime_l(char *restrict, size_t, const char *restrict,
                    const struct tm *restrict, locale_t);
size_t __wcsftime_l(wchar_t *restrict, size_t, const wchar_t *restrict,
                    const struct tm *restrict, locale_t);

/* The thread's locale, or NULL where the process's counts. */
extern _Thread_local locale_t __cairn_thread_locale;
int __cairn_is_utf8(void);
int __cairn_locale_is_utf8(locale_t);
locale_t __cairn_utf8_locale(void);

#undef MB_CUR_MAX
#define MB_CUR_MAX                 (__cairn_is_utf8() ? 4 : 1)
#define CURRENT_UTF8               __cairn_is_utf8()
#define CURRENT_LOCALE             __cairn_thread_locale
#define C_LOCALE                   NULL
#define UTF8_LOCALE                __cairn_utf8_locale()
#define LCTRANS(text, lc, locale)  (text)
#define LCTRANS_CUR(text)          (text)
#define __nl_langinfo_l(item, loc) nl_langinfo(item)

#endif
