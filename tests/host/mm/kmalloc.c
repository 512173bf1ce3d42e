/* kernel/mm/kmalloc.c: slabs and blocks, their limits and their alarms. */
#include "mm/kmalloc.h"

#include "machine.h"
#include "mm/commit.h"
#include "mm/inject.h"
#include "tap.h"

#define MAX_OBJECTS 20000

static void *objects[MAX_OBJECTS];

static void check_layout(size_t size, size_t align)
{
    static struct slab_cache caches[64];
    static unsigned ncaches;
    struct slab_cache *cache = &caches[ncaches++];
    struct slab_cache fresh =
        SLAB_CACHE("layout", (uint16_t)size, (uint16_t)align);
    char *a, *b;

    *cache = fresh;
    a = slab_alloc(cache);
    b = slab_zalloc(cache);
    CHECK_EQ((uintptr_t)a % align, 0);
    CHECK_EQ((uintptr_t)b % align, 0);
    CHECK(a + size <= b || b + size <= a);
    for (size_t i = 0; i < size; i++)
        CHECK_EQ(b[i], 0);
    memset(a, 1, size);
    memset(b, 2, size);
    CHECK_STR(kmalloc_check(), NULL);
    slab_free(cache, a);
    slab_free(cache, b);
    CHECK_STR(kmalloc_check(), NULL);
    CHECK_EQ(cache->nused, 0);
}

static void test_layouts(void)
{
    static const size_t sizes[] = {1,   8,   12,   40,   64,
                                   100, 576, 1360, 2024, 3000};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        check_layout(sizes[i], 1);
        check_layout(sizes[i], 16);
        check_layout(sizes[i], 64);
    }
}

static void test_sizes(void)
{
    struct machine_state before;

    machine_read(&before);
    for (size_t n = 0; n <= 9000; n += n < 100 ? 1 : 37) {
        unsigned char *p = kmalloc(n);
        unsigned char *z = kzalloc(n);

        CHECK(p != NULL && z != NULL && p != z);
        CHECK_EQ((uintptr_t)p % 8, 0);
        memset(p, 0xEE, n);
        for (size_t i = 0; i < n; i++)
            if (!CHECK_EQ(z[i], 0))
                break;
        kfree(p);
        kfree(z);
    }
    kfree(NULL);
    CHECK(kmalloc((size_t)2 << 20 | 1) == NULL);
    CHECK(kmalloc(SIZE_MAX) == NULL);
    objects[0] = kmalloc((size_t)2 << 20);
    CHECK(objects[0] != NULL);
    kfree(objects[0]);
    CHECK_STR(kmalloc_check(), NULL);
    machine_check_same(&before);
}

/* Take until nothing is left, then give all back, in another order. */
static void test_exhaustion(void)
{
    struct machine_state before;
    size_t n = 0;

    machine_read(&before);
    while (n < MAX_OBJECTS && (objects[n] = kmalloc(1000)) != NULL)
        memset(objects[n++], 0x77, 1000);
    tap_note("%zu objects of 1000 bytes", n);
    CHECK_EQ(n, MACHINE_LOW_BYTES / PAGE_SIZE * 4);
    CHECK(kmalloc(5000) == NULL);
    CHECK_STR(kmalloc_check(), NULL);
    for (size_t step = 0; step < 7; step++)
        for (size_t i = step; i < n; i += 7)
            kfree(objects[i]);
    CHECK_STR(kmalloc_check(), NULL);
    machine_check_same(&before);
}

static void test_random(void)
{
    uint64_t random = tap_seed(2);
    static size_t sizes[512];
    struct machine_state before;

    memset(objects, 0, sizeof objects);
    machine_read(&before);
    for (unsigned long i = 0; i < tap_repeats(100000); i++) {
        size_t k = tap_random(&random) % 512;
        unsigned char *p = objects[k];

        if (p != NULL) {
            CHECK_EQ(p[0], (unsigned char)k);
            CHECK_EQ(p[sizes[k] - 1], (unsigned char)k);
            kfree(p);
            objects[k] = NULL;
        } else {
            sizes[k] = 1 + tap_random(&random) % (k % 16 == 0 ? 20000 : 600);
            objects[k] = p = kmalloc(sizes[k]);
            if (p != NULL)
                memset(p, (int)k, sizes[k]);
        }
        if (i % 1000 == 0 && !CHECK_STR(kmalloc_check(), NULL))
            break;
    }
    for (size_t k = 0; k < 512; k++)
        kfree(objects[k]);
    CHECK_STR(kmalloc_check(), NULL);
    machine_check_same(&before);
}

static struct slab_cache cache_a = SLAB_CACHE("a", 100, 4);
static struct slab_cache cache_b = SLAB_CACHE("b", 100, 4);

static void test_misuse(void)
{
    char *a = slab_alloc(&cache_a);
    char *b = slab_alloc(&cache_b);
    char *large = kmalloc(10000);
    char *k = kmalloc(100);

    slab_free(&cache_a, a);
    CHECK_PANIC(slab_free(&cache_a, a), "freed twice");
    CHECK_PANIC(slab_free(&cache_a, b), "no object of cache a");
    CHECK_PANIC(slab_free(&cache_b, b + 4), "inside an object");
    CHECK_PANIC(slab_free(&cache_b, (char *)((uintptr_t)b & ~4095ul) + 8),
                "no object of cache b");
    CHECK_PANIC(kfree(b), "does not come from kmalloc");
    CHECK_PANIC(kfree(large + PAGE_SIZE), "no block of frames");
    CHECK_PANIC(kfree(k + 8), "inside an object");
    kfree(k);
    CHECK_PANIC(kfree(k), "kmalloc");
    kfree(large);
    CHECK_PANIC(kfree(large), "no block of frames");
    slab_free(&cache_b, b);
    CHECK_STR(kmalloc_check(), NULL);
}

/* A slab that ran empty is kept, but only one, and shrinking frees it. */
static void test_reserve(void)
{
    struct machine_state before;
    size_t n = 0;

    machine_read(&before);
    while (cache_a.nslabs < 3)
        objects[n++] = slab_alloc(&cache_a);
    while (n > 0)
        slab_free(&cache_a, objects[--n]);
    CHECK_EQ(cache_a.nslabs, 1);
    CHECK(kmalloc_shrink() >= 1);
    CHECK_EQ(cache_a.nslabs, 0);
    CHECK_EQ(kmalloc_shrink(), 0);
    machine_check_same(&before);
}

static void test_injected_failures(void)
{
    struct machine_state before;
    void *p;

    machine_read(&before);
    inject_arm(1, false);
    CHECK(slab_alloc(&cache_a) == NULL);
    p = slab_alloc(&cache_a);
    CHECK(p != NULL);
    inject_disarm();
    slab_free(&cache_a, p);
    for (uint32_t n = 1; n <= 2; n++) {
        inject_arm(n, true);
        CHECK(kmalloc(10000) == NULL);
        CHECK_EQ(inject_disarm(), n);
    }
    machine_check_same(&before);
}

static void count_one(void *object, void *ctx)
{
    CHECK(object != NULL);
    ++*(unsigned *)ctx;
}

/* What is claimed is counted by cache, and blocks of frames by frame. */
static void test_claims(void)
{
    static struct slab_cache cache = SLAB_CACHE("claims", 40, 8);
    void *a = slab_alloc(&cache), *b = slab_alloc(&cache);
    void *large = kmalloc(10000);
    unsigned n = 0;

    kmalloc_claim_none();
    kmalloc_claim(a);
    kmalloc_claim(large);
    CHECK_EQ(cache.nused - cache.nclaimed, 1);
    CHECK_EQ(kmalloc_large(), 4);
    CHECK_EQ(kmalloc_large_claimed(), 4);
    slab_each(&cache, count_one, &n);
    CHECK_EQ(n, 2);
    kmalloc_claim_none();
    CHECK_EQ(cache.nclaimed, 0);
    CHECK_EQ(kmalloc_large_claimed(), 0);
    slab_free(&cache, a);
    slab_free(&cache, b);
    kfree(large);
    n = 0;
    slab_each(&cache, count_one, &n);
    CHECK_EQ(n, 0);
}

int main(void)
{
    machine_start();
    tap_run("objects of every size and alignment", test_layouts);
    tap_run("kmalloc of every size", test_sizes);
    tap_run("claims", test_claims);
    tap_run("all of low memory, and all of it back", test_exhaustion);
    tap_run("random sizes keep their contents", test_random);
    tap_run("double and foreign frees panic", test_misuse);
    tap_run("one empty slab is kept in reserve", test_reserve);
    tap_run("a refused allocation leaves nothing", test_injected_failures);
    return tap_done();
}
