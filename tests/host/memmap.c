/*
 * kernel/mm/memmap.c: maps of real machines and of broken loaders, each with
 * the table that must come out; the same maps shuffled; random maps against
 * the oracle; and the operations on a finished map.
 *
 * Raw entries are written TYPE:BASE+LENGTH, ranges that come out KSTART-END
 * with a letter K for the kind, all numbers in hexadecimal.
 */
#include <cairn/errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "memmap_oracle.h"
#include "tap.h"

#define MAX_ENTRIES 512

static const char letters[MEMMAP_NKINDS + 1] = "HAMFKLUTNRB";

struct map_case {
    const char *name;
    const char *raw;
    const char *sane;
};

static const struct map_case cases[] = {
#include "memmap_cases.h"
};

#define NCASES (sizeof(cases) / sizeof(cases[0]))

static struct raw_entry entries[MAX_ENTRIES];
static struct memmap map;

static size_t parse(const char *text)
{
    size_t n = 0;
    char *end;

    while (*text != '\0') {
        entries[n].type = (uint32_t)strtoul(text, &end, 16);
        entries[n].base = strtoull(end + 1, &end, 16);
        entries[n].length = strtoull(end + 1, &end, 16);
        text = *end == ' ' ? end + 1 : end;
        n++;
    }
    return n;
}

/* Writes the finished map as text. */
static const char *describe(void)
{
    static char text[16384];
    struct memmap_range range;
    size_t n = 0;

    text[0] = '\0';
    for (unsigned i = 0; memmap_next(&map, &i, &range);) {
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%c%llx-%llx",
                              n > 0 ? " " : "", letters[range.kind],
                              (unsigned long long)range.start,
                              (unsigned long long)range.end);
    }
    return text;
}

/* Adds all entries; an available one that wraps is the only error. */
static void build(size_t n)
{
    int want;

    memmap_init(&map);
    for (size_t i = 0; i < n; i++) {
        const struct raw_entry *e = &entries[i];
        want = e->type == 1 && e->length > 0 &&
                       e->length - 1 > UINT64_MAX - e->base
                   ? -EINVAL
                   : 0;
        CHECK_EQ(memmap_add(&map, e->base, e->length, e->type), want);
        CHECK_STR(memmap_check(&map), NULL);
    }
    memmap_finish(&map);
    CHECK_STR(memmap_check(&map), NULL);
}

/* Totals and walks must agree with each other. */
static void check_totals(void)
{
    struct memmap_range range;
    uint64_t totals[MEMMAP_NKINDS] = {0};
    uint64_t ram = 0;
    uint64_t all = 0;

    for (unsigned i = 0; memmap_next(&map, &i, &range);) {
        totals[range.kind] += range.end - range.start;
        if (memmap_kind_is_ram(range.kind))
            ram += range.end - range.start;
        all += range.end - range.start;
    }
    for (unsigned kind = MEMMAP_AVAILABLE; kind < MEMMAP_NKINDS; kind++)
        CHECK_EQ(memmap_total(&map, kind), totals[kind]);
    CHECK_EQ(memmap_total(&map, MEMMAP_HOLE), MEMMAP_TOP - all);
    CHECK_EQ(memmap_total_ram(&map), ram);
}

static void test_case(const struct map_case *c)
{
    size_t n = parse(c->raw);

    tap_begin();
    build(n);
    CHECK_STR(describe(), c->sane);
    CHECK_STR(oracle_compare(&map, entries, n, true), NULL);
    check_totals();
    tap_end("map: %s", c->name);
}

static void shuffle(uint64_t *state, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = tap_random(state) % i;
        struct raw_entry t = entries[i - 1];
        entries[i - 1] = entries[j];
        entries[j] = t;
    }
}

/* The order in which a loader lists its entries means nothing. */
static void test_shuffled(void)
{
    uint64_t state = tap_seed(5);

    for (size_t i = 0; i < NCASES; i++) {
        size_t n = parse(cases[i].raw);
        for (int round = 0; round < 20; round++) {
            shuffle(&state, n);
            build(n);
            if (!CHECK_STR(describe(), cases[i].sane))
                tap_note("shuffled: %s", cases[i].name);
        }
    }
}

/* An address where something may happen: near an edge, or anywhere. */
static uint64_t random_address(uint64_t *state)
{
    static const uint64_t edges[] = {0,        0xA0000,           0x100000,
                                     0x180000, UINT64_C(1) << 32, MEMMAP_TOP,
                                     0};
    uint64_t r = tap_random(state);

    if (r % 16 == 0)
        return tap_random(state) >> r / 16 % 64;
    return edges[r / 16 % 7] + tap_random(state) % 0x20000 -
           (r % 2 == 0 ? 0x10000 : 0);
}

static void random_entries(uint64_t *state, size_t n)
{
    static const uint32_t types[] = {1, 1, 1, 1, 2, 2, 3, 4, 5, 0, 9, 1};

    for (size_t i = 0; i < n; i++) {
        uint64_t r = tap_random(state);
        entries[i].base = random_address(state);
        entries[i].type = types[r % 12];
        entries[i].length = r / 16 % 8 == 0 ? tap_random(state) >> r / 128 % 64
                                            : tap_random(state) % 0x18000;
        if (r / 16 % 4 == 1)
            entries[i].base &= ~(uint64_t)4095;
        if (r / 16 % 4 == 2)
            entries[i].length &= ~(uint64_t)4095;
    }
}

static void test_random(void)
{
    uint64_t state = tap_seed(17);

    for (unsigned long i = 0; i < tap_repeats(4000) && !tap_failed(); i++) {
        size_t n = tap_random(&state) % (i % 16 == 0 ? 129 : 12);
        random_entries(&state, n);
        build(n);
        CHECK_EQ(map.nrounded, 0);
        CHECK_STR(oracle_compare(&map, entries, n, true), NULL);
        check_totals();
    }
}

/* 128 entries that share nothing: as many steps as there can be. */
static void test_128_apart(void)
{
    for (size_t i = 0; i < 128; i++) {
        entries[i].base = 0x100000 + i * 0x10000 + 0x200;
        entries[i].length = 0x5000;
        entries[i].type = i % 2 == 0 ? 1 : 2;
    }
    build(128);
    CHECK_EQ(map.nrounded, 0);
    CHECK_STR(oracle_compare(&map, entries, 128, true), NULL);
    CHECK_EQ(memmap_total(&map, MEMMAP_AVAILABLE), 64 * 0x4000);
    CHECK_EQ(memmap_total(&map, MEMMAP_RESERVED), 64 * 0x6000);
}

/* More entries than fit: what is lost is memory, never a reservation. */
static void test_too_many(void)
{
    uint64_t state = tap_seed(23);
    bool full = false;

    for (unsigned long i = 0; i < tap_repeats(200) && !tap_failed(); i++) {
        size_t n = 200 + tap_random(&state) % 312;
        random_entries(&state, n);
        memmap_init(&map);
        for (size_t k = 0; k < n; k++) {
            if (i % 2 == 0) /* one page each, so that nothing joins */
                entries[k].base = 0x100000 + (uint64_t)k * 0x3000 + 0x800,
                entries[k].length = 0x1000 + tap_random(&state) % 0x1000;
            full |= memmap_add(&map, entries[k].base, entries[k].length,
                               entries[k].type) == -ENOSPC;
        }
        memmap_finish(&map);
        CHECK_STR(memmap_check(&map), NULL);
        CHECK_STR(oracle_compare(&map, entries, n, false), NULL);
        check_totals();
    }
    CHECK(full);
    CHECK(map.nsteps <= MEMMAP_STEPS_FOR_ENTRIES);
}

/* A full table loses an available entry and rounds a reserved one. */
static void test_full(void)
{
    memmap_init(&map);
    for (uint64_t i = 0; i < 128; i++)
        CHECK_EQ(memmap_add(&map, 0x1000000 + i * 0x10000, 0x8000, 1), 0);
    CHECK_EQ(map.nsteps, MEMMAP_STEPS_FOR_ENTRIES);
    CHECK_EQ(memmap_add(&map, 0x800000, 0x1000, 1), -ENOSPC);
    CHECK_EQ(memmap_kind_at(&map, 0x800000), MEMMAP_HOLE);
    CHECK_EQ(map.nrounded, 1);
    CHECK_EQ(memmap_add(&map, 0x1011000, 0x1000, 2), -ENOSPC);
    CHECK_EQ(map.nrounded, 2);
    CHECK_EQ(memmap_kind_at(&map, 0x1010000), MEMMAP_RESERVED);
    CHECK_EQ(memmap_kind_at(&map, 0x1017FFF), MEMMAP_RESERVED);
    CHECK_EQ(memmap_kind_at(&map, 0x100FFFF), MEMMAP_HOLE);
    CHECK_EQ(memmap_kind_at(&map, 0x1020000), MEMMAP_AVAILABLE);
    /* One that needs no new step still fits exactly. */
    CHECK_EQ(memmap_add(&map, 0x1020000, 0x8000, 2), 0);
    CHECK_EQ(memmap_kind_at(&map, 0x1030000), MEMMAP_AVAILABLE);
}

static void build_text(const char *text)
{
    build(parse(text));
}

static void test_reserve(void)
{
    build_text("1:0+9fc00 2:f0000+10000 1:100000+f00000 2:1000000+1000");
    CHECK_EQ(memmap_reserve(&map, 0x100000, 0x140001, MEMMAP_KERNEL), 0);
    CHECK_EQ(memmap_reserve(&map, 0x141234, 0x142234, MEMMAP_MODULE), 0);
    CHECK_EQ(memmap_reserve(&map, 0xFF0000, 0x1002000, MEMMAP_FRAMES), 0);
    CHECK_STR(describe(),
              "L0-9f000 Rf0000-100000 K100000-141000 M141000-143000 "
              "A143000-ff0000 Fff0000-1000000 R1000000-1001000");
    CHECK_EQ(memmap_total_ram(&map), 0xF00000);
    CHECK_STR(memmap_check(&map), NULL);
    check_totals();
}

/* A module that a loader laid over the kernel is the kernel's. */
static void test_reserve_overlaps(void)
{
    build_text("1:100000+f00000");
    CHECK_EQ(memmap_reserve(&map, 0x130000, 0x180000, MEMMAP_MODULE), 0);
    CHECK_EQ(memmap_reserve(&map, 0x100000, 0x140000, MEMMAP_KERNEL), 0);
    CHECK_EQ(memmap_reserve(&map, 0x13F000, 0x150000, MEMMAP_MODULE), 0);
    CHECK_EQ(memmap_reserve(&map, 0x13F000, 0x140800, MEMMAP_FRAMES), 0);
    CHECK_STR(describe(), "K100000-140000 F140000-141000 M141000-180000 "
                          "A180000-1000000");
}

static void test_reserve_edges(void)
{
    build_text("1:0+a0000 1:100000+100000 1:fff000000+1000000");
    CHECK_EQ(memmap_reserve(&map, 0x200000, 0x200000, MEMMAP_MODULE), -EINVAL);
    CHECK_EQ(memmap_reserve(&map, 0x150001, 0x150000, MEMMAP_MODULE), -EINVAL);
    CHECK_EQ(memmap_reserve(&map, 0, 0x1000, MEMMAP_MODULE), 0);
    CHECK_EQ(memmap_reserve(&map, MEMMAP_TOP, UINT64_MAX, MEMMAP_MODULE), 0);
    CHECK_EQ(memmap_reserve(&map, UINT64_MAX - 1, UINT64_MAX, MEMMAP_KERNEL),
             0);
    CHECK_EQ(memmap_reserve(&map, MEMMAP_TOP - 1, UINT64_MAX, MEMMAP_KERNEL),
             0);
    CHECK_STR(describe(), "L0-a0000 A100000-200000 Afff000000-ffffff000 "
                          "Kffffff000-1000000000");
    CHECK_EQ(memmap_reserve(&map, 0, UINT64_MAX, MEMMAP_UNUSED), 0);
    CHECK_STR(describe(), "L0-a0000 U100000-200000 Ufff000000-1000000000");
}

/* With no room left, more is reserved than was asked for. */
static void test_reserve_full(void)
{
    uint64_t pa = 0x100000;
    int result = 0;

    build_text("1:100000+40000000");
    for (int i = 0; i < 1000 && result == 0; i++, pa += 0x3000)
        result = memmap_reserve(&map, pa + 0x1000, pa + 0x2000, MEMMAP_MODULE);
    CHECK_EQ(result, -ENOSPC);
    CHECK_STR(memmap_check(&map), NULL);
    CHECK_EQ(memmap_kind_at(&map, pa - 0x2000), MEMMAP_MODULE);
    CHECK_EQ(memmap_total_ram(&map), 0x40000000);
    /* Likewise for a limit: all of the step goes. */
    build_text("1:100000+40000000");
    for (int i = 0; i < 500; i++) {
        uint64_t at = 0x101000 + (uint64_t)i * 0x3000;
        if (map.nsteps < MEMMAP_STEPS)
            CHECK_EQ(memmap_reserve(&map, at, at + 0x1000, MEMMAP_KERNEL), 0);
    }
    CHECK_EQ(map.nsteps, MEMMAP_STEPS);
    CHECK(memmap_limit(&map, 0x20000000) > 0x20000000);
    CHECK_STR(memmap_check(&map), NULL);
}

static void test_limit(void)
{
    build_text("1:0+a0000 1:100000+ff00000 2:10000000+1000 1:20000000+1000000");
    CHECK_EQ(memmap_reserve(&map, 0xFF00000, 0xFF01000, MEMMAP_MODULE), 0);
    CHECK_EQ(memmap_limit(&map, MEMMAP_TOP), 0);
    CHECK_EQ(memmap_limit(&map, UINT64_MAX), 0);
    CHECK_EQ(memmap_limit(&map, 0x30000000), 0);
    CHECK_EQ(memmap_limit(&map, 0xFE00FFF), 0x1000000 + 0x1FF000);
    CHECK_STR(describe(), "L0-a0000 A100000-fe00000 Ufe00000-ff00000 "
                          "Mff00000-ff01000 Uff01000-10000000 "
                          "R10000000-10001000 U20000000-21000000");
    CHECK_EQ(memmap_limit(&map, 0), 0xFD00000);
    CHECK_EQ(memmap_total(&map, MEMMAP_AVAILABLE), 0);
}

static uint64_t find(uint64_t nbytes, uint64_t align, uint64_t below)
{
    uint64_t start = 0;

    if (memmap_find(&map, nbytes, align, below, &start) != 0)
        return 0;
    CHECK_EQ(start % align, 0);
    CHECK(start + nbytes <= below);
    CHECK_EQ(memmap_kind_at(&map, start), MEMMAP_AVAILABLE);
    CHECK_EQ(memmap_kind_at(&map, start + nbytes - 1), MEMMAP_AVAILABLE);
    return start;
}

static void test_find(void)
{
    build_text("1:0+a0000 1:101000+3000 1:200000+400000 1:100000000+10000000");
    CHECK_EQ(find(1, 4096, UINT64_MAX), 0x101000);
    CHECK_EQ(find(0x3000, 4096, UINT64_MAX), 0x101000);
    CHECK_EQ(find(0x3001, 4096, UINT64_MAX), 0x200000);
    CHECK_EQ(find(0x1000, 0x4000, UINT64_MAX), 0x200000);
    CHECK_EQ(find(0x1000, 0x2000, UINT64_MAX), 0x102000);
    CHECK_EQ(find(0x1000, 0x400000, UINT64_MAX), 0x400000);
    CHECK_EQ(find(0x400000, 4096, UINT64_MAX), 0x200000);
    CHECK_EQ(find(0x400001, 4096, UINT64_MAX), UINT64_C(1) << 32);
    CHECK_EQ(find(0x400001, 4096, UINT64_C(1) << 32), 0);
    CHECK_EQ(find(0x10000001, 4096, UINT64_MAX), 0);
    CHECK_EQ(find(UINT64_MAX, 4096, UINT64_MAX), 0);
    CHECK_EQ(find(0x1000, 4096, 0x102000), 0x101000);
    CHECK_EQ(find(0x1000, 4096, 0x101FFF), 0);
    CHECK_EQ(find(0x1000, 4096, 0), 0);
    CHECK_EQ(find(0x1000, UINT64_C(1) << 40, UINT64_MAX), 0);
    CHECK_EQ(find(0x1000, UINT64_C(1) << 63, UINT64_MAX), 0);
    build_text("2:0+100000");
    CHECK_EQ(find(1, 1, UINT64_MAX), 0);
}

static void test_ram_ranges(void)
{
    struct memmap_range range;
    unsigned cursor = 0;

    build_text("1:0+a0000 1:100000+100000 1:300000+100000 2:340000+1000");
    CHECK_EQ(memmap_reserve(&map, 0x100000, 0x120000, MEMMAP_KERNEL), 0);
    CHECK_EQ(memmap_reserve(&map, 0x130000, 0x140000, MEMMAP_MODULE), 0);
    CHECK(memmap_next_ram(&map, &cursor, &range));
    CHECK_EQ(range.start, 0x100000);
    CHECK_EQ(range.end, 0x200000);
    CHECK_EQ(range.kind, MEMMAP_AVAILABLE);
    CHECK(memmap_next_ram(&map, &cursor, &range));
    CHECK_EQ(range.start, 0x300000);
    CHECK_EQ(range.end, 0x340000);
    CHECK(memmap_next_ram(&map, &cursor, &range));
    CHECK_EQ(range.start, 0x341000);
    CHECK_EQ(range.end, 0x400000);
    CHECK(!memmap_next_ram(&map, &cursor, &range));
    build_text("1:ff0000000+10000000");
    cursor = 0;
    CHECK(memmap_next_ram(&map, &cursor, &range));
    CHECK_EQ(range.end, MEMMAP_TOP);
    CHECK(!memmap_next_ram(&map, &cursor, &range));
}

static void test_above(void)
{
    build_text("1:fff000000+2000000 1:2000000000+5000 2:3000000000+1000");
    CHECK_EQ(map.above, 0x1000000 + 0x5000);
    build_text("1:fff000000+1000001 1:2000000000+1");
    CHECK_EQ(map.above, 2);
    build_text("1:0+ffffffffffffffff 1:0+ffffffffffffffff");
    CHECK_EQ(map.above, UINT64_MAX);
}

static void test_names(void)
{
    for (unsigned kind = 0; kind < MEMMAP_NKINDS; kind++)
        CHECK(strlen(memmap_kind_name(kind)) > 2);
    CHECK_STR(memmap_kind_name(MEMMAP_NKINDS), "?");
    CHECK_STR(memmap_kind_name((enum memmap_kind) - 1), "?");
    build_text("1:ff0000000+10000000");
    CHECK_EQ(memmap_kind_at(&map, MEMMAP_TOP - 1), MEMMAP_AVAILABLE);
    CHECK_EQ(memmap_kind_at(&map, MEMMAP_TOP), MEMMAP_HOLE);
    CHECK_EQ(memmap_limit(&map, MEMMAP_TOP), 0);
    CHECK_EQ(memmap_kind_at(&map, UINT64_MAX), MEMMAP_HOLE);
}

/* What the kernel may not do. */
static void test_misuse(void)
{
    uint64_t start;

    memmap_init(&map);
    CHECK_PANIC(memmap_reserve(&map, 0, 1, MEMMAP_KERNEL), "finished");
    CHECK_PANIC(memmap_limit(&map, 0), "finished");
    CHECK_PANIC(memmap_find(&map, 1, 1, 1, &start), "finished");
    memmap_finish(&map);
    CHECK_PANIC(memmap_add(&map, 0, 1, 1), "finished");
    CHECK_PANIC(memmap_finish(&map), "finished");
    CHECK_PANIC(memmap_find(&map, 0, 1, 1, &start), "nbytes");
    CHECK_PANIC(memmap_find(&map, 1, 3, 1, &start), "align");
    CHECK_PANIC(memmap_reserve(&map, 0, 1, MEMMAP_AVAILABLE), "kind");
    CHECK_PANIC(memmap_reserve(&map, 0, 1, MEMMAP_LOW), "kind");
    CHECK_PANIC(memmap_reserve(&map, 0, 1, MEMMAP_RESERVED), "kind");
}

static void check_broken(const char *what)
{
    const char *broken = memmap_check(&map);

    CHECK(broken != NULL && strstr(broken, what) != NULL);
    build_text("1:100000+1000 2:200000+1000");
}

/* memmap_check finds each kind of damage. */
static void test_check(void)
{
    build_text("1:100000+1000 2:200000+1000");
    map.nsteps = 0;
    check_broken("number");
    map.nsteps = MEMMAP_STEPS + 1;
    check_broken("number");
    map.steps[0].start = 1;
    check_broken("first");
    map.steps[2].start = map.steps[1].start;
    check_broken("order");
    map.steps[4].start = MEMMAP_TOP;
    check_broken("top");
    map.steps[1].kind = MEMMAP_HOLE;
    check_broken("one kind");
    map.steps[1].kind = MEMMAP_NKINDS;
    check_broken("unknown");
    map.steps[1].start += 1;
    check_broken("aligned");
    map.steps[1].start = 0x1000;
    check_broken("1 MiB");
}

int main(void)
{
    if (getenv("MEMMAP_PRINT") != NULL) {
        for (size_t i = 0; i < NCASES; i++) {
            build(parse(cases[i].raw));
            puts(describe());
        }
        return 0;
    }
    for (size_t i = 0; i < NCASES; i++)
        test_case(&cases[i]);
    tap_run("every map in twenty other orders", test_shuffled);
    tap_run("random maps", test_random);
    tap_run("128 entries apart", test_128_apart);
    tap_run("more entries than fit", test_too_many);
    tap_run("a full table", test_full);
    tap_run("reserving for kernel, module, metadata", test_reserve);
    tap_run("reservations that overlap", test_reserve_overlaps);
    tap_run("reservations at the edges", test_reserve_edges);
    tap_run("reservations in a full table", test_reserve_full);
    tap_run("leaving out memory above a limit", test_limit);
    tap_run("finding a place", test_find);
    tap_run("ranges of RAM", test_ram_ranges);
    tap_run("memory above 64 GiB is counted", test_above);
    tap_run("names and addresses out of range", test_names);
    tap_run("misuse panics", test_misuse);
    tap_run("the check finds damage", test_check);
    return tap_done();
}
