/* kernel/lib/bits.h against plain loops, near both ends of the types. */
#include "tap.h"

#include "lib/bits.h"

static void test_powers(void)
{
    for (unsigned n = 0; n < 64; n++) {
        uint64_t x = UINT64_C(1) << n;
        CHECK(bits_is_pow2(x));
        CHECK(n < 2 || !bits_is_pow2(x - 1));
        CHECK(n == 0 || !bits_is_pow2(x + 1));
        CHECK_EQ(bits_log2_64(x), n);
        CHECK_EQ(bits_log2_64(x | (x - 1)), n);
        if (n >= 32)
            continue;
        CHECK_EQ(bits_log2_32((uint32_t)x), n);
        CHECK_EQ(bits_log2_up32((uint32_t)x), n);
        CHECK_EQ(bits_lowest32((uint32_t)(x | x << 1)), n);
        CHECK_EQ(bits_ffs32((uint32_t)(x | x << 1)), n + 1);
        if (n > 0 && n < 31)
            CHECK_EQ(bits_log2_up32((uint32_t)x + 1), n + 1);
    }
    CHECK(!bits_is_pow2(0));
    CHECK_EQ(bits_ffs32(0), 0);
    CHECK_EQ(bits_log2_up32(0), 0);
    CHECK_EQ(bits_log2_up32(UINT32_MAX), 32);
}

static void check_align32(uint32_t x, uint32_t align)
{
    uint64_t wide = ((uint64_t)x + align - 1) / align * align;
    uint32_t up = 12345;

    CHECK_EQ(bits_align_down32(x, align), x / align * align);
    CHECK_EQ(bits_is_aligned(x, align), x % align == 0);
    CHECK_EQ(bits_align_up32(x, align, &up), wide <= UINT32_MAX);
    CHECK_EQ(up, wide <= UINT32_MAX ? (uint32_t)wide : 12345);
    CHECK_EQ(bits_round_up32(x, align), (uint32_t)wide);
}

static void check_align64(uint64_t x, uint64_t align)
{
    uint64_t down = x / align * align;
    bool fits = down == x || down <= UINT64_MAX - align;
    uint64_t up = 12345;

    CHECK_EQ(bits_align_down64(x, align), down);
    CHECK_EQ(bits_align_up64(x, align, &up), fits);
    if (fits)
        CHECK_EQ(up, down == x ? x : down + align);
    else
        CHECK_EQ(up, 12345);
    CHECK_EQ(bits_round_up64(x, align), !fits ? 0 : up);
}

static void test_align(void)
{
    for (unsigned a = 0; a < 64; a++) {
        for (unsigned n = 0; n < 64; n++) {
            for (int d = -2; d <= 2; d++) {
                uint64_t x = (UINT64_C(1) << n) + (uint64_t)(int64_t)d;
                check_align64(x, UINT64_C(1) << a);
                check_align64(0 - x, UINT64_C(1) << a);
                if (a < 32) {
                    check_align32((uint32_t)x, UINT32_C(1) << a);
                    check_align32(0 - (uint32_t)x, UINT32_C(1) << a);
                }
            }
        }
    }
}

static void test_divide(void)
{
    CHECK_EQ(bits_div_up32(0, 3), 0);
    CHECK_EQ(bits_div_up32(1, 3), 1);
    CHECK_EQ(bits_div_up32(3, 3), 1);
    CHECK_EQ(bits_div_up32(4, 3), 2);
    CHECK_EQ(bits_div_up32(UINT32_MAX, 1), UINT32_MAX);
    CHECK_EQ(bits_div_up32(UINT32_MAX, 2), 0x80000000u);
    CHECK_EQ(bits_div_up32(UINT32_MAX, UINT32_MAX), 1);
}

int main(void)
{
    tap_run("powers of two and single bits", test_powers);
    tap_run("alignment", test_align);
    tap_run("division rounded up", test_divide);
    return tap_done();
}
