/*
 * The radix tree of pagemap.h.
 *
 * Slots hold nodes above the lowest level and frame numbers in it; 0 is an
 * empty slot at both. A node counts its used slots, so that it can go when the
 * last one is cleared. pagemap_reserve makes the path to a page ahead of its
 * use; such a path may for a moment hold nothing, which is the one exception
 * to the invariant, and pagemap_unreserve ends it.
 */
#include <cairn/errno.h>
#include "lib/panic.h"
#include "mm/kmalloc.h"
#include "fs/pagemap.h"

#define BITS  6
#define SLOTS (1u << BITS)
#define MASK  (SLOTS - 1)

/* 6 levels of 6 bits cover 36 bits, more than PAGEMAP_LIMIT's 32. */
#define MAX_HEIGHT 6

struct node {
    uint32_t used;   /* slots that are not 0 */
    uint32_t frames; /* below the node */
    uintptr_t slots[SLOTS];
};

static struct slab_cache node_cache =
    SLAB_CACHE("pagemap", sizeof(struct node), sizeof(void *));

/* How many pages a tree of this height can name. */
static uint64_t reach(uint32_t height)
{
    return (uint64_t)1 << (BITS * height);
}

/* The slot of `index` in a node that has `level` levels below and with it. */
static unsigned slot_of(uint64_t index, uint32_t level)
{
    return (unsigned)(index >> (BITS * (level - 1))) & MASK;
}

void pagemap_init(struct pagemap *map)
{
    map->root = 0;
    map->height = 0;
    map->npages = 0;
}

/* In 32-bit steps, since every read and write of a file comes here. */
uint32_t pagemap_get(const struct pagemap *map, uint64_t index)
{
    uint32_t at = (uint32_t)index, shift = map->height * BITS;
    uintptr_t slot = map->root;

    if (index >> 32 != 0 || (shift < 32 && at >> shift != 0))
        return 0;
    while (shift > 0 && slot != 0) {
        shift -= BITS;
        slot = ((struct node *)slot)->slots[at >> shift & MASK];
    }
    return (uint32_t)slot;
}

/* Put a node above the root, so that the tree reaches further. */
static int grow(struct pagemap *map)
{
    struct node *top;

    if (map->root != 0) {
        top = slab_zalloc(&node_cache);
        if (top == NULL)
            return -ENOMEM;
        top->slots[0] = map->root;
        top->used = 1;
        top->frames = map->npages;
        map->root = (uintptr_t)top;
    }
    map->height++;
    return 0;
}

int pagemap_reserve(struct pagemap *map, uint64_t index)
{
    uintptr_t *slot = &map->root;
    struct node *parent = NULL;

    assert(index < PAGEMAP_LIMIT);
    while (index >= reach(map->height))
        if (grow(map) < 0)
            goto no_memory;
    for (uint32_t level = map->height; level > 0; level--) {
        if (*slot == 0) {
            *slot = (uintptr_t)slab_zalloc(&node_cache);
            if (*slot == 0)
                goto no_memory;
            if (parent != NULL)
                parent->used++;
        }
        parent = (struct node *)*slot;
        slot = &parent->slots[slot_of(index, level)];
    }
    return 0;

no_memory:
    pagemap_unreserve(map, index);
    return -ENOMEM;
}

void pagemap_set(struct pagemap *map, uint64_t index, uint32_t pfn)
{
    uintptr_t *slot = &map->root;
    struct node *node = NULL;

    for (uint32_t level = map->height; level > 0; level--) {
        node = (struct node *)*slot;
        node->frames++;
        slot = &node->slots[slot_of(index, level)];
    }
    assert(*slot == 0 && pfn != 0);
    *slot = pfn;
    if (node != NULL)
        node->used++;
    map->npages++;
}

/*
 * Follow the path to a page as far as it exists: path[level] is the slot that
 * leads to the node of that level, path[0] the page's own. Returns the lowest
 * level reached.
 */
static uint32_t descend(struct pagemap *map, uint64_t index,
                        uintptr_t *path[MAX_HEIGHT + 1])
{
    uint32_t level = map->height;

    path[level] = &map->root;
    while (level > 0 && *path[level] != 0) {
        struct node *node = (struct node *)*path[level];

        path[level - 1] = &node->slots[slot_of(index, level)];
        level--;
    }
    return level;
}

/* Free the empty nodes of a path from `level` (whose slot is 0) upwards. */
static void prune(struct pagemap *map, uintptr_t *path[MAX_HEIGHT + 1],
                  uint32_t level)
{
    for (; level <= map->height; level++) {
        struct node *node = (struct node *)*path[level];

        if (level == 0 || node == NULL)
            continue;
        if (node->used > 0)
            return;
        slab_free(&node_cache, node);
        *path[level] = 0;
        if (level < map->height)
            ((struct node *)*path[level + 1])->used--;
    }
    if (map->root == 0)
        map->height = 0;
}

void pagemap_unreserve(struct pagemap *map, uint64_t index)
{
    uintptr_t *path[MAX_HEIGHT + 1];

    if (map->root == 0)
        map->height = 0;
    if (map->root == 0 || index >= reach(map->height))
        return;
    prune(map, path, descend(map, index, path));
}

uint32_t pagemap_take(struct pagemap *map, uint64_t index)
{
    uintptr_t *path[MAX_HEIGHT + 1];
    uint32_t pfn;

    if (pagemap_get(map, index) == 0)
        return 0;
    descend(map, index, path);
    for (uint32_t level = 1; level <= map->height; level++)
        ((struct node *)*path[level])->frames--;
    pfn = (uint32_t)*path[0];
    *path[0] = 0;
    map->npages--;
    if (map->height > 0)
        ((struct node *)*path[1])->used--;
    prune(map, path, 0);
    return pfn;
}

bool pagemap_next(const struct pagemap *map, uint64_t *index)
{
    uint64_t at = *index;

    while (map->npages > 0 && at < reach(map->height)) {
        uintptr_t slot = map->root;
        uint32_t level = map->height;

        while (level > 0 && slot != 0) {
            slot = ((struct node *)slot)->slots[slot_of(at, level)];
            level--;
        }
        if (slot != 0) {
            *index = at;
            return true;
        }
        /* Nothing below this slot: go on behind all that it covers. */
        at = (at | (reach(level) - 1)) + 1;
    }
    return false;
}

/* How many frames are below a slot. */
static uint32_t frames_below(uintptr_t slot, uint32_t level)
{
    if (slot == 0 || level == 0)
        return slot != 0;
    return ((const struct node *)slot)->frames;
}

/* How many pages below `index` are there. */
static uint32_t count_below(const struct pagemap *map, uint64_t index)
{
    uintptr_t slot = map->root;
    uint32_t count = 0;

    if (index >= reach(map->height))
        return map->npages;
    for (uint32_t level = map->height; level > 0 && slot != 0; level--) {
        const struct node *node = (const struct node *)slot;
        unsigned at = slot_of(index, level);

        for (unsigned i = 0; i < at; i++)
            count += frames_below(node->slots[i], level - 1);
        slot = node->slots[at];
    }
    return count;
}

uint32_t pagemap_count(const struct pagemap *map, uint64_t first, uint64_t end)
{
    return end <= first ? 0 : count_below(map, end) - count_below(map, first);
}

static void claim(uintptr_t slot, uint32_t level)
{
    const struct node *node = (const struct node *)slot;

    if (slot == 0 || level == 0)
        return;
    kmalloc_claim(node);
    for (unsigned i = 0; i < SLOTS; i++)
        claim(node->slots[i], level - 1);
}

void pagemap_claim(const struct pagemap *map)
{
    claim(map->root, map->height);
}

/* Count the frames below a slot; sets *bad if a node's count is wrong. */
static uint32_t count(uintptr_t slot, uint32_t level, const char **bad)
{
    struct node *node = (struct node *)slot;
    uint32_t used = 0, frames = 0;

    if (slot == 0)
        return 0;
    if (level == 0)
        return 1;
    for (unsigned i = 0; i < SLOTS; i++) {
        used += node->slots[i] != 0;
        frames += count(node->slots[i], level - 1, bad);
    }
    if (used == 0 || used != node->used)
        *bad = "pagemap: a node's count of slots is wrong";
    if (frames != node->frames)
        *bad = "pagemap: a node's count of frames is wrong";
    return frames;
}

const char *pagemap_check(const struct pagemap *map)
{
    const char *bad = NULL;

    if (map->height > MAX_HEIGHT)
        return "pagemap: too high";
    if (count(map->root, map->height, &bad) != map->npages && bad == NULL)
        bad = "pagemap: the count of pages is wrong";
    return bad;
}
