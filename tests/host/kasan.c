/* kernel/lib/kasan.c: which accesses it lets pass and which it does not. */
#include "lib/kasan.h"

#include <string.h>

#include "tap.h"

#define NBYTES 4096u

void __asan_load4_noabort(void *at);
void __asan_store1_noabort(void *at);
void __asan_store16_noabort(void *at);

/* No globals are registered here. */
extern void (*const kernel_ctors_start[1])(void);
void (*const kernel_ctors_start[1])(void) = {NULL};
extern void (*const kernel_ctors_end[1])(void)
    __attribute__((alias("kernel_ctors_start")));

static _Alignas(16) char memory[NBYTES + 64];
static unsigned char shadow[NBYTES / KASAN_GRANULE];

static void start(void)
{
    memset(shadow, 0x55, sizeof(shadow));
    kasan_init(memory, NBYTES, shadow);
}

/* Before there is a shadow, and outside of it, everything may be touched. */
static void test_outside(void)
{
    kasan_check(memory, NBYTES, true);
    __asan_load4_noabort(memory);
    start();
    CHECK_EQ(kasan_shadow_bytes(NBYTES + 1), NBYTES / KASAN_GRANULE + 1);
    kasan_poison(memory, NBYTES, KASAN_FRAME);
    kasan_check(memory + NBYTES, 64, true);
    kasan_check(memory - 1, 1, true);
    __asan_store1_noabort(memory + NBYTES);
    __asan_store1_noabort(memory - 1);
    __asan_load4_noabort(NULL);
    CHECK_EQ(kasan_shadow_of(memory + NBYTES), 0);
    CHECK_EQ(kasan_shadow_of(memory + NBYTES - 1), KASAN_FRAME);
    CHECK_PANIC(__asan_store1_noabort(memory), "a free frame");
    start();
}

/* An object of `size` bytes at 16, with nothing around it. */
static void put_object(size_t size)
{
    start();
    kasan_poison(memory, 64, KASAN_REDZONE);
    kasan_unpoison(memory + 16, size);
}

static void try_range(size_t size, size_t from, size_t n)
{
    if (from >= 16 && from + n <= 16 + size) {
        kasan_check(memory + from, n, false);
        return;
    }
    CHECK_PANIC(kasan_check(memory + from, n, false), "read of");
    put_object(size); /* a report ends all checks */
}

/* Each start and length around an object of each size. */
static void test_ranges(void)
{
    for (size_t size = 1; size <= 24; size++) {
        put_object(size);
        for (size_t from = 0; from < 48; from++)
            for (size_t n = 1; n <= 16; n++)
                try_range(size, from, n);
    }
}

/* What the compiler calls, at the ends of an object. */
static void test_calls(void)
{
    put_object(20);
    __asan_load4_noabort(memory + 32);
    __asan_store16_noabort(memory + 20);
    CHECK_PANIC(__asan_load4_noabort(memory + 33), "read of 4");
    put_object(20);
    CHECK_PANIC(__asan_store16_noabort(memory + 24), "write of 16");
    put_object(20);
    CHECK_PANIC(__asan_store1_noabort(memory + 15), "beyond");
    put_object(20);
    kasan_poison(memory + 16, 24, KASAN_FREED);
    CHECK_PANIC(__asan_store1_noabort(memory + 16), "freed object");
    start();
}

int main(void)
{
    tap_run("before and outside", test_outside);
    tap_run("ranges", test_ranges);
    tap_run("calls", test_calls);
    return tap_done();
}
