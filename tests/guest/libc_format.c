/*
 * printf, scanf and strto*: positions, widths, huge precisions, exact digits,
 * no memory.
 *
 * test: linux
 */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tap.h"

static char text[4096];

#define PRINTS(expected, ...)                                     \
    do {                                                          \
        int length = snprintf(text, sizeof(text), __VA_ARGS__);   \
                                                                  \
        tap_line(strcmp(text, expected) == 0 &&                   \
                     length == (int)strlen(expected),             \
                 __FILE__, __LINE__, #__VA_ARGS__);               \
        if (strcmp(text, expected) != 0)                          \
            printf("# got \"%s\", not \"%s\"\n", text, expected); \
    } while (0)

#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-truncation"
#pragma GCC diagnostic ignored "-Wformat-overflow"

static void test_positions(void)
{
    PRINTS("[   1.500] [3]", "[%1$8.3f] [%2$d]", 1.5, 3);
    PRINTS("  1.5% x", "%2$5.1f%% %1$s", "x", 1.5);
    PRINTS("    7", "%1$5lld", 7LL);
    PRINTS("  2.500000", "%1$*2$f", 2.5, 10);
    PRINTS("b a b", "%2$s %1$s %2$s", "a", "b");
    PRINTS("1.25 9 x", "%2$.*4$f %3$lld %1$c", 'x', 1.25, 9LL, 2);
}

static void test_numbers(void)
{
    PRINTS("0x1.fffffffffffffp+1023", "%a", 0x1.fffffffffffffp+1023);
    PRINTS("0.1000000000000000055511151231257827021181583404541015625", "%.55f",
           0.1);
    PRINTS("5e-324", "%.0e", 0x1p-1074);
}

static void test_huge_precision(void)
{
    errno = 0;
    CHECK(snprintf(text, 64, "%.2147483647e", 1.5) == -1 && errno == EOVERFLOW);
    CHECK(snprintf(text, 64, "%.2000000000f", 0.0) == 2000000002);
    CHECK(snprintf(text, 64, "%.*g", INT_MAX, 0.5) == 3);
    CHECK(snprintf(text, 64, "%.*e", INT_MAX, 1e-5) == -1);
    CHECK(snprintf(text, 64, "%.*Le", INT_MAX - 3, 1e-300L) == -1);
    CHECK(snprintf(text, 64, "%.*g", INT_MAX, 0x1p-20) == 19);
    CHECK(strcmp(text, "9.5367431640625e-07") == 0);
    CHECK(snprintf(text, 64, "%99999999999d", 1) == -1);
}

static void test_long_double(void)
{
    long double back;

    snprintf(text, sizeof(text), "%La", 0x1.fffffffffffffffep+16383L);
    CHECK(sscanf(text, "%Lf", &back) == 1 &&
          back == 0x1.fffffffffffffffep+16383L);
    snprintf(text, sizeof(text), "%La", 0x1p-16382L);
    CHECK(sscanf(text, "%Lf", &back) == 1 && back == 0x1p-16382L);
}

static void test_scan(void)
{
    double d = 0;
    float f = 0;
    int n = -1;
    char word[16];

    CHECK(sscanf("0x1.8p3", "%lf", &d) == 1 && d == 12);
    CHECK(sscanf("infinite", "%lf", &d) == 0);
    CHECK(sscanf("infinity", "%lf", &d) == 1 && isinf(d));
    CHECK(sscanf("1e400", "%lf", &d) == 1 && isinf(d));
    CHECK(sscanf("  42", " %n%d", &n, &(int){0}) == 1 && n == 2);
    CHECK(sscanf("abcXdef", "%[a-z]", word) == 1 && !strcmp(word, "abc"));
    CHECK(sscanf("1.17549435082228750797e-38", "%f", &f) == 1 &&
          f == 0x1p-126f);
    CHECK(sscanf("0x", "%i", &n) == 0);
    CHECK(sscanf("-7 8", "%2$d %1$d", &n, &(int){0}) == 2 && n == 8);
}

static void test_strtod(void)
{
    char *end;
    float f;

    f = strtof("0.7006492321624085354618647916449582e-45", &end);
    CHECK(f == 0x1p-149f && *end == '\0');
    f = strtof("7.006492321624085e-46", NULL);
    CHECK(f == 0);
    errno = 0;
    CHECK(isinf(strtod("0x1p1024", NULL)) && errno == ERANGE);
    errno = 0;
    CHECK(strtod("0x1p-1080", NULL) == 0 && errno == ERANGE);
    errno = 0;
    CHECK(strtof("1e-50", NULL) == 0 && errno == ERANGE);
    {
        const char *hex = "0x";
        long double zero = strtold(hex, &end);

        CHECK(zero == 0 && end == hex + 1);
    }
    CHECK(strtod("1.00000000000000011102230246251565404236316680908203125",
                 NULL) == 1.0);
    CHECK(strtod("1.00000000000000011102230246251565404236316680908203126",
                 NULL) == 0x1.0000000000001p+0);
}

static void test_no_memory(void)
{
    struct rlimit limit = {0};
    struct rlimit old;
    void *last;

    getrlimit(RLIMIT_AS, &old);
    limit.rlim_cur = 0;
    limit.rlim_max = old.rlim_max;
    setrlimit(RLIMIT_AS, &limit);
    for (size_t n = 1 << 20; n > 0; n /= 2)
        do {
            last = malloc(n);
            if (last != NULL)
                memset(last, 1, n);
        } while (last != NULL);
    snprintf(text, sizeof(text), "%.3f %.40Lf", 1.5, 0.5L);
    setrlimit(RLIMIT_AS, &old);
    CHECK(strcmp(text, "1.500 0.5000000000000000000000000000000000000000") ==
          0);
}

int main(void)
{
    test_positions();
    test_numbers();
    test_huge_precision();
    test_long_double();
    test_scan();
    test_strtod();
    test_no_memory();
    return tap_done();
}
