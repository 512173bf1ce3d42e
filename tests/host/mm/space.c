/*
 * Address spaces call by call: results, contents, charges, and that an error
 * changes nothing. The model test (model.c) mixes them.
 */
#include <cairn/errno.h>

#include "arch/i386/pmap.h"
#include "machine.h"
#include "mm/commit.h"
#include "tap.h"

#define RW   (PROT_READ | PROT_WRITE)
#define ALL  (PROT_READ | PROT_WRITE | PROT_EXEC)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define K    1024u
#define M    (1024u * K)
#define P    PAGE_SIZE

static struct space *s;
static struct machine_state before;

/* A test starts and ends with nothing; what it did must be undone. */
static void start(void)
{
    machine_read(&before);
    CHECK_EQ(space_create(&s), 0);
    space_set_mmap_top(s, 0xB0000000);
    space_activate(s);
}

static void check_all(void)
{
    CHECK_STR(machine_check(&s, 1), NULL);
}

static void finish(void)
{
    check_all();
    space_put(s);
    s = NULL;
    CHECK(space_current() == NULL);
    CHECK_STR(machine_check(NULL, 0), NULL);
    machine_check_same(&before);
}

/* mmap that must succeed. */
static vaddr_t map(vaddr_t addr, size_t nbytes, unsigned prot, unsigned flags)
{
    vaddr_t at = 0;

    CHECK_EQ(space_map(s, addr, nbytes, prot, flags, NULL, 0, ALL, &at), 0);
    check_all();
    return at;
}

/* mmap of any result: the address or the error. */
static long try_map(vaddr_t addr, size_t nbytes, unsigned prot, unsigned flags)
{
    vaddr_t at;
    int err = space_map(s, addr, nbytes, prot, flags, NULL, 0, ALL, &at);

    check_all();
    return err != 0 ? err : (long)at;
}

static struct space_stats stats(void)
{
    struct space_stats now;

    space_read_stats(s, &now);
    return now;
}

/* User frames that could still be promised. */
static size_t room(void)
{
    struct commit_state state;

    commit_read(&state);
    return state.limit - state.charged;
}

static void test_heap(void)
{
    vaddr_t old = 0;

    start();
    space_set_heap(s, 0x8000123);
    CHECK_EQ(space_break(s), 0x8001000);
    CHECK_EQ(space_move_break(s, 0, &old), 0);
    CHECK_EQ(old, 0x8001000);
    CHECK_EQ(space_move_break(s, 1, &old), 0);
    CHECK_EQ(stats().mapped, 1);
    CHECK_EQ(stats().charged, 1);
    CHECK_EQ(machine_poke(s, 0x8001000, 7), 0);
    CHECK_EQ(machine_poke(s, 0x8001FFF, 8), 0);
    CHECK_EQ(machine_poke(s, 0x8002000, 9), -EFAULT);
    CHECK_EQ(machine_poke(s, 0x8000FFF, 9), -EFAULT);
    for (int i = 0; i < 100; i++)
        CHECK_EQ(space_move_break(s, P, &old), 0);
    CHECK_EQ(stats().nareas, 1);
    CHECK_EQ(stats().mapped, 101);
    CHECK_EQ(machine_poke(s, 0x8001000 + 100 * P, 1), 0);
    CHECK_EQ(space_move_break(s, -100 * (int)P, &old), 0);
    CHECK_EQ(old, 0x8001001 + 100 * P);
    CHECK_EQ(stats().resident, 1);
    CHECK_EQ(machine_peek(s, 0x8001000, 7), 0);
    CHECK_EQ(machine_peek(s, 0x8002000, 0), -EFAULT);
    /* What comes back is zero; the page that stayed keeps its bytes. */
    CHECK_EQ(space_move_break(s, 100 * P, &old), 0);
    CHECK_EQ(machine_peek(s, 0x8001000 + 100 * P, 0), 0);
    CHECK_EQ(machine_peek(s, 0x8001FFF, 8), 0);
    CHECK_EQ(space_set_break(s, 0x8001000), 0);
    CHECK_EQ(stats().mapped, 0);
    CHECK_EQ(stats().charged_low, PMAP_NDIRS);
    check_all();
    finish();
}

static void test_heap_limits(void)
{
    vaddr_t old = 99, at;

    start();
    space_set_heap(s, 0x8000000);
    CHECK_EQ(space_move_break(s, -1, &old), -ENOMEM);
    CHECK_EQ(space_move_break(s, INT32_MIN, &old), -ENOMEM);
    CHECK_EQ(space_set_break(s, 0x7FFFFFF), -ENOMEM);
    CHECK_EQ(space_set_break(s, 0), -ENOMEM);
    CHECK_EQ(space_set_break(s, 0xFFFFFFFF), -ENOMEM);
    CHECK_EQ(space_move_break(s, INT32_MAX, &old), -ENOMEM);
    CHECK_EQ(old, 99);
    CHECK_EQ(space_break(s), 0x8000000);
    /* A mapping in the way, with one page between. */
    at = map(0x8010000, P, RW, ANON | MAP_FIXED);
    CHECK_EQ(space_set_break(s, at), -ENOMEM);
    CHECK_EQ(space_set_break(s, at - P + 1), -ENOMEM);
    CHECK_EQ(space_set_break(s, at + 5 * P), -ENOMEM);
    CHECK_EQ(space_set_break(s, at - P), 0);
    CHECK_EQ(space_set_break(s, at - P + 1), -ENOMEM);
    CHECK_EQ(space_break(s), at - P);
    /* One that lies over the end of the heap itself. */
    CHECK_EQ(space_unmap(s, at, P), 0);
    map(at - 2 * P, 2 * P, PROT_READ, ANON | MAP_FIXED);
    CHECK_EQ(space_set_break(s, at), -ENOMEM);
    CHECK_EQ(space_set_break(s, 0x8000000), 0);
    CHECK_EQ(stats().nareas, 1);
    finish();
}

static void test_data_limit(void)
{
    start();
    space_set_heap(s, 0x8000000);
    space_limits(s)->data = 10 * P + 5;
    CHECK_EQ(space_set_break(s, 0x8000000 + 10 * P), 0);
    CHECK_EQ(space_set_break(s, 0x8000001 + 10 * P), -ENOMEM);
    CHECK_EQ(space_break(s), 0x8000000 + 10 * P);
    CHECK_EQ(try_map(0, P, RW, ANON), -ENOMEM);
    map(0xA0000000, 4 * P, PROT_READ, ANON | MAP_FIXED);
    CHECK_EQ(space_protect(s, 0xA0000000, P, RW), -ENOMEM);
    CHECK_EQ(stats().nareas, 2);
    CHECK_EQ(space_set_break(s, 0x8000000 + 9 * P), 0);
    CHECK_EQ(space_protect(s, 0xA0000000, P, RW), 0);
    CHECK_EQ(space_protect(s, 0xA0000000, 2 * P, RW), -ENOMEM);
    /* Replacing data by data needs no more of it. */
    map(0xA0000000, P, RW, ANON | MAP_FIXED);
    CHECK_EQ(try_map(0xA0000000, 2 * P, RW, ANON | MAP_FIXED), -ENOMEM);
    finish();
}

static void test_as_limit(void)
{
    vaddr_t at;

    start();
    space_limits(s)->as = 4 * P;
    at = map(0, 4 * P, PROT_NONE, ANON);
    CHECK_EQ(try_map(0, P, PROT_NONE, ANON), -ENOMEM);
    map(at, 2 * P, RW, ANON | MAP_FIXED);
    CHECK_EQ(try_map(at + 3 * P, 2 * P, RW, ANON | MAP_FIXED), -ENOMEM);
    CHECK_EQ(space_remap(s, at, 2 * P, 3 * P, MREMAP_MAYMOVE, 0, &at), -ENOMEM);
    finish();
}

static void test_bad_maps(void)
{
    start();
    CHECK_EQ(try_map(0, 0, RW, ANON), -EINVAL);
    CHECK_EQ(try_map(0, P, RW, MAP_ANONYMOUS), -EINVAL);
    CHECK_EQ(try_map(1, P, RW, ANON | MAP_FIXED), -EINVAL);
    CHECK_EQ(try_map(0, P, RW, ANON | MAP_FIXED), -ENOMEM);
    CHECK_EQ(try_map(0xF000, P, RW, ANON | MAP_FIXED), -ENOMEM);
    CHECK_EQ(try_map(0xC0000000, P, RW, ANON | MAP_FIXED), -ENOMEM);
    CHECK_EQ(try_map(0xBFFFF000, 2 * P, RW, ANON | MAP_FIXED), -ENOMEM);
    CHECK_EQ(try_map(0xFFFFF000, P, RW, ANON | MAP_FIXED), -ENOMEM);
    CHECK_EQ(try_map(0, 0xC0000001, PROT_NONE, ANON), -ENOMEM);
    CHECK_EQ(try_map(0, 0xFFFFFFFF, PROT_NONE, ANON), -ENOMEM);
    CHECK_EQ(try_map(0, 0xB0000000, PROT_NONE, ANON), -ENOMEM);
    CHECK_EQ(try_map(0, P, RW, ANON | MAP_GROWSDOWN), -EINVAL);
    CHECK_EQ(stats().nareas, 0);
    CHECK_EQ(map(0x10000, P, RW, ANON | MAP_FIXED), 0x10000);
    CHECK_EQ(map(0xBFFFF000, P, RW, ANON | MAP_FIXED), 0xBFFFF000);
    CHECK_EQ(try_map(0x10000, P, RW, ANON | MAP_FIXED_NOREPLACE), -EEXIST);
    CHECK_EQ(try_map(0x11000, P, RW, ANON | MAP_FIXED_NOREPLACE), 0x11000);
    finish();
}

/* Where a mapping without address goes: high, into the highest gap. */
static void test_placement(void)
{
    vaddr_t a, b, c;

    start();
    a = map(0, P, PROT_READ, ANON);
    CHECK_EQ(a, 0xB0000000 - P);
    b = map(0, 3 * P, RW, ANON);
    CHECK_EQ(b, a - 3 * P);
    c = map(0, P, PROT_NONE, ANON);
    CHECK_EQ(c, b - P);
    CHECK_EQ(space_unmap(s, b + P, P), 0);
    CHECK_EQ(map(0, 2 * P, ALL, ANON), c - 2 * P);
    CHECK_EQ(map(0, P, ALL, ANON), b + P);
    /* A hint that is free is taken, rounded down; others are ignored. */
    CHECK_EQ(map(0x30000123, P, RW, ANON), 0x30000000);
    CHECK_EQ(map(0x30000000, P, PROT_READ, ANON), c - 3 * P);
    CHECK_EQ(map(0xFFFFF000, P, PROT_NONE, ANON), c - 4 * P);
    CHECK_EQ(map(0x1000, P, PROT_READ, ANON), c - 5 * P);
    finish();
}

/* All gaps are found: fill the space with pages of alternating protection. */
static void test_gaps(void)
{
    const unsigned n = 2000;
    uint64_t random = tap_seed(3);

    start();
    for (unsigned i = 0; i < n; i++)
        map(0, P, i & 1 ? PROT_NONE : PROT_READ, ANON);
    CHECK_EQ(stats().nareas, n);
    for (unsigned i = 0; i < n; i++) {
        vaddr_t va = 0xB0000000 - (1 + tap_random(&random) % n) * P;

        CHECK_EQ(space_unmap(s, va, P), 0);
        CHECK_EQ(map(0, P, ALL, ANON), va);
        CHECK_EQ(space_unmap(s, va, P), 0);
        map(0, P, i & 1 ? PROT_NONE : PROT_READ, ANON);
    }
    finish();
}

static void test_joining(void)
{
    vaddr_t at;

    start();
    at = map(0x20000000, P, RW, ANON | MAP_FIXED);
    map(at + 2 * P, P, RW, ANON | MAP_FIXED);
    CHECK_EQ(stats().nareas, 2);
    map(at + P, P, RW, ANON | MAP_FIXED);
    CHECK_EQ(stats().nareas, 1);
    map(at - P, P, RW, ANON | MAP_FIXED);
    map(at + 3 * P, P, RW, ANON | MAP_FIXED);
    CHECK_EQ(stats().nareas, 1);
    CHECK_EQ(space_protect(s, at + P, P, PROT_READ), 0);
    CHECK_EQ(stats().nareas, 3);
    check_all();
    CHECK_EQ(space_protect(s, at - P, 5 * P, PROT_READ), 0);
    CHECK_EQ(stats().nareas, 1);
    check_all();
    CHECK_EQ(space_protect(s, at, P, RW), 0);
    CHECK_EQ(space_protect(s, at + 2 * P, P, RW), 0);
    CHECK_EQ(stats().nareas, 5);
    CHECK_EQ(space_protect(s, at + P, P, RW), 0);
    CHECK_EQ(stats().nareas, 3);
    CHECK_EQ(space_unmap(s, at + P, P), 0);
    CHECK_EQ(stats().nareas, 4);
    finish();
}

static void test_protection(void)
{
    vaddr_t at;
    uint8_t *byte;

    start();
    at = map(0, 4 * P, RW, ANON);
    CHECK_EQ(machine_poke(s, at, 1), 0);
    CHECK_EQ(machine_touch(s, at, FAULT_EXEC, &byte), -EACCES);
    CHECK_EQ(space_protect(s, at, P, PROT_READ), 0);
    CHECK_EQ(machine_peek(s, at, 1), 0);
    CHECK_EQ(machine_poke(s, at, 2), -EACCES);
    CHECK_EQ(space_protect(s, at, P, PROT_NONE), 0);
    CHECK_EQ(machine_peek(s, at, 1), -EACCES);
    CHECK_EQ(stats().resident, 1);
    CHECK_EQ(space_protect(s, at, P, PROT_READ | PROT_EXEC), 0);
    CHECK_EQ(machine_touch(s, at, FAULT_EXEC, &byte), 0);
    CHECK_EQ(machine_poke(s, at, 2), -EACCES);
    CHECK_EQ(space_protect(s, at, P, PROT_WRITE), 0);
    CHECK_EQ(machine_poke(s, at, 2), 0);
    CHECK_EQ(machine_peek(s, at, 2), 0);
    CHECK_EQ(space_protect(s, at, P, ALL), 0);
    CHECK_EQ(machine_poke(s, at, 3), 0);
    CHECK_EQ(machine_touch(s, at, FAULT_EXEC, &byte), 0);
    /* Errors. */
    CHECK_EQ(space_protect(s, at + 1, P, RW), -EINVAL);
    CHECK_EQ(space_protect(s, at, 0, RW), 0);
    CHECK_EQ(space_protect(s, at, P, 8), -EINVAL);
    CHECK_EQ(space_protect(s, at, 5 * P, PROT_READ), -ENOMEM);
    CHECK_EQ(space_protect(s, at - P, 2 * P, PROT_READ), -ENOMEM);
    CHECK_EQ(space_protect(s, 0xC0000000, P, RW), -ENOMEM);
    CHECK_EQ(space_protect(s, at, 0xFFFFF000, RW), -ENOMEM);
    CHECK_EQ(machine_poke(s, at, 4), 0);
    CHECK_EQ(machine_peek(s, 0xC0000000, 0), -EFAULT);
    CHECK_EQ(machine_peek(s, 0xFFFFFFFF, 0), -EFAULT);
    CHECK_EQ(machine_peek(s, 0, 0), -EFAULT);
    finish();
}

/* Promises: exactly what is promised is charged, and given back. */
static void test_commit(void)
{
    vaddr_t at;
    size_t free_pages;

    start();
    at = map(0, 8 * P, PROT_NONE, ANON);
    CHECK_EQ(stats().charged, 0);
    CHECK_EQ(stats().charged_low, PMAP_NDIRS + 1);
    CHECK_EQ(space_protect(s, at, 2 * P, PROT_READ), 0);
    CHECK_EQ(machine_peek(s, at, 0), 0);
    CHECK_EQ(machine_poke(s, at, 0), -EACCES);
    CHECK_EQ(stats().charged, 0);
    CHECK_EQ(space_protect(s, at + P, 3 * P, RW), 0);
    CHECK_EQ(stats().charged, 3);
    CHECK_EQ(machine_poke(s, at + P, 5), 0);
    CHECK_EQ(space_protect(s, at + P, 3 * P, PROT_NONE), 0);
    CHECK_EQ(stats().charged, 3);
    map(at + P, P, PROT_NONE, ANON | MAP_FIXED);
    CHECK_EQ(stats().charged, 2);
    CHECK_EQ(space_unmap(s, at, 8 * P), 0);
    CHECK_EQ(stats().charged, 0);
    CHECK_EQ(stats().charged_low, PMAP_NDIRS);
    check_all();

    /* All there is: one page more is refused, and every page is there. */
    map(0x20000000, 4 * M, PROT_NONE, ANON | MAP_FIXED);
    map(0x20400000, 32 * M, PROT_NONE, ANON | MAP_FIXED);
    free_pages = room();
    CHECK_EQ(space_protect(s, 0x20000000, (free_pages + 1) * P, RW), -ENOMEM);
    CHECK_EQ(stats().charged, 0);
    CHECK_EQ(space_protect(s, 0x20000000, (free_pages - 1) * P, RW), 0);
    /* The last frame goes into a page table. */
    CHECK_EQ(try_map(0x40000000, P, PROT_READ, ANON | MAP_FIXED), 0x40000000);
    CHECK_EQ(try_map(0x40001000, P, RW, ANON | MAP_FIXED), -ENOMEM);
    CHECK_EQ(try_map(0x50000000, P, PROT_READ, ANON | MAP_FIXED), -ENOMEM);
    CHECK_EQ(space_set_break(s, space_break(s) + 1), -ENOMEM);
    for (size_t i = 0; i + 1 < free_pages; i++)
        if (!CHECK_EQ(machine_poke(s, 0x20000000 + i * P, 1), 0))
            break;
    CHECK_EQ(space_unmap(s, 0x20000000, 0x30000000), 0);
    check_all();
    finish();
}

/* Page tables are charged by 2 MiB slots, shared ones once. */
static void test_slots(void)
{
    size_t base = PMAP_NDIRS;

    start();
    map(0x20000000, P, RW, ANON | MAP_FIXED);
    CHECK_EQ(stats().charged_low, base + 1);
    map(0x20100000, P, RW, ANON | MAP_FIXED);
    map(0x201FF000, P, RW, ANON | MAP_FIXED);
    CHECK_EQ(stats().charged_low, base + 1);
    map(0x201FF000, 2 * P, RW, ANON | MAP_FIXED);
    CHECK_EQ(stats().charged_low, base + 2);
    map(0x20080000, 8 * M, PROT_NONE, ANON | MAP_FIXED);
    CHECK_EQ(stats().charged_low, base + 5);
    CHECK_EQ(space_unmap(s, 0x20100000, 6 * M), 0);
    check_all();
    CHECK_EQ(stats().charged_low, base + 3);
    CHECK_EQ(space_unmap(s, 0x20000000, 4 * M), 0);
    CHECK_EQ(stats().charged_low, base + 2);
    CHECK_EQ(space_unmap(s, 0x20000000, 16 * M), 0);
    CHECK_EQ(stats().charged_low, base);
    finish();
}

static void test_noreserve(void)
{
    const unsigned flags = ANON | MAP_NORESERVE;
    vaddr_t at;
    size_t n = 0;
    int err;

    start();
    at = map(0, 64 * M, RW, flags);
    CHECK_EQ(stats().charged, 0);
    CHECK_EQ(machine_peek(s, at, 0), 0);
    CHECK_EQ(stats().charged, 0);
    CHECK_EQ(machine_poke(s, at, 1), 0);
    CHECK_EQ(machine_poke(s, at + P, 2), 0);
    CHECK_EQ(stats().charged, 2);
    CHECK_EQ(space_advise(s, at, P, MADV_DONTNEED), 0);
    CHECK_EQ(stats().charged, 1);
    check_all();
    CHECK_EQ(machine_peek(s, at, 0), 0);
    CHECK_EQ(machine_peek(s, at + P, 2), 0);
    CHECK_EQ(space_remap(s, at, 2 * P, 2 * P, MREMAP_MAYMOVE | MREMAP_FIXED,
                         0x20000000, &at),
             0);
    check_all();
    CHECK_EQ(stats().charged, 1);
    CHECK_EQ(machine_peek(s, at + P, 2), 0);
    CHECK_EQ(space_unmap(s, at, 2 * P), 0);
    CHECK_EQ(stats().charged, 0);
    at = map(0x30000000, 64 * M, RW, flags | MAP_FIXED);
    while ((err = machine_poke(s, at + n * P, 1)) == 0)
        n++;
    CHECK_EQ(err, -ENOBUFS);
    CHECK_EQ(stats().charged, n);
    CHECK_EQ(room(), 0);
    check_all();
    finish();
}

static void test_stack(void)
{
    const vaddr_t top = 0xBFF00000;
    vaddr_t below;

    start();
    space_limits(s)->stack = 1 * M;
    CHECK_EQ(space_map_stack(s, top, RW), 0);
    CHECK_EQ(stats().stack, 16);
    CHECK_EQ(stats().charged, 16);
    CHECK_EQ(stats().data, 0);
    CHECK_EQ(machine_poke(s, top - 1, 1), 0);
    CHECK_EQ(machine_poke(s, top, 1), -EFAULT);
    CHECK_EQ(machine_poke(s, top - 65 * K, 1), 0);
    CHECK_EQ(stats().charged, 17);
    CHECK_EQ(machine_poke(s, top - M, 2), 0);
    CHECK_EQ(stats().stack, 256);
    CHECK_EQ(machine_poke(s, top - M - 1, 2), -EFAULT);
    CHECK_EQ(stats().nareas, 1);
    check_all();
    /* What lies below keeps it at a distance. */
    space_limits(s)->stack = 8 * M;
    below = map(top - 4 * M, P, RW, ANON | MAP_FIXED);
    CHECK_EQ(machine_poke(s, below + P + SPACE_STACK_GAP, 1), 0);
    CHECK_EQ(machine_poke(s, below + P + SPACE_STACK_GAP - 1, 1), -EFAULT);
    /* Too little memory is the stack's one late refusal. */
    CHECK_EQ(space_unmap(s, below, P), 0);
    space_limits(s)->stack = 64 * M;
    CHECK_EQ(machine_poke(s, top - 32 * M, 1), -ENOMEM);
    CHECK_EQ(machine_poke(s, top - 4 * M, 1), 0);
    /* A hint does not lead into its gap. */
    CHECK(map(top - 4 * M - P, P, RW, ANON) < 0xB0000000);
    /* Another one is refused where something is, or nothing may be. */
    CHECK_EQ(space_map_stack(s, top, RW), -EEXIST);
    CHECK_EQ(space_map_stack(s, top - 2 * P, RW), -EEXIST);
    CHECK_EQ(space_map_stack(s, top - P + 1, RW), -EINVAL);
    CHECK_EQ(space_map_stack(s, 0x11000, RW), -EINVAL);
    CHECK_EQ(space_map_stack(s, 0xC0001000, RW), -EINVAL);
    space_limits(s)->as = 4 * M + 10 * P;
    CHECK_EQ(space_map_stack(s, 0x20000000, RW), -ENOMEM);
    CHECK_EQ(machine_poke(s, top - 5 * M, 1), -ENOMEM);
    check_all();
    finish();
}

static void test_files(void)
{
    struct mobject *file;
    vaddr_t at, ro;

    start();
    file = machine_file(8, 100);
    CHECK_EQ(space_map(s, 0, 10 * P, RW, MAP_PRIVATE, file, 1, ALL, &at), 0);
    CHECK_EQ(space_map(s, 0, 8 * P, PROT_READ, MAP_SHARED, file, 0, PROT_READ,
                       &ro),
             0);
    CHECK_EQ(stats().charged, 10);
    CHECK_EQ(machine_peek(s, at, 101), 0);
    CHECK_EQ(machine_peek(s, ro + P, 101), 0);
    CHECK_EQ(machine_poke(s, at, 1), 0);
    CHECK_EQ(machine_poke(s, at + P, 2), 0);
    CHECK_EQ(machine_peek(s, at + 1, 101), 0);
    CHECK_EQ(machine_peek(s, ro + P, 101), 0);
    CHECK_EQ(machine_peek(s, ro + 2 * P, 102), 0);
    CHECK_EQ(machine_peek(s, at + 6 * P, 107), 0);
    CHECK_EQ(machine_peek(s, at + 7 * P, 0), -ENXIO);
    CHECK_EQ(machine_poke(s, at + 7 * P, 0), -ENXIO);
    CHECK_EQ(machine_poke(s, ro, 0), -EACCES);
    CHECK_EQ(space_protect(s, ro, P, RW), -EACCES);
    check_all();
    /* Parts of it in another order do not join; in order they do. */
    CHECK_EQ(space_unmap(s, at + 3 * P, P), 0);
    CHECK_EQ(stats().nareas, 3);
    CHECK_EQ(space_map(s, at + 3 * P, P, RW, MAP_PRIVATE | MAP_FIXED, file, 5,
                       ALL, &at),
             0);
    CHECK_EQ(stats().nareas, 4);
    at -= 3 * P;
    CHECK_EQ(space_map(s, at + 3 * P, P, RW, MAP_PRIVATE | MAP_FIXED, file, 4,
                       ALL, &at),
             0);
    CHECK_EQ(stats().nareas, 2);
    at -= 3 * P;
    CHECK_EQ(machine_peek(s, at + 3 * P, 104), 0);
    check_all();
    /* Throwing private pages away shows the file again. */
    CHECK_EQ(space_advise(s, at, P, MADV_DONTNEED), 0);
    CHECK_EQ(machine_peek(s, at, 101), 0);
    CHECK_EQ(space_advise(s, at, P, MADV_FREE), -EINVAL);
    mobject_put(file);
    CHECK_EQ(machine_nfiles, 1);
    CHECK_EQ(space_unmap(s, at, 10 * P), 0);
    CHECK_EQ(machine_nfiles, 1);
    CHECK_EQ(space_unmap(s, ro, 8 * P), 0);
    CHECK_EQ(machine_nfiles, 0);
    finish();
}

/* exec writes into pages that the program may not write. */
static void test_forced_writes(void)
{
    struct mobject *file;
    char text[6] = "";
    vaddr_t at;

    start();
    file = machine_file(2, 7);
    CHECK_EQ(space_map(s, 0, 2 * P, PROT_READ, MAP_PRIVATE, file, 0, ALL, &at),
             0);
    CHECK_EQ(space_write(s, at + P - 3, "hello", 6, false), -EFAULT);
    CHECK_EQ(space_write(s, at + P - 3, "hello", 6, true), 0);
    CHECK_EQ(stats().charged, 2);
    check_all();
    CHECK_EQ(space_read(s, at + P - 3, text, 6), 0);
    CHECK_STR(text, "hello");
    CHECK_EQ(machine_peek(s, at + P - 4, 7), 0);
    CHECK_EQ(space_zero(s, at + 100, P, true), 0);
    CHECK_EQ(machine_peek(s, at + 99, 7), 0);
    CHECK_EQ(machine_peek(s, at + P + 99, 0), 0);
    CHECK_EQ(machine_peek(s, at + P + 100, 8), 0);
    CHECK_EQ(machine_poke(s, at, 1), -EACCES);
    /* Made writable, the pages already paid for are not paid for again. */
    CHECK_EQ(space_protect(s, at, 2 * P, RW), 0);
    CHECK_EQ(stats().charged, 2);
    check_all();
    CHECK_EQ(space_read(s, at + 2 * P - 1, text, 2), -EFAULT);
    CHECK_EQ(space_write(s, 0xFFFFFFFF, text, 1, true), -EFAULT);
    CHECK_EQ(space_write(s, 0, text, 1, true), -EFAULT);
    mobject_put(file);
    finish();
}

static void test_shared_anonymous(void)
{
    struct space *child, *both[2];
    vaddr_t at;
    size_t free_pages;

    start();
    free_pages = room();
    at = map(0, 2000 * P, RW, MAP_SHARED | MAP_ANONYMOUS);
    CHECK(free_pages - room() >= 2000);
    CHECK_EQ(stats().charged, 0);
    CHECK_EQ(machine_poke(s, at, 1), 0);
    CHECK_EQ(space_fork(s, &child), 0);
    CHECK_EQ(machine_poke(child, at + 1999 * P, 2), 0);
    CHECK_EQ(machine_peek(s, at + 1999 * P, 2), 0);
    CHECK_EQ(machine_poke(s, at, 3), 0);
    CHECK_EQ(machine_peek(child, at, 3), 0);
    both[0] = s;
    both[1] = child;
    CHECK_STR(machine_check(both, 2), NULL);
    CHECK_EQ(space_advise(s, at, P, MADV_DONTNEED), 0);
    CHECK_EQ(machine_peek(s, at, 3), 0);
    space_put(child);
    CHECK_EQ(machine_peek(s, at + 1999 * P, 2), 0);
    CHECK_EQ(space_remap(s, at, 0, P, MREMAP_MAYMOVE, 0, &at), 0);
    CHECK_EQ(machine_peek(s, at, 3), 0);
    check_all();
    finish();
}

static void test_fork(void)
{
    struct space *child, *both[2];
    vaddr_t at;
    uint8_t *a, *b;

    start();
    at = map(0, 4 * P, RW, ANON);
    map(0x20000000, 4 * P, RW, ANON | MAP_NORESERVE | MAP_FIXED);
    map(0x30000000, 4 * P, PROT_READ, ANON | MAP_FIXED);
    space_set_heap(s, 0x8000000);
    CHECK_EQ(space_set_break(s, 0x8000000 + 3 * P), 0);
    CHECK_EQ(space_map_stack(s, 0xBFF00000, RW), 0);
    CHECK_EQ(machine_poke(s, at, 1), 0);
    CHECK_EQ(machine_poke(s, 0x20000000, 2), 0);
    CHECK_EQ(machine_peek(s, 0x30000000, 0), 0);
    CHECK_EQ(machine_poke(s, 0xBFEFFFFF, 4), 0);
    CHECK_EQ(space_fork(s, &child), 0);
    both[0] = s;
    both[1] = child;
    CHECK_STR(machine_check(both, 2), NULL);
    CHECK_EQ(machine_touch(s, at, FAULT_READ, &a), 0);
    CHECK_EQ(machine_touch(child, at, FAULT_READ, &b), 0);
    CHECK(a == b);
    CHECK_EQ(machine_poke(child, at, 9), 0);
    CHECK_EQ(machine_peek(s, at, 1), 0);
    CHECK_EQ(machine_peek(child, at, 9), 0);
    CHECK_EQ(machine_poke(s, at, 1), 0);
    CHECK_EQ(machine_touch(s, at, FAULT_READ, &b), 0);
    CHECK(a == b); /* the last owner keeps the frame */
    CHECK_EQ(machine_poke(s, 0x20000000, 7), 0);
    CHECK_EQ(machine_peek(child, 0x20000000, 2), 0);
    CHECK_EQ(machine_poke(child, 0xBFEFFFFE, 5), 0);
    CHECK_EQ(machine_peek(s, 0xBFEFFFFE, 0), 0);
    CHECK_EQ(space_break(child), space_break(s));
    CHECK_STR(machine_check(both, 2), NULL);
    space_put(child);
    finish();
}

static size_t free_frames(void)
{
    return frame_free_low() + frame_free_high();
}

/* A fork costs tables, not pages; each side then pays for what it writes. */
static void test_fork_shares_tables(void)
{
    const unsigned n = 1024; /* pages in two slots */
    struct space *child, *both[2];
    size_t before_fork;

    start();
    map(0x20000000, n * P, RW, ANON | MAP_FIXED);
    map(0x30000000, P, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED);
    for (vaddr_t i = 0; i < n; i++)
        CHECK_EQ(machine_poke(s, 0x20000000 + i * P, (uint8_t)i), 0);
    CHECK_EQ(machine_poke(s, 0x30000000, 1), 0);
    before_fork = free_frames();
    CHECK_EQ(space_fork(s, &child), 0);
    both[0] = s;
    both[1] = child;
    CHECK(before_fork - free_frames() <= PMAP_NDIRS + 2);
    CHECK_STR(machine_check(both, 2), NULL);

    /* Reading shares on; one write makes one table and one page. */
    before_fork = free_frames();
    for (vaddr_t i = 0; i < n; i++)
        CHECK_EQ(machine_peek(child, 0x20000000 + i * P, (uint8_t)i), 0);
    CHECK_EQ(free_frames(), before_fork);
    CHECK_EQ(machine_poke(child, 0x20000000, 99), 0);
    CHECK_EQ(before_fork - free_frames(), 2);
    CHECK_EQ(machine_poke(s, 0x20000000, 98), 0);
    CHECK_EQ(before_fork - free_frames(), 2);
    CHECK_EQ(machine_peek(child, 0x20000000, 99), 0);
    CHECK_STR(machine_check(both, 2), NULL);

    /* Letting go of a whole table leaves it; of a part makes one. */
    CHECK_EQ(space_unmap(child, 0x20200000, 2 * M), 0);
    CHECK_EQ(machine_peek(s, 0x20200000, 0), 0);
    CHECK_STR(machine_check(both, 2), NULL);
    CHECK_EQ(machine_poke(child, 0x30000000, 2), 0);
    CHECK_EQ(machine_peek(s, 0x30000000, 2), 0);
    CHECK_EQ(space_unmap(s, 0x20300000, 1 * M), 0);
    CHECK_STR(machine_check(both, 2), NULL);

    /* The last holder keeps it. */
    space_put(child);
    check_all();
    for (vaddr_t i = 1; i < 768; i++)
        CHECK_EQ(machine_poke(s, 0x20000000 + i * P, 5), 0);
    finish();
}

/* The charges of a child are all taken again, or nothing happens. */
static void test_fork_refused(void)
{
    struct space *child = NULL;
    vaddr_t at;

    start();
    at = map(0, 8 * M, RW, ANON);
    CHECK_EQ(machine_poke(s, at, 1), 0);
    map(0, 2 * M, RW, ANON);
    CHECK_EQ(space_fork(s, &child), -ENOMEM);
    CHECK(child == NULL);
    check_all();
    CHECK_EQ(machine_poke(s, at, 2), 0);
    finish();
}

static void test_remap(void)
{
    vaddr_t a, b, at;

    start();
    a = map(0x20000000, 4 * P, RW, ANON | MAP_FIXED);
    CHECK_EQ(machine_poke(s, a, 1), 0);
    CHECK_EQ(machine_poke(s, a + 3 * P, 4), 0);
    CHECK_EQ(space_remap(s, a, 4 * P, 8 * P, 0, 0, &at), 0);
    CHECK_EQ(at, a);
    CHECK_EQ(stats().nareas, 1);
    CHECK_EQ(stats().charged, 8);
    CHECK_EQ(space_remap(s, a, 8 * P, 4 * P, 0, 0, &at), 0);
    CHECK_EQ(stats().charged, 4);
    map(a + 5 * P, P, PROT_READ, ANON | MAP_FIXED);
    CHECK_EQ(space_remap(s, a, 4 * P, 5 * P, 0, 0, &at), 0);
    CHECK_EQ(space_remap(s, a, 5 * P, 6 * P, 0, 0, &at), -ENOMEM);
    CHECK_EQ(space_remap(s, a, 5 * P, 6 * P, MREMAP_MAYMOVE, 0, &b), 0);
    check_all();
    CHECK_EQ(machine_peek(s, b, 1), 0);
    CHECK_EQ(machine_peek(s, b + 3 * P, 4), 0);
    CHECK_EQ(machine_peek(s, b + 5 * P, 0), 0);
    CHECK_EQ(machine_peek(s, a, 1), -EFAULT);
    CHECK_EQ(stats().charged, 6);
    /* The middle of an area, onto a part of itself and of another. */
    CHECK_EQ(machine_poke(s, b + P, 2), 0);
    CHECK_EQ(space_remap(s, b + P, P, P, MREMAP_MAYMOVE | MREMAP_FIXED,
                         b + 4 * P, &at),
             0);
    CHECK_EQ(at, b + 4 * P);
    check_all();
    CHECK_EQ(machine_peek(s, b + 4 * P, 2), 0);
    CHECK_EQ(machine_peek(s, b + P, 2), -EFAULT);
    CHECK_EQ(stats().charged, 5);
    CHECK_EQ(space_remap(s, b, P, 2 * P, MREMAP_MAYMOVE | MREMAP_FIXED,
                         a + 5 * P, &at),
             0);
    check_all();
    CHECK_EQ(machine_peek(s, a + 5 * P, 1), 0);
    CHECK_EQ(machine_poke(s, a + 6 * P, 1), 0);
    /* Moved and shrunk at once; moved and left behind empty. */
    CHECK_EQ(space_remap(s, b + 2 * P, 3 * P, 2 * P,
                         MREMAP_MAYMOVE | MREMAP_FIXED, 0x30000000, &at),
             0);
    check_all();
    CHECK_EQ(machine_peek(s, at + P, 4), 0);
    CHECK_EQ(machine_peek(s, at + 2 * P, 0), -EFAULT);
    CHECK_EQ(space_remap(s, at, 2 * P, 2 * P, MREMAP_MAYMOVE | MREMAP_DONTUNMAP,
                         0, &b),
             0);
    check_all();
    CHECK_EQ(machine_peek(s, b + P, 4), 0);
    CHECK_EQ(machine_peek(s, at + P, 0), 0);
    finish();
}

/* Growing and moving count what is given up, and no more than that. */
static void test_remap_limits(void)
{
    const unsigned fixed = MREMAP_MAYMOVE | MREMAP_FIXED;
    const unsigned again = MREMAP_MAYMOVE | MREMAP_DONTUNMAP;
    vaddr_t a, b, at;

    start();
    a = map(0x20000000, 2 * P, RW, ANON | MAP_FIXED);
    space_limits(s)->as = 3 * P;
    CHECK_EQ(space_remap(s, a, 2 * P, 4 * P, 0, 0, &at), -ENOMEM);
    CHECK_EQ(stats().charged, 2);
    CHECK_EQ(space_remap(s, a, 2 * P, 3 * P, 0, 0, &at), 0);
    CHECK_EQ(space_remap(s, a, 3 * P, 3 * P, fixed, 0x30000000, &b), 0);
    CHECK_EQ(space_remap(s, b, 3 * P, 4 * P, fixed, a, &at), -ENOMEM);
    CHECK_EQ(space_remap(s, b, 3 * P, 3 * P, again, 0, &at), -ENOMEM);
    CHECK_EQ(space_remap(s, b, 3 * P, 2 * P, fixed, a, &at), 0);
    CHECK_EQ(stats().charged, 2);
    finish();

    start();
    a = map(0x20000000, 2 * P, RW, ANON | MAP_FIXED);
    b = map(0x30000000, 2 * P, PROT_READ, ANON | MAP_FIXED);
    space_limits(s)->data = 2 * P;
    CHECK_EQ(space_remap(s, a, 2 * P, 3 * P, 0, 0, &at), -ENOMEM);
    /* No more pages than before, but more of them data. */
    CHECK_EQ(space_remap(s, a, 2 * P, 4 * P, fixed, b, &at), -ENOMEM);
    CHECK_EQ(stats().nareas, 2);
    CHECK_EQ(space_remap(s, a, 2 * P, 2 * P, fixed, b, &at), 0);
    CHECK_EQ(stats().nareas, 1);
    check_all();
    finish();
}

static void test_bad_remaps(void)
{
    const unsigned fixed = MREMAP_MAYMOVE | MREMAP_FIXED;
    vaddr_t a, at;

    start();
    a = map(0x20000000, 4 * P, RW, ANON | MAP_FIXED);
    map(a + 4 * P, P, PROT_READ, ANON | MAP_FIXED);
    CHECK_EQ(space_remap(s, a + 1, P, P, 0, 0, &at), -EINVAL);
    CHECK_EQ(space_remap(s, a, P, 0, 0, 0, &at), -EINVAL);
    CHECK_EQ(space_remap(s, a, P, P, 8, 0, &at), -EINVAL);
    CHECK_EQ(space_remap(s, a, P, P, MREMAP_FIXED, a + 8 * P, &at), -EINVAL);
    CHECK_EQ(space_remap(s, a, P, P, MREMAP_DONTUNMAP, 0, &at), -EINVAL);
    CHECK_EQ(space_remap(s, a, P, P, fixed, a + 1, &at), -EINVAL);
    CHECK_EQ(space_remap(s, a, 2 * P, 2 * P, fixed, a + P, &at), -EINVAL);
    CHECK_EQ(space_remap(s, a, P, P, fixed, 0, &at), -EINVAL);
    CHECK_EQ(space_remap(s, a, P, P, fixed, 0xC0000000, &at), -EINVAL);
    CHECK_EQ(space_remap(s, a, P, 2 * P, fixed, 0xBFFFF000, &at), -EINVAL);
    CHECK_EQ(space_remap(s, a - P, P, 2 * P, 0, 0, &at), -EFAULT);
    CHECK_EQ(space_remap(s, a, 5 * P, 6 * P, MREMAP_MAYMOVE, 0, &at), -EFAULT);
    CHECK_EQ(space_remap(s, a, 0, P, MREMAP_MAYMOVE, 0, &at), -EINVAL);
    CHECK_EQ(space_remap(s, a, P, 0xC0001000, MREMAP_MAYMOVE, 0, &at), -ENOMEM);
    CHECK_EQ(space_remap(s, a, 4 * P, 64 * M, MREMAP_MAYMOVE, 0, &at), -ENOMEM);
    CHECK_EQ(space_remap(s, 0xC0000000, P, 2 * P, 0, 0, &at), -EFAULT);
    CHECK_EQ(space_remap(s, a, 0xFFFFFFFF, P, 0, 0, &at), -EFAULT);
    CHECK_EQ(stats().nareas, 2);
    CHECK_EQ(stats().charged, 4);
    finish();
}

static void test_unmap(void)
{
    vaddr_t a;

    start();
    a = map(0x20000000, 8 * P, RW, ANON | MAP_FIXED);
    CHECK_EQ(space_unmap(s, a + 1, P), -EINVAL);
    CHECK_EQ(space_unmap(s, a, 0), -EINVAL);
    CHECK_EQ(space_unmap(s, a, 0xFFFFFFFF), -EINVAL);
    CHECK_EQ(space_unmap(s, 0xC0000000, P), -EINVAL);
    CHECK_EQ(space_unmap(s, a + 16 * P, P), 0);
    CHECK_EQ(space_unmap(s, a + 3 * P, 1), 0);
    CHECK_EQ(stats().nareas, 2);
    CHECK_EQ(stats().mapped, 7);
    CHECK_EQ(space_unmap(s, 0, 0xC0000000), 0);
    CHECK_EQ(stats().nareas, 0);
    finish();
}

static void test_advise(void)
{
    uint8_t vec[5];
    vaddr_t a;

    start();
    a = map(0x20000000, 4 * P, RW, ANON | MAP_FIXED);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(machine_poke(s, a + (vaddr_t)i * P, 1), 0);
    CHECK_EQ(space_advise(s, a + P, 2 * P, MADV_DONTNEED), 0);
    CHECK_EQ(space_resident(s, a, 4, vec), 0);
    CHECK_EQ(vec[0], 1);
    CHECK_EQ(vec[1], 0);
    CHECK_EQ(vec[3], 1);
    CHECK_EQ(machine_peek(s, a + P, 0), 0);
    CHECK_EQ(stats().charged, 4);
    CHECK_EQ(space_advise(s, a, P, MADV_FREE), 0);
    CHECK_EQ(machine_peek(s, a, 0), 0);
    CHECK_EQ(space_advise(s, a, P, MADV_WILLNEED), 0);
    CHECK_EQ(space_advise(s, a, P, 12345), -EINVAL);
    CHECK_EQ(space_advise(s, a + 1, P, MADV_NORMAL), -EINVAL);
    CHECK_EQ(space_advise(s, a, 0, MADV_DONTNEED), 0);
    /* A hole is told, and the rest is done all the same, as in Linux. */
    CHECK_EQ(space_advise(s, a + 3 * P, 2 * P, MADV_DONTNEED), -ENOMEM);
    CHECK_EQ(machine_peek(s, a + 3 * P, 0), 0);
    CHECK_EQ(space_advise(s, a - P, 2 * P, MADV_NORMAL), -ENOMEM);
    CHECK_EQ(space_resident(s, a, 5, vec), -ENOMEM);
    CHECK_EQ(space_resident(s, a + 1, 1, vec), -EINVAL);
    CHECK_EQ(space_resident(s, a, SIZE_MAX, vec), -ENOMEM);
    CHECK_EQ(space_sync(s, a, 4 * P), 0);
    CHECK_EQ(space_sync(s, a, 5 * P), -ENOMEM);
    CHECK_EQ(space_sync(s, a + 1, P), -EINVAL);
    CHECK_EQ(space_sync(s, a, 0), 0);
    finish();
}

static void test_populate(void)
{
    vaddr_t a;

    start();
    a = map(0, 16 * P, RW, ANON | MAP_POPULATE);
    CHECK_EQ(stats().resident, 16);
    map(a, 16 * P, PROT_NONE, ANON | MAP_POPULATE | MAP_FIXED);
    CHECK_EQ(stats().resident, 0);
    finish();
}

static void test_find(void)
{
    struct area_info info;
    vaddr_t a;

    start();
    CHECK(!space_find(s, 0, &info));
    a = map(0x20000000, P, RW, ANON | MAP_NORESERVE | MAP_FIXED);
    space_set_heap(s, 0x8000000);
    CHECK_EQ(space_set_break(s, 0x8000001), 0);
    CHECK(space_find(s, 0, &info));
    CHECK(info.start == 0x8000000 && info.end == 0x8001000 && info.is_heap);
    CHECK(space_find(s, info.end, &info));
    CHECK(info.start == a && !info.is_heap && info.prot == RW);
    CHECK_EQ(info.flags, MAP_PRIVATE | MAP_NORESERVE);
    CHECK(!space_find(s, info.end, &info));
    finish();
}

/* An object that sleeps: the area it is asked for is gone when it wakes. */
static void unmap_meanwhile(void)
{
    machine_file_sleeps = NULL;
    CHECK_EQ(space_unmap(s, 0x20000000, P), 0);
}

static void replace_meanwhile(void)
{
    machine_file_sleeps = NULL;
    map(0x20000000, P, PROT_READ, ANON | MAP_FIXED);
}

static void test_changes_during_a_fault(void)
{
    struct mobject *file;
    vaddr_t at;

    start();
    file = machine_file(1, 50);
    CHECK_EQ(space_map(s, 0x20000000, P, RW, MAP_SHARED | MAP_FIXED, file, 0,
                       ALL, &at),
             0);
    mobject_put(file);
    machine_file_sleeps = unmap_meanwhile;
    CHECK_EQ(machine_peek(s, at, 50), -EFAULT);
    CHECK_EQ(machine_nfiles, 0);
    file = machine_file(1, 60);
    CHECK_EQ(space_map(s, 0x20000000, P, RW, MAP_PRIVATE | MAP_FIXED, file, 0,
                       ALL, &at),
             0);
    mobject_put(file);
    machine_file_sleeps = replace_meanwhile;
    CHECK_EQ(machine_poke(s, at, 1), -EACCES);
    CHECK_EQ(machine_peek(s, at, 0), 0);
    finish();
}

/* 10,000 areas: made, found, and let go of. */
static void test_many_areas(void)
{
    start();
    space_limits(s)->as = SPACE_UNLIMITED;
    for (unsigned i = 0; i < 10000; i++) {
        vaddr_t at = 0;

        CHECK_EQ(space_map(s, 0, P, i & 1 ? PROT_NONE : PROT_READ, ANON, NULL,
                           0, ALL, &at),
                 0);
        CHECK_EQ(at, 0xB0000000 - (i + 1) * P);
    }
    CHECK_EQ(stats().nareas, 10000);
    check_all();
    for (unsigned i = 0; i < 10000; i += 2)
        CHECK_EQ(space_unmap(s, 0xB0000000 - (i + 1) * P, P), 0);
    CHECK_EQ(stats().nareas, 5000);
    finish();
}

int main(void)
{
    machine_start();
    /* The frame of zeros comes with the first space and stays. */
    CHECK_EQ(space_create(&s), 0);
    space_put(s);
    tap_run("the break moves", test_heap);
    tap_run("the break's limits", test_heap_limits);
    tap_run("RLIMIT_DATA", test_data_limit);
    tap_run("RLIMIT_AS", test_as_limit);
    tap_run("mappings that are refused", test_bad_maps);
    tap_run("where mappings go", test_placement);
    tap_run("every gap is found", test_gaps);
    tap_run("equal neighbours are one area", test_joining);
    tap_run("protection", test_protection);
    tap_run("strict commit", test_commit);
    tap_run("page tables are charged by slots", test_slots);
    tap_run("MAP_NORESERVE", test_noreserve);
    tap_run("the stack grows", test_stack);
    tap_run("files", test_files);
    tap_run("forced writes", test_forced_writes);
    tap_run("shared anonymous memory", test_shared_anonymous);
    tap_run("fork", test_fork);
    tap_run("fork shares page tables", test_fork_shares_tables);
    tap_run("fork refused", test_fork_refused);
    tap_run("mremap", test_remap);
    tap_run("mremap at the limits", test_remap_limits);
    tap_run("mremap refused", test_bad_remaps);
    tap_run("munmap", test_unmap);
    tap_run("madvise, mincore, msync", test_advise);
    tap_run("MAP_POPULATE", test_populate);
    tap_run("areas can be looked up", test_find);
    tap_run("areas change during a fault", test_changes_during_a_fault);
    tap_run("10,000 areas", test_many_areas);
    return tap_done();
}
