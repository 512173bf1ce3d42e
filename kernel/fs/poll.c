/*
 * Sleeping on many wait queues at once.
 *
 * A poll_set holds the places that the thread has taken in the queues, in
 * chunks, the first of them on the caller's stack. A place must not move while
 * it is queued, so chunks are chained, not grown.
 */
#include <cairn/errno.h>
#include "arch/i386/cpu.h"
#include "lib/checkpoint.h"
#include "mm/kmalloc.h"
#include "sched/thread.h"
#include "fs/poll.h"
#include "fs/poll_set.h"

#define CHUNK_WAITERS 60

struct poll_chunk {
    struct poll_chunk *next;
    unsigned used;
    struct waiter waiters[CHUNK_WAITERS];
};

void poll_set_init(struct poll_set *set)
{
    set->used = 0;
    set->chunks = NULL;
    set->no_memory = false;
    set->notify = NULL;
}

void poll_set_init_notify(struct poll_set *set,
                          void (*notify)(struct waiter *w), void *owner)
{
    poll_set_init(set);
    set->notify = notify;
    set->owner = owner;
}

/* An unused place, or NULL when memory is short. */
static struct waiter *new_waiter(struct poll_set *set)
{
    struct poll_chunk *chunk = set->chunks;

    if (set->used < POLL_SET_FIRST)
        return &set->first[set->used++];
    if (chunk == NULL || chunk->used == CHUNK_WAITERS) {
        chunk = kmalloc(sizeof(*chunk));
        if (chunk == NULL)
            return NULL;
        chunk->next = set->chunks;
        chunk->used = 0;
        set->chunks = chunk;
    }
    return &chunk->waiters[chunk->used++];
}

void poll_wait(struct poll_set *set, struct waitq *wq)
{
    struct waiter *waiter;

    if (set == NULL)
        return;
    waiter = new_waiter(set);
    if (waiter == NULL)
        set->no_memory = true;
    else if (set->notify)
        waitq_join_notify(wq, waiter, set->notify, set->owner);
    else
        waitq_join(wq, waiter);
}

static bool is_woken(const struct poll_set *set)
{
    for (unsigned i = 0; i < set->used; i++)
        if (set->first[i].woken)
            return true;
    for (struct poll_chunk *chunk = set->chunks; chunk; chunk = chunk->next)
        for (unsigned i = 0; i < chunk->used; i++)
            if (chunk->waiters[i].woken)
                return true;
    return false;
}

/*
 * A wake-up that came after the files were asked is not lost: up to here a
 * waiter says so, from here on the thread, which then does not sleep.
 */
int poll_set_sleep(struct poll_set *set, uint64_t deadline_ns)
{
    if (set->no_memory)
        return -ENOMEM;
    current->woken = false;
    if (is_woken(set))
        return 0;
    return sched_block(true, deadline_ns);
}

void poll_set_clear(struct poll_set *set)
{
    while (set->used > 0)
        waitq_leave(&set->first[--set->used]);
    while (set->chunks != NULL) {
        struct poll_chunk *chunk = set->chunks;

        while (chunk->used > 0)
            waitq_leave(&chunk->waiters[--chunk->used]);
        set->chunks = chunk->next;
        kfree(chunk);
        checkpoint();
    }
    set->no_memory = false;
}
