/* The random generator: RFC 8439's block, and that outputs do not repeat. */
#include "lib/random.h"

#include "tap.h"

/* RFC 8439, 2.3.2. */
static void test_block(void)
{
    static const uint32_t nonce[3] = {0x09000000, 0x4a000000, 0};
    static const uint32_t expected[16] = {0xe4e7f110, 0x15593bd1, 0x1fdd0f50,
                                          0xc47120a3, 0xc7f4d1c7, 0x0368c033,
                                          0x9aaa2204, 0x4e6cd4c3, 0x466482d2,
                                          0x09aa9f07, 0x05d7c214, 0xa2028bd9,
                                          0xd19c12b5, 0xb94e16de, 0xe883d0cb,
                                          0x4e3c50a2};
    uint32_t key[8], out[16];

    for (unsigned i = 0; i < 8; i++)
        key[i] =
            (4 * i) | (4 * i + 1) << 8 | (4 * i + 2) << 16 | (4 * i + 3) << 24;
    random_chacha20_block(key, 1, nonce, out);
    CHECK(memcmp(out, expected, sizeof(out)) == 0);
}

static void test_seeding(void)
{
    uint8_t seed[40] = {1, 2, 3};

    CHECK(!random_is_seeded());
    random_mix(seed, sizeof(seed), 255);
    CHECK(!random_is_seeded());
    random_mix(seed, 1, 1);
    CHECK(random_is_seeded());
}

/* Outputs of every length; no two 8-byte pieces of all are the same. */
static void test_output(void)
{
    static uint64_t pieces[4000];
    static uint8_t buf[300];
    size_t n = 0, ones = 0, bits = 0;

    for (size_t size = 1; size < sizeof(buf); size++) {
        memset(buf, 0, sizeof(buf));
        random_fill(buf, size);
        CHECK_EQ(buf[size], 0); /* nothing beyond what was asked for */
        for (size_t at = 0; at + 8 <= size && n < 4000; at += 8)
            memcpy(&pieces[n++], buf + at, 8);
        for (size_t i = 0; i < size; i++)
            ones += (size_t)__builtin_popcount(buf[i]);
        bits += 8 * size;
    }
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            if (pieces[i] == pieces[j])
                tap_fail(__FILE__, __LINE__, "piece %zu repeats %zu", i, j);
    CHECK(ones > bits / 2 - bits / 100 && ones < bits / 2 + bits / 100);
}

int main(void)
{
    tap_run("the block function is ChaCha20's", test_block);
    tap_run("entropy is counted", test_seeding);
    tap_run("outputs do not repeat", test_output);
    return tap_done();
}
