/*
 * What happens when memory is exhausted. Cairn promises no page it does not
 * have: malloc returns NULL, what was granted can be used to its last byte,
 * nobody is killed, and what is freed can be had again.
 *
 * With much memory, filling all of it would take long. Then the program sets
 * itself a limit (RLIMIT_DATA), which malloc meets in the same way.
 */
#include "tour.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

#define FILL_MAX (96 * MIB)

/* A block in the list of all that were granted. */
struct block {
    struct block *next;
    unsigned char rest[];
};

static void *(*volatile call_malloc)(size_t) = malloc;

static unsigned long long free_memory(void)
{
    struct sysinfo info;

    if (sysinfo(&info) != 0)
        return 0;
    return (unsigned long long)info.freeram * info.mem_unit;
}

/* Set the limit if there is more memory than we want to fill. */
static bool limit_data(struct rlimit *old)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_DATA, old) != 0)
        return false;
    limit = *old;
    if (free_memory() <= FILL_MAX)
        return true;
    if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > FILL_MAX)
        limit.rlim_cur = FILL_MAX;
    show("There is much memory here: a limit of %zu MiB is set first.",
         (size_t)limit.rlim_cur / MIB);
    return setrlimit(RLIMIT_DATA, &limit) == 0;
}

/* Take blocks until there are no more, and write all of each. */
static size_t fill(size_t nbytes, struct block **all, int *error)
{
    size_t n = 0;

    *all = NULL;
    for (;;) {
        struct block *block;

        errno = 0;
        block = call_malloc(nbytes);
        if (block == NULL)
            break;
        block->next = *all;
        memset(block->rest, (int)(n & 0xFF), nbytes - sizeof(*block));
        *all = block;
        n++;
    }
    *error = errno;
    return n;
}

/* The last block was filled with n - 1, and so on down to the first. */
static bool is_intact(const struct block *all, size_t n, size_t nbytes)
{
    for (; all != NULL; all = all->next) {
        n--;
        if (!is_filled(all->rest, (int)(n & 0xFF), nbytes - sizeof(*all)))
            return false;
    }
    return n == 0;
}

static void free_all(struct block *all)
{
    while (all != NULL) {
        struct block *next = all->next;

        free(all);
        all = next;
    }
}

/* Blocks small enough that there are some dozens of them. */
static size_t block_size(void)
{
    size_t nbytes = MIB;

    while (nbytes > 4 * KIB && nbytes * 32 > free_memory())
        nbytes /= 2;
    return nbytes;
}

void visit_limit(void)
{
    size_t nbytes = block_size(), n, again;
    struct block *all;
    struct rlimit old;
    int error;

    chapter("No memory left", "malloc until it returns NULL, and what then.");
    if (!limit_data(&old)) {
        skip("exhausting memory", "no limit could be set");
        return;
    }
    n = fill(nbytes, &all, &error);
    check(n > 0, "malloc gave %zu blocks of %zu KiB, and then NULL", n,
          nbytes / KIB);
    check(error == ENOMEM, "errno says why: %s", strerror(error));
    check(is_intact(all, n, nbytes),
          "every byte that was granted was written, and holds its value");
    show("Now there are %ld KiB free, and this line is still printed.",
         (long)(free_memory() / KIB));
    free_all(all);
    again = fill(nbytes, &all, &error);
    free_all(all);
    check(again + 1 >= n, "freed and asked for again: %zu blocks", again);
    check(setrlimit(RLIMIT_DATA, &old) == 0, "life goes on");
}
