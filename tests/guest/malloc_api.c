/*
 * Every function of the allocator against a table of arguments: what is
 * granted is aligned, long enough and apart from all else, what cannot be is
 * refused with the right error and nothing changed.
 *
 * test: linux
 */
#include <malloc.h>
#include <stdint.h>
#include <unistd.h>

#include "tap.h"

/* Sizes that the compiler must not know. */
static volatile size_t huge = SIZE_MAX, half = SIZE_MAX / 2, one = 1;

static int is_aligned(const void *p, size_t align)
{
    return p != NULL && ((uintptr_t)p & (align - 1)) == 0;
}

static void test_alignment(void)
{
    int good = 1;

    for (size_t n = 0; n < 3000; n++) {
        char *p = malloc(n), *q = malloc(n);

        good &= is_aligned(p, n >= 16 ? 16 : 8) && p != q;
        good &= malloc_usable_size(p) >= n;
        if (n > 0)
            p[0] = p[n - 1] = 1;
        free(p);
        free(q);
    }
    CHECK(good && "blocks of 0 to 3000 bytes are aligned and apart");
    good = 1;
    for (size_t align = 8; align <= 65536; align *= 2) {
        char *p = memalign(align, 100), *q = aligned_alloc(align, align);
        void *r = NULL;

        good &= is_aligned(p, align) && is_aligned(q, align);
        good &= posix_memalign(&r, align, 33) == 0 && is_aligned(r, align);
        memset(p, 1, 100);
        memset(q, 2, align);
        memset(r, 3, 33);
        free(p);
        free(q);
        free(r);
    }
    CHECK(good && "aligned blocks are aligned");
    void *page = valloc(10);
    CHECK(is_aligned(page, 4096));
    free(page);
}

static void test_refusals(void)
{
    void *volatile p = malloc(100), *r = p;

    memset(p, 7, 100);
    errno = 0;
    CHECK(malloc(huge) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(malloc(half + 1) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(malloc(half) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(malloc(huge - 15) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(calloc(0x10000 * one, huge / 0x10000 + 2) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(calloc(huge / 4 + 2, 4) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(realloc(p, huge) == NULL && errno == ENOMEM);
    errno = 0;
    CHECK(reallocarray(p, huge / 4 + 2, 4) == NULL && errno == ENOMEM);
    CHECK(((char *)p)[0] == 7 && ((char *)p)[99] == 7);
    errno = 0;
    CHECK(memalign(4096, huge - 100) == NULL && errno == ENOMEM);
    errno = 5;
    CHECK(posix_memalign(&r, 3, 8) == EINVAL && r == p && errno == 5);
    CHECK(posix_memalign(&r, 24, 8) == EINVAL && r == p);
    CHECK(posix_memalign(&r, 0, 8) == EINVAL && r == p);
    CHECK(posix_memalign(&r, 16, huge) == ENOMEM && r == p && errno == 5);
    free(p);
    errno = 5;
    free(NULL);
    free(malloc(10));
    free(malloc(5 << 20));
    CHECK(errno == 5);
    CHECK(malloc_usable_size(NULL) == 0);
}

/* Grow to 4 MiB and shrink again with a block above: no byte is lost. */
static void test_realloc(void)
{
    unsigned char *p = NULL;
    void *above[64];
    int good = 1, k = 0;
    size_t n, old = 0;

    for (n = 16; n < 4u << 20; old = n, n += n / 2) {
        p = realloc(p, n);
        above[k++] = malloc(24);
        for (size_t i = 0; i < old; i++)
            good &= p[i] == (unsigned char)(i * 7);
        for (size_t i = old; i < n; i++)
            p[i] = (unsigned char)(i * 7);
    }
    for (n = old; n > 0; n /= 3) {
        p = realloc(p, n);
        for (size_t i = 0; i < n; i++)
            good &= p[i] == (unsigned char)(i * 7);
    }
    CHECK(good && "realloc keeps what was written");
    while (k > 0)
        free(above[--k]);
    p = realloc(p, 0);
    CHECK(p != NULL);
    free(p);
}

static void test_calloc(void)
{
    int good = 1;

    for (size_t n = 1; n < 3u << 20; n += n / 2 + 1) {
        for (int round = 0; round < 3; round++) {
            unsigned char *p = calloc(1, n);

            for (size_t i = 0; i < n; i++)
                good &= p[i] == 0;
            memset(p, 0xff, n);
            free(p);
        }
    }
    CHECK(good && "calloc gives zeros, also where it gave before");
}

/* Somebody else uses sbrk between our calls. */
static void test_foreign_sbrk(void)
{
    static void *p[400];
    unsigned char *theirs[40];
    int good = 1;

    for (int k = 0; k < 400; k++) {
        p[k] = malloc(3000);
        memset(p[k], k, 3000);
        if (k % 10 == 0) {
            theirs[k / 10] = sbrk(100 + k);
            memset(theirs[k / 10], 0xee, 100);
        }
    }
    for (int k = 0; k < 400; k++)
        for (int i = 0; i < 3000; i++)
            good &= ((unsigned char *)p[k])[i] == (unsigned char)k;
    for (int k = 0; k < 400; k++)
        free(p[k]);
    for (int k = 0; k < 40; k++)
        for (int i = 0; i < 100; i++)
            good &= theirs[k][i] == 0xee;
    CHECK(good && "others' sbrk memory and ours stay apart");
}

int main(void)
{
    test_alignment();
    test_refusals();
    test_realloc();
    test_calloc();
    test_foreign_sbrk();
    return tap_done();
}
