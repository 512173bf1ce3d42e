/* Texts are those of the C locale in every locale that there is. */
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>

#include <time.h>
#include <wchar.h>

size_t __strftime_l(char *restrict, size_t, const char *restrict,
                    const struct tm *restrict, locale_t);
size_t __wcsftime_l(wchar_t *restrict, size_t, const wchar_t *restrict,
                    const struct tm *restrict, locale_t);

#define CURRENT_LOCALE             NULL
#define C_LOCALE                   NULL
#define LCTRANS(text, lc, locale)  (text)
#define LCTRANS_CUR(text)          (text)
#define __nl_langinfo_l(item, loc) nl_langinfo(item)
