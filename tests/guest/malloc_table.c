/*
 * Every function of the allocator against a table of arguments: what is
 * granted is aligned, as long as asked for, writable to its ends and apart
 * from its neighbours; what cannot be is refused with the right error, and
 * then nothing has changed.
 *
 * It passes with newlib's allocators too, but for what they are known to do
 * wrong (malloc_newlib_faults.c), which is skipped.
 *
 * test: linux
 */
#include <malloc.h>
#include <reent.h>
#include <stdbool.h>
#include <stdint.h>
#include <unistd.h>

#include "malloc_which.h"
#include "tap.h"

#define KIB 1024u

/* What the compiler must not compute: it would warn, or leave the call out. */
static volatile size_t most = SIZE_MAX, half = PTRDIFF_MAX;

static const size_t granted[] = {0,
                                 1,
                                 7,
                                 8,
                                 15,
                                 16,
                                 17,
                                 31,
                                 32,
                                 33,
                                 48,
                                 63,
                                 100,
                                 1000,
                                 1024,
                                 1025,
                                 4095,
                                 4096,
                                 4097,
                                 8192,
                                 65535,
                                 65536,
                                 128 * KIB - 1,
                                 128 * KIB,
                                 128 * KIB + 1,
                                 1 << 20,
                                 3 << 20};

#define NGRANTED (sizeof granted / sizeof *granted)
#define NREFUSED 6

static size_t refused(int k)
{
    switch (k) {
    case 0:
        return half - 1;
    case 1:
        return half;
    case 2:
        return half + 1;
    case 3:
        return most - 4096;
    case 4:
        return most - 1;
    default:
        return most;
    }
}

/* ---- the functions, each as one of a length ------------------------------*/

static void *by_malloc(size_t n)
{
    return malloc(n);
}

static void *by_malloc_r(size_t n)
{
    return _malloc_r(_REENT, n);
}

static void *by_calloc(size_t n)
{
    return calloc(1, n);
}

static void *by_calloc_of_bytes(size_t n)
{
    return calloc(n, 1);
}

static void *by_calloc_r(size_t n)
{
    return _calloc_r(_REENT, 1, n);
}

static void *by_realloc_of_null(size_t n)
{
    return realloc(NULL, n);
}

static void *by_reallocarray(size_t n)
{
    return reallocarray(NULL, n, 1);
}

static void *by_reallocarray_of_one(size_t n)
{
    return reallocarray(NULL, 1, n);
}

static void *by_realloc_r(size_t n)
{
    return _realloc_r(_REENT, NULL, n);
}

static void *by_memalign(size_t n)
{
    return memalign(64, n);
}

static void *by_memalign_r(size_t n)
{
    return _memalign_r(_REENT, 64, n);
}

static void *by_aligned_alloc(size_t n)
{
    return aligned_alloc(64, n);
}

static void *by_posix_memalign(size_t n)
{
    void *p = NULL;
    int error = posix_memalign(&p, 64, n);

    if (error != 0)
        errno = error;
    return p;
}

static void *by_valloc(size_t n)
{
    return valloc(n);
}

static void *by_pvalloc(size_t n)
{
    return pvalloc(n);
}

static const struct function {
    const char *name;
    void *(*get)(size_t n);
    size_t align;              /* 0: 16, or 8 for less than 16 bytes */
    bool is_zero, is_at_fault; /* newlib's nano is, with huge numbers */
} functions[] = {
    {"malloc", by_malloc, 0, false, false},
    {"_malloc_r", by_malloc_r, 0, false, false},
    {"calloc(1, n)", by_calloc, 0, true, false},
    {"calloc(n, 1)", by_calloc_of_bytes, 0, true, false},
    {"_calloc_r", by_calloc_r, 0, true, false},
    {"realloc(NULL, n)", by_realloc_of_null, 0, false, false},
    {"reallocarray(NULL, n, 1)", by_reallocarray, 0, false, false},
    {"reallocarray(NULL, 1, n)", by_reallocarray_of_one, 0, false, false},
    {"_realloc_r", by_realloc_r, 0, false, false},
    {"memalign", by_memalign, 64, false, true},
    {"_memalign_r", by_memalign_r, 64, false, true},
    {"aligned_alloc", by_aligned_alloc, 64, false, true},
    {"posix_memalign", by_posix_memalign, 64, false, true},
    {"valloc", by_valloc, 4096, false, true},
    {"pvalloc", by_pvalloc, 4096, false, true},
};

#define NFUNCTIONS (sizeof functions / sizeof *functions)

/* ---- what is granted -----------------------------------------------------*/

static size_t alignment_of(const struct function *f, size_t n)
{
    if (f->align != 0)
        return f->align;
    return n < 16 || is_newlibs() ? 8 : 16;
}

static bool has_only(const unsigned char *p, size_t n, unsigned char value)
{
    return n == 0 || (p[0] == value && memcmp(p, p + 1, n - 1) == 0);
}

/* Three at once, so that they could overlap; the middle one goes first. */
static bool gives_blocks(const struct function *f, size_t n)
{
    unsigned char *p[3];
    bool good = true;

    errno = 77;
    for (int k = 0; k < 3; k++) {
        p[k] = f->get(n);
        if (p[k] == NULL || (uintptr_t)p[k] % alignment_of(f, n) != 0 ||
            malloc_usable_size(p[k]) < n)
            return false;
        good &= !f->is_zero || has_only(p[k], n, 0);
        memset(p[k], k + 1, n);
    }
    for (int k = 0; k < 3; k++)
        good &=
            has_only(p[k], n, (unsigned char)(k + 1)) && p[k] != p[(k + 1) % 3];
    free(p[1]);
    good &= has_only(p[0], n, 1) && has_only(p[2], n, 3);
    free(p[0]);
    free(p[2]);
    return good && errno == 77;
}

static void test_granted(const struct function *f)
{
    char line[100];
    bool good = true;

    for (unsigned k = 0; k < NGRANTED; k++)
        if (!gives_blocks(f, granted[k])) {
            good = false;
            printf("# %s, %zu bytes\n", f->name, granted[k]);
        }
    snprintf(line, sizeof line, "%s: blocks of every length", f->name);
    tap_line(good && is_heap_sound(), __FILE__, __LINE__, line);
}

static void test_refused(const struct function *f)
{
    size_t before = mallinfo2().uordblks;
    char line[100];
    bool good = true;

    snprintf(line, sizeof line, "%s: too much is refused", f->name);
    if (f->is_at_fault && is_nano()) {
        tap_skip(line, "a known fault of newlib's");
        return;
    }
    for (int k = 0; k < NREFUSED; k++) {
        errno = 0;
        if (f->get(refused(k)) != NULL || errno != ENOMEM) {
            good = false;
            printf("# %s, %zu bytes\n", f->name, refused(k));
        }
    }
    good &= mallinfo2().uordblks == before;
    tap_line(good && is_heap_sound(), __FILE__, __LINE__, line);
}

/* ---- products ------------------------------------------------------------*/

static void test_products(void)
{
    const size_t pairs[][2] = {{most, 2},           {2, most},
                               {most, most},        {half + 1, 2},
                               {65536, 65536},      {65537, 65537},
                               {most / 2 + 2, 2},   {3, most / 2},
                               {most / 16 + 2, 16}, {most / 4096 + 2, 4096},
                               {0x10001, 0x10000}};
    void *volatile block = malloc(10);
    bool calloc_good = true, array_good = true;

    for (unsigned k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        size_t n = pairs[k][0], size = pairs[k][1];

        errno = 0;
        calloc_good &=
            is_newlibs() || (calloc(n, size) == NULL && errno == ENOMEM);
        errno = 0;
        array_good &= reallocarray(block, n, size) == NULL && errno == ENOMEM;
        errno = 0;
        array_good &= reallocarray(NULL, n, size) == NULL && errno == ENOMEM;
    }
    if (is_newlibs())
        tap_skip("calloc: products", "a known fault of newlib's");
    else
        CHECK(calloc_good && "calloc: products that overflow");
    CHECK(array_good && "reallocarray: products that overflow");
    free(block);
    block = calloc(0, most);
    CHECK(block != NULL && "calloc(0, n) is a block");
    free(block);
    block = calloc(most, 0);
    CHECK(block != NULL && "calloc(n, 0) is a block");
    free(block);
}

/* ---- realloc from each length to each other ------------------------------*/

static bool moves(size_t from, size_t to)
{
    size_t both = from < to ? from : to;
    unsigned char *p = malloc(from), *q, *guard = malloc(24);
    bool good;

    memset(p, 0x3c, from);
    memset(guard, 0x71, 24);
    errno = 77;
    q = realloc(p, to);
    good = q != NULL && errno == 77 && has_only(q, both, 0x3c) &&
           malloc_usable_size(q) >= to && has_only(guard, 24, 0x71) &&
           (uintptr_t)q % (to < 16 || is_newlibs() ? 8 : 16) == 0;
    memset(q, 0x55, to);
    good &= has_only(guard, 24, 0x71);
    free(q);
    free(guard);
    return good;
}

static bool stays(size_t from)
{
    unsigned char *volatile p = malloc(from);
    bool good = true;

    memset(p, 0x3c, from);
    for (int k = 0; k < NREFUSED; k++) {
        errno = 0;
        good &= realloc(p, refused(k)) == NULL && errno == ENOMEM;
        errno = 0;
        good &= reallocarray(p, 1, refused(k)) == NULL && errno == ENOMEM;
    }
    good &= has_only(p, from, 0x3c);
    free(p);
    return good;
}

/* newlib's nano reads behind a block that grows, and frees one of no bytes. */
static void test_realloc(void)
{
    char line[100];

    for (unsigned i = 0; i < NGRANTED; i++) {
        bool good = true;

        for (unsigned j = 0; j < NGRANTED; j++)
            if (!is_nano() || (granted[j] > 0 && j <= i))
                good &= moves(granted[i], granted[j]);
        snprintf(line, sizeof line, "realloc from %zu bytes to every length",
                 granted[i]);
        tap_line(good && is_heap_sound(), __FILE__, __LINE__, line);
        snprintf(line, sizeof line, "realloc from %zu to too much", granted[i]);
        tap_line(stays(granted[i]) && is_heap_sound(), __FILE__, __LINE__,
                 line);
    }
}

/* ---- alignments ----------------------------------------------------------*/

static bool is_aligned(void *p, size_t align, size_t n)
{
    bool good =
        p != NULL && (uintptr_t)p % align == 0 && malloc_usable_size(p) >= n;

    if (good)
        memset(p, 0x99, n);
    free(p);
    return good;
}

static void test_good_alignments(void)
{
    char line[100];

    for (size_t align = 1; align <= 1 << 20; align *= 2) {
        bool good = true;

        for (unsigned k = 0; k < NGRANTED && granted[k] <= 1 << 20; k++) {
            size_t n = granted[k];
            void *p = NULL;

            good &= is_aligned(memalign(align, n), align, n);
            good &= is_aligned(aligned_alloc(align, n), align, n);
            if (align >= sizeof(void *)) {
                good &= posix_memalign(&p, align, n) == 0;
                good &= is_aligned(p, align, n);
            }
        }
        snprintf(line, sizeof line, "alignment %zu", align);
        tap_line(good && is_heap_sound(), __FILE__, __LINE__, line);
    }
}

static void test_bad_alignments(void)
{
    const size_t bad[] = {0, 3, 5, 6, 7, 12, 24, 4095, 4097, half, most};
    int untouched;
    void *p = &untouched;

    for (unsigned k = 0; k < sizeof bad / sizeof *bad; k++) {
        errno = 77;
        EQUAL(posix_memalign(&p, bad[k], 100), EINVAL);
        CHECK(p == &untouched && errno == 77);
        errno = 0;
        CHECK(aligned_alloc(bad[k], 100) == NULL && errno == EINVAL);
    }
    EQUAL(posix_memalign(&p, 1, 100), EINVAL);
    EQUAL(posix_memalign(&p, 2, 100), EINVAL);
    CHECK(p == &untouched);
    if (is_nano()) {
        tap_skip("alignments too large", "a known fault of newlib's");
        return;
    }
    errno = 77;
    EQUAL(posix_memalign(&p, half + 1, 100), ENOMEM);
    EQUAL(posix_memalign(&p, 64, most - 32), ENOMEM);
    CHECK(p == &untouched && errno == 77);
    CHECK(aligned_alloc(half + 1, 100) == NULL && errno == ENOMEM);
    CHECK(memalign(half + 1, 100) == NULL && errno == ENOMEM);
    CHECK(memalign(half + 1, half + 1) == NULL && errno == ENOMEM);
}

static void test_pages(void)
{
    char *p = pvalloc(1), *q = pvalloc(4097);

    CHECK(malloc_usable_size(p) >= 4096 && malloc_usable_size(q) >= 8192);
    memset(p, 1, 4096);
    memset(q, 2, 8192);
    CHECK(has_only((unsigned char *)p, 4096, 1));
    free(p);
    free(q);
}

/* ---- free and the rest ---------------------------------------------------*/

static void test_free(void)
{
    errno = 77;
    free(NULL);
    _free_r(_REENT, NULL);
    freezero(NULL, 10);
    free_sized(NULL, 10);
    free_aligned_sized(NULL, 64, 10);
    for (unsigned k = 0; k < NGRANTED; k++) {
        size_t n = granted[k];
        void *volatile p = malloc(n);

        freezero(p, n);
        p = malloc(n);
        free_sized(p, n);
        p = memalign(64, n);
        free_aligned_sized(p, 64, n);
        p = malloc(n);
        _free_r(_REENT, p);
    }
    CHECK(errno == 77 && is_heap_sound());
}

static void test_books(void)
{
    struct mallinfo2 before = mallinfo2(), with, after;
    struct mallinfo narrow;
    void *volatile p[3] = {malloc(100000), malloc(100), malloc(3 << 20)};

    with = mallinfo2();
    narrow = mallinfo();
    CHECK(with.uordblks + with.hblkhd >=
          before.uordblks + before.hblkhd + 100000 + 100 + (3 << 20));
    CHECK(with.arena + with.hblkhd >= with.uordblks);
    CHECK((size_t)narrow.uordblks == with.uordblks &&
          (size_t)narrow.arena == with.arena);
    for (int k = 0; k < 3; k++)
        free(p[k]);
    after = mallinfo2();
    CHECK(after.uordblks + after.hblkhd == before.uordblks + before.hblkhd);
}

static void test_report(void)
{
    char text[2000] = "";
    FILE *out = fmemopen(text, sizeof text, "w");

    EQUAL(malloc_info(0, out), 0);
    fclose(out);
    CHECK(strstr(text, "<malloc version=\"1\">") == text &&
          strstr(text, "</malloc>") != NULL);
    CHECK(malloc_info(1, stdout) != 0);
    malloc_stats(); /* to stderr */
    CHECK(malloc_trim(0) >= 0 && malloc_trim(most) >= 0);
    CHECK(is_heap_sound());
    if (is_nano())
        tap_skip("malloc_usable_size(NULL)", "a known fault of newlib's");
    else
        CHECK(malloc_usable_size(NULL) == 0);
}

int main(void)
{
    for (unsigned k = 0; k < NFUNCTIONS; k++) {
        test_granted(&functions[k]);
        test_refused(&functions[k]);
    }
    test_products();
    test_realloc();
    test_good_alignments();
    test_bad_alignments();
    test_pages();
    test_free();
    test_books();
    test_report();
    return tap_done();
}
