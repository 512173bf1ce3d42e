/*
 * malloc, calloc, realloc, free: memory in pieces of any size, made from what
 * sbrk and mmap give.
 */
#include "tour.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#define NBLOCKS 64

/* The compiler knows what the functions promise; these are to be watched. */
static void *(*volatile call_malloc)(size_t) = malloc;
static void *(*volatile call_calloc)(size_t, size_t) = calloc;
static void *(*volatile call_realloc)(void *, size_t) = realloc;

static size_t size_of(int i)
{
    return (size_t)(i * 37 % 500 + 1);
}

/* Fill each block with its number: an overlap would be seen. */
static void visit_malloc(void)
{
    unsigned char *blocks[NBLOCKS];
    bool granted = true, aligned = true, own = true;

    for (int i = 0; i < NBLOCKS; i++) {
        blocks[i] = call_malloc(size_of(i));
        granted = granted && blocks[i] != NULL;
        if (size_of(i) >= 16)
            aligned = aligned && (uintptr_t)blocks[i] % 16 == 0;
        if (blocks[i] != NULL)
            memset(blocks[i], i, size_of(i));
    }
    for (int i = 0; i < NBLOCKS; i++) {
        own = own && blocks[i] != NULL && is_filled(blocks[i], i, size_of(i));
        free(blocks[i]);
    }
    check(granted, "malloc gives %d blocks of 1 to 500 bytes", NBLOCKS);
    check(aligned, "those of 16 bytes and more lie at multiples of 16");
    check(own, "each is its owner's alone: none overlaps another");
}

static void visit_calloc(void)
{
    unsigned char *dirty = call_malloc(1000), *clean;
    uintptr_t used = (uintptr_t)dirty;
    void *absurd;
    bool zero;
    int error;

    if (dirty != NULL)
        memset(dirty, 0xFF, 1000);
    free(dirty);
    clean = call_calloc(10, 100);
    zero = clean != NULL && is_filled(clean, 0, 1000);
    check(zero, "calloc gives zeros%s",
          (uintptr_t)clean == used ? ", even where dirt was just before" : "");
    free(clean);
    errno = 0;
    absurd = call_calloc(SIZE_MAX / 2, 3);
    error = errno;
    check(absurd == NULL && error == ENOMEM,
          "calloc of more than there are addresses: NULL and ENOMEM");
}

/*
 * A refusal is right if the limit of data leaves no room for two such blocks.
 */
static void refuse(size_t nbytes)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_DATA, &limit) == 0 && limit.rlim_cur < 4 * nbytes)
        skip("realloc of a large block", "the limit of data is too small");
    else
        check(false, "realloc gives %zu bytes", nbytes);
}

/*
 * Grow a block, say where it went, and check that it took its bytes along. With
 * `fenced`, another block is made right behind it first.
 */
static void grow(size_t from, size_t to, bool fenced)
{
    unsigned char *block = call_malloc(from), *grown;
    void *fence = fenced ? call_malloc(from) : NULL;
    uintptr_t old = (uintptr_t)block;

    if (block == NULL) {
        check(false, "malloc gives %zu bytes", from);
        return;
    }
    memset(block, 0x5A, from);
    grown = call_realloc(block, to);
    free(fence);
    if (grown == NULL) {
        refuse(to);
        free(block);
        return;
    }
    check(is_filled(grown, 0x5A, from),
          "realloc %zu to %zu bytes%s: %s, its bytes are there", from, to,
          fenced ? ", hemmed in" : "",
          (uintptr_t)grown == old ? "grew in place" : "moved");
    free(grown);
}

static void visit_realloc(void)
{
    unsigned char *block = call_malloc(5000), *cut;

    grow(40, 4000, false);
    grow(40, 4000, true);
    grow(256 * KIB, 1 * MIB, true);
    if (block != NULL)
        memset(block, 0x77, 5000);
    cut = call_realloc(block, 50);
    check(cut != NULL && is_filled(cut, 0x77, 50),
          "realloc 5000 to 50 bytes keeps the first 50");
    free(cut);
}

static void visit_alignment(void)
{
    bool good = true;

    for (size_t align = 16; align <= 64 * KIB; align *= 2) {
        void *block = aligned_alloc(align, align);

        good = good && block != NULL && (uintptr_t)block % align == 0;
        free(block);
    }
    check(good, "aligned_alloc keeps to every alignment from 16 to 65536");
}

void visit_blocks(void)
{
    chapter("malloc, calloc, realloc",
            "Blocks of any size out of whole pages.");
    visit_malloc();
    visit_calloc();
    visit_realloc();
    visit_alignment();
}
