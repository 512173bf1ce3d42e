/*
 * Bytes become operations of the allocator: four for each, what, which slot
 * and a length. The heap is walked after every one, and each block keeps its
 * fill. Built and run by `make fuzz-malloc`.
 */
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/os_host.h"
#include "malloc_cairn.h"

#define SLOTS 64

static unsigned char *slot[SLOTS];
static size_t length[SLOTS];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int is_good, const char *what)
{
    if (is_good)
        return;
    fprintf(stderr, "broken: %s\n", what);
    __builtin_trap();
}

static void look(unsigned k, size_t n)
{
    for (size_t i = 0; i < n; i++)
        require(slot[k][i] == (unsigned char)k, "a block's content");
}

static void adopt(unsigned k, void *p, size_t n)
{
    if (p == NULL)
        return;
    require(((uintptr_t)p & 15) == 0 && malloc_usable_size(p) >= n, "a block");
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

static void operate(unsigned what, unsigned k, size_t n)
{
    void *p;

    os_host_fail_every = what & 0x80 ? 2 : 0;
    if (what & 0x40)
        n *= 40;
    switch (what & 7) {
    case 0:
    case 1:
        give(k);
        break;
    case 2:
        p = slot[k] == NULL ? NULL : realloc(slot[k], n);
        if (p == NULL)
            break;
        slot[k] = p;
        look(k, n < length[k] ? n : length[k]);
        adopt(k, p, n);
        break;
    case 3:
        give(k);
        adopt(k, memalign((size_t)16 << (what >> 3 & 7), n), n);
        break;
    case 4:
        malloc_trim(n);
        break;
    case 5:
        os_host_sbrk((intptr_t)(n & 4095));
        break;
    default:
        give(k);
        adopt(k, malloc(n), n);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *wrong;

    for (; size >= 4; data += 4, size -= 4) {
        operate(data[0], data[1] % SLOTS, data[2] | (size_t)data[3] << 8);
        wrong = malloc_check();
        require(wrong == NULL, wrong);
    }
    os_host_fail_every = 0;
    for (unsigned k = 0; k < SLOTS; k++)
        give(k);
    return 0;
}
