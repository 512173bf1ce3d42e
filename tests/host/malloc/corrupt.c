/*
 * malloc_check() against damage: every bit of the map that says something about
 * a small heap is turned over, one at a time, and every link of its holes; each
 * must be noticed, and must be fine again when it is turned back.
 * And what the allocator itself notices when it comes across such damage: it
 * ends the process with a line.  The rarer functions are tried here too.
 *
 * This is the one test that knows the heap's structures (internal.h).
 */
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/os_host.h"
#include "internal.h"
#include "malloc_cairn.h"
#include "tap.h"

#define BLOCKS 400

void cfree(void *p);
void mstats(char *title);
extern void __gcov_dump(void) __attribute__((weak));

static unsigned char *block[BLOCKS];

/* Live blocks and holes of all kinds side by side, and some long blocks. */
static void make_heap(void)
{
    for (int k = 0; k < BLOCKS; k++)
        block[k] = malloc(k % 50 == 7   ? 3000
                          : k % 90 == 8 ? 15000
                                        : 24 + (size_t)k % 9 * 40);
    for (int k = 0; k < BLOCKS; k++)
        if (k % 3 == 0 || k % 20 < 4 || k % 100 == 57) {
            free(block[k]);
            block[k] = NULL;
        }
    malloc_trim(1 << 20);
    for (int k = 1; k < BLOCKS; k += 17) {
        free(block[k]);
        block[k] = NULL;
    }
}

static bool is_noticed(void)
{
    return malloc_check() != NULL;
}

static void turn_bit(uint32_t *bits, size_t i, unsigned *unseen)
{
    bits[i >> 5] ^= 1u << (i & 31);
    *unseen += !is_noticed();
    bits[i >> 5] ^= 1u << (i & 31);
}

static void test_map(void)
{
    struct heap *h = &__heap;
    unsigned unseen = 0;

    CHECK(malloc_check() == NULL);
    for (size_t i = h->segment[0].first; i < h->top; i++) {
        turn_bit(h->start, i, &unseen);
        turn_bit(h->live, i, &unseen);
    }
    CHECK_EQ(unseen, 0);
    CHECK(malloc_check() == NULL);
}

/* The units whose hint is read: a block starts there, or they are the first or
 * the last inside of one. */
static void find_read(bool *is_read)
{
    struct heap *h = &__heap;
    size_t n, first, end;

    for (size_t i = h->segment[0].first; i < h->top; i += n) {
        n = __map_length(h, i);
        first = i / UNIT + 1;
        end = (i + n) / UNIT;
        if (i == h->spot)
            continue;
        is_read[i / UNIT] = true;
        if (end > first)
            is_read[first] = is_read[end - 1] = true;
    }
}

/* Hints other than 0 that are read. */
static void test_hints(void)
{
    static bool is_read[FIRST_COVER];
    struct heap *h = &__heap;
    unsigned unseen = 0, tried = 0;

    find_read(is_read);
    for (size_t u = h->segment[0].first / UNIT; u < h->top / UNIT; u++) {
        uint8_t was = h->hint[u];

        for (unsigned bit = 0; is_read[u] && bit < 8; bit++) {
            h->hint[u] = was ^ (uint8_t)(1u << bit);
            if (h->hint[u] == 0)
                continue;
            unseen += !is_noticed();
            tried++;
        }
        h->hint[u] = was;
    }
    CHECK(tried > 300);
    CHECK_EQ(unseen, 0);
    CHECK(malloc_check() == NULL);
}

/* The links of all holes that are in a bin. */
static void test_links(void)
{
    struct heap *h = &__heap;
    unsigned unseen = 0, tried = 0;

    for (size_t i = h->segment[0].first; i < h->top; i++) {
        size_t *word = grain_at(h, i), was = word[0], n;

        if (!is_idle(h, i) || i == h->spot)
            continue;
        n = __map_length(h, i);
        if (n > SMALL && h->kept[n % KEPT].i == i)
            continue;
        for (unsigned bit = 0; bit < 32; bit++) {
            word[0] = was ^ (size_t)1 << bit;
            unseen += !is_noticed();
            tried++;
        }
        word[0] = was;
    }
    CHECK(tried > 1000);
    CHECK_EQ(unseen, 0);
    CHECK(malloc_check() == NULL);
}

/* A number of the heap's own is changed; n bytes at p. */
static void turn_number(void *p, size_t n)
{
    unsigned char *byte = p;

    for (size_t k = 0; k < n; k++) {
        byte[k] ^= 1;
        CHECK(is_noticed());
        byte[k] ^= 1;
        CHECK(malloc_check() == NULL);
    }
}

static void test_numbers(void)
{
    struct heap *h = &__heap;

    turn_number(&h->spare, 2);
    turn_number(&h->nblocks, 2);
    turn_number(&h->nmapped, 2);
    turn_number(&h->mapped_bytes, 2);
    turn_number(&h->top, 1);
    turn_number(&h->top_end, 1);
    turn_number(&h->segment[0].fence, 1);
    CHECK(malloc_check() == NULL);
}

/* ---- what malloc and free come across ------------------------------------*/

static void on_abort(int signo)
{
    if (__gcov_dump != NULL)
        __gcov_dump();
    signal(signo, SIG_DFL);
    raise(signo);
}

/* The child must end by SIGABRT with one line that has `text` in it. */
static void expect_end(void (*what)(void), const char *text)
{
    char said[300] = "";
    int ends[2], status = 0;
    pid_t pid;

    fflush(stdout);
    if (!CHECK(pipe(ends) == 0))
        return;
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], 2);
        signal(SIGABRT, on_abort);
        what();
        _exit(0);
    }
    close(ends[1]);
    CHECK(read(ends[0], said, sizeof said - 1) > 0);
    close(ends[0]);
    waitpid(pid, &status, 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    tap_contains(__FILE__, __LINE__, said, text);
}

/* Writes over a word of each hole, and goes on. */
static void write_everywhere(size_t word, size_t bits)
{
    struct heap *h = &__heap;

    for (size_t i = h->segment[0].first; i < h->top; i++)
        if (is_idle(h, i))
            ((size_t *)grain_at(h, i))[word] ^= bits;
    for (int k = 0; k < 2000; k++)
        free(malloc(16 + (size_t)k % 200 * 16));
    for (int k = 0; k < BLOCKS; k++)
        free(block[k]);
    malloc_trim(0);
}

static void write_next(void)
{
    write_everywhere(0, 0x41414140);
}

static void write_prev(void)
{
    write_everywhere(1, 0x41414140);
}

/* The length that a hole knows of itself. */
static void write_lengths(void)
{
    write_everywhere(2, 1);
}

static void free_with_a_wrong_size(void)
{
    free_sized(block[2] != NULL ? block[2] : block[5], 100000);
}

static void free_with_a_wrong_alignment(void)
{
    char *p = memalign(64, 100);
    char *q = memalign(64, 100);

    free_aligned_sized((uintptr_t)p % 4096 != 0 ? p : q, 4096, 100);
}

static void test_ends(void)
{
    expect_end(write_next, "malloc: ");
    expect_end(write_prev, "malloc: ");
    expect_end(write_lengths, "malloc: ");
    expect_end(free_with_a_wrong_size, "size");
    expect_end(free_with_a_wrong_alignment, "alignment");
}

/* ---- each call to the system fails ---------------------------------------*/

static void require_sound(void)
{
    const char *wrong = malloc_check();

    if (wrong == NULL)
        return;
    fprintf(stderr, "# failing every %lu: %s\n", os_host_fail_every, wrong);
    exit(1);
}

/* Grows and shrinks one block; on failure it must be as it was. */
static void *resize_through(void *block_of_ours, size_t first)
{
    static const size_t lengths[] = {900000,  5 << 20, 9 << 20, 2 << 20,
                                     9 << 20, 700000,  1 << 20, 100};
    unsigned char *p = block_of_ours;
    size_t n = first;

    for (unsigned k = 0; p != NULL && k < sizeof lengths / sizeof *lengths;
         k++) {
        unsigned char *q;

        p[0] = 0x42;
        p[n - 1] = 0x43;
        q = realloc(p, lengths[k]);
        require_sound();
        if (q == NULL && (p[0] != 0x42 || p[n - 1] != 0x43))
            exit(2);
        if (q == NULL)
            continue;
        p = q;
        n = lengths[k];
        if (p[0] != 0x42)
            exit(3);
    }
    return p;
}

static void work_through(void)
{
    void *p[100];

    for (int k = 0; k < 60; k++) {
        p[k] = malloc((size_t)k * 900);
        require_sound();
    }
    p[60] = resize_through(malloc(3 << 20), 3 << 20);
    p[61] = memalign(8192, 100000);
    p[62] = memalign(1 << 16, 2 << 20);
    require_sound();
    os_host_sbrk(5000);
    for (int k = 63; k < 90; k++) {
        p[k] = calloc(1, (size_t)k * 2000);
        require_sound();
    }
    p[90] = resize_through(malloc(300000), 300000);
    for (int k = 0; k <= 90; k++)
        free(p[k]);
    require_sound();
    malloc_trim(0);
    require_sound();
    free(malloc(500000));
    require_sound();
}

/* Every n-th fails, for each n: the first that fails is each of them once. */
static void test_each_failure(void)
{
    unsigned long most = getenv("TEST_LONG") != NULL ? 150 : 15;

    for (unsigned long every = 1; every <= most; every++) {
        int status = -1;
        pid_t pid;

        fflush(stdout);
        pid = fork();
        if (pid == 0) {
            os_host_calls = 0;
            os_host_fail_every = every;
            work_through();
            work_through();
            exit(0);
        }
        waitpid(pid, &status, 0);
        if (!CHECK_EQ(status, 0))
            tap_note("failing every %lu", every);
    }
}

/* ---- the rarer functions -------------------------------------------------*/

static unsigned ncalls;
static const char *last_what;
static size_t last_n;

static void hook(const char *what, void *p, size_t n, void *old)
{
    (void)p;
    (void)old;
    last_what = what;
    last_n = n;
    ncalls++;
}

static void test_trace(void)
{
    void *volatile p;

    malloc_set_trace(hook);
    p = malloc(123);
    CHECK_STR(last_what, "malloc");
    CHECK_EQ(last_n, 123);
    p = realloc(p, 456);
    CHECK_STR(last_what, "realloc");
    cfree(p);
    CHECK_STR(last_what, "free");
    CHECK_EQ(ncalls, 3);
    malloc_set_trace(NULL);
    free(malloc(10));
    CHECK_EQ(ncalls, 3);
    CHECK(malloc_check() == NULL);
}

static void test_rare(void)
{
    CHECK_EQ(mallopt(1, 64), 1);
    CHECK_EQ(mallopt(1000, 0), 0);
    CHECK_EQ(mallopt(-5, 3), 0); /* too late to check */
    mstats("tests");
    CHECK(malloc_trim(0) == 0 || malloc_check() == NULL);
    os_host_fail_every = 1;
    CHECK(malloc(100 << 20) == NULL);
    CHECK(malloc(3 << 20) == NULL);
    os_host_fail_every = 0;
    CHECK(malloc_check() == NULL);
}

/* The first call of all finds no memory: NULL, and the next one works. */
static void fail_first(void)
{
    void *p;

    os_host_fail_every = 1;
    p = malloc(10);
    os_host_fail_every = 0;
    free(malloc(10));
    fprintf(stderr, "%s\n", p == NULL ? "refused" : "granted");
    abort();
}

static void choose_checks(void)
{
    char *volatile p;

    mallopt(-5, 3);
    p = malloc(10);
    p[10] = 1;
    free(p);
}

static void test_first(void)
{
    expect_end(fail_first, "refused");
    expect_end(choose_checks, "behind the end");
}

int main(void)
{
    tap_run("the first call finds no memory, or sets the mode", test_first);
    tap_run("each call to the system fails", test_each_failure);
    make_heap();
    tap_run("bits of the map", test_map);
    tap_run("hints", test_hints);
    tap_run("links of holes", test_links);
    tap_run("numbers of the heap", test_numbers);
    tap_run("damage that malloc and free come across", test_ends);
    tap_run("trace", test_trace);
    tap_run("rare functions", test_rare);
    return tap_done();
}
