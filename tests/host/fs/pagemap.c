/* The radix tree of file pages against a table. */
#include "fs/pagemap.h"

#include <cairn/errno.h>

#include "mm/inject.h"
#include "mm/kmalloc.h"
#include "tap.h"
#include "world.h"

#define MODEL_SIZE 400

/* Pages that the model has: numbers that are near, far and at the ends. */
static uint64_t indices[MODEL_SIZE];
static uint32_t frames[MODEL_SIZE];

static uint64_t pick_index(uint64_t *seed)
{
    static const uint64_t places[] = {0,
                                      63,
                                      64,
                                      4095,
                                      4096,
                                      262143,
                                      1 << 24,
                                      1u << 30,
                                      PAGEMAP_LIMIT - 70,
                                      1000,
                                      PAGEMAP_LIMIT - 2};
    uint64_t place = places[tap_random(seed) % 11] + tap_random(seed) % 40;

    return place < PAGEMAP_LIMIT ? place : PAGEMAP_LIMIT - 1;
}

static int find(uint64_t index)
{
    for (int i = 0; i < MODEL_SIZE; i++)
        if (frames[i] != 0 && indices[i] == index)
            return i;
    return -1;
}

static int find_free(void)
{
    for (int i = 0; i < MODEL_SIZE; i++)
        if (frames[i] == 0)
            return i;
    return -1;
}

/* The first page of the model at or above an index, or -1. */
static int find_next(uint64_t index)
{
    int best = -1;

    for (int i = 0; i < MODEL_SIZE; i++)
        if (frames[i] != 0 && indices[i] >= index &&
            (best < 0 || indices[i] < indices[best]))
            best = i;
    return best;
}

static uint32_t count(uint64_t first, uint64_t end)
{
    uint32_t n = 0;

    for (int i = 0; i < MODEL_SIZE; i++)
        n += frames[i] != 0 && indices[i] >= first && indices[i] < end;
    return n;
}

static void compare(const struct pagemap *map, uint64_t index)
{
    uint64_t next = index;
    int at = find(index), after = find_next(index);

    CHECK_EQ(pagemap_get(map, index), at < 0 ? 0 : frames[at]);
    CHECK_EQ(pagemap_next(map, &next), after >= 0);
    if (after >= 0)
        CHECK_EQ(next, indices[after]);
}

static void step(struct pagemap *map, uint64_t *seed, bool failing)
{
    uint64_t index = pick_index(seed), end;
    int at = find(index), spot = find_free();

    if (tap_random(seed) % 5 < 3 && at < 0 && spot >= 0) {
        if (failing)
            inject_arm((uint32_t)(tap_random(seed) % 3 + 1), false);
        if (pagemap_reserve(map, index) == 0) {
            if (tap_random(seed) % 8 == 0) {
                pagemap_unreserve(map, index);
            } else {
                indices[spot] = index;
                frames[spot] = (uint32_t)tap_random(seed) | 1;
                pagemap_set(map, index, frames[spot]);
            }
        }
        inject_disarm();
    } else {
        CHECK_EQ(pagemap_take(map, index), at < 0 ? 0 : frames[at]);
        if (at >= 0)
            frames[at] = 0;
    }
    compare(map, index);
    compare(map, pick_index(seed));
    index = pick_index(seed);
    end = pick_index(seed);
    CHECK_EQ(pagemap_count(map, index, end), count(index, end));
    CHECK_EQ(pagemap_count(map, index, PAGEMAP_LIMIT),
             count(index, PAGEMAP_LIMIT));
    CHECK_EQ(pagemap_count(map, 0, index), count(0, index));
    CHECK(pagemap_check(map) == NULL);
}

static void run(uint64_t start, bool failing)
{
    struct pagemap map;
    uint64_t seed = tap_seed(start), index = 0;
    size_t before = kmalloc_nobjects();

    pagemap_init(&map);
    for (unsigned long i = 0; i < tap_repeats(4000) && !tap_failed(); i++)
        step(&map, &seed, failing);
    while (pagemap_next(&map, &index)) {
        int at = find(index);

        CHECK_EQ(pagemap_take(&map, index), at < 0 ? 0 : frames[at]);
        if (at >= 0)
            frames[at] = 0;
    }
    CHECK_EQ(map.npages, 0);
    CHECK_EQ(map.root, 0);
    CHECK_EQ(kmalloc_nobjects(), before);
    memset(frames, 0, sizeof(frames));
}

static void test_random(void)
{
    run(1, false);
}

static void test_failing(void)
{
    run(2, true);
}

static void test_one_page(void)
{
    struct pagemap map;
    size_t before = kmalloc_nobjects();
    uint64_t next = 0;

    pagemap_init(&map);
    CHECK_EQ(pagemap_reserve(&map, 0), 0);
    pagemap_set(&map, 0, 77);
    CHECK_EQ(kmalloc_nobjects(), before); /* no node at all */
    CHECK_EQ(pagemap_get(&map, 0), 77);
    CHECK_EQ(pagemap_get(&map, 1), 0);
    CHECK_EQ(pagemap_get(&map, PAGEMAP_LIMIT), 0);
    CHECK_EQ(pagemap_get(&map, UINT64_MAX), 0);
    CHECK(pagemap_next(&map, &next) && next == 0);
    next = 1;
    CHECK(!pagemap_next(&map, &next));
    CHECK_EQ(pagemap_take(&map, 0), 77);
}

int main(void)
{
    world_start();
    tap_run("a file of one page needs no node", test_one_page);
    tap_run("random pages agree with a table", test_random);
    tap_run("the same while allocations fail", test_failing);
    return tap_done();
}
