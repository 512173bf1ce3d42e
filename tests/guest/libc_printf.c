/*
 * printf: C99's conversions, flags, widths, precisions, lengths, positions,
 * floating point at its edges, and what the functions return.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <wchar.h>

#include "tap.h"

/* Check the text that a format gives, and the length returned. */
static void __attribute__((format(printf, 2, 3)))
gives(const char *wanted, const char *format, ...)
{
    char text[600];
    va_list args;
    int length;
    int good;

    va_start(args, format);
    length = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    good = length == (int)strlen(wanted) && strcmp(text, wanted) == 0;
    tap_line(good, __FILE__, __LINE__, format);
    if (!good)
        printf("# got %d \"%s\", not \"%s\"\n", length, text, wanted);
}

static void test_integers(void)
{
    gives("0 -1 2147483647 -2147483648", "%d %d %d %d", 0, -1, INT_MAX,
          INT_MIN);
    gives("4294967295 37777777777 ffffffff FFFFFFFF", "%u %o %x %X", -1u, -1u,
          -1u, -1u);
    gives("[    42][42    ][000042][+42][ 42]", "[%6d][%-6d][%06d][%+d][% d]",
          42, 42, 42, 42, 42);
    gives("[   007][007   ][  -007]", "[%6.3d][%-6.3d][%6.3d]", 7, 7, -7);
    gives("[][0][   ]", "[%.0d][%.1d][%3.0d]", 0, 0, 0);
    gives("0x2a 052 0X2A 0 0", "%#x %#o %#X %#x %#o", 42, 42, 42, 0, 0);
    gives("[    5][5    ]", "[%*d][%*d]", 5, 5, -5, 5);
    gives("[005][5]", "[%.*d][%.*d]", 3, 5, -1, 5);
    gives("-128 255 -32768 65535", "%hhd %hhu %hd %hu", (signed char)-128,
          (unsigned char)255, (short)-32768, (unsigned short)65535);
    gives("9223372036854775807 -9223372036854775808", "%lld %lld", LLONG_MAX,
          LLONG_MIN);
    gives("18446744073709551615 ffffffffffffffff", "%llu %llx", ULLONG_MAX,
          ULLONG_MAX);
    gives("-1 9223372036854775807", "%jd %jd", (intmax_t)-1, INTMAX_MAX);
    gives("4294967295 -7 7", "%zu %td %zd", (size_t)-1, (ptrdiff_t)-7,
          (ssize_t)7);
    gives("123456789012 deadbeef", "%" PRId64 " %" PRIx32,
          INT64_C(123456789012), UINT32_C(0xdeadbeef));
}

static void test_text(void)
{
    gives("[abc][  abc][abc  ][ab]", "[%s][%5s][%-5s][%.2s]", "abc", "abc",
          "abc", "abc");
    gives("x%y", "%c%%%c", 'x', 'y');
    gives("[    c][c    ]", "[%5c][%-5c]", 'c', 'c');
    gives("second first", "%2$s %1$s", "first", "second");
    gives("[   7]", "[%2$*1$d]", 4, 7);
    gives("abc", "%ls", L"abc");
    gives("ab", "%.2ls", L"abc");
    gives("0x1234", "%p", (void *)0x1234);
}

static void test_floats(void)
{
    gives("3.141593 -0.500000", "%f %f", 3.14159265, -0.5);
    gives("3 3. 3.14", "%.0f %#.0f %.2f", 3.14, 3.14, 3.14);
    gives("0 2 2 4", "%.0f %.0f %.0f %.0f", 0.5, 1.5, 2.5, 3.5);
    gives("1.000000e+10 1.234560E-05", "%e %E", 1e10, 1.23456e-5);
    gives("100000 1e+06 0.0001 1e-05", "%g %g %g %g", 1e5, 1e6, 1e-4, 1e-5);
    gives("1.00000 1", "%#g %g", 1.0, 1.0);
    gives("inf -inf INF nan NAN", "%f %f %F %g %G", INFINITY, -INFINITY,
          INFINITY, fabs(NAN), fabs(NAN));
    gives("[  inf][inf  ]", "[%05f][%-5f]", INFINITY, INFINITY);
    gives("-0.000000 +0.0", "%f %+.1f", -0.0, 0.0);
    gives("[  3.14][003.14][3.14  ]", "[%6.2f][%06.2f][%-6.2f]", 3.14159,
          3.14159, 3.14159);
    gives("1.7976931348623157e+308 4.9406564584124654e-324", "%.17g %.17g",
          DBL_MAX, 4.9406564584124654e-324);
    gives("0.1000000000000000055511151231257827021181583404541015625", "%.55f",
          0.1);
    gives("0x1p+0 0x1.8p+1 0X1.8P-1", "%a %a %A", 1.0, 3.0, 0.75);
    gives("0x1.00p+0 0x1p-1074", "%.2a %a", 1.0, 4.9406564584124654e-324);
    gives("1e+100", "%g", 1e100);
    gives("2.500000 0.1 3.36210314311209350626e-4932", "%Lf %Lg %.21Lg", 2.5L,
          0.1L, LDBL_MIN);
    gives("1.18973149535723176502e+4932", "%.21Lg", LDBL_MAX);
}

static void test_results(void)
{
    /* The compiler must not see that these do not fit. */
    static volatile size_t four = 4;
    char text[8] = "#######";
    wchar_t wide[16];
    int so_far = -1;
    char *made;

    EQUAL(snprintf(text, four, "%s", "abcdef"), 6);
    CHECK(strcmp(text, "abc") == 0 && text[4] == '#');
    EQUAL(snprintf(text, 0, "xyz"), 3);
    CHECK(text[0] == 'a');
    EQUAL(snprintf(NULL, 0, "%d", 12345), 5);
    EQUAL(sprintf(text, "ab%ncd", &so_far), 4);
    EQUAL(so_far, 2);
    EQUAL(asprintf(&made, "%s-%d", "made", 7), 6);
    CHECK(strcmp(made, "made-7") == 0);
    free(made);
    EQUAL(swprintf(wide, 16, L"%ls %d", L"wide", 5), 6);
    CHECK(wcscmp(wide, L"wide 5") == 0);
    CHECK(swprintf(wide, 3, L"%d", 1234) < 0);
    EQUAL(printf("%s", ""), 0);
}

int main(void)
{
    test_integers();
    test_text();
    test_floats();
    test_results();
    return tap_done();
}
