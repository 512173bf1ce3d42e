/*
 * Threads that take the lock of the heap again and again: none of them sleeps
 * for ever. Each gives the lock back and takes it at once, which is when a
 * wake-up that is meant for another thread can get lost.
 *
 * test: linux
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tap.h"

#define NTHREADS 4
#define ROUNDS   100000
#define NBLOCKS  8

static void *churn(void *arg)
{
    unsigned char *blocks[NBLOCKS] = {NULL};
    unsigned state = (unsigned)(uintptr_t)arg * 2654435761u + 1;
    uintptr_t bad = 0;

    for (int round = 0; round < ROUNDS; round++) {
        unsigned char **block;

        state = state * 1664525u + 1013904223u;
        block = &blocks[state >> 29];
        bad += *block != NULL && **block != (unsigned char)(uintptr_t)arg;
        free(*block);
        *block = malloc(1 + (state >> 16) % 300);
        if (*block != NULL)
            **block = (unsigned char)(uintptr_t)arg;
    }
    for (int i = 0; i < NBLOCKS; i++)
        free(blocks[i]);
    return (void *)bad;
}

int main(void)
{
    pthread_t threads[NTHREADS];
    void *bad;

    for (int i = 0; i < NTHREADS; i++)
        EQUAL(pthread_create(&threads[i], NULL, churn, (void *)(intptr_t)i), 0);
    for (int i = 0; i < NTHREADS; i++) {
        EQUAL(pthread_join(threads[i], &bad), 0);
        CHECK(bad == NULL);
    }
    return tap_done();
}
