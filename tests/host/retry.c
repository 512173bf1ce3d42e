/* kernel/arch/i386/retry.c: which faults count as coming again for ever. */
#include "tap.h"

#include "arch/i386/retry.h"

static void test_same(void)
{
    struct retry last = {0};
    int who;

    for (int round = 0; round < 3; round++) {
        for (unsigned i = 1; i < RETRY_LIMIT; i++)
            CHECK(!retry_is_stuck(&last, &who, 0x8048000, 0x1000));
        CHECK(retry_is_stuck(&last, &who, 0x8048000, 0x1000));
    }
}

/* Another thread, instruction or address in between: it gets on. */
static void test_others(void)
{
    struct retry last = {0};
    int a, b;

    for (unsigned i = 0; i < 4 * RETRY_LIMIT; i++) {
        CHECK(!retry_is_stuck(&last, i & 1 ? &a : &b, 1, 2));
        CHECK(!retry_is_stuck(&last, &a, i & 1 ? 3 : 4, 2));
        CHECK(!retry_is_stuck(&last, &a, 1, i & 1 ? 5 : 6));
    }
}

int main(void)
{
    tap_run("the same fault again and again", test_same);
    tap_run("others in between", test_others);
    return tap_done();
}
