/*
 * Random operations of the allocator through real system calls, every block's
 * content known (malloc_model.h): in little memory, where requests are refused
 * again and again and work goes on, and in much.  Others use sbrk between, and
 * for a while there is only mmap.  With TEST_LONG 10,000,000 operations of each
 * mix.
 *
 * test: linux timeout=300
 * test: run="-m 8M" name=8M timeout=300
 * test: run="-m 512M" name=512M timeout=300
 */
#include <sys/mman.h>
#include <unistd.h>

#include "malloc_model.h"
#include "malloc_which.h"
#include "tap.h"

static unsigned long step;

static _Noreturn void model_fail(const char *what)
{
    printf("not ok - step %lu of mix %d: %s (errno %d)\n", step, mix, what,
           errno);
    exit(1);
}

static void *model_sbrk(size_t nbytes)
{
    void *p = sbrk((intptr_t)nbytes);

    return p == (void *)-1 ? NULL : p;
}

static void walk(void)
{
    const char *wrong = malloc_check();

    if (wrong != NULL)
        model_fail(wrong);
}

static void test_mix(unsigned long count)
{
    char line[100];

    nrefused = 0;
    state = 0x9e3779b97f4a7c15u + (unsigned)mix;
    for (step = 1; step <= count; step++) {
        model_step();
        if (step % 20000 == 0)
            walk();
    }
    give_all();
    walk();
    snprintf(line, sizeof line, "%lu operations of mix %d, %lu refused", count,
             mix, nrefused);
    tap_line(1, __FILE__, __LINE__, line);
}

/* Takes blocks until there is not even a small one; returns their sum. */
static size_t exhaust(void)
{
    static const size_t lengths[] = {300000, 20000, 1500, 64};
    size_t sum = 0;
    int k = 0;

    for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++)
        while (k < SLOTS) {
            void *p = malloc(lengths[i]);

            if (p == NULL)
                break;
            adopt(&slots[k++], p, lengths[i], 16);
            sum += lengths[i];
        }
    return sum;
}

static void test_exhaustion(void)
{
    size_t first, again;

    for (int round = 0; round < 3; round++) {
        first = exhaust();
        CHECK(first > (2u << 20));
        walk();
        /* Every second block goes, and others come in its place. */
        for (int k = 0; k < SLOTS; k += 2)
            if (slots[k].p != NULL)
                give(&slots[k]);
        for (unsigned k = 0; k < 20000; k++)
            model_step();
        walk();
        give_all();
        malloc_trim(0);
        walk();
        again = exhaust();
        CHECK(again >= first - first / 16);
        give_all();
        walk();
    }
}

/* A mapping lies in the way of the break: the heap must go on by mmap. */
static void test_without_sbrk(unsigned long count)
{
    uintptr_t end = ((uintptr_t)sbrk(0) + 8191) & -4096;
    void *there = mmap((void *)end, 4096, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

    CHECK(there == (void *)end && sbrk(20000) == (void *)-1);
    for (mix = 0; mix < 3; mix++)
        test_mix(count);
    EQUAL(munmap(there, 4096), 0);
    mix = 1;
    test_mix(count);
}

int main(void)
{
    unsigned long count = getenv("TEST_LONG") != NULL ? 10000000 : 50000;

    for (mix = 0; mix < 3; mix++)
        test_mix(count);
    test_without_sbrk(count / 2);
    mix = 1;
    test_exhaustion();
    return tap_done();
}
