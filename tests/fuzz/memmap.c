/*
 * Fuzzes kernel/mm/memmap.c: any list of entries must become the table that
 * the page-by-page oracle wants. What follows the entries reserves, finds and
 * limits; and where there is little RAM, frames are set up on it.
 *
 * An entry is 18 bytes: type, shape, base, length. The shape makes near
 * misses likely: it bends base and length to a few places and sizes.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "memmap_oracle.h"

#include "mm/frame.h"

#define ENTRY_BYTES 18
#define MAX_ENTRIES 300

static struct raw_entry entries[MAX_ENTRIES];
static struct memmap map;

static uint64_t get64(const uint8_t *at)
{
    uint64_t value;

    memcpy(&value, at, sizeof(value));
    return value;
}

static void decode(const uint8_t *at, struct raw_entry *entry)
{
    static const uint64_t places[] = {0, 0x100000, UINT64_C(1) << 32,
                                      MEMMAP_TOP};
    uint8_t shape = at[1];

    entry->type = at[0] < 0xF0 ? at[0] % 8 : at[0] * UINT32_C(0x01010101);
    entry->base = get64(at + 2);
    entry->length = get64(at + 10);
    if (shape & 1)
        entry->base = places[shape >> 4 & 3] + entry->base % 0x40000;
    if (shape & 2)
        entry->base &= ~(uint64_t)0xFFF;
    if (shape & 4)
        entry->length %= 0x20000;
    if (shape & 8)
        entry->length &= ~(uint64_t)0xFFF;
    if (shape & 0x40)
        entry->base -= 0x20000;
}

/* Lays something over the finished map; the sums must not change. */
static void use(const uint8_t *at)
{
    static const enum memmap_kind kinds[] = {MEMMAP_MODULE, MEMMAP_FRAMES,
                                             MEMMAP_KERNEL, MEMMAP_UNUSED};
    uint64_t ram = memmap_total_ram(&map);
    uint64_t start = get64(at + 2) % 0x200000;
    uint64_t nbytes = get64(at + 10) % 0x40000 + 1;
    uint64_t found;
    enum memmap_kind kind = kinds[at[1] & 3];

    if (at[1] & 4) {
        if (memmap_find(&map, nbytes, 4096, UINT64_MAX, &found) != 0)
            return;
        FUZZ_CHECK(memmap_kind_at(&map, found) == MEMMAP_AVAILABLE);
        FUZZ_CHECK(memmap_kind_at(&map, found + nbytes - 1) ==
                   MEMMAP_AVAILABLE);
        start = found;
    }
    if (memmap_reserve(&map, start, start + nbytes, kind) == 0)
        FUZZ_CHECK(memmap_kind_at(&map, start) != MEMMAP_AVAILABLE);
    fuzz_require(memmap_check(&map));
    if (kind != MEMMAP_UNUSED)
        FUZZ_CHECK(memmap_total_ram(&map) == ram);
    else
        FUZZ_CHECK(memmap_total_ram(&map) <= ram);
    if (at[1] & 8)
        memmap_limit(&map, start);
    fuzz_require(memmap_check(&map));
}

/* Takes all frames of a small map and gives them back. */
static void use_frames(uint64_t low_limit)
{
    size_t nbytes = frame_metadata_bytes(&map);
    void *metadata = malloc(nbytes);
    paddr_t pa;
    paddr_t last = 0;
    size_t nfree;

    FUZZ_CHECK(metadata != NULL);
    FUZZ_CHECK(frame_init(&map, metadata, nbytes, low_limit) == 0);
    fuzz_require(frame_check());
    nfree = frame_count(FRAME_FREE);
    FUZZ_CHECK(frame_total() == memmap_total_ram(&map) / 4096);
    FUZZ_CHECK(nfree == memmap_total(&map, MEMMAP_AVAILABLE) / 4096);
    for (size_t n = nfree; n > 0; n--) {
        FUZZ_CHECK(frame_alloc(0, FRAME_ANY, FRAME_USER, &pa) == 0);
        FUZZ_CHECK(memmap_kind_at(&map, pa) == MEMMAP_AVAILABLE);
        if (last != 0)
            frame_free(last, 0);
        last = n % 3 == 0 ? pa : 0;
        n -= n % 3 == 1 && n > 1;
    }
    fuzz_require(frame_check());
    free(metadata);
    memmap_init(&map);
    FUZZ_CHECK(frame_init(&map, NULL, 0, 0) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t nuses = size > 0 ? data[0] % 4 : 0;
    size_t n = 0;

    memmap_init(&map);
    for (size_t at = 1; at + ENTRY_BYTES <= size && n < MAX_ENTRIES;
         at += ENTRY_BYTES, n++) {
        decode(data + at, &entries[n]);
        memmap_add(&map, entries[n].base, entries[n].length, entries[n].type);
        if (n < 16)
            fuzz_require(memmap_check(&map));
    }
    FUZZ_CHECK(n > 128 || map.nrounded == 0);
    memmap_finish(&map);
    fuzz_require(memmap_check(&map));
    fuzz_require(oracle_compare(&map, entries, n, map.nrounded == 0));
    for (size_t i = 0; i < nuses && i < n; i++)
        use(data + 1 + i * ENTRY_BYTES);
    if (n > 0 && memmap_total_ram(&map) > 0 &&
        memmap_total_ram(&map) <= 0x100000)
        use_frames(entries[0].base + entries[0].length / 2);
    return 0;
}

static void put_entry(uint8_t *at, uint8_t type, uint8_t shape, uint64_t base,
                      uint64_t length)
{
    at[0] = type;
    at[1] = shape;
    memcpy(at + 2, &base, 8);
    memcpy(at + 10, &length, 8);
}

/* A usual map, the same with reservations, and 16 pieces side by side. */
size_t fuzz_seed(unsigned n, uint8_t *buf, size_t max)
{
    size_t size = 1;

    if (n > 5 || max < 1 + 40 * ENTRY_BYTES)
        return 0;
    buf[0] = (uint8_t)n;
    if (n < 4) {
        put_entry(buf + 1, 1, 0, 0, 0x9FC00);
        put_entry(buf + 19, 2, 8, 0x9FC00, 0x400);
        put_entry(buf + 37, 2, 4, 0xF0000, 0x10000);
        put_entry(buf + 55, 1, 0, 0x100000, n < 2 ? 0x7EE0000 : 0x100000);
        put_entry(buf + 73, 2, 0, 0x7FE0000, 0x20000);
        put_entry(buf + 91, 3, 0, 0x180000, 0x800);
        return 1 + 6 * ENTRY_BYTES;
    }
    for (unsigned i = 0; i < (n == 4 ? 16u : 40u); i++) {
        put_entry(buf + size, i % 3 == 0 ? 2 : 1, 5, i * 0x1800 + 0x10,
                  0x1234 + i);
        size += ENTRY_BYTES;
    }
    return size;
}
