/*
 * sbrk against a model: random steps up, down, to nothing, and beyond what
 * there is, with the contents of pages checked. Every page that came new must
 * be zero; every page that stayed must hold what was written to it.
 *
 * test: linux timeout=200
 */
#include <unistd.h>

#include "mm_test.h"

#define PAGE  4096u
#define LIMIT (8u << 20) /* the heap of the test stays below this */

static uint64_t state;
static char *base;    /* page-aligned start of the test's heap */
static uint32_t size; /* bytes of it */

/* The stamp that each page was given, 0 if it was not written. */
static uint32_t stamps[LIMIT / PAGE];

static uint32_t dice(uint32_t n)
{
    return (uint32_t)(tap_random(&state) % n);
}

static uint32_t npages(uint32_t bytes)
{
    return (bytes + PAGE - 1) / PAGE;
}

/* A word of a page, at a place that depends on the stamp. */
static volatile uint32_t *word_of(uint32_t page, uint32_t stamp)
{
    return (volatile uint32_t *)(base + page * PAGE + stamp % 1024 * 4);
}

/* Whether a page shows what the model says. */
static bool page_is_right(uint32_t page)
{
    uint32_t stamp = stamps[page];

    if (*word_of(page, stamp) == stamp)
        return true;
    return tap_fail(__FILE__, __LINE__, "page %u holds %u, not %u", page,
                    (unsigned)*word_of(page, stamp), (unsigned)stamp);
}

/* A random increment: bytes, pages, many pages, or all the way down. */
static int32_t increment(void)
{
    switch (dice(8)) {
    case 0:
        return (int32_t)dice(2 * PAGE) - (int32_t)PAGE;
    case 1:
        return ((int32_t)dice(600) - 300) * (int32_t)PAGE;
    case 2:
        return -(int32_t)dice(size + 1);
    case 3:
        return dice(50) == 0 ? -(int32_t)size : 0;
    default:
        return ((int32_t)dice(20) - 9) * (int32_t)PAGE;
    }
}

/* The break has moved from size to to: pages are gone, or new and zero. */
static void moved(uint32_t to)
{
    for (uint32_t page = npages(to); page < npages(size); page++)
        stamps[page] = 0;
    size = to;
}

static bool step_move(void)
{
    int32_t delta = increment();

    if ((int32_t)size + delta < 0 || size + (uint32_t)delta > LIMIT)
        return true;
    if (!CHECK(sbrk(delta) == base + size))
        return false;
    moved(size + (uint32_t)delta);
    return true;
}

/* Increments that must be refused, whatever the heap's size. */
static bool step_refused(void)
{
    static const uint32_t targets[] = {0, 0x1000, 0xC0000001, 0xFFFFF000,
                                       0xFFFFFFFF};
    uint32_t target = targets[dice(5)];
    intptr_t delta = (intptr_t)(target - (uintptr_t)(base + size));

    errno = 0;
    return CHECK(sbrk(delta) == (void *)-1) && CHECK_EQ(errno, ENOMEM) &&
           CHECK(sbrk(0) == base + size);
}

static bool step_touch(void)
{
    uint32_t page, stamp;

    if (size < PAGE)
        return true;
    page = dice(size / PAGE);
    if (!page_is_right(page))
        return false;
    if (dice(2) == 0) {
        stamp = 1 + dice(0x7FFFFFFF);
        *word_of(page, stamps[page]) = 0;
        *word_of(page, stamp) = stamp;
        stamps[page] = stamp;
    }
    return true;
}

static bool step(void)
{
    uint32_t what = dice(100);

    if (what < 50)
        return step_touch();
    return what < 98 ? step_move() : step_refused();
}

int main(void)
{
    static char buffer[4096];
    unsigned long n = getenv("TEST_LONG") != NULL ? 10000000 : 1000000;
    unsigned long i;

    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    state = tap_seed(1);
    base = sbrk(0);
    sbrk(-(intptr_t)(uintptr_t)base & (PAGE - 1));
    base = sbrk(0);
    for (i = 0; i < n && step(); i++)
        ;
    printf("# %lu steps, heap at %p, %u bytes at the end\n", i, (void *)base,
           (unsigned)size);
    for (uint32_t page = 0; page < size / PAGE; page++)
        page_is_right(page);
    CHECK(sbrk(-(int32_t)size) == base + size);
    CHECK(sbrk(0) == base);
    tap_end("random steps of sbrk agree with the model");
    return tap_done();
}
