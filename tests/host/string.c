/*
 * kernel/lib/string.c against the C library's functions, or, where that has
 * none, against their contract: all short lengths at all alignments, with
 * guard bytes around.
 */
#include <stdlib.h>

#include "tap.h"

/* The C library's own, under names of ours. */
static void *host_memcpy(void *to, const void *from, size_t n)
{
    return memcpy(to, from, n);
}

static void *host_memmove(void *to, const void *from, size_t n)
{
    return memmove(to, from, n);
}

static int host_memcmp(const void *a, const void *b, size_t n)
{
    return memcmp(a, b, n);
}

static int host_strcmp(const char *a, const char *b)
{
    return strcmp(a, b);
}

static int host_strncmp(const char *a, const char *b, size_t n)
{
    return strncmp(a, b, n);
}

static char *host_strstr(const char *a, const char *b)
{
    return strstr(a, b);
}

static char *host_strchr(const char *a, int c)
{
    return strchr(a, c);
}

static char *host_strrchr(const char *a, int c)
{
    return strrchr(a, c);
}

static size_t host_strspn(const char *a, const char *b)
{
    return strspn(a, b);
}

static size_t host_strcspn(const char *a, const char *b)
{
    return strcspn(a, b);
}

static size_t host_strlen(const char *a)
{
    return strlen(a);
}

#include "string_names.h"

#include "lib/string.h"

#define SIZE 96

static unsigned char mine[SIZE];
static unsigned char theirs[SIZE];
static uint64_t state = 1;

static void fill_both(void)
{
    for (int i = 0; i < SIZE; i++)
        mine[i] = theirs[i] = (unsigned char)tap_random(&state);
}

static bool both_equal(void)
{
    return host_memcmp(mine, theirs, SIZE) == 0;
}

static void test_memcpy(void)
{
    unsigned char from[SIZE];

    for (int i = 0; i < SIZE; i++)
        from[i] = (unsigned char)i;
    for (size_t n = 0; n < 40; n++) {
        for (size_t a = 0; a < 8; a++) {
            for (size_t b = 0; b < 8; b++) {
                fill_both();
                CHECK(memcpy(mine + 8 + a, from + b, n) == mine + 8 + a);
                host_memcpy(theirs + 8 + a, from + b, n);
                CHECK(both_equal());
            }
        }
    }
}

static void test_memmove(void)
{
    for (size_t n = 0; n < 40; n++) {
        for (size_t a = 0; a < 48; a++) {
            for (size_t b = 0; b < 48; b++) {
                fill_both();
                CHECK(memmove(mine + a, mine + b, n) == mine + a);
                host_memmove(theirs + a, theirs + b, n);
                CHECK(both_equal());
            }
        }
    }
}

static void test_memset(void)
{
    for (size_t n = 0; n < 40; n++) {
        for (size_t a = 0; a < 8; a++) {
            int value = (int)(n * 37 + a * 256 + 0x180);
            fill_both();
            CHECK(memset(mine + 8 + a, value, n) == mine + 8 + a);
            for (size_t i = 0; i < n; i++)
                theirs[8 + a + i] = (unsigned char)value;
            CHECK(both_equal());
        }
    }
}

static int sign(int x)
{
    return (x > 0) - (x < 0);
}

static void test_memcmp(void)
{
    for (int round = 0; round < 20000; round++) {
        size_t n = tap_random(&state) % 20;
        for (size_t i = 0; i < n; i++) {
            mine[i] = tap_random(&state) % 8 == 0 ? 0xFF : 1;
            theirs[i] = tap_random(&state) % 8 == 0 ? 0xFF : 1;
        }
        CHECK_EQ(sign(memcmp(mine, theirs, n)),
                 sign(host_memcmp(mine, theirs, n)));
    }
    CHECK_EQ(memcmp("a", "b", 0), 0);
    CHECK(memchr("abcabc", 'c', 6) != NULL);
    CHECK(memchr("abcabc", 'c', 2) == NULL);
    CHECK(memchr("\xff", 0x1FF, 1) != NULL);
    CHECK(memchr("a", 'a', 0) == NULL);
}

/* A random string over a small alphabet, so that much of it matches. */
static void make_string(char *s, size_t max)
{
    static const char letters[] = {'a', 'b', '/', (char)0xE9};
    size_t n = tap_random(&state) % max;

    for (size_t i = 0; i < n; i++)
        s[i] = letters[tap_random(&state) % 4];
    s[n] = '\0';
}

static void test_random_strings(void)
{
    char a[16];
    char b[6];

    for (int round = 0; round < 100000 && !tap_failed(); round++) {
        int c = "ab/\0x"[tap_random(&state) % 5];
        size_t n = tap_random(&state) % 18;
        make_string(a, sizeof(a));
        make_string(b, sizeof(b));
        CHECK_EQ(strlen(a), host_strlen(a));
        CHECK_EQ(strnlen(a, n), n < host_strlen(a) ? n : host_strlen(a));
        CHECK_EQ(sign(strcmp(a, b)), sign(host_strcmp(a, b)));
        CHECK_EQ(sign(strncmp(a, b, n)), sign(host_strncmp(a, b, n)));
        CHECK(strchr(a, c) == host_strchr(a, c));
        CHECK(strrchr(a, c) == host_strrchr(a, c));
        CHECK(strstr(a, b) == host_strstr(a, b));
        CHECK_EQ(strspn(a, b), host_strspn(a, b));
        CHECK_EQ(strcspn(a, b), host_strcspn(a, b));
    }
}

/* No function may look behind what its length allows. */
static void test_unterminated(void)
{
    char *s = malloc(4);

    memcpy(s, "abcd", 4);
    CHECK_EQ(strnlen(s, 4), 4);
    CHECK_EQ(strncmp(s, "abcd", 4), 0);
    CHECK(memchr(s, 'x', 4) == NULL);
    free(s);
}

static void test_strlcpy(void)
{
    char buf[8];

    memset(buf, 'x', sizeof(buf));
    CHECK_EQ(strlcpy(buf, "abc", 0), 3);
    CHECK_EQ(buf[0], 'x');
    CHECK_EQ(strlcpy(buf, "abc", 1), 3);
    CHECK_STR(buf, "");
    CHECK_EQ(strlcpy(buf, "abc", 3), 3);
    CHECK_STR(buf, "ab");
    CHECK_EQ(strlcpy(buf, "abc", 4), 3);
    CHECK_STR(buf, "abc");
    CHECK_EQ(strlcpy(buf, "", 8), 0);
    CHECK_STR(buf, "");
    CHECK_EQ(strlcpy(buf, "abcdefgh", 8), 8);
    CHECK_STR(buf, "abcdefg");
}

static void test_strlcat(void)
{
    char buf[8] = "ab";

    CHECK_EQ(strlcat(buf, "cd", 8), 4);
    CHECK_STR(buf, "abcd");
    CHECK_EQ(strlcat(buf, "efgh", 8), 8);
    CHECK_STR(buf, "abcdefg");
    CHECK_EQ(strlcat(buf, "h", 4), 5); /* no NUL within 4 bytes */
    CHECK_STR(buf, "abcdefg");
    CHECK_EQ(strlcat(buf, "h", 0), 1);
    CHECK_STR(buf, "abcdefg");
}

int main(void)
{
    tap_run("memcpy, every length and alignment", test_memcpy);
    tap_run("memmove, every overlap", test_memmove);
    tap_run("memset, every length and alignment", test_memset);
    tap_run("memcmp and memchr", test_memcmp);
    tap_run("string functions agree with the host's", test_random_strings);
    tap_run("lengths are kept without a NUL", test_unterminated);
    tap_run("strlcpy", test_strlcpy);
    tap_run("strlcat", test_strlcat);
    return tap_done();
}
