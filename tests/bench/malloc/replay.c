/*
 * What a real program did: the calls of a trace that traces.py recorded, with
 * the same lengths in the same order.  One byte in each page of each block is
 * written, as the program would.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench.h"

enum { FREE, MALLOC, CALLOC, REALLOC };

struct call {
    uint32_t what, slot, nbytes;
};

static const struct call *calls;
static size_t ncalls;

int replay_open(const char *path)
{
    int fd = open(path, O_RDONLY);
    struct stat st;
    volatile const char *byte;

    if (fd < 0 || fstat(fd, &st) != 0)
        return -1;
    calls = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (calls == MAP_FAILED)
        return -1;
    ncalls = st.st_size / sizeof *calls;
    /* Read once, so that reading it costs nothing while it is measured. */
    byte = (volatile const char *)calls;
    for (off_t at = 0; at < st.st_size; at += 4096)
        (void)byte[at];
    return 0;
}

static inline void take_zeroed(uint32_t slot, uint32_t nbytes)
{
    slots[slot] = bm_calloc(1, nbytes);
    noperations++;
    if (slots[slot] == NULL)
        bench_fail("out of memory");
}

static inline void resize(uint32_t slot, uint32_t nbytes)
{
    slots[slot] = bm_realloc(slots[slot], nbytes);
    noperations++;
    if (slots[slot] == NULL && nbytes > 0)
        bench_fail("out of memory");
}

void work_replay(uint32_t rounds)
{
    uint32_t nslots = 0;

    (void)rounds;
    for (size_t k = 0; k < ncalls; k++) {
        const struct call *c = &calls[k];

        if (c->slot >= nslots)
            nslots = c->slot + 1;
        if (c->what == FREE) {
            empty_slot(c->slot);
        } else {
            if (c->what == MALLOC)
                slots[c->slot] = take(c->nbytes);
            else if (c->what == CALLOC)
                take_zeroed(c->slot, c->nbytes);
            else
                resize(c->slot, c->nbytes);
            sizes[c->slot] = c->nbytes;
            if (c->nbytes > 0)
                touch_pages(slots[c->slot], c->nbytes);
        }
        if (k % 4096 == 4095)
            bench_mark(nslots);
    }
    bench_mark(nslots);
    empty_slots(nslots);
}
