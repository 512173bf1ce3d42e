/*
 * kernel/lib/printf.c: the same text as the C library's snprintf for all that
 * both know, at every buffer size; and what only the kernel's does.
 */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "tap.h"

#include "lib/printf.h"

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-truncation"
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-overflow"
#pragma GCC diagnostic ignored "-Wformat-zero-length"

static char mine[512];
static char theirs[512];

/* Formats with both and compares text and result. */
#define SAME(...)                                                 \
    do {                                                          \
        int want = snprintf(theirs, sizeof(theirs), __VA_ARGS__); \
        int got = ksnprintf(mine, sizeof(mine), __VA_ARGS__);     \
        CHECK_STR(mine, theirs);                                  \
        CHECK_EQ(got, want);                                      \
    } while (0)

static const char *const flags[] = {
    "",   "-",  "0",  "+",  " ",   "#",   "-#",  "0#",
    "+0", "-+", " 0", "-0", "+ 0", "# 0", "-+#", "+-0#",
};

static const char *const sizes[] = {
    "", "1", "5", "12", "24", ".0", ".1", ".7", ".22", "9.4", "4.9", "30.25",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const int ints[] = {0,  1,   -1,   7,         8,       9,
                           10, 255, -255, 123456789, INT_MAX, INT_MIN};

static void test_ints(void)
{
    char fmt[32];

    for (size_t f = 0; f < COUNT(flags); f++) {
        for (size_t s = 0; s < COUNT(sizes); s++) {
            for (const char *type = "diuxXo"; *type; type++) {
                sprintf(fmt, "<%%%s%s%c>", flags[f], sizes[s], *type);
                for (size_t i = 0; i < COUNT(ints); i++)
                    SAME(fmt, ints[i]);
            }
        }
    }
}

static const uint64_t longs[] = {
    0,
    1,
    9,
    10,
    UINT32_MAX,
    UINT64_C(1) << 32,
    UINT64_C(10000000000),
    UINT64_C(0x123456789ABCDEF),
    INT64_MAX,
    (uint64_t)INT64_MIN,
    UINT64_MAX,
    UINT64_C(99999999999999999),
};

static void test_longs(void)
{
    char fmt[32];

    for (size_t f = 0; f < COUNT(flags); f++) {
        for (const char *type = "diuxXo"; *type; type++) {
            for (size_t i = 0; i < COUNT(longs); i++) {
                sprintf(fmt, "%%%sll%c", flags[f], *type);
                SAME(fmt, longs[i]);
                sprintf(fmt, "%%%sj%c", flags[f], *type);
                SAME(fmt, longs[i]);
                sprintf(fmt, "%%%sl%c", flags[f], *type);
                SAME(fmt, (unsigned long)longs[i]);
                sprintf(fmt, "%%%sz%c", flags[f], *type);
                SAME(fmt, (size_t)longs[i]);
                sprintf(fmt, "%%%sh%c", flags[f], *type);
                SAME(fmt, (int)longs[i]);
                sprintf(fmt, "%%%shh%c", flags[f], *type);
                SAME(fmt, (int)longs[i]);
            }
        }
    }
}

static void test_random(void)
{
    uint64_t state = tap_seed(7);

    for (unsigned long i = 0; i < tap_repeats(100000); i++) {
        uint64_t x = tap_random(&state) >> tap_random(&state) % 64;
        SAME("%llu %lld %llx %llo", (unsigned long long)x, (long long)x,
             (unsigned long long)x, (unsigned long long)x);
    }
}

static void test_strings(void)
{
    SAME("");
    SAME("plain");
    SAME("%%");
    SAME("100%% of %s", "it");
    SAME("[%s][%10s][%-10s][%.2s][%10.2s][%-10.2s][%.0s]", "abc", "abc", "abc",
         "abc", "abc", "abc", "abc");
    SAME("[%*s][%-*s][%*s][%.*s][%.*s]", 6, "abc", 6, "abc", -6, "abc", 2,
         "abc", -1, "abc");
    SAME("[%c][%3c][%-3c]", 'x', 'y', 'z');
    SAME("%d%s%c%x", 1, "two", '3', 4);
    CHECK_EQ(ksnprintf(mine, sizeof(mine), "%s", (char *)NULL), 6);
    CHECK_STR(mine, "(null)");
}

static void test_no_terminator(void)
{
    char *s = malloc(3);

    memcpy(s, "abc", 3);
    ksnprintf(mine, sizeof(mine), "%.3s", s);
    CHECK_STR(mine, "abc");
    free(s);
}

static void test_pointers(void)
{
    bool wide = sizeof(void *) == 8;

    ksnprintf(mine, sizeof(mine), "%p", (void *)0xC0100000u);
    CHECK_STR(mine, wide ? "0x00000000c0100000" : "0xc0100000");
    ksnprintf(mine, sizeof(mine), "%p", NULL);
    CHECK_STR(mine, wide ? "0x0000000000000000" : "0x00000000");
}

static void test_sizes(void)
{
    char *buf;

    for (size_t size = 0; size < 16; size++) {
        buf = malloc(size + 1);
        memset(buf, 'x', size + 1);
        CHECK_EQ(ksnprintf(buf, size, "%s-%05d", "abc", 42), 9);
        CHECK_EQ(buf[size], 'x');
        snprintf(theirs, size, "%s-%05d", "abc", 42);
        if (size > 0)
            CHECK_STR(buf, theirs);
        CHECK_EQ(kscnprintf(buf, size, "abc-%05d", 42), size == 0  ? 0
                                                        : size > 9 ? 9
                                                                   : size - 1);
        free(buf);
    }
    CHECK_EQ(ksnprintf(NULL, 0, "%d", 12345), 5);
}

static void test_unknown(void)
{
    CHECK_EQ(ksnprintf(mine, sizeof(mine), "a%d %y %d", 1, 2), 8);
    CHECK_STR(mine, "a1 %y %d");
    ksnprintf(mine, sizeof(mine), "end %");
    CHECK_STR(mine, "end %");
    ksnprintf(mine, sizeof(mine), "%-5");
    CHECK_STR(mine, "%-5");
    ksnprintf(mine, sizeof(mine), "%f", 1.0);
    CHECK_STR(mine, "%f");
}

static void test_absurd_sizes(void)
{
    CHECK_EQ(ksnprintf(mine, sizeof(mine), "%99999999999d", 1), 9999);
    CHECK_EQ(ksnprintf(mine, sizeof(mine), "%*d", INT_MIN, 1), 9999);
    CHECK_EQ(ksnprintf(mine, sizeof(mine), "%*d", INT_MAX, 1), 9999);
    CHECK_EQ(ksnprintf(mine, sizeof(mine), "%.*d", INT_MAX, 1), 9999);
}

int main(void)
{
    tap_run("int conversions with all flags and widths", test_ints);
    tap_run("length modifiers", test_longs);
    tap_run("random 64-bit numbers", test_random);
    tap_run("strings, characters, percent", test_strings);
    tap_run("a precision bounds what is read", test_no_terminator);
    tap_run("pointers", test_pointers);
    tap_run("every buffer size", test_sizes);
    tap_run("unknown conversions are copied", test_unknown);
    tap_run("absurd widths are bounded", test_absurd_sizes);
    return tap_done();
}
