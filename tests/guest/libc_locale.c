/*
 * Locales: C, POSIX and C.UTF-8, by setlocale, the environment and locale_t;
 * everything else is refused. Bytes of the C locale, and functions that take a
 * locale.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>

#include "tap.h"

static int same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static void test_setlocale(void)
{
    static const char *const refused[] = {
        "en_US",    "en_US.UTF-8", "de_DE.utf8", "el_GR.iso88597",
        "UTF-8",    "C.ASCII",     "c",          "POSIX.UTF-8",
        "C.UTF-8;", "C.UTF-8x",    "/etc",       "LC_CTYPE=C;LC_TIME=xx"};

    CHECK(same(setlocale(LC_ALL, NULL), "C"));
    EQUAL(MB_CUR_MAX, 1);
    CHECK(same(setlocale(LC_ALL, "POSIX"), "C"));
    CHECK(same(setlocale(LC_ALL, "C.UTF-8"), "C.UTF-8"));
    EQUAL(MB_CUR_MAX, 4);
    CHECK(same(setlocale(LC_ALL, "C.utf8"), "C.UTF-8"));
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
        CHECK(setlocale(LC_ALL, refused[i]) == NULL);
    CHECK(same(setlocale(LC_ALL, NULL), "C.UTF-8"));
    CHECK(setlocale(99, "C") == NULL && setlocale(-1, "C") == NULL);
    CHECK(same(setlocale(LC_ALL, "C"), "C"));
}

static void test_categories(void)
{
    char mixed[256];

    CHECK(same(setlocale(LC_CTYPE, "C.UTF-8"), "C.UTF-8"));
    CHECK(same(setlocale(LC_TIME, NULL), "C"));
    EQUAL(MB_CUR_MAX, 4);
    strcpy(mixed, setlocale(LC_ALL, NULL));
    CHECK(strstr(mixed, "LC_CTYPE=C.UTF-8;") && strstr(mixed, ";LC_TIME=C;"));
    setlocale(LC_ALL, "C");
    EQUAL(MB_CUR_MAX, 1);
    CHECK(same(setlocale(LC_ALL, mixed), mixed));
    EQUAL(MB_CUR_MAX, 4);
    setlocale(LC_ALL, "C");
    setlocale(LC_TIME, "C.UTF-8");
    EQUAL(MB_CUR_MAX, 1);
    setlocale(LC_ALL, "C");
}

static void test_environment(void)
{
    unsetenv("LC_ALL");
    unsetenv("LC_CTYPE");
    unsetenv("LANG");
    CHECK(same(setlocale(LC_ALL, ""), "C"));
    setenv("LANG", "C.UTF-8", 1);
    CHECK(same(setlocale(LC_ALL, ""), "C.UTF-8"));
    setenv("LC_CTYPE", "C", 1);
    CHECK(same(setlocale(LC_CTYPE, ""), "C"));
    CHECK(same(setlocale(LC_TIME, ""), "C.UTF-8"));
    setenv("LC_ALL", "nowhere", 1);
    CHECK(setlocale(LC_ALL, "") == NULL);
    setenv("LC_ALL", "", 1);
    CHECK(setlocale(LC_ALL, "") != NULL);
    unsetenv("LC_ALL");
    unsetenv("LC_CTYPE");
    unsetenv("LANG");
    CHECK(same(setlocale(LC_ALL, "C"), "C"));
}

/* Every byte is a character of the C locale, and comes back. */
static void test_c_bytes(void)
{
    int good = 1;

    for (int c = 1; c < 256; c++) {
        char text[2] = {(char)c, '\0'}, back[MB_LEN_MAX];
        mbstate_t state = {0};
        wchar_t wide;

        good &= mbrtowc(&wide, text, 1, &state) == 1;
        good &= (c < 128) == (wide == c);
        memset(&state, 0, sizeof(state));
        good &= wcrtomb(back, wide, &state) == 1 && back[0] == (char)c;
        good &= btowc(c) == (wint_t)wide && wctob((wint_t)wide) == c;
        if (c >= 128)
            good &= !isalpha(c) && !isprint(c) && !iswalpha((wint_t)wide);
    }
    CHECK(good);
    FAILS((int)wcrtomb((char[MB_LEN_MAX]){0}, 0x20ac, NULL), EILSEQ);
}

static void test_objects(void)
{
    locale_t c = newlocale(LC_ALL_MASK, "C", NULL);
    locale_t utf = newlocale(LC_ALL_MASK, "C.UTF-8", NULL);
    locale_t part;

    CHECK(c != NULL && utf != NULL);
    CHECK(uselocale(NULL) == LC_GLOBAL_LOCALE);
    CHECK(uselocale(utf) == LC_GLOBAL_LOCALE && uselocale(NULL) == utf);
    EQUAL(MB_CUR_MAX, 4);
    CHECK(same(setlocale(LC_ALL, NULL), "C"));
    CHECK(same(nl_langinfo(CODESET), "UTF-8"));
    CHECK(uselocale(c) == utf && MB_CUR_MAX == 1);
    CHECK(uselocale(LC_GLOBAL_LOCALE) == c);
    errno = 0;
    CHECK(newlocale(LC_ALL_MASK, "xx_YY", NULL) == NULL && errno == ENOENT);
    errno = 0;
    CHECK(newlocale(1 << 30, "C", NULL) == NULL && errno == EINVAL);
    part = newlocale(LC_ALL_MASK & ~LC_CTYPE_MASK, "C", duplocale(utf));
    CHECK(part != NULL && same(nl_langinfo_l(CODESET, part), "UTF-8"));
    part = newlocale(LC_CTYPE_MASK, "C", part);
    CHECK(same(nl_langinfo_l(CODESET, part), "ANSI_X3.4-1968"));
    uselocale(utf);
    CHECK(duplocale(LC_GLOBAL_LOCALE) != NULL);
    uselocale(LC_GLOBAL_LOCALE);
    freelocale(part);
    freelocale(c);
    freelocale(utf);
}

static void test_with_locale(void)
{
    locale_t l = newlocale(LC_ALL_MASK, "C.UTF-8", NULL);
    struct tm tm = {.tm_mday = 1, .tm_year = 100, .tm_wday = 6};
    char text[32];

    CHECK(isalpha_l('a', l) && !isdigit_l('a', l) && toupper_l('a', l) == 'A');
    CHECK(iswalpha_l(0xe4, l) && towupper_l(0xe4, l) == 0xc4);
    CHECK(iswctype_l('5', wctype_l("digit", l), l));
    CHECK(strcoll_l("a", "b", l) < 0 && strcasecmp_l("A", "a", l) == 0);
    EQUAL(strxfrm_l(text, "abc", sizeof(text), l), 3);
    CHECK(strtod_l("2.5", NULL, l) == 2.5 && strtol_l("17", NULL, 8, l) == 15);
    CHECK(wcstod_l(L"2.5", NULL, l) == 2.5);
    EQUAL(wcstoll_l(L"-12", NULL, 10, l), -12);
    EQUAL(strftime_l(text, sizeof(text), "%A %B", &tm, l), 16);
    CHECK(same(text, "Saturday January"));
    CHECK(same(strerror_l(ENOENT, l), strerror(ENOENT)));
    CHECK(wcscoll_l(L"a", L"b", l) < 0 && wcscasecmp_l(L"A", L"a", l) == 0);
    freelocale(l);
}

static void test_langinfo(void)
{
    CHECK(same(nl_langinfo(DAY_1), "Sunday"));
    CHECK(same(nl_langinfo(ABMON_12), "Dec"));
    CHECK(same(nl_langinfo(RADIXCHAR), ".") && same(nl_langinfo(THOUSEP), ""));
    CHECK(same(nl_langinfo(YESEXPR), "^[yY]"));
    CHECK(same(nl_langinfo(D_FMT), "%m/%d/%y"));
    CHECK(same(nl_langinfo(CRNCYSTR), "-"));
    CHECK(same(nl_langinfo(-1), "") && same(nl_langinfo(99999), ""));
    CHECK(localeconv()->int_frac_digits == CHAR_MAX);
    CHECK(same(localeconv()->mon_decimal_point, ""));
}

/* Classes agree with each other for every code point. */
static void test_classes(void)
{
    int bad = 0;

    setlocale(LC_ALL, "C.UTF-8");
    for (wint_t c = 0; c <= 0x10ffff; c++) {
        int alnum = iswalnum(c) != 0, alpha = iswalpha(c) != 0;
        int print = iswprint(c) != 0, graph = iswgraph(c) != 0;

        bad += alpha && !alnum;
        bad += graph && !print;
        bad += alnum && !graph;
        bad += iswpunct(c) && (alnum || !graph);
        bad += iswcntrl(c) && print;
        bad += (iswlower(c) || iswupper(c)) && !alpha;
        bad += wcwidth((wchar_t)c) < 0 && print;
        bad += c != 0 && wcwidth((wchar_t)c) > 0 && !print;
    }
    EQUAL(bad, 0);
    CHECK(iswprint(0x1fae8) && wcwidth(0x1fae8) == 2);
    EQUAL(wcwidth(0x301), 0);
    EQUAL(wcwidth(0x1f6d8), -1);
    EQUAL(wcwidth(7), -1);
}

int main(void)
{
    test_setlocale();
    test_categories();
    test_environment();
    test_c_bytes();
    test_objects();
    test_with_locale();
    test_langinfo();
    test_classes();
    return tap_done();
}
