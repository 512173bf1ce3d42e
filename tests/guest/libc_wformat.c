/*
 * wprintf and wscanf: positions, widths, characters beyond ASCII, pushed back
 * across the ends of buffers.
 *
 * test: linux
 */
#include <locale.h>
#include <stdio.h>
#include <wchar.h>

#include "tap.h"

#define LINES 3000

static void test_print(void)
{
    wchar_t text[64];

    EQUAL(swprintf(text, 64, L"%2$ls|%1$5d|%3$.2f", 42, L"h\u00e9", 1.5), 13);
    CHECK(wcscmp(text, L"h\u00e9|   42|1.50") == 0);
    EQUAL(swprintf(text, 3, L"%d", 12345), -1);
    EQUAL(swprintf(text, 64, L"%s %c %lc", "\xc3\xa9", 'x', L'\u20ac'), 5);
    CHECK(wcscmp(text, L"\u00e9 x \u20ac") == 0);
    EQUAL(swprintf(text, 64, L"%-6ls|%6.1ls|", L"ab", L"\u00e9z"), 14);
    CHECK(wcscmp(text, L"ab    |     \u00e9|") == 0);
}

static void test_scan(void)
{
    wchar_t word[32], range[32];
    double d = 0;
    int i = 0, n = 0;

    EQUAL(swscanf(L"12 h\u00e9llo 2.5 x-z", L"%d %ls %lf %l[a-z]", &i, word, &d,
                  range),
          4);
    CHECK(i == 12 && d == 2.5);
    CHECK(wcscmp(word, L"h\u00e9llo") == 0 && wcscmp(range, L"x") == 0);
    EQUAL(swscanf(L"abcq", L"%l[a-c]%n", word, &n), 1);
    CHECK(n == 3 && wcscmp(word, L"abc") == 0);
}

static void scan_file(FILE *file)
{
    wchar_t word[32];
    double d = 0;
    int i = 0, j = 0;

    rewind(file);
    EQUAL(fwscanf(file, L"%d %ls %lf %d", &i, word, &d, &j), 4);
    CHECK(i == 12 && d == 12 && j == 77);
    CHECK(wcscmp(word, L"h\u00e9llo") == 0);
}

static void test_file(void)
{
    FILE *file = tmpfile();

    EQUAL(fwprintf(file, L"12 h\u00e9llo 0x1.8p3\n77"), 19);
    scan_file(file);
    setvbuf(file, NULL, _IONBF, 0);
    scan_file(file);
    fclose(file);
}

/* Characters of two and three bytes at every place of a buffer. */
static void test_ends_of_buffers(void)
{
    FILE *file = tmpfile();
    int bad = 0;

    for (int i = 0; i < LINES; i++)
        fwprintf(file, L"\u20ac%d\u00e9 ", i);
    rewind(file);
    for (int i = 0; i < LINES; i++) {
        wchar_t euro = 0, e = 0;
        int value = -1;

        if (fwscanf(file, L" %lc%d%lc", &euro, &value, &e) != 3 ||
            euro != 0x20ac || value != i || e != 0xe9)
            bad++;
    }
    EQUAL(bad, 0);
    rewind(file);
    for (int i = 0; i < LINES; i++) {
        wchar_t word[16];

        if (fwscanf(file, L"%l[^\u00e9]\u00e9 ", word) != 1)
            bad++;
    }
    EQUAL(bad, 0);
    fclose(file);
}

static void test_surrogates(void)
{
    char text[16];
    mbstate_t state = {0};

    EQUAL((int)wcrtomb(text, (wchar_t)0xd800, &state), -1);
    EQUAL(errno, EILSEQ);
    EQUAL((int)wcrtomb(text, (wchar_t)0x110000, &state), -1);
    EQUAL(snprintf(text, sizeof(text), "%lc", (wint_t)0xd800), -1);
    EQUAL(snprintf(text, sizeof(text), "%lc", (wint_t)0x10ffff), 4);
}

int main(void)
{
    CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
    test_print();
    test_scan();
    test_file();
    test_ends_of_buffers();
    test_surrogates();
    return tap_done();
}
