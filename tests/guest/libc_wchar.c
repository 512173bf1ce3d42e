/*
 * Wide characters and UTF-8: locale, conversion both ways, bad input, wide
 * strings and streams.
 *
 * test: linux
 */
#include <locale.h>
#include <wchar.h>
#include <wctype.h>
#include <iconv.h>

#include "tap.h"

static void test_convert(void)
{
    const char *text = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80";
    const char *next = text;
    mbstate_t state = {0};
    wchar_t wide[8];
    char back[32];
    wchar_t c;

    EQUAL(MB_CUR_MAX >= 4, 1);
    EQUAL(mbstowcs(wide, text, 8), 4);
    CHECK(wide[0] == 'a' && wide[1] == 0xe4 && wide[2] == 0x20ac &&
          wide[3] == 0x1f600 && wide[4] == 0);
    EQUAL(wcstombs(back, wide, sizeof(back)), strlen(text));
    CHECK(strcmp(back, text) == 0);
    EQUAL(mbrtowc(&c, text + 1, 1, &state), (size_t)-2);
    EQUAL(mbrtowc(&c, text + 2, 1, &state), 1);
    EQUAL(c, 0xe4);
    EQUAL(mblen(text + 3, 3), 3);
    EQUAL(wctomb(back, 0x20ac), 3);
    memset(&state, 0, sizeof(state));
    EQUAL(mbsrtowcs(wide, &next, 8, &state), 4);
    CHECK(next == NULL);
    EQUAL(btowc('x'), 'x');
    EQUAL(btowc(0x80), WEOF);
    EQUAL(wctob(0x20ac), EOF);
}

/* Too long forms, surrogates, beyond Unicode, lone bytes: all EILSEQ. */
static void test_bad_input(void)
{
    static const char *const bad[] = {
        "\xc0\x80",         "\xc1\xbf",         "\xe0\x80\x80", "\xed\xa0\x80",
        "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\x80",         "\xff",
        "\xc3\x28"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        mbstate_t state = {0};
        wchar_t c;
        size_t length;

        errno = 0;
        length = mbrtowc(&c, bad[i], strlen(bad[i]), &state);
        CHECK(length == (size_t)-1 && errno == EILSEQ);
    }
}

static void test_strings(void)
{
    wchar_t buffer[32] = L"wide";
    wchar_t *rest;

    EQUAL(wcslen(buffer), 4);
    CHECK(wcscmp(wcscat(buffer, L" text"), L"wide text") == 0);
    CHECK(wcschr(buffer, 't') == buffer + 5);
    CHECK(wcsstr(buffer, L"tex") == buffer + 5);
    CHECK(wcsncmp(L"abc", L"abd", 2) == 0 && wcscmp(L"abc", L"abd") < 0);
    CHECK(wmemcmp(wmemset(buffer, 'z', 3), L"zzz", 3) == 0);
    wcscpy(buffer, L"a b");
    CHECK(wcscmp(wcstok(buffer, L" ", &rest), L"a") == 0);
    CHECK(wcscmp(wcstok(NULL, L" ", &rest), L"b") == 0);
    CHECK(iswalpha(0xe4) && iswupper(0xc4) && !iswalpha('1'));
    EQUAL(towupper(0xe4), 0xc4);
    CHECK(iswctype('5', wctype("digit")));
    EQUAL(towctrans('a', wctrans("toupper")), 'A');
}

static void test_streams(void)
{
    char data[] = "\xc3\xa4x\xe2\x82\xac\n";
    FILE *f = fmemopen(data, strlen(data), "r");
    wchar_t line[8];

    EQUAL(fwide(f, 1) > 0, 1);
    EQUAL(fgetwc(f), 0xe4);
    EQUAL(ungetwc(L'y', f), 'y');
    CHECK(fgetws(line, 8, f) != NULL);
    CHECK(wcscmp(line, L"yx\x20ac\n") == 0);
    EQUAL(fgetwc(f), WEOF);
    fclose(f);
}

static void test_locale(void)
{
    const struct lconv *c;

    CHECK(strcmp(setlocale(LC_ALL, "C"), "C") == 0);
    c = localeconv();
    CHECK(strcmp(c->decimal_point, ".") == 0 && *c->thousands_sep == '\0');
    CHECK(setlocale(LC_ALL, "no_SUCH.locale") == NULL);
    CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
    CHECK(setlocale(LC_ALL, "en_US.UTF-8") == NULL);
}

static void test_iconv(void)
{
    char latin[] = "\xe4\xf6", utf[16] = "";
    char *in = latin, *out = utf;
    size_t in_left = 2, out_left = sizeof(utf);
    iconv_t cd = iconv_open("UTF-8", "ISO-8859-1");

    CHECK(cd != (iconv_t)-1);
    EQUAL(iconv(cd, &in, &in_left, &out, &out_left), 0);
    CHECK(strcmp(utf, "\xc3\xa4\xc3\xb6") == 0 && in_left == 0);
    EQUAL(iconv_close(cd), 0);
    CHECK(iconv_open("UTF-8", "no such") == (iconv_t)-1 && errno == EINVAL);
}

int main(void)
{
    test_locale();
    test_convert();
    test_bad_input();
    test_strings();
    test_streams();
    test_iconv();
    return tap_done();
}
