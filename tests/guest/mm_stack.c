/*
 * The stack grows by itself, as far as its limit, and not beyond.
 *
 * test: linux
 * test: linux args=overflow status=139 name=overflow
 * test: linux args=lowered status=139 name=lowered
 * test: linux args=jump status=139 name=jump
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "mm_test.h"

#define FRAME 8192u

/* Goes `depth` frames down, and checks on the way up that each was kept. */
static unsigned __attribute__((noinline)) descend(unsigned depth)
{
    volatile unsigned frame[FRAME / sizeof(unsigned)];
    unsigned below;

    frame[0] = depth;
    frame[FRAME / sizeof(unsigned) - 1] = ~depth;
    below = depth > 0 ? descend(depth - 1) : 0;
    if (frame[0] != depth || frame[FRAME / sizeof(unsigned) - 1] != ~depth)
        return 1000000;
    return below + 1;
}

static void test_depth(void)
{
    CHECK_EQ(descend(100), 101);
    CHECK_EQ(descend((6u << 20) / FRAME), (6u << 20) / FRAME + 1);
    CHECK_EQ(descend((6u << 20) / FRAME), (6u << 20) / FRAME + 1);
    tap_end("6 MiB of stack are there, twice");
}

/* The address so many bytes below this function's frame. */
static volatile char *__attribute__((noinline)) below(uintptr_t nbytes)
{
    return (volatile char *)((uintptr_t)__builtin_frame_address(0) - nbytes);
}

/* Runs first: what is between was never used, and so must be zero. */
static void test_far_below(void)
{
    volatile char *far = below(2 << 20);
    bool zero = true;

    *far = 1;
    for (int i = 1; i < 1 << 20; i++)
        zero = zero && far[i] == 0;
    CHECK(zero);
    CHECK_EQ(*far, 1);
    tap_end("a page far below may be touched first");
}

static void test_limit(void)
{
    struct rlimit limit;

    CHECK_EQ(getrlimit(RLIMIT_STACK, &limit), 0);
    CHECK_EQ(limit.rlim_cur, 8 << 20);
    tap_end("the limit is 8 MiB");
}

/* A mapping far below the stack is in nobody's way; the stack has its gap. */
static void test_neighbour(void)
{
    uintptr_t at = (uintptr_t)below(64 << 20) & ~(uintptr_t)4095;
    char *p = mmap((void *)at, 4096, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    CHECK(p != MAP_FAILED);
    *p = 5;
    CHECK_EQ(descend((6u << 20) / FRAME), (6u << 20) / FRAME + 1);
    CHECK_EQ(*p, 5);
    CHECK_EQ(munmap(p, 4096), 0);
    tap_end("a mapping below the stack is left alone");
}

static int overflow(unsigned bytes)
{
    printf("# going down %u bytes\n", bytes);
    fflush(stdout);
    return descend(bytes / FRAME) != 0 ? 3 : 4;
}

static int lowered(void)
{
    struct rlimit limit = {1 << 20, 8 << 20};

    if (setrlimit(RLIMIT_STACK, &limit) != 0)
        return 5;
    return overflow(2 << 20);
}

/* One touch far beyond the limit. */
static int jump(void)
{
    *below(100 << 20) = 1;
    return 6;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "overflow") == 0)
        return overflow(9 << 20);
    if (argc > 1 && strcmp(argv[1], "lowered") == 0)
        return lowered();
    if (argc > 1 && strcmp(argv[1], "jump") == 0)
        return jump();
    test_far_below();
    test_limit();
    test_depth();
    test_neighbour();
    return tap_done();
}
