/*
 * Strings and memory, against slow versions at every length and alignment, with
 * a page that must not be touched behind them; sorting, searching, tokens.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <signal.h>
#include <strings.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tap.h"

#define PAGE 4096
#define MAX  130

static unsigned char *edge; /* the end of readable memory */

static void make_edge(void)
{
    unsigned char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(p != MAP_FAILED);
    EQUAL(mprotect(p + PAGE, PAGE, PROT_NONE), 0);
    edge = p + PAGE;
}

static void fill(unsigned char *p, size_t n, unsigned seed)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (unsigned char)(seed + i * 7) | 1;
}

/* Copies of every length, up to the edge and from every alignment. */
static void test_copies(void)
{
    unsigned char from[MAX + 16], to[MAX + 48];
    int bad_copy = 0, bad_move = 0, bad_set = 0, bad_compare = 0;

    for (size_t n = 0; n < MAX; n++) {
        unsigned char *source = edge - n;

        fill(source, n, (unsigned)n);
        for (size_t shift = 0; shift < 16; shift++) {
            memset(to, 0xaa, sizeof(to));
            bad_copy += memcpy(to + shift, source, n) != to + shift ||
                        memcmp(to + shift, source, n) != 0 ||
                        to[shift + n] != 0xaa ||
                        (shift > 0 && to[shift - 1] != 0xaa);
            memcpy(from, source, n);
            memmove(to, source, n);
            memmove(to + shift, to, n);
            bad_move += memcmp(to + shift, from, n) != 0;
            memmove(to, to + shift, n);
            bad_move += memcmp(to, from, n) != 0;
            memset(to + shift, (int)n + 256, n);
            for (size_t i = 0; i < n; i++)
                bad_set += to[shift + i] != (unsigned char)n;
        }
        if (n > 0) {
            memcpy(from, source, n);
            from[n - 1] ^= 0x80;
            bad_compare +=
                (memcmp(from, source, n) > 0) != (from[n - 1] > source[n - 1]);
            bad_compare += memcmp(from, source, n - 1) != 0;
        }
    }
    EQUAL(bad_copy, 0);
    EQUAL(bad_move, 0);
    EQUAL(bad_set, 0);
    EQUAL(bad_compare, 0);
}

/* Strings that end at the edge: nothing may be read behind them. */
static void test_ends(void)
{
    int bad = 0;

    for (size_t n = 0; n < MAX; n++) {
        char *s = (char *)edge - n - 1;
        char copy[MAX + 1];

        memset(s, 'x', n);
        s[n] = '\0';
        bad += strlen(s) != n || strnlen(s, n + 1) != n;
        bad += strnlen(s, n / 2) != n / 2;
        bad += strchr(s, 'y') != NULL || strchr(s, '\0') != s + n;
        bad += strrchr(s, 'y') != NULL;
        bad += n > 0 && (strchr(s, 'x') != s || strrchr(s, 'x') != s + n - 1);
        bad += strcmp(strcpy(copy, s), s) != 0;
        bad += stpcpy(copy, s) != copy + n;
        bad += memchr(s, '\0', n + 1) != s + n || memchr(s, 'y', n) != NULL;
        bad += strncmp(copy, s, n + 5) != 0;
        bad += strspn(s, "x") != n || strcspn(s, "yz") != n;
        if (n > 0) {
            copy[n - 1] = 'w';
            bad += strcmp(copy, s) >= 0 || strcmp(s, copy) <= 0;
            bad += strncmp(copy, s, n - 1) != 0;
        }
    }
    EQUAL(bad, 0);
}

static void test_small(void)
{
    static volatile size_t two = 2;
    char text[32] = "abc", *rest, *token;

    CHECK(strcmp(strcat(text, "def"), "abcdef") == 0);
    CHECK(strcmp(strncat(text, "ghijk", two), "abcdefgh") == 0);
    memset(text, '#', sizeof(text));
    strncpy(text, "ab", 4);
    CHECK(memcmp(text, "ab\0\0#", 5) == 0);
    CHECK(strcmp("a\xff", "a\x01") > 0);
    EQUAL(memcmp("\xff", "\x01", 1) > 0, 1);
    CHECK(strcmp(strstr("one two three", "two"), "two three") == 0);
    CHECK(strstr("aaaaab", "aab") != NULL && strstr("aaa", "b") == NULL);
    CHECK(strstr("x", "") != NULL);
    CHECK(memmem("a\0b\0c", 5, "b\0c", 3) != NULL);
    CHECK(strcmp(strpbrk("hello, world", ", "), ", world") == 0);
    strcpy(text, "a,b;;c");
    CHECK(strcmp(strtok_r(text, ",;", &rest), "a") == 0);
    CHECK(strcmp(strtok_r(NULL, ",;", &rest), "b") == 0);
    CHECK(strcmp(strtok_r(NULL, ",;", &rest), "c") == 0);
    CHECK(strtok_r(NULL, ",;", &rest) == NULL);
    strcpy(text, "a::b");
    rest = text;
    CHECK(strcmp(strsep(&rest, ":"), "a") == 0 && *strsep(&rest, ":") == '\0');
    token = strsep(&rest, ":");
    CHECK(strcmp(token, "b") == 0 && rest == NULL);
    strcpy(text, ",x,");
    rest = text;
    CHECK(*strsep(&rest, ",:") == '\0' && *strsep(&rest, ",:") == 'x');
    CHECK(strsep(&rest, ",:") == text + 3 && rest == NULL);
    CHECK(strsep(&rest, ",") == NULL);
    rest = text + 3;
    CHECK(strsep(&rest, "") == text + 3 && rest == NULL);
    CHECK(strcasecmp("HeLLo", "hEllO") == 0 &&
          strncasecmp("AB", "abc", 2) == 0);
    CHECK(ffs(0) == 0 && ffs(0x80) == 8);
    token = strdup("copied");
    CHECK(strcmp(token, "copied") == 0);
    free(token);
    token = strndup("copied", 3);
    CHECK(strcmp(token, "cop") == 0);
    free(token);
    CHECK(strcoll("a", "b") < 0);
    EQUAL(strxfrm(text, "abc", sizeof(text)), 3);
    CHECK(strcmp(strerror(ENOENT), "No such file or directory") == 0);
    CHECK(strlen(strerror(EHWPOISON)) > 0 && strlen(strerror(12345)) > 0);
    EQUAL(strerror_r(EPERM, text, 5) != 0, 1);
    CHECK(mempcpy(text, "ab", 2) == text + 2);
    CHECK(strcmp(strsignal(SIGSEGV), "Segmentation fault") == 0);
    CHECK(strcmp(strsignal(SIGABRT), "Aborted") == 0);
    CHECK(strcmp(strsignal(SIGTTOU), "Stopped (tty output)") == 0);
    CHECK(strcmp(strsignal(SIGRTMIN + 2), "Real-time signal 2") == 0);
    CHECK(strcmp(strsignal(-3), "Unknown signal -3") == 0);
    for (int signo = 1; signo < 32; signo++)
        CHECK(strncmp(strsignal(signo), "Unknown", 7) != 0);
    memccpy(text, "stop.here", '.', sizeof(text));
    CHECK(memcmp(text, "stop.", 5) == 0);
    swab("abcdef", text, 6);
    CHECK(memcmp(text, "badcfe", 6) == 0);
}

static int compare_ints(const void *a, const void *b)
{
    const int *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static void test_sorting(void)
{
    int numbers[1000];
    int key = 0, bad = 0;

    srand(1);
    for (int i = 0; i < 1000; i++)
        numbers[i] = rand() % 500;
    qsort(numbers, 1000, sizeof(int), compare_ints);
    for (int i = 1; i < 1000; i++)
        bad += numbers[i - 1] > numbers[i];
    EQUAL(bad, 0);
    key = numbers[777];
    CHECK(bsearch(&key, numbers, 1000, sizeof(int), compare_ints) != NULL);
    key = 1000;
    CHECK(bsearch(&key, numbers, 1000, sizeof(int), compare_ints) == NULL);
    for (int i = 0; i < 1000; i++)
        numbers[i] = i;
    qsort(numbers, 1000, sizeof(int), compare_ints);
    EQUAL(numbers[999], 999);
}

static void test_ctype(void)
{
    int bad = 0;

    for (int c = 0; c < 128; c++) {
        bad += !!isdigit(c) != (c >= '0' && c <= '9');
        bad += !!isupper(c) != (c >= 'A' && c <= 'Z');
        bad += !!isalpha(c) != ((c | 32) >= 'a' && (c | 32) <= 'z');
        bad += !!iscntrl(c) != (c < 32 || c == 127);
        bad += !!isspace(c) != (c == ' ' || (c >= 9 && c <= 13));
        bad += tolower(c) != (isupper(c) ? c + 32 : c);
        bad += !!isprint(c) != (c >= 32 && c < 127);
    }
    for (int c = 128; c < 256; c++)
        bad += isalnum(c) || isprint(c) || isspace(c) || toupper(c) != c;
    bad += isalpha(EOF) || tolower(EOF) != EOF;
    EQUAL(bad, 0);
}

static void test_random(void)
{
    char state[128];
    long first, again;

    srandom(42);
    first = random();
    srandom(42);
    again = random();
    CHECK(first == again && first >= 0 && random() != first);
    initstate(7, state, sizeof(state));
    first = random();
    initstate(7, state, sizeof(state));
    CHECK(random() == first);
}

int main(void)
{
    make_edge();
    test_copies();
    test_ends();
    test_small();
    test_sorting();
    test_ctype();
    test_random();
    return tap_done();
}
