/* kernel/lib/numset.h against an array of truth values. */
#include "tap.h"

#include "lib/numset.h"

static struct numset set;
static bool model[NUMSET_SIZE];

static int next(unsigned n, bool wanted)
{
    while (n < NUMSET_SIZE && model[n] != wanted)
        n++;
    return n < NUMSET_SIZE ? (int)n : -1;
}

static void put(unsigned n, bool in)
{
    model[n] = in;
    if (in)
        numset_add(&set, n);
    else
        numset_remove(&set, n);
}

static void fill(bool in)
{
    for (unsigned n = 0; n < NUMSET_SIZE; n++)
        put(n, in);
}

static void compare_at(unsigned n)
{
    CHECK_EQ(numset_next(&set, n), next(n, true));
    CHECK_EQ(numset_next_free(&set, n), next(n, false));
    if (n < NUMSET_SIZE)
        CHECK_EQ(numset_has(&set, n), model[n]);
}

static void test_ends(void)
{
    numset_init(&set);
    for (int in = 0; in < 2; in++) {
        fill(in);
        for (unsigned n = 0; n < NUMSET_SIZE; n += 509) {
            put(n, !in);
            compare_at(0);
            compare_at(n);
            compare_at(n + 1);
            put(n, in);
        }
        put(NUMSET_SIZE - 1, !in);
        compare_at(0);
        compare_at(NUMSET_SIZE - 1);
        compare_at(NUMSET_SIZE);
        compare_at(NUMSET_SIZE + 100);
    }
}

/* Sparse, half full and dense, in runs of one value. */
static void test_random(void)
{
    uint64_t state = tap_seed(5);

    numset_init(&set);
    memset(model, 0, sizeof(model));
    for (unsigned long i = 0; i < tap_repeats(3000) && !tap_failed(); i++) {
        unsigned n = (unsigned)(tap_random(&state) % NUMSET_SIZE);
        unsigned length = (unsigned)(tap_random(&state) % 600);
        bool in = tap_random(&state) % 3 != 0;

        for (; length > 0 && n < NUMSET_SIZE; length--)
            put(n++, in);
        compare_at((unsigned)(tap_random(&state) % NUMSET_SIZE));
        compare_at(n);
    }
}

int main(void)
{
    tap_run("all and none, and one that differs", test_ends);
    tap_run("runs of numbers come and go", test_random);
    return tap_done();
}
