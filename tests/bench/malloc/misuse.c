/*
 * misuse CASE: one way to misuse the allocator; caught means that the process
 * ends at once.  Exit status 42: the same block was handed out twice, so the
 * misuse went unseen and did harm.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void *bm_malloc(size_t nbytes);
void bm_free(void *p);

#define BLOCKS 64

static char *block[BLOCKS];

static void free_many_and_one_again(void)
{
    for (int i = 0; i < BLOCKS; i += 2)
        bm_free(block[i]);
    bm_free(block[30]);
}

static void overflow(void)
{
    memset(block[9], 0x41, 56);
    bm_free(block[9]);
    bm_free(block[10]);
}

static void write_after_free(void)
{
    volatile char *p;

    bm_free(block[9]);
    memset(block[9], 0x41, 16);
    bm_malloc(40);
    p = bm_malloc(40);
    if (p != NULL)
        p[0] = 1;
    bm_malloc(40);
}

static void misuse(int number)
{
    static char outside[64];

    switch (number) {
    case 1: /* freed twice */
        bm_free(block[9]);
        bm_free(block[9]);
        break;
    case 2: /* freed twice, another between */
        bm_free(block[9]);
        bm_free(block[20]);
        bm_free(block[9]);
        break;
    case 3:
        free_many_and_one_again();
        break;
    case 4: /* inside, unaligned */
        bm_free(block[9] + 8);
        break;
    case 5: /* inside, aligned */
        bm_free(block[9] + 16);
        break;
    case 6:
        overflow();
        break;
    case 7:
        write_after_free();
        break;
    case 8: /* nothing of the allocator's */
        bm_free(outside + 16);
        break;
    }
}

int main(int argc, char **argv)
{
    for (int i = 0; i < BLOCKS; i++) {
        block[i] = bm_malloc(40);
        memset(block[i], i, 40);
    }
    alarm(5);
    misuse(argc > 1 ? atoi(argv[1]) : 0);
    for (int i = 0; i < BLOCKS; i++) {
        char *p = bm_malloc(40), *q = bm_malloc(40);

        if (p == q)
            _exit(42);
    }
    return 0;
}
