/*
 * Bytes become operations of the allocator: four for each, what, which slot
 * and a length. The heap is walked, each block keeps its fill, and calls to the
 * system fail where the bytes say so.
 */
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "host/os_host.h"
#include "malloc_cairn.h"

#define SLOTS 64

/* They take longer than those of a parser. */
unsigned long fuzz_runs = 1500;

static unsigned char *slot[SLOTS];
static size_t length[SLOTS];

/* What the first byte says. */
enum { WHAT = 7, ALIGN_SHIFT = 3, LONGER = 0x40, FAILING = 0x80 };
enum { FREE, FREE_TOO, RESIZE, ALIGNED, TRIM, OTHERS, ZEROED, TAKE };

static void look(unsigned k, size_t n)
{
    FUZZ_CHECK(n == 0 ||
               (slot[k][0] == k && memcmp(slot[k], slot[k] + 1, n - 1) == 0));
}

static void adopt(unsigned k, void *p, size_t n)
{
    if (p == NULL)
        return;
    FUZZ_CHECK(((uintptr_t)p & (n < 16 ? 7 : 15)) == 0);
    FUZZ_CHECK(malloc_usable_size(p) >= n);
    slot[k] = p;
    length[k] = n;
    memset(p, (int)k, n);
}

static void give(unsigned k)
{
    if (slot[k] != NULL)
        look(k, length[k]);
    free(slot[k]);
    slot[k] = NULL;
}

static void resize(unsigned k, size_t n)
{
    void *p = slot[k] == NULL ? NULL : realloc(slot[k], n);

    if (p == NULL)
        return;
    slot[k] = p;
    look(k, n < length[k] ? n : length[k]);
    adopt(k, p, n);
}

static void take_zeroed(unsigned k, size_t n)
{
    unsigned char *p = calloc(1, n);

    if (p == NULL)
        return;
    for (size_t i = 0; i < n; i++)
        FUZZ_CHECK(p[i] == 0);
    adopt(k, p, n);
}

/* Others' memory never comes back, and the walk passes over all of it. */
static void take_by_sbrk(size_t n)
{
    static size_t left = 1 << 18;

    if (n <= left && os_host_sbrk((intptr_t)n) != NULL)
        left -= n;
}

static void operate(unsigned what, unsigned k, size_t n)
{
    os_host_fail_every = what & FAILING ? 2 : 0;
    if (what & LONGER)
        n = n >= 0xf000 ? n * 40 : (n & 4095) * 40;
    switch (what & WHAT) {
    case FREE:
    case FREE_TOO:
        give(k);
        break;
    case RESIZE:
        resize(k, n);
        break;
    case ALIGNED:
        give(k);
        adopt(k, memalign((size_t)16 << (what >> ALIGN_SHIFT & 7), n), n);
        break;
    case TRIM:
        malloc_trim(n);
        break;
    case OTHERS:
        take_by_sbrk(n & 4095);
        break;
    case ZEROED:
        give(k);
        take_zeroed(k, n);
        break;
    default:
        give(k);
        adopt(k, malloc(n), n);
    }
}

/*
 * Walking the heap takes longer than anything else: it is done after each step
 * of some inputs, and after the last one of more.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static unsigned ninputs;
    bool is_watched = ninputs++ % 64 == 0;

    for (; size >= 4; data += 4, size -= 4) {
        operate(data[0], data[1] % SLOTS, data[2] | (size_t)data[3] << 8);
        if (is_watched)
            fuzz_require(malloc_check());
    }
    if (ninputs % 8 == 0)
        fuzz_require(malloc_check());
    os_host_fail_every = 0;
    for (unsigned k = 0; k < SLOTS; k++)
        give(k);
    return 0;
}

/* Short programs, each of one kind: all taken, some resized, all freed. */
size_t fuzz_seed(unsigned n, uint8_t *buf, size_t max)
{
    static const unsigned sizes[] = {8, 24, 200, 1000, 4096, 20000, 62000};
    size_t at = 0;

    if (n >= 2 * sizeof sizes / sizeof *sizes)
        return 0;
    for (unsigned k = 0; k < 16 && at + 4 <= max; k++) {
        unsigned what = k < 6    ? TAKE + k * 8
                        : k < 9  ? RESIZE
                        : k < 11 ? ALIGNED | k << ALIGN_SHIFT
                        : k < 12 ? OTHERS
                        : k < 13 ? TRIM
                                 : FREE;
        unsigned nbytes = sizes[n / 2] + k * 16;

        buf[at++] =
            (uint8_t)((what & ~(LONGER | FAILING)) | (n % 2 != 0 ? LONGER : 0));
        buf[at++] = (uint8_t)(k % 6);
        buf[at++] = (uint8_t)nbytes;
        buf[at++] = (uint8_t)(nbytes >> 8);
    }
    return at;
}
