/*
 * locale.c - the locales: C, also called POSIX, and C.UTF-8.
 *
 * A locale says for each category which of the two it is, so it is one of 64
 * values.  A locale_t points into a table of them; no locale is ever allocated,
 * and none can fail to be for want of memory.  The two differ in LC_CTYPE alone:
 * how bytes become characters.
 *
 * setlocale() changes the locale of the process, uselocale() that of the thread.
 * Errors: ENOENT from newlocale for any other name, EINVAL for a bad category;
 * setlocale returns NULL for both.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "locale_impl.h"

/* One byte for each set of categories that are C.UTF-8. */
struct __locale_t {
    char unused;
};

#define NCATEGORIES 6
#define ALL         ((1u << NCATEGORIES) - 1)

static const struct __locale_t locales[ALL + 1];

/* In the order in which a mixed locale's name lists them. */
static const struct {
    int category;
    const char *name;
} categories[NCATEGORIES] = {{LC_CTYPE, "LC_CTYPE"},
                             {LC_NUMERIC, "LC_NUMERIC"},
                             {LC_TIME, "LC_TIME"},
                             {LC_COLLATE, "LC_COLLATE"},
                             {LC_MONETARY, "LC_MONETARY"},
                             {LC_MESSAGES, "LC_MESSAGES"}};

static unsigned process_locale; /* the set, as in a locale_t */

_Thread_local locale_t __cairn_thread_locale;

static unsigned bit(int category)
{
    return 1u << (category - LC_COLLATE);
}

static unsigned set_of(locale_t locale)
{
    if (locale == NULL || locale == LC_GLOBAL_LOCALE)
        return process_locale;
    return (unsigned)(locale - locales);
}

static locale_t locale_of(unsigned set)
{
    return (locale_t)&locales[set];
}

/* Return 1 if the locale that counts now has multibyte characters. */
int __cairn_is_utf8(void)
{
    return (set_of(__cairn_thread_locale) & bit(LC_CTYPE)) != 0;
}

int __locale_mb_cur_max(void)
{
    return __cairn_is_utf8() ? 4 : 1;
}

locale_t __cairn_utf8_locale(void)
{
    return locale_of(ALL);
}

/* Return 0 for C, 1 for C.UTF-8, -1 for a name of `length` bytes of no other. */
static int kind_of(const char *name, size_t length)
{
    if ((length == 1 && *name == 'C') ||
        (length == 5 && memcmp(name, "POSIX", 5) == 0))
        return 0;
    if ((length == 7 && strncasecmp(name, "C.UTF-8", 7) == 0 && *name == 'C') ||
        (length == 6 && strncasecmp(name, "C.UTF8", 6) == 0 && *name == 'C'))
        return 1;
    return -1;
}

/* Return the name that the environment has for a category. */
static const char *name_from_environment(const char *category)
{
    const char *const variables[] = {"LC_ALL", category, "LANG"};

    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(variables[i]);

        if (value != NULL && *value != '\0')
            return value;
    }
    return "C";
}

/*
 * Find a category in a list "LC_CTYPE=C.UTF-8;LC_NUMERIC=C;...". Return the kind
 * of locale that it has there, or -1.
 */
static int kind_in_list(const char *list, const char *category)
{
    size_t length = strlen(category);

    while (*list != '\0') {
        size_t item = strcspn(list, ";");

        if (strncmp(list, category, length) == 0 && list[length] == '=')
            return kind_of(list + length + 1, item - length - 1);
        list += item;
        list += *list == ';';
    }
    return -1;
}

static int kind_of_category(const char *name, const char *category)
{
    if (*name == '\0')
        name = name_from_environment(category);
    if (strchr(name, ';') != NULL)
        return kind_in_list(name, category);
    return kind_of(name, strlen(name));
}

/*
 * Give the categories of `which` in *set the locale `name`. Return 0, or -1 and
 * leave *set alone if there is no such locale.
 */
static int change_set(unsigned *set, unsigned which, const char *name)
{
    unsigned changed = *set;

    for (size_t i = 0; i < NCATEGORIES; i++) {
        unsigned mask = bit(categories[i].category);
        int kind;

        if ((which & mask) == 0)
            continue;
        kind = kind_of_category(name, categories[i].name);
        if (kind < 0)
            return -1;
        changed = kind ? changed | mask : changed & ~mask;
    }
    *set = changed;
    return 0;
}

static const char *name_of_kind(unsigned is_utf8)
{
    return is_utf8 ? "C.UTF-8" : "C";
}

/* Return the name of all categories: one for all, or a list. */
static char *name_of_set(unsigned set)
{
    static char list[128];
    size_t length = 0;

    if (set == 0 || set == ALL)
        return (char *)name_of_kind(set);
    for (size_t i = 0; i < NCATEGORIES; i++) {
        const char *name = name_of_kind(set & bit(categories[i].category));

        length +=
            (size_t)snprintf(list + length, sizeof(list) - length, "%s%s=%s",
                             i ? ";" : "", categories[i].name, name);
    }
    return list;
}

char *setlocale(int category, const char *name)
{
    if (category < LC_ALL || category > LC_MESSAGES)
        return NULL;
    if (name != NULL &&
        change_set(&process_locale, category == LC_ALL ? ALL : bit(category),
                   name) < 0)
        return NULL;
    if (category == LC_ALL)
        return name_of_set(process_locale);
    return (char *)name_of_kind(process_locale & bit(category));
}

locale_t newlocale(int mask, const char *name, locale_t base)
{
    unsigned set = base == NULL ? 0 : set_of(base);
    unsigned which = mask & 1 << LC_ALL ? ALL : (unsigned)mask >> LC_COLLATE;

    if (name == NULL || (mask & ~(LC_ALL_MASK | 1 << LC_ALL)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    if (change_set(&set, which, name) < 0) {
        errno = ENOENT;
        return NULL;
    }
    return locale_of(set);
}

locale_t duplocale(locale_t locale)
{
    return locale_of(set_of(locale));
}

void freelocale(locale_t locale)
{
    (void)locale;
}

locale_t uselocale(locale_t locale)
{
    locale_t before = __cairn_thread_locale;

    if (locale != NULL)
        __cairn_thread_locale = locale == LC_GLOBAL_LOCALE ? NULL : locale;
    return before == NULL ? LC_GLOBAL_LOCALE : before;
}

const char *getlocalename_l(int category, locale_t locale)
{
    if (category == LC_ALL)
        return name_of_set(set_of(locale));
    if (category < LC_ALL || category > LC_MESSAGES)
        return NULL;
    return name_of_kind(set_of(locale) & bit(category));
}

/* Return whether characters of `locale` are multibyte ones. */
int __cairn_locale_is_utf8(locale_t locale)
{
    return (set_of(locale) & bit(LC_CTYPE)) != 0;
}

struct lconv *localeconv(void)
{
    static char empty[1], point[] = ".";
    static struct lconv c = {
        .decimal_point = point,
        .thousands_sep = empty,
        .grouping = empty,
        .int_curr_symbol = empty,
        .currency_symbol = empty,
        .mon_decimal_point = empty,
        .mon_thousands_sep = empty,
        .mon_grouping = empty,
        .positive_sign = empty,
        .negative_sign = empty,
        .int_frac_digits = CHAR_MAX,
        .frac_digits = CHAR_MAX,
        .p_cs_precedes = CHAR_MAX,
        .p_sep_by_space = CHAR_MAX,
        .n_cs_precedes = CHAR_MAX,
        .n_sep_by_space = CHAR_MAX,
        .p_sign_posn = CHAR_MAX,
        .n_sign_posn = CHAR_MAX,
        .int_n_cs_precedes = CHAR_MAX,
        .int_n_sep_by_space = CHAR_MAX,
        .int_n_sign_posn = CHAR_MAX,
        .int_p_cs_precedes = CHAR_MAX,
        .int_p_sep_by_space = CHAR_MAX,
        .int_p_sign_posn = CHAR_MAX,
    };

    return &c;
}

struct _reent;

struct lconv *_localeconv_r(struct _reent *reent)
{
    (void)reent;
    return localeconv();
}

struct lconv *__localeconv_l(locale_t locale)
{
    (void)locale;
    return localeconv();
}
