/*
 * Division of 64-bit numbers: quotient times divisor and rest give the number.
 */
#include "lib/div64.h"

#include "tap.h"

#define RANDOM_PAIRS 100000

static const uint64_t edges[] = {
    0,
    1,
    2,
    3,
    10,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFE,
    0xFFFFFFFF,
    0x100000000,
    0x100000001,
    0x1FFFFFFFF,
    0x7FFFFFFFFFFFFFFF,
    0x8000000000000000,
    0x8000000000000001,
    0xFFFFFFFF00000000,
    0xFFFFFFFF00000001,
    0xFFFFFFFFFFFFFFFE,
    0xFFFFFFFFFFFFFFFF,
};
#define NEDGES (sizeof(edges) / sizeof(edges[0]))

/* A quotient that is too large would wrap, and so is not multiplied blindly. */
static void check(uint64_t n, uint64_t d)
{
    uint64_t rest, quotient = div64(n, d, &rest), product;

    CHECK(rest < d);
    CHECK(!__builtin_mul_overflow(quotient, d, &product));
    CHECK(product <= n);
    CHECK_EQ(n - product, rest);
}

static void test_edges(void)
{
    for (size_t i = 0; i < NEDGES; i++) {
        for (size_t j = 1; j < NEDGES; j++)
            check(edges[i], edges[j]);
    }
}

/* A number of any length. */
static uint64_t any(uint64_t *state)
{
    return tap_random(state) >> tap_random(state) % 64;
}

static void test_random(void)
{
    uint64_t state = tap_seed(1);

    for (unsigned long i = 0; i < tap_repeats(RANDOM_PAIRS); i++)
        check(any(&state), any(&state) | 1);
}

static void test_multiples(void)
{
    uint64_t state = tap_seed(2);

    for (unsigned long i = 0; i < tap_repeats(RANDOM_PAIRS); i++) {
        uint64_t d = any(&state) | 1, n = d * (UINT64_MAX / d >> i % 33);

        check(n - 1, d);
        check(n, d);
        check(n + 1, d);
    }
}

int main(void)
{
    tap_run("numbers at the edges of words", test_edges);
    tap_run("random numbers", test_random);
    tap_run("multiples and their neighbours", test_multiples);
    return tap_done();
}
