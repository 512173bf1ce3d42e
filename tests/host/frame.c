/*
 * kernel/mm/frame.c: each operation by itself; every misuse panics; random
 * operations against a model that keeps one word per frame and knows, by
 * looking at all of them, whether an allocation had to succeed; and damage of
 * every field, which frame_check() must find.
 */
#include <cairn/errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tap.h"

#include "mm/frame_private.h"

#define PAGE 4096u
#define MIB  (UINT64_C(1) << 20)
#define GIB  (UINT64_C(1) << 30)

static struct memmap map;
static void *metadata;
static uint64_t state;

struct piece {
    uint64_t start;
    uint64_t end;
    enum memmap_kind kind; /* AVAILABLE, or laid over it */
};

/* Builds a map of RAM from pieces, and starts the allocator on it. */
static void start(const struct piece *pieces, size_t n, uint64_t low_limit)
{
    size_t nbytes;

    memmap_init(&map);
    for (size_t i = 0; i < n; i++)
        memmap_add(&map, pieces[i].start, pieces[i].end - pieces[i].start, 1);
    memmap_finish(&map);
    for (size_t i = 0; i < n; i++) {
        if (pieces[i].kind != MEMMAP_AVAILABLE)
            CHECK_EQ(memmap_reserve(&map, pieces[i].start, pieces[i].end,
                                    pieces[i].kind),
                     0);
    }
    nbytes = frame_metadata_bytes(&map);
    CHECK_EQ(nbytes % PAGE, 0);
    free(metadata);
    metadata = malloc(nbytes);
    memset(metadata, 0xA5, nbytes);
    CHECK_EQ(frame_init(&map, metadata, nbytes, low_limit), 0);
    CHECK_STR(frame_check(), NULL);
    CHECK_EQ(frame_total(), memmap_total_ram(&map) / PAGE);
}

#define START(low_limit, ...)                                                 \
    start((const struct piece[]){__VA_ARGS__},                                \
          sizeof((const struct piece[]){__VA_ARGS__}) / sizeof(struct piece), \
          low_limit)

/* 1 to 5 MiB low, 5 to 9 MiB high, nothing else. */
static void start_plain(void)
{
    START(5 * MIB, {MIB, 9 * MIB, MEMMAP_AVAILABLE});
}

static paddr_t take(unsigned order, unsigned flags)
{
    paddr_t pa = 0;

    CHECK_EQ(frame_alloc(order, flags, FRAME_USER, &pa), 0);
    return pa;
}

static void check_all_free(void)
{
    CHECK_EQ(frame_count(FRAME_FREE), frame_total());
    CHECK_EQ(frame_free_low() + frame_free_high(), frame_total());
    CHECK_STR(frame_check(), NULL);
}

/* The record's layout: 16 bytes. */
struct record {
    uint32_t next;
    uint32_t prev;
    uint32_t refs;
    uint8_t kind;
    uint8_t order;
    uint8_t state;
    uint8_t unused;
};

/* ---- Single operations ------------------------------------------------- */

static void test_init(void)
{
    START(6 * MIB, {MIB, 2 * MIB, MEMMAP_KERNEL},
          {2 * MIB, 2 * MIB + 3 * PAGE, MEMMAP_FRAMES},
          {2 * MIB + 3 * PAGE, 3 * MIB, MEMMAP_AVAILABLE},
          {3 * MIB, 4 * MIB, MEMMAP_MODULE},
          {5 * MIB, 8 * MIB, MEMMAP_AVAILABLE});
    CHECK_EQ(frame_count(FRAME_KERNEL), 256 + 3);
    CHECK_EQ(frame_count(FRAME_FILE), 256);
    CHECK_EQ(frame_count(FRAME_FREE), 253 + 768);
    CHECK_EQ(frame_count(FRAME_USER) + frame_count(FRAME_PAGETABLE), 0);
    CHECK_EQ(frame_free_low(), 253 + 256);
    CHECK_EQ(frame_free_high(), 512);
    CHECK_EQ(frame_total(), 256 * 6);
    CHECK(frame_is_ram(MIB) && frame_is_ram(4 * MIB - 1));
    CHECK(!frame_is_ram(MIB - 1) && !frame_is_ram(4 * MIB));
    CHECK(!frame_is_ram(8 * MIB) && !frame_is_ram(0));
    CHECK(!frame_is_ram(UINT64_MAX) && !frame_is_ram((GIB << 14) + MIB));
    CHECK_EQ(frame_kind_of(MIB), FRAME_KERNEL);
    CHECK_EQ(frame_kind_of(3 * MIB + 5), FRAME_FILE);
    CHECK_EQ(frame_kind_of(8 * MIB - 1), FRAME_FREE);
    CHECK_EQ(frame_refs(3 * MIB), 1);
    CHECK_EQ(frame_refs(5 * MIB), 0);
    CHECK_EQ(frame_refs(100 * MIB), 0);
}

static void test_init_errors(void)
{
    size_t nbytes;

    memmap_init(&map);
    memmap_add(&map, MIB, 8 * MIB, 1);
    CHECK_EQ(frame_init(&map, metadata, SIZE_MAX, UINT64_MAX), -EINVAL);
    memmap_finish(&map);
    nbytes = frame_metadata_bytes(&map);
    CHECK_EQ(nbytes, (2048 * 16 + 2 * 16 + PAGE - 1) / PAGE * PAGE);
    CHECK_EQ(frame_init(&map, metadata, nbytes - 1, UINT64_MAX), -ENOMEM);
    CHECK_EQ(frame_total(), 0);
    CHECK_EQ(frame_alloc(0, FRAME_ANY, FRAME_USER, &(paddr_t){0}), -ENOMEM);
    CHECK(!frame_is_ram(MIB));
    CHECK_STR(frame_check(), NULL);
    CHECK_PANIC(frame_init(&map, (char *)metadata + 4, nbytes, 0), "metadata");
    memmap_init(&map);
    memmap_add(&map, 0, MIB, 1);
    memmap_finish(&map);
    CHECK_EQ(frame_init(&map, metadata, nbytes, UINT64_MAX), -EINVAL);
}

static void test_metadata_bytes(void)
{
    memmap_init(&map);
    memmap_add(&map, 0, 64 * GIB, 1);
    memmap_finish(&map);
    CHECK_EQ(frame_metadata_bytes(&map),
             ((64 * GIB - MIB) / PAGE * 16 + 32 + PAGE - 1) / PAGE * PAGE);
    CHECK_EQ(memmap_reserve(&map, 16 * MIB, 300 * MIB, MEMMAP_FRAMES), 0);
    CHECK_EQ(frame_metadata_bytes(&map), 256 * MIB);
}

/* Every low limit, also one that cuts nothing or is not on a page. */
static void test_low_limits(void)
{
    static const struct {
        uint64_t limit;
        size_t low;
    } cases[] = {
        {0, 0},
        {MIB, 0},
        {MIB + 1, 0},
        {MIB + PAGE - 1, 0},
        {MIB + PAGE, 1},
        {2 * MIB, 256},
        {3 * MIB - 1, 511},
        {3 * MIB, 512},
        {4 * MIB, 512},
        {5 * MIB + PAGE, 513},
        {6 * MIB, 768},
        {UINT64_MAX, 768},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        START(cases[i].limit, {MIB, 3 * MIB, MEMMAP_AVAILABLE},
              {5 * MIB, 6 * MIB, MEMMAP_AVAILABLE});
        CHECK_EQ(frame_free_low(), cases[i].low);
        CHECK_EQ(frame_free_high(), 768 - cases[i].low);
    }
}

static void test_take_all(void)
{
    static bool seen[9 * 256];
    paddr_t pa;
    size_t n = 0;

    start_plain();
    memset(seen, 0, sizeof(seen));
    while (frame_alloc(0, FRAME_ANY, FRAME_USER, &pa) == 0) {
        CHECK(pa % PAGE == 0 && pa >= MIB && pa < 9 * MIB);
        CHECK(!seen[pa / PAGE]);
        CHECK_EQ(pa < 5 * MIB, n >= 1024);
        seen[pa / PAGE] = true;
        n++;
    }
    CHECK_EQ(n, 2048);
    CHECK_EQ(frame_count(FRAME_USER), 2048);
    CHECK_EQ(frame_count(FRAME_FREE), 0);
    CHECK_STR(frame_check(), NULL);
    for (size_t i = 0; i < 2048; i++)
        frame_free(MIB + (i * 1021 % 2048) * PAGE, 0);
    check_all_free();
    CHECK_EQ(take(9, FRAME_LOW), 2 * MIB);
    CHECK_EQ(take(9, FRAME_ANY), 6 * MIB);
    CHECK_STR(frame_check(), NULL);
}

static void test_low_only(void)
{
    paddr_t pa;

    start_plain();
    for (int i = 0; i < 1024; i++)
        CHECK(take(0, FRAME_LOW) < 5 * MIB);
    CHECK_EQ(frame_alloc(0, FRAME_LOW, FRAME_KERNEL, &pa), -ENOMEM);
    CHECK_EQ(frame_free_low(), 0);
    CHECK(take(0, FRAME_ANY) >= 5 * MIB);
    CHECK_EQ(frame_free_high(), 1023);
    CHECK_STR(frame_check(), NULL);
}

static void test_orders(void)
{
    START(UINT64_MAX, {MIB, 64 * MIB, MEMMAP_AVAILABLE});
    for (unsigned order = 0; order <= FRAME_MAX_ORDER; order++) {
        paddr_t pa = take(order, FRAME_ANY);
        CHECK_EQ(pa & ((PAGE << order) - 1), 0);
        CHECK_EQ(frame_refs(pa), 1);
        CHECK_EQ(frame_count(FRAME_USER), 1u << order);
        if (order > 0) {
            CHECK_EQ(frame_refs(pa + PAGE), 0);
            CHECK_EQ(frame_kind_of(pa + (PAGE << order) - 1), FRAME_USER);
        }
        CHECK_STR(frame_check(), NULL);
        frame_free(pa, order);
        check_all_free();
    }
    CHECK_EQ(frame_alloc(11, FRAME_ANY, FRAME_USER, &(paddr_t){0}), -ENOMEM);
    CHECK_EQ(frame_alloc(~0u, FRAME_ANY, FRAME_USER, &(paddr_t){0}), -ENOMEM);
    CHECK_PANIC(frame_alloc(0, 0, FRAME_FREE, &(paddr_t){0}), "kind");
    CHECK_PANIC(frame_alloc(0, 0, FRAME_NKINDS, &(paddr_t){0}), "kind");
}

/* A block too large for any free one leaves everything as it was. */
static void test_no_block(void)
{
    paddr_t pa = 12345;

    START(UINT64_MAX, {MIB, 2 * MIB, MEMMAP_AVAILABLE});
    CHECK_EQ(frame_alloc(9, FRAME_ANY, FRAME_USER, &pa), -ENOMEM);
    CHECK_EQ(pa, 12345);
    check_all_free();
    CHECK_EQ(take(8, FRAME_ANY), MIB);
}

/* Cached single frames are merged when a larger block needs them. */
static void test_cache_is_no_loss(void)
{
    START(UINT64_MAX, {4 * MIB, 8 * MIB, MEMMAP_AVAILABLE});
    for (int round = 0; round < 3; round++) {
        paddr_t pa = take(0, FRAME_ANY);
        frame_free(pa, 0);
        CHECK(frame_cached(FRAME_ZONE_LOW) > 0);
        CHECK_EQ(take(10, FRAME_ANY), 4 * MIB);
        CHECK_EQ(frame_cached(FRAME_ZONE_LOW), 0);
        frame_free(4 * MIB, 10);
        check_all_free();
    }
    /* One frame from the cache and one from a list make a pair. */
    for (int i = 0; i < 1024; i++)
        take(0, FRAME_ANY);
    frame_free(4 * MIB, 0);
    frame_free(4 * MIB + PAGE, 0);
    CHECK_EQ(take(1, FRAME_ANY), 4 * MIB);
    CHECK_EQ(frame_count(FRAME_FREE), 0);
}

/* The cache does not grow without end. */
static void test_cache_is_bounded(void)
{
    START(UINT64_MAX, {4 * MIB, 16 * MIB, MEMMAP_AVAILABLE});
    for (int i = 0; i < 3072; i++)
        take(0, FRAME_ANY);
    for (uint64_t pa = 4 * MIB; pa < 16 * MIB; pa += PAGE) {
        frame_free(pa, 0);
        CHECK(frame_cached(FRAME_ZONE_LOW) <= 256);
    }
    check_all_free();
}

static bool is_ours(paddr_t pa)
{
    return pa >= 4 * MIB && pa < 5 * MIB;
}

static bool is_nobodys(paddr_t pa)
{
    return pa != 4 * MIB;
}

/* Zeroed frames stay free: first for zeros, last for others, then merged. */
static void test_zeroed(void)
{
    paddr_t pa, zero[8];

    START(UINT64_MAX, {4 * MIB, 5 * MIB, MEMMAP_AVAILABLE});
    CHECK_EQ(frame_alloc_zeroed(FRAME_ANY, FRAME_USER, &pa), FRAME_UNDEFINED);
    frame_free(pa, 0);
    for (int i = 0; i < 8; i++) {
        CHECK(frame_zeroed_begin(&zero[i]));
        frame_zeroed_end(zero[i]);
        check_all_free();
    }
    CHECK_EQ(frame_zeroed(FRAME_ZONE_LOW), 8);
    CHECK(frame_zeroed_each(is_ours));
    CHECK(!frame_zeroed_each(is_nobodys));
    CHECK_EQ(frame_alloc_zeroed(FRAME_ANY, FRAME_FILE, &pa), FRAME_ZEROED);
    CHECK_EQ(pa, zero[7]);
    CHECK_EQ(frame_kind_of(pa), FRAME_FILE);
    frame_free(pa, 0);
    CHECK_EQ(frame_zeroed(FRAME_ZONE_LOW), 7);
    /* 249 frames are left that need not be zero. */
    for (int i = 0; i < 249; i++) {
        take(0, FRAME_ANY);
        CHECK_EQ(frame_zeroed(FRAME_ZONE_LOW), 7);
    }
    CHECK(!frame_zeroed_begin(&pa));
    for (int i = 6; i >= 0; i--)
        CHECK_EQ(take(0, FRAME_ANY), zero[i]);
    CHECK_EQ(frame_alloc_zeroed(FRAME_ANY, FRAME_USER, &pa), -ENOMEM);
    for (pa = 4 * MIB; pa < 5 * MIB; pa += PAGE)
        frame_free(pa, 0);
    while (frame_zeroed_begin(&pa))
        frame_zeroed_end(pa);
    CHECK_EQ(frame_zeroed(FRAME_ZONE_LOW), 256);
    CHECK_EQ(take(8, FRAME_ANY), 4 * MIB);
    CHECK_EQ(frame_zeroed(FRAME_ZONE_LOW), 0);
    CHECK_PANIC(frame_alloc_zeroed(FRAME_ANY, FRAME_FREE, &pa), "kind");
    CHECK_PANIC(frame_zeroed(FRAME_NZONES), "zone");
}

/* There is an end to them, and high ones come first. */
static void test_zeroed_bounded(void)
{
    unsigned n;
    paddr_t pa;

    START(5 * MIB, {4 * MIB, 16 * MIB, MEMMAP_AVAILABLE});
    for (n = 0; frame_zeroed_begin(&pa); n++)
        frame_zeroed_end(pa);
    CHECK_EQ(n, 1024);
    CHECK_EQ(frame_zeroed(FRAME_ZONE_HIGH), 1024);
    CHECK_EQ(frame_zeroed(FRAME_ZONE_LOW), 0);
    check_all_free();
}

static void test_refs(void)
{
    paddr_t pa;

    start_plain();
    pa = take(0, FRAME_ANY);
    CHECK_EQ(frame_get(pa), 2);
    CHECK_EQ(frame_get(pa), 3);
    CHECK_EQ(frame_refs(pa), 3);
    CHECK_EQ(frame_put(pa), 2);
    CHECK_PANIC(frame_free(pa, 0), "while shared");
    CHECK_EQ(frame_put(pa), 1);
    CHECK_EQ(frame_put(pa), 0);
    CHECK_EQ(frame_refs(pa), 0);
    check_all_free();
    pa = take(3, FRAME_LOW);
    CHECK_EQ(frame_get(pa), 2);
    CHECK_EQ(frame_put(pa), 1);
    CHECK_EQ(frame_put(pa), 0);
    check_all_free();
}

static void test_split(void)
{
    paddr_t pa;

    start_plain();
    pa = take(4, FRAME_ANY);
    frame_split(pa, 4);
    CHECK_STR(frame_check(), NULL);
    CHECK_EQ(frame_count(FRAME_USER), 16);
    for (unsigned i = 0; i < 16; i++) {
        CHECK_EQ(frame_refs(pa + i * PAGE), 1);
        CHECK_EQ(frame_put(pa + i * PAGE), 0);
    }
    check_all_free();
    pa = take(0, FRAME_ANY);
    frame_split(pa, 0);
    frame_free(pa, 0);
    check_all_free();
    pa = take(2, FRAME_ANY);
    CHECK_PANIC(frame_split(pa, 1), "with order 1: its order is 2");
    frame_get(pa);
    CHECK_PANIC(frame_split(pa, 2), "split while shared");
}

static void test_kinds(void)
{
    paddr_t pa;

    start_plain();
    pa = take(2, FRAME_ANY);
    frame_set_kind(pa, FRAME_PAGETABLE);
    CHECK_EQ(frame_count(FRAME_USER), 0);
    CHECK_EQ(frame_count(FRAME_PAGETABLE), 4);
    CHECK_EQ(frame_kind_of(pa + 3 * PAGE), FRAME_PAGETABLE);
    CHECK_STR(frame_check(), NULL);
    CHECK_PANIC(frame_set_kind(pa, FRAME_FREE), "kind");
    CHECK_PANIC(frame_set_kind(pa, FRAME_NKINDS), "kind");
    frame_free(pa, 2);
    CHECK_PANIC(frame_set_kind(pa, FRAME_FILE), "given a kind");
    CHECK_PANIC(frame_kind_of(20 * MIB), "no RAM");
    CHECK_PANIC(frame_count(FRAME_NKINDS), "kind");
    CHECK_PANIC(frame_free_blocks(FRAME_NZONES, 0), "zone");
    CHECK_PANIC(frame_free_blocks(FRAME_ZONE_LOW, 11), "order");
    CHECK_PANIC(frame_cached(FRAME_NZONES), "zone");
    for (unsigned kind = 0; kind < FRAME_NKINDS; kind++)
        CHECK(strlen(frame_kind_name(kind)) > 2);
    CHECK_STR(frame_kind_name(FRAME_NKINDS), "?");
}

/* The last reference that there can be. */
static void test_refs_full(void)
{
    START(UINT64_MAX, {MIB, 2 * MIB, MEMMAP_AVAILABLE});
    CHECK_EQ(take(8, FRAME_ANY), MIB);
    ((struct record *)((char *)metadata + 2 * 16))->refs = UINT32_MAX - 1;
    CHECK_EQ(frame_get(MIB), UINT32_MAX);
    CHECK_PANIC(frame_get(MIB), "0x100000 referenced too often");
    CHECK_EQ(frame_refs(MIB), UINT32_MAX);
    CHECK_EQ(frame_put(MIB), UINT32_MAX - 1);
}

/* Only RAM has records; what else the map lists has none. */
static void test_other_ranges(void)
{
    size_t nbytes;

    memmap_init(&map);
    memmap_add(&map, 0, 0x9FC00, 1);
    memmap_add(&map, 0xF0000, 0x10000, 2);
    memmap_add(&map, MIB, 4 * MIB, 1);
    memmap_add(&map, 2 * MIB, PAGE, 5);
    memmap_add(&map, 3 * MIB, MIB, 3);
    memmap_finish(&map);
    CHECK(memmap_limit(&map, 4 * MIB + 16 * PAGE) > 0);
    nbytes = frame_metadata_bytes(&map);
    free(metadata);
    metadata = malloc(nbytes);
    CHECK_EQ(frame_init(&map, metadata, nbytes, UINT64_MAX), 0);
    CHECK_EQ(frame_total(), 256 + 255 + 16);
    check_all_free();
    CHECK(!frame_is_ram(0x9000) && !frame_is_ram(2 * MIB));
    CHECK(!frame_is_ram(3 * MIB) && !frame_is_ram(4 * MIB + 16 * PAGE));
}

/* A module's frames come back one by one. */
static void test_modules(void)
{
    START(UINT64_MAX, {4 * MIB, 5 * MIB, MEMMAP_MODULE},
          {5 * MIB, 6 * MIB, MEMMAP_AVAILABLE});
    CHECK_EQ(frame_count(FRAME_FILE), 256);
    for (uint64_t pa = 4 * MIB; pa < 5 * MIB; pa += 2 * PAGE)
        frame_free(pa, 0);
    for (uint64_t pa = 4 * MIB + PAGE; pa < 5 * MIB; pa += 2 * PAGE)
        CHECK_EQ(frame_put(pa), 0);
    check_all_free();
    CHECK_EQ(take(9, FRAME_ANY), 4 * MIB);
}

static void test_misuse(void)
{
    paddr_t pa;
    paddr_t block;

    START(UINT64_MAX, {MIB, 2 * MIB, MEMMAP_KERNEL},
          {2 * MIB, 3 * MIB, MEMMAP_FRAMES},
          {3 * MIB, 8 * MIB, MEMMAP_AVAILABLE});
    pa = take(0, FRAME_ANY);
    block = take(3, FRAME_ANY);
    frame_free(pa, 0);
    CHECK_PANIC(frame_free(pa, 0), "freed: kind free, free");
    CHECK_PANIC(frame_put(pa), "dropped: kind free, free");
    CHECK_PANIC(frame_get(pa), "referenced: kind free");
    CHECK_PANIC(frame_free(7 * MIB, 10), "0x700000 freed");
    CHECK_PANIC(frame_free(block, 2), "with order 2: its order is 3");
    CHECK_PANIC(frame_free(block, 4), "with order 4: its order is 3");
    CHECK_PANIC(frame_free(block, 100), "with order 100");
    CHECK_PANIC(frame_free(block + PAGE, 3), "inside a block");
    CHECK_PANIC(frame_free(block + PAGE, 0), "inside a block");
    CHECK_PANIC(frame_get(block + PAGE), "inside a block");
    CHECK_PANIC(frame_free(block + 1, 3), "not aligned");
    CHECK_PANIC(frame_put(block + PAGE - 1), "not aligned");
    CHECK_PANIC(frame_free(0, 0), "0x0 freed: no RAM");
    CHECK_PANIC(frame_free(8 * MIB, 0), "0x800000 freed: no RAM");
    CHECK_PANIC(frame_free(UINT64_MAX - PAGE + 1, 0), "no RAM");
    CHECK_PANIC(frame_free((UINT64_C(1) << 44) + block, 3), "no RAM");
    CHECK_PANIC(frame_free(MIB, 0), "freed for good");
    CHECK_PANIC(frame_put(2 * MIB), "dropped for good");
    CHECK_EQ(frame_get(MIB), 2);
    CHECK_EQ(frame_put(MIB), 1);
    CHECK_STR(frame_check(), NULL);
    frame_free(block, 3);
    CHECK_EQ(frame_count(FRAME_FREE), 5 * 256);
    CHECK_STR(frame_check(), NULL);
}

/* ---- Walking ----------------------------------------------------------- */

static void test_walk(void)
{
    struct frame_info info;
    paddr_t cursor = 0;
    uint64_t at;
    size_t kinds[FRAME_NKINDS] = {0};
    size_t n = 0;

    START(6 * MIB, {MIB, 2 * MIB, MEMMAP_KERNEL},
          {2 * MIB, 3 * MIB, MEMMAP_MODULE},
          {4 * MIB, 8 * MIB, MEMMAP_AVAILABLE});
    take(3, FRAME_ANY);
    take(0, FRAME_LOW);
    frame_get(take(1, FRAME_LOW));
    at = 0;
    while (frame_next(&cursor, &info)) {
        CHECK(info.pa >= at);
        CHECK_EQ(info.pa & ((PAGE << info.order) - 1), 0);
        at = info.pa + (PAGE << info.order);
        CHECK_EQ(cursor, at);
        CHECK_EQ(info.refs, frame_refs(info.pa));
        CHECK_EQ(info.kind, frame_kind_of(info.pa));
        CHECK_EQ(info.zone,
                 info.pa < 6 * MIB ? FRAME_ZONE_LOW : FRAME_ZONE_HIGH);
        kinds[info.kind] += 1u << info.order;
        n += info.order == 3 && info.kind == FRAME_USER;
    }
    CHECK_EQ(n, 1);
    for (unsigned kind = 0; kind < FRAME_NKINDS; kind++)
        CHECK_EQ(kinds[kind], frame_count(kind));
    /* From the middle of a page, of a block, of a hole. */
    cursor = MIB + 1;
    CHECK(frame_next(&cursor, &info));
    CHECK_EQ(info.pa, MIB + PAGE);
    cursor = take(1, FRAME_LOW) + PAGE;
    at = cursor + PAGE;
    CHECK(frame_next(&cursor, &info));
    CHECK_EQ(info.pa, at);
    cursor = 3 * MIB;
    CHECK(frame_next(&cursor, &info));
    CHECK_EQ(info.pa, 4 * MIB);
    cursor = 8 * MIB;
    CHECK(!frame_next(&cursor, &info));
    cursor = UINT64_MAX;
    CHECK(!frame_next(&cursor, &info));
}

static void test_free_blocks(void)
{
    START(8 * MIB, {4 * MIB, 8 * MIB, MEMMAP_AVAILABLE},
          {8 * MIB + PAGE, 12 * MIB, MEMMAP_AVAILABLE});
    CHECK_EQ(frame_free_blocks(FRAME_ZONE_LOW, 10), 1);
    for (unsigned order = 0; order < 10; order++) {
        CHECK_EQ(frame_free_blocks(FRAME_ZONE_LOW, order), 0);
        CHECK_EQ(frame_free_blocks(FRAME_ZONE_HIGH, order), 1);
    }
    CHECK_EQ(frame_free_blocks(FRAME_ZONE_HIGH, 10), 0);
}

/* ---- Against a model --------------------------------------------------- */

#define MODEL_MAX 16384

/* What the model knows of one frame; 0 is free. */
struct model_frame {
    uint64_t pa;
    unsigned region; /* frames of one region follow each other */
    bool low;
    bool zero;      /* zeroed, and nobody's since */
    uint32_t block; /* 0: free, else 1 + the number of its block */
};

struct model_block {
    paddr_t pa;
    unsigned order;
    uint32_t refs; /* 0: unused */
    enum frame_kind kind;
};

static struct model_frame mframes[MODEL_MAX];
static struct model_block mblocks[MODEL_MAX];
static size_t nmframes;
static size_t nmblocks;

/* Takes over the map as it is: every module frame is a block. */
static void model_start(uint64_t low_limit)
{
    struct memmap_range range;
    uint64_t last = 0;
    unsigned region = 0;

    nmframes = 0;
    nmblocks = 0;
    for (unsigned i = 0; memmap_next(&map, &i, &range);) {
        if (!memmap_kind_is_ram(range.kind))
            continue;
        for (uint64_t pa = range.start; pa < range.end; pa += PAGE) {
            if (pa != last || pa == (low_limit & ~(uint64_t)(PAGE - 1)))
                region++;
            last = pa + PAGE;
            mframes[nmframes] =
                (struct model_frame){pa, region, pa + PAGE <= low_limit, false,
                                     0};
            if (range.kind == MEMMAP_MODULE) {
                mblocks[nmblocks++] =
                    (struct model_block){pa, 0, 1, FRAME_FILE};
                mframes[nmframes].block = (uint32_t)nmblocks;
            } else if (range.kind != MEMMAP_AVAILABLE) {
                mframes[nmframes].block = UINT32_MAX;
            }
            nmframes++;
        }
    }
}

static size_t model_index(paddr_t pa)
{
    size_t low = 0;
    size_t high = nmframes;

    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (mframes[middle].pa <= pa)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Whether the block of frames from number i on is free and in one region. */
static bool model_fits(size_t i, unsigned order)
{
    size_t n = (size_t)1 << order;

    if (mframes[i].pa & ((PAGE << order) - 1) || i + n > nmframes)
        return false;
    for (size_t k = 0; k < n; k++) {
        if (mframes[i + k].block != 0 ||
            mframes[i + k].region != mframes[i].region)
            return false;
    }
    return true;
}

/* Whether a zone has a free block of this order. */
static bool model_can(unsigned order, bool low)
{
    for (size_t i = 0; i < nmframes; i++) {
        if (mframes[i].low == low && model_fits(i, order))
            return true;
    }
    return false;
}

static void model_mark(paddr_t pa, unsigned order, uint32_t block)
{
    size_t i = model_index(pa);

    for (size_t k = 0; k < (size_t)1 << order; k++) {
        mframes[i + k].block = block;
        mframes[i + k].zero = false;
    }
}

/* Somebody has time for one frame. */
static void model_zero(void)
{
    size_t low = frame_zeroed(FRAME_ZONE_LOW);
    size_t high = frame_zeroed(FRAME_ZONE_HIGH);
    bool wants_high = frame_free_high() > 0;
    bool is_left =
        wants_high ? frame_free_high() > high : frame_free_low() > low;
    paddr_t pa;

    CHECK(low <= 1024 && high <= 1024);
    if (!frame_zeroed_begin(&pa)) {
        CHECK(!is_left || (wants_high ? high : low) == 1024);
        return;
    }
    CHECK_EQ(mframes[model_index(pa)].low, !wants_high);
    CHECK_EQ(mframes[model_index(pa)].block, 0);
    mframes[model_index(pa)].zero = true;
    frame_zeroed_end(pa);
    CHECK_EQ(frame_zeroed(FRAME_ZONE_LOW), low + !wants_high);
    CHECK_EQ(frame_zeroed(FRAME_ZONE_HIGH), high + wants_high);
}

/* A frame that should be zero: those that are come first. */
static void model_alloc_zeroed(void)
{
    bool from_high = frame_free_high() > 0;
    size_t nzeroed = frame_zeroed(from_high ? FRAME_ZONE_HIGH : FRAME_ZONE_LOW);
    paddr_t pa;
    int result = frame_alloc_zeroed(FRAME_ANY, FRAME_USER, &pa);

    if (frame_free_high() + frame_free_low() == 0 && result < 0) {
        CHECK_EQ(result, -ENOMEM);
        return;
    }
    CHECK_EQ(result, nzeroed > 0 ? FRAME_ZEROED : FRAME_UNDEFINED);
    CHECK_EQ(mframes[model_index(pa)].low, !from_high);
    CHECK_EQ(mframes[model_index(pa)].block, 0);
    CHECK(result != FRAME_ZEROED || mframes[model_index(pa)].zero);
    mblocks[nmblocks++] = (struct model_block){pa, 0, 1, FRAME_USER};
    model_mark(pa, 0, (uint32_t)nmblocks);
}

static void model_alloc(void)
{
    unsigned order =
        tap_random(&state) % 3 == 0 ? (unsigned)(tap_random(&state) % 12) : 0;
    unsigned flags = tap_random(&state) % 2 ? FRAME_LOW : FRAME_ANY;
    enum frame_kind kind =
        (enum frame_kind)(1 + tap_random(&state) % (FRAME_NKINDS - 1));
    bool high_can =
        order <= 10 && flags == FRAME_ANY && model_can(order, false);
    bool low_can = order <= 10 && !high_can && model_can(order, true);
    paddr_t pa;
    int result = frame_alloc(order, flags, kind, &pa);

    if (!CHECK_EQ(result, high_can || low_can ? 0 : -ENOMEM) || result != 0)
        return;
    CHECK(model_fits(model_index(pa), order));
    CHECK_EQ(mframes[model_index(pa)].low, !high_can);
    CHECK_EQ(mframes[model_index(pa)].pa, pa);
    mblocks[nmblocks++] = (struct model_block){pa, order, 1, kind};
    model_mark(pa, order, (uint32_t)nmblocks);
}

/* Forgets block number i by moving the last one into its place. */
static void model_forget(size_t i)
{
    model_mark(mblocks[i].pa, mblocks[i].order, 0);
    nmblocks--;
    if (i == nmblocks)
        return;
    mblocks[i] = mblocks[nmblocks];
    model_mark(mblocks[i].pa, mblocks[i].order, (uint32_t)i + 1);
}

static void model_drop(size_t i)
{
    struct model_block *block = &mblocks[i];

    if (block->refs == 1 && tap_random(&state) % 2 == 0)
        frame_free(block->pa, block->order);
    else
        CHECK_EQ(frame_put(block->pa), block->refs - 1);
    if (--block->refs == 0)
        model_forget(i);
}

static void model_split(size_t i)
{
    struct model_block block = mblocks[i];

    if (block.refs != 1 || nmblocks + 1024 > MODEL_MAX)
        return;
    frame_split(block.pa, block.order);
    model_forget(i);
    for (unsigned k = 0; k < 1u << block.order; k++) {
        mblocks[nmblocks++] =
            (struct model_block){block.pa + k * PAGE, 0, 1, block.kind};
        model_mark(block.pa + k * PAGE, 0, (uint32_t)nmblocks);
    }
}

static void model_step(unsigned percent_alloc)
{
    uint64_t r = tap_random(&state);
    size_t i;

    if (tap_random(&state) % 4 == 0)
        model_zero();
    if (nmblocks == 0 || r % 100 < percent_alloc) {
        if (tap_random(&state) % 4 == 0)
            model_alloc_zeroed();
        else
            model_alloc();
        return;
    }
    i = r / 100 % nmblocks;
    switch (tap_random(&state) % 16) {
    case 0:
        CHECK_EQ(frame_get(mblocks[i].pa), ++mblocks[i].refs);
        break;
    case 1:
        mblocks[i].kind = (enum frame_kind)(1 + r / 100000 % 4);
        frame_set_kind(mblocks[i].pa, mblocks[i].kind);
        break;
    case 2:
        model_split(i);
        break;
    default:
        model_drop(i);
    }
}

/* Compares everything that can be seen with the model. */
static void model_compare(void)
{
    size_t counts[FRAME_NKINDS] = {0};
    size_t nfree[2] = {0};

    CHECK_STR(frame_check(), NULL);
    for (size_t i = 0; i < nmframes; i++) {
        uint32_t block = mframes[i].block;
        enum frame_kind kind = block == 0            ? FRAME_FREE
                               : block == UINT32_MAX ? FRAME_KERNEL
                                                     : mblocks[block - 1].kind;
        counts[kind]++;
        nfree[mframes[i].low] += block == 0;
        CHECK_EQ(frame_kind_of(mframes[i].pa), kind);
    }
    for (unsigned kind = 0; kind < FRAME_NKINDS; kind++)
        CHECK_EQ(frame_count(kind), counts[kind]);
    CHECK_EQ(frame_free_low(), nfree[1]);
    CHECK_EQ(frame_free_high(), nfree[0]);
    for (size_t i = 0; i < nmblocks; i++)
        CHECK_EQ(frame_refs(mblocks[i].pa), mblocks[i].refs);
}

/* Fills up, drains, and wavers in between; at the end all is given back. */
static void model_run(uint64_t low_limit, unsigned long nsteps)
{
    model_start(low_limit);
    for (unsigned long step = 0; step < nsteps && !tap_failed(); step++) {
        unsigned percent = step / 500 % 3 == 0   ? 75
                           : step / 500 % 3 == 1 ? 50
                                                 : 25;
        if (nmblocks + 1 < MODEL_MAX)
            model_step(percent);
        if (step % 100 == 0)
            model_compare();
    }
    model_compare();
    while (nmblocks > 0 && !tap_failed())
        model_drop(nmblocks - 1);
    model_compare();
}

static void test_model_one(void)
{
    state = tap_seed(31);
    START(UINT64_MAX, {MIB, 16 * MIB, MEMMAP_AVAILABLE});
    model_run(UINT64_MAX, tap_repeats(15000));
}

static void test_model_two_zones(void)
{
    state = tap_seed(32);
    START(7 * MIB + 5 * PAGE, {MIB, 2 * MIB, MEMMAP_KERNEL},
          {2 * MIB, 16 * MIB, MEMMAP_AVAILABLE});
    model_run(7 * MIB + 5 * PAGE, tap_repeats(15000));
}

static void test_model_regions(void)
{
    state = tap_seed(33);
    START(GIB, {MIB, MIB + 3 * PAGE, MEMMAP_AVAILABLE},
          {MIB + 5 * PAGE, 2 * MIB - PAGE, MEMMAP_AVAILABLE},
          {3 * MIB + PAGE, 5 * MIB + PAGE, MEMMAP_AVAILABLE},
          {5 * MIB + PAGE, 6 * MIB, MEMMAP_MODULE},
          {7 * MIB, 7 * MIB + PAGE, MEMMAP_AVAILABLE},
          {GIB - MIB, GIB + MIB, MEMMAP_AVAILABLE},
          {4 * GIB - 8 * PAGE, 4 * GIB + 9 * PAGE, MEMMAP_AVAILABLE},
          {64 * GIB - 4 * MIB, 64 * GIB, MEMMAP_AVAILABLE});
    model_run(GIB, tap_repeats(15000));
}

/* Maps made at random, a few steps on each. */
static void test_model_maps(void)
{
    struct piece pieces[24];
    uint64_t limit;
    size_t n;

    state = tap_seed(34);
    for (unsigned long i = 0; i < tap_repeats(200) && !tap_failed(); i++) {
        uint64_t at = MIB + tap_random(&state) % 64 * PAGE;
        n = 1 + tap_random(&state) % 24;
        for (size_t k = 0; k < n; k++) {
            uint64_t r = tap_random(&state);
            pieces[k].start = at;
            pieces[k].end = at + (1 + r % (r / 64 % 4 ? 40 : 1500)) * PAGE;
            pieces[k].kind = r / 4096 % 4 == 0
                                 ? MEMMAP_AVAILABLE + r / 65536 % 4
                                 : MEMMAP_AVAILABLE;
            at = pieces[k].end + (r >> 32) % 3 * PAGE;
            if (pieces[k].end > 30 * MIB)
                n = k + 1;
        }
        limit = tap_random(&state) % (at + MIB);
        start(pieces, n, limit);
        model_run(limit, 400);
    }
}

/* ---- Damage ------------------------------------------------------------ */

/* The record of a frame of the damage test's only range of RAM. */
static struct record *record_of(paddr_t pa)
{
    return (struct record *)((char *)metadata + 2 * 16) + (pa - MIB) / PAGE;
}

static const char *wanted;

static void expect(const char *what, struct record *record, struct record sane)
{
    const char *broken = frame_check();

    if (broken == NULL)
        tap_fail(__FILE__, __LINE__, "not found: %s", what);
    else if (wanted != NULL && strstr(broken, wanted) == NULL)
        tap_fail(__FILE__, __LINE__, "%s: \"%s\"", what, broken);
    *record = sane;
    CHECK_STR(frame_check(), NULL);
}

#define DAMAGE(where, field, value, message)                  \
    do {                                                      \
        struct record *record = record_of(where);             \
        struct record sane = *record;                         \
        record->field = (value);                              \
        wanted = (message);                                   \
        expect(#where " " #field " = " #value, record, sane); \
    } while (0)

/* The first listed free block of an order, and the one behind it. */
static paddr_t listed(unsigned order, bool with_next)
{
    struct frame_info info;
    paddr_t cursor = 0;

    while (frame_next(&cursor, &info)) {
        if (info.kind == FRAME_FREE && info.order == order &&
            record_of(info.pa)->state == 3 &&
            (record_of(info.pa)->next != UINT32_MAX) == with_next)
            return info.pa;
    }
    return 0;
}

/* The bottom of the stack of cached frames. */
static paddr_t last_cached(void)
{
    struct frame_info info;
    paddr_t cursor = 0;

    while (frame_next(&cursor, &info)) {
        if (record_of(info.pa)->state == 4 &&
            record_of(info.pa)->next == UINT32_MAX)
            return info.pa;
    }
    return 0;
}

static void test_damage(void)
{
    paddr_t user;
    paddr_t odd;
    paddr_t block;
    paddr_t cached;
    paddr_t zeroed;
    paddr_t first;
    paddr_t last;

    START(UINT64_MAX, {MIB, 33 * MIB, MEMMAP_AVAILABLE});
    user = take(0, FRAME_ANY);
    odd = take(0, FRAME_ANY);
    block = take(3, FRAME_ANY);
    cached = take(0, FRAME_ANY);
    CHECK_EQ(odd, user + PAGE);
    CHECK_EQ(cached, odd + PAGE);
    CHECK(frame_zeroed_begin(&zeroed));
    frame_zeroed_end(zeroed);
    frame_free(cached, 0);
    first = listed(10, true);
    last = listed(10, false);
    CHECK(first != 0 && last != 0);
    DAMAGE(user, kind, FRAME_FREE, "kind is wrong");
    DAMAGE(user, kind, FRAME_NKINDS, "kind is wrong");
    DAMAGE(user, kind, FRAME_FILE, "miscounted");
    DAMAGE(user, refs, 0, "no references");
    DAMAGE(user, state, 0, "no block");
    DAMAGE(user, state, 9, "no block");
    DAMAGE(user, order, 1, NULL);
    DAMAGE(user, order, 11, "too large");
    DAMAGE(odd, order, 1, "aligned");
    DAMAGE(last_cached(), next, (uint32_t)((cached - MIB) / PAGE), "too long");
    DAMAGE(last_cached(), next, 0, "too long");
    DAMAGE(block, order, 4, NULL);
    DAMAGE(block, order, 2, NULL);
    DAMAGE(block + PAGE, refs, 1, "tail");
    DAMAGE(block + PAGE, kind, FRAME_FILE, "tail");
    DAMAGE(block + PAGE, state, 1, "tail");
    DAMAGE(cached, order, 1, "not single");
    DAMAGE(cached, refs, 1, "another kind");
    DAMAGE(cached, kind, FRAME_USER, "another kind");
    DAMAGE(cached, next, UINT32_MAX, "stack");
    DAMAGE(cached, next, 3000000, "stack");
    DAMAGE(cached, next, 0, "stack");
    DAMAGE(zeroed, order, 1, "not single");
    DAMAGE(zeroed, next, 3000000, "stack");
    DAMAGE(zeroed, next, 0, "stack");
    DAMAGE(zeroed, state, 4, "miscounted");
    DAMAGE(first, next, UINT32_MAX, "list");
    DAMAGE(first, next, 0, "list");
    DAMAGE(first, next, UINT32_MAX - 1, "list");
    DAMAGE(last, prev, 0, "list");
    DAMAGE(last, prev, UINT32_MAX, "list");
    DAMAGE(first, kind, FRAME_USER, "another kind");
    DAMAGE(first, refs, 3, "another kind");
    DAMAGE(first, order, 9, NULL);
    DAMAGE(first, state, 4, NULL);
    DAMAGE(first, state, 0, NULL);
    DAMAGE(33 * MIB - PAGE, state, 1, NULL);
}

/* The check must find `field` wrong by one, and nothing when it is mended. */
#define MISCOUNT(field, message)                                        \
    do {                                                                \
        const char *broken;                                             \
        (field)++;                                                      \
        broken = frame_check();                                         \
        CHECK(broken != NULL);                                          \
        if (broken != NULL && strstr(broken, (message)) == NULL)        \
            tap_fail(__FILE__, __LINE__, "%s: \"%s\"", #field, broken); \
        (field)--;                                                      \
        CHECK_STR(frame_check(), NULL);                                 \
    } while (0)

static void test_miscounts(void)
{
    struct zone *zone = &frame_zones[FRAME_ZONE_LOW];
    paddr_t pa;

    START(UINT64_MAX, {MIB, 9 * MIB, MEMMAP_AVAILABLE});
    CHECK(frame_zeroed_begin(&pa));
    frame_zeroed_end(pa);
    MISCOUNT(zone->nfree, "free frames");
    MISCOUNT(zone->ncached, "cached frames");
    MISCOUNT(zone->nzeroed, "zeroed frames");
    MISCOUNT(zone->nblocks[3], "free blocks");
    MISCOUNT(frame_ntotal, "total");
    MISCOUNT(frame_counts[FRAME_USER], "of a kind");
    zone->nonempty ^= 1u << 10;
    CHECK(frame_check() != NULL);
    zone->nonempty ^= 1u << 10;
    CHECK_STR(frame_check(), NULL);
}

/* Two free buddies side by side: what the lists must never hold. */
static void test_unmerged(void)
{
    struct record *record;
    struct record sane[2];

    START(UINT64_MAX, {4 * MIB, 8 * MIB, MEMMAP_AVAILABLE});
    record = (struct record *)((char *)metadata + 2 * 16);
    sane[0] = record[0];
    sane[1] = record[512];
    record[0].order = 9;
    record[512] = record[0];
    record[512].prev = 0;
    record[0].next = 512;
    CHECK(frame_check() != NULL);
    record[0] = sane[0];
    record[512] = sane[1];
    CHECK_STR(frame_check(), NULL);
    /* A ring: the walk must end, and complain. */
    record[0].next = 0;
    CHECK(frame_check() != NULL);
    record[0].prev = 0;
    CHECK(frame_check() != NULL);
}

int main(void)
{
    tap_run("setting up", test_init);
    tap_run("setting up without RAM or room", test_init_errors);
    tap_run("the size of the metadata", test_metadata_bytes);
    tap_run("every low limit", test_low_limits);
    tap_run("taking all, giving all back", test_take_all);
    tap_run("low frames only", test_low_only);
    tap_run("every order", test_orders);
    tap_run("no block is large enough", test_no_block);
    tap_run("the cache hides no memory", test_cache_is_no_loss);
    tap_run("the cache is bounded", test_cache_is_bounded);
    tap_run("zeroed frames", test_zeroed);
    tap_run("zeroed frames are bounded", test_zeroed_bounded);
    tap_run("references", test_refs);
    tap_run("splitting", test_split);
    tap_run("kinds", test_kinds);
    tap_run("references up to 2^32 - 1", test_refs_full);
    tap_run("ranges that are no RAM", test_other_ranges);
    tap_run("modules come back", test_modules);
    tap_run("misuse panics", test_misuse);
    tap_run("walking all blocks", test_walk);
    tap_run("free blocks per order", test_free_blocks);
    tap_run("a model: one region", test_model_one);
    tap_run("a model: two zones", test_model_two_zones);
    tap_run("a model: many regions", test_model_regions);
    tap_run("a model: random maps", test_model_maps);
    tap_run("the check finds damage in every field", test_damage);
    tap_run("the check finds wrong counts", test_miscounts);
    tap_run("the check finds free buddies and rings", test_unmerged);
    free(metadata);
    return tap_done();
}
