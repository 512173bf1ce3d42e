/*
 * Mappings: blocks that have pages of their own, and the table of them.
 *
 * The table is a hash of the address with linear probing.  It is part of
 * struct heap while it is short, then a block of the heap.
 */
#include <errno.h>
#include <string.h>
#include "internal.h"

static size_t place_of(const struct heap *h, uintptr_t at)
{
    return at / PAGE * 2654435769u >> 8 & (h->room - 1);
}

/* The entry of a mapping at `at`, or the one where it would be. */
static struct mapping *look_up(const struct heap *h, uintptr_t at)
{
    size_t k = place_of(h, at);

    while (h->table[k].nbytes != 0 && h->table[k].at != at)
        k = (k + 1) & (h->room - 1);
    return &h->table[k];
}

internal struct mapping *__big_find(const struct heap *h, const void *p)
{
    struct mapping *m;

    if (h->nmapped == 0 || ((uintptr_t)p & (PAGE - 1)) != 0)
        return NULL;
    m = look_up(h, (uintptr_t)p);
    return m->nbytes != 0 ? m : NULL;
}

static void put(struct heap *h, uintptr_t at, size_t nbytes)
{
    *look_up(h, at) = (struct mapping){at, nbytes};
}

/* Empty an entry, and fill the hole with those that were pushed beyond it. */
static seldom void remove_entry(struct heap *h, struct mapping *m)
{
    size_t mask = h->room - 1, hole = m - h->table, k = hole;

    while (h->table[k = (k + 1) & mask].nbytes != 0) {
        size_t home = place_of(h, h->table[k].at);

        if (((k - home) & mask) < ((k - hole) & mask))
            continue;
        h->table[hole] = h->table[k];
        hole = k;
    }
    h->table[hole].nbytes = 0;
}

/* Room for one more: the table stays half empty. */
static seldom bool make_room(struct heap *h)
{
    struct mapping *old = h->table;
    size_t old_room = h->room, room = old_room, block, n;

    if (2 * (h->nmapped + 1) <= room)
        return true;
    room *= room == FIRST_TABLE ? 16 : 2;
    n = grains_for(room * sizeof *old);
    block = __heap_take_own(h, n);
    if (block == 0)
        return false;
    h->table = grain_at(h, block);
    h->room = room;
    clear_grains(h->table, n);
    for (size_t k = 0; k < old_room; k++)
        if (old[k].nbytes != 0)
            put(h, old[k].at, old[k].nbytes);
    if (h->table_block != 0)
        __heap_give_own(h, h->table_block);
    h->table_block = block;
    return true;
}

internal seldom void *__big_alloc(struct heap *h, size_t nbytes)
{
    size_t room = (nbytes + PAGE - 1) & -PAGE;
    int saved = errno;
    void *p = make_room(h) ? __os_map(room) : NULL;

    errno = saved;
    if (p == NULL)
        return NULL;
    put(h, (uintptr_t)p, room);
    for (unsigned k = 0; k < UNMAPPED; k++)
        if (h->unmapped[k] == (uintptr_t)p)
            h->unmapped[k] = 0;
    h->nmapped++;
    h->mapped_bytes += room;
    h->nblocks++;
    h->spare++;
    return p;
}

internal seldom void __big_free(struct heap *h, struct mapping *m)
{
    uintptr_t at = m->at;
    size_t nbytes = m->nbytes;
    int saved = errno;

    remove_entry(h, m);
    h->unmapped[h->next_unmapped++ % UNMAPPED] = at;
    __os_unmap((void *)at, nbytes);
    errno = saved;
    h->nmapped--;
    h->mapped_bytes -= nbytes;
    h->nblocks--;
    if (--h->spare < 0)
        __pass_free_event(h);
}

internal seldom void *__big_resize(struct heap *h, struct mapping *m,
                                   size_t nbytes)
{
    size_t room = (nbytes + PAGE - 1) & -PAGE, old = m->nbytes;
    int saved = errno;
    void *p;

    if (room == old)
        return (void *)m->at;
    p = __os_remap((void *)m->at, old, room);
    errno = saved;
    if (p == NULL)
        return NULL;
    remove_entry(h, m);
    put(h, (uintptr_t)p, room);
    h->mapped_bytes += room - old;
    return p;
}
