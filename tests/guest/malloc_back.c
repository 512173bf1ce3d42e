/*
 * What goes back to the system while the program goes on: pages below live
 * blocks, the top, mappings.  And what MALLOC_CONF makes the allocator say.
 *
 * test: linux
 */
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cairn/malloc.h>

#include "tap.h"

#define BLOCKS 40000

static void *block[BLOCKS];

/* KiB of anonymous memory; read without the allocator. */
static long resident(void)
{
    static char text[8192];
    int fd = open("/proc/self/status", O_RDONLY);
    ssize_t n = read(fd, text, sizeof text - 1);
    const char *at;

    close(fd);
    text[n < 0 ? 0 : n] = '\0';
    at = strstr(text, "RssAnon:");
    return at == NULL ? -1 : strtol(at + 8, NULL, 10);
}

static void fill(void)
{
    for (int k = 0; k < BLOCKS; k++) {
        size_t n = 100 + k % 7 * 60;

        block[k] = malloc(n);
        memset(block[k], k, n);
    }
}

/* Blocks here and there stay, and one above all others. */
static void test_pages(void)
{
    long before = resident(), full, after;
    char *top;
    int good = 1;

    fill();
    top = malloc(500);
    full = resident();
    for (int k = 0; k < BLOCKS; k++)
        if (k % 1000 != 7)
            free(block[k]);
    after = resident();
    printf("# %ld KiB, full %ld, freed %ld\n", before, full, after);
    CHECK(full - before > 10000);
    CHECK(after - before < (full - before) / 3);
    CHECK(malloc_check() == NULL);
    for (int k = 7; k < BLOCKS; k += 1000) {
        good &= *(unsigned char *)block[k] == (unsigned char)k;
        free(block[k]);
    }
    free(top);
    CHECK(good && "what was not freed is what it was");
    CHECK(malloc_check() == NULL);
}

static void test_top(void)
{
    char *high;

    fill();
    high = sbrk(0);
    for (int k = 0; k < BLOCKS; k++)
        free(block[k]);
    malloc_trim(0);
    CHECK(high - (char *)sbrk(0) > 8 << 20);
    CHECK(malloc_check() == NULL);
}

/* ---- what it says --------------------------------------------------------*/

static int ended; /* status of the last child */

/* This program again, with a word in MALLOC_CONF; its stderr. */
static const char *said_with(char *self, const char *conf, const char *what)
{
    static char text[4096];
    char *args[] = {self, (char *)(uintptr_t)what, NULL};
    size_t n = 0;
    ssize_t more;
    int ends[2];
    pid_t pid;

    if (pipe(ends) != 0)
        return "";
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], 2);
        close(ends[0]);
        setenv("MALLOC_CONF", conf, 1);
        execv(self, args);
        _exit(1);
    }
    close(ends[1]);
    while ((more = read(ends[0], text + n, sizeof text - 1 - n)) > 0)
        n += more;
    close(ends[0]);
    text[n] = '\0';
    waitpid(pid, &ended, 0);
    return text;
}

/* The first letter says what is to be found at exit. */
static int child(const char *what)
{
    volatile char *volatile p = malloc(123);
    void *volatile q = realloc((void *)p, 4567);

    free(q);
    p = malloc(77);
    if (*what == 'l')
        printf("%p\n", malloc(2000000));
    else
        free((void *)p);
    if (*what == 'w')
        p[7] = 1;
    if (*what == 'b') {
        p = malloc(77);
        p[77] = 1;
    }
    return 0;
}

static void test_words(char *self)
{
    unsigned long first = 0, second = 0, old = 0;
    const char *text = said_with(self, "trace", "none"), *at;

    at = strstr(text, "malloc: malloc 0x0 123 = 0x");
    CHECK(at != NULL);
    CHECK(at && sscanf(at, "malloc: malloc 0x0 123 = 0x%lx\n", &first) == 1);
    at = at ? strstr(at, "malloc: realloc") : NULL;
    CHECK(at && sscanf(at, "malloc: realloc 0x%lx 4567 = 0x%lx\n", &old,
                       &second) == 2);
    EQUAL(old, first);
    at = at ? strstr(at, "malloc: free") : NULL;
    CHECK(at && sscanf(at, "malloc: free 0x%lx 0 = 0x0\n", &old) == 1);
    EQUAL(old, second);
    CHECK(strcmp(said_with(self, "Check:none", "none"),
                 "malloc: MALLOC_CONF: unknown word: none\n") == 0);
    CHECK(strcmp(said_with(self, ",check,,CHECK:", "none"), "") == 0);
    CHECK(strcmp(said_with(self, "checks", "none"),
                 "malloc: MALLOC_CONF: unknown word: checks\n") == 0);
    CHECK(strstr(said_with(self, "help", "none"),
                 "check, leaks, trace and help\n") != NULL);
}

/* What is not freed, what is damaged and never looked at again. */
static void test_exit(char *self)
{
    const char *text = said_with(self, "leaks", "leak");

    CHECK(strstr(text, ", 80 bytes\n") != NULL);
    CHECK(strstr(text, "malloc: leaks: ") != NULL);
    CHECK(strstr(text, ", 2002944 bytes\nmalloc: leaks: ") != NULL);
    text = said_with(self, "leaks", "none");
    CHECK(strstr(text, ", 80 bytes\n") == NULL);
    text = said_with(self, "check,leaks", "leak");
    CHECK(strstr(text, ", 77 bytes\n") != NULL);
    CHECK(strstr(text, ", 2000000 bytes\n") != NULL);
    EQUAL(ended, 0);
    text = said_with(self, "check", "behind");
    CHECK(strstr(text, "written behind the end of block") != NULL);
    CHECK(WIFSIGNALED(ended) && WTERMSIG(ended) == SIGABRT);
    text = said_with(self, "check", "waiting");
    CHECK(strstr(text, "written after free") != NULL);
    CHECK(WIFSIGNALED(ended) && WTERMSIG(ended) == SIGABRT);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return child(argv[1]);
    /* The stream's buffer comes to lie below all else. */
    printf("# what goes back\n");
    test_pages();
    test_top();
    test_words(argv[0]);
    test_exit(argv[0]);
    return tap_done();
}
