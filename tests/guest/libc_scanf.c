/*
 * scanf and the strto functions: conversions, widths, sets, errors, and that
 * floating point survives a trip through text.
 *
 * test: linux
 */
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <wchar.h>

#include "tap.h"

static void test_sscanf(void)
{
    long long wide = 0;
    unsigned u = 0;
    int a = 0, b = 0, n = -1;
    char word[16], set[16], one[2] = "";
    double d = 0;
    float f = 0;
    long double ld = 0;
    short h = 0;
    signed char hh = 0;
    void *pointer = NULL;
    char *made = NULL;

    EQUAL(sscanf("12 -34", "%d%d", &a, &b), 2);
    EQUAL(a, 12);
    EQUAL(b, -34);
    EQUAL(sscanf("0x1f 017 11", "%i %i %i", &a, &b, &n), 3);
    EQUAL(a, 31);
    EQUAL(b, 15);
    EQUAL(sscanf("ff", "%x", &u), 1);
    EQUAL(u, 255);
    EQUAL(sscanf("12345", "%2d%3d", &a, &b), 2);
    EQUAL(a, 12);
    EQUAL(b, 345);
    EQUAL(sscanf("  hello world", "%s %1s", word, one), 2);
    CHECK(strcmp(word, "hello") == 0 && one[0] == 'w');
    EQUAL(sscanf("abc123", "%[a-z]%[^a-z]", word, set), 2);
    CHECK(strcmp(word, "abc") == 0 && strcmp(set, "123") == 0);
    EQUAL(sscanf("]x", "%[]]%c", word, one), 2);
    CHECK(strcmp(word, "]") == 0 && one[0] == 'x');
    EQUAL(sscanf("1.5 2.5e3 -16", "%f %lf %Lf", &f, &d, &ld), 3);
    CHECK(f == 1.5f && d == 2500 && ld == -16);
    EQUAL(sscanf("9223372036854775807", "%lld", &wide), 1);
    CHECK(wide == LLONG_MAX);
    EQUAL(sscanf("-300 70000", "%hhd %hd", &hh, &h), 2);
    EQUAL(sscanf("x=5;", "x=%d;%n", &a, &n), 1);
    EQUAL(n, 4);
    EQUAL(sscanf("7 8", "%*d %d", &a), 1);
    EQUAL(a, 8);
    EQUAL(sscanf("", "%d", &a), EOF);
    EQUAL(sscanf("abc", "%d", &a), 0);
    EQUAL(sscanf("5 abc", "%d %d", &a, &b), 1);
    EQUAL(sscanf("%7", "%%%d", &a), 1);
    EQUAL(sscanf("0x12ab", "%p", &pointer), 1);
    CHECK(pointer == (void *)0x12ab);
    EQUAL(sscanf("allocated", "%ms", &made), 1);
    CHECK(made != NULL && strcmp(made, "allocated") == 0);
    free(made);
    EQUAL(sscanf("inf nan", "%lf %f", &d, &f), 2);
    CHECK(isinf(d) && isnan(f));
}

static void test_strtol(void)
{
    const char *text = "  -42rest";
    char *end;

    EQUAL(strtol(text, &end, 10), -42);
    CHECK(end == text + 5);
    EQUAL(strtol("0x10", NULL, 0), 16);
    EQUAL(strtol("010", NULL, 0), 8);
    EQUAL(strtol("zz", NULL, 36), 35 * 36 + 35);
    text = "none";
    EQUAL(strtol(text, &end, 10), 0);
    CHECK(end == text);
    text = "0x";
    EQUAL(strtol(text, &end, 16), 0);
    CHECK(end == text + 1);
    errno = 0;
    EQUAL(strtol("2147483648", NULL, 10), LONG_MAX);
    EQUAL(errno, ERANGE);
    errno = 0;
    EQUAL(strtol("-2147483649", NULL, 10), LONG_MIN);
    EQUAL(errno, ERANGE);
    errno = 0;
    CHECK(strtoul("4294967296", NULL, 10) == ULONG_MAX && errno == ERANGE);
    CHECK(strtoul("-1", NULL, 10) == ULONG_MAX);
    errno = 0;
    CHECK(strtoll("9223372036854775808", NULL, 10) == LLONG_MAX);
    EQUAL(errno, ERANGE);
    CHECK(strtoull("18446744073709551615", NULL, 10) == ULLONG_MAX);
    CHECK(strtoimax("-9223372036854775808", NULL, 10) == INTMAX_MIN);
    CHECK(strtoumax("ffffffffffffffff", NULL, 16) == UINTMAX_MAX);
    EQUAL(wcstol(L" 77x", NULL, 10), 77);
    EQUAL(atoi("99 bottles"), 99);
}

static void test_strtod(void)
{
    char *end;

    CHECK(strtod("3.25e2xyz", &end) == 325 && strcmp(end, "xyz") == 0);
    CHECK(strtod("0x1.8p1", NULL) == 3);
    CHECK(strtod("-.5", NULL) == -0.5);
    CHECK(strtod("1e", &end) == 1 && *end == 'e');
    CHECK(isinf(strtod("infinity", &end)) && *end == '\0');
    CHECK(isnan(strtod("nan(abc)", &end)) && *end == '\0');
    errno = 0;
    CHECK(strtod("1e400", NULL) == HUGE_VAL && errno == ERANGE);
    errno = 0;
    CHECK(strtod("1e-400", NULL) == 0 && errno == ERANGE);
    CHECK(strtod("2.2250738585072011e-308", NULL) < DBL_MIN);
    CHECK(strtod("179769313486231570000e288", NULL) == DBL_MAX);
    CHECK(strtof("0.1", NULL) == 0.1f);
    CHECK(strtold("0.1", NULL) == 0.1L);
    CHECK(strtold("1e4000", NULL) == 1e4000L);
    /* Half way between two doubles: to even; a bit more: up. */
    CHECK(strtod("9007199254740993", NULL) == 9007199254740992.0);
    CHECK(strtod("9007199254740993.0000000001", NULL) == 9007199254740994.0);
    CHECK(wcstod(L"2.5", NULL) == 2.5);
}

static void test_round_trip(void)
{
    unsigned long long bits = 0x123456789abcdef;
    int bad = 0;

    for (int i = 0; i < 2000; i++) {
        double before, after;
        char text[40];

        bits = bits * 6364136223846793005ULL + 1442695040888963407ULL;
        memcpy(&before, &bits, sizeof(before));
        if (!isfinite(before))
            continue;
        snprintf(text, sizeof(text), "%.17g", before);
        after = strtod(text, NULL);
        bad += memcmp(&before, &after, sizeof(before)) != 0;
    }
    EQUAL(bad, 0);
}

int main(void)
{
    test_sscanf();
    test_strtol();
    test_strtod();
    test_round_trip();
    return tap_done();
}
