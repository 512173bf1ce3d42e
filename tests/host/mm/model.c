/*
 * Address spaces against a model: random calls on up to four spaces that fork
 * from each other, over private, shared, file and late charged memory, while
 * memory runs short. The model is an array with one record for each page of a
 * small stretch of addresses. Results, addresses and the bytes seen are
 * compared at each step, areas and all invariants every few hundred.
 */
#include <cairn/errno.h>
#include <stdlib.h>

#include "arch/i386/pmap.h"
#include "machine.h"
#include "mm/commit.h"
#include "mm/kmalloc.h"
#include "tap.h"

#define ALL     (PROT_READ | PROT_WRITE | PROT_EXEC)
#define P       PAGE_SIZE
#define BASE    USER_BASE /* nothing is below */
#define NPAGES  3000u     /* crosses six page tables */
#define NSPACES 4u

/* An object, and the byte that each of its pages shows. */
struct thing {
    struct mobject *obj;
    size_t npages;
    size_t users; /* model pages that show it; files have one more */
    uint8_t values[];
};

struct page {
    bool mapped;
    bool shared, noreserve, charged;
    bool own;      /* private, written */
    uint8_t value; /* what an own page shows */
    uint8_t prot, may;
    struct thing *thing;
    size_t index; /* page of the thing */
};

struct world {
    struct space *space;
    struct page pages[NPAGES];
};

static struct world worlds[NSPACES];
static struct thing *files[2];
static uint64_t random_state;
static unsigned long ncalls, nrefused, ncompared;

static uint32_t dice(uint32_t n)
{
    return (uint32_t)(tap_random(&random_state) % n);
}

static vaddr_t address(size_t page)
{
    return BASE + page * P;
}

/*
 * The model's records.
 */

static void use(struct thing *thing)
{
    if (thing != NULL)
        thing->users++;
}

static void unuse(struct thing *thing)
{
    if (thing != NULL && --thing->users == 0)
        free(thing);
}

static void model_unmap(struct page *page)
{
    if (page->mapped)
        unuse(page->thing);
    memset(page, 0, sizeof *page);
}

static void model_put(struct page *to, const struct page *from)
{
    if (from->mapped)
        use(from->thing);
    model_unmap(to);
    *to = *from;
}

/* What a page shows: true with *value, or false past the end of a file. */
static bool model_shows(const struct page *page, uint8_t *value)
{
    if (page->own) {
        *value = page->value;
        return true;
    }
    *value = 0;
    if (page->thing == NULL)
        return true;
    if (page->index >= page->thing->npages)
        return false;
    *value = page->thing->values[page->index];
    return true;
}

/* A random stretch: mostly short, now and then long. */
static void stretch(size_t *first, size_t *n)
{
    *first = dice(NPAGES);
    *n = 1 + dice(dice(8) == 0 ? 900 : 12);
    if (*n > NPAGES - *first)
        *n = NPAGES - *first;
}

static struct world *some_world(void)
{
    struct world *world;

    do
        world = &worlds[dice(NSPACES)];
    while (world->space == NULL);
    return world;
}

/*
 * Whether a refusal for lack of memory is believable: what was asked, and
 * some slabs and tables, is more than there is.
 */
static bool is_short(size_t npages)
{
    struct commit_state state;
    size_t out;

    nrefused++;
    commit_read(&state);
    out = state.charged_low - state.taken_low;
    return state.limit - state.charged < npages + 16 ||
           frame_free_low() - out < 16;
}

/*
 * mmap.
 */

/* Where the kernel must put n pages: the highest gap, or NPAGES. */
static size_t model_place(const struct world *world, size_t n)
{
    size_t run = 0;

    for (size_t i = NPAGES; i-- > 0;) {
        run = world->pages[i].mapped ? 0 : run + 1;
        if (run == n)
            return i;
    }
    return NPAGES;
}

static struct thing *new_thing(struct mobject *obj, size_t npages)
{
    struct thing *thing = calloc(1, sizeof *thing + npages);

    thing->obj = obj;
    thing->npages = npages;
    return thing;
}

/* Record a mapping that was made at `first`. */
static void model_map(struct world *world, size_t first, size_t n,
                      struct page like, unsigned flags)
{
    bool is_new = like.shared && like.thing == NULL;

    like.mapped = true;
    if (is_new) {
        struct area_info info;

        CHECK(space_find(world->space, address(first), &info));
        like.thing = new_thing(info.obj, n);
        use(like.thing);
    }
    like.charged =
        !like.shared && (like.prot & PROT_WRITE) && !(flags & MAP_NORESERVE);
    for (size_t i = 0; i < n; i++) {
        model_put(&world->pages[first + i], &like);
        like.index += like.thing != NULL;
    }
    if (is_new)
        unuse(like.thing);
}

static void step_map(struct world *world)
{
    struct page like = {0};
    unsigned flags = dice(4) == 0 ? MAP_SHARED : MAP_PRIVATE;
    size_t first, n, room;
    vaddr_t at = 0;
    int err;

    stretch(&first, &n);
    like.prot = (uint8_t)dice(8);
    like.may = ALL;
    like.shared = flags == MAP_SHARED;
    if (dice(6) == 0)
        flags |= MAP_NORESERVE;
    like.noreserve = (flags & MAP_NORESERVE) != 0;
    if (dice(3) == 0) {
        like.thing = files[dice(2)];
        like.index = dice((uint32_t)like.thing->npages + 2);
        if (like.shared && dice(2) == 0)
            like.may &= (uint8_t)~PROT_WRITE;
    } else {
        flags |= MAP_ANONYMOUS;
    }
    room = model_place(world, n);
    if (dice(3) == 0)
        flags |= dice(4) == 0 ? MAP_FIXED_NOREPLACE : MAP_FIXED;
    err = space_map(world->space,
                    flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) ? address(first)
                                                              : 0,
                    n * P, like.prot, flags,
                    like.thing != NULL ? like.thing->obj : NULL, like.index,
                    like.may, &at);
    if ((like.prot & ~like.may) != 0) {
        CHECK_EQ(err, -EACCES);
        return;
    }
    if (flags & MAP_FIXED_NOREPLACE) {
        bool taken = false;

        for (size_t i = 0; i < n; i++)
            taken = taken || world->pages[first + i].mapped;
        if (taken) { /* shared memory of its own is made before that is seen */
            CHECK(err == -EEXIST ||
                  (err == -ENOMEM && like.shared && (flags & MAP_ANONYMOUS)));
            return;
        }
    } else if (!(flags & MAP_FIXED)) {
        first = room;
    }
    if (err == -ENOMEM) {
        CHECK(is_short(n) || first == NPAGES);
        return;
    }
    if (!CHECK_EQ(err, 0) || !CHECK_EQ(at, address(first)))
        return;
    model_map(world, first, n, like, flags);
}

/*
 * munmap, mprotect, madvise, mremap.
 */

static void step_unmap(struct world *world)
{
    size_t first, n;
    int err;

    stretch(&first, &n);
    err = space_unmap(world->space, address(first), n * P);
    if (err == -ENOMEM) {
        CHECK(is_short(0));
        return;
    }
    CHECK_EQ(err, 0);
    for (size_t i = 0; i < n; i++)
        model_unmap(&world->pages[first + i]);
}

static void step_protect(struct world *world)
{
    uint8_t prot = (uint8_t)dice(8);
    int expected = 0;
    size_t first, n;
    int err;

    stretch(&first, &n);
    err = space_protect(world->space, address(first), n * P, prot);
    for (size_t i = 0; i < n && expected == 0; i++) {
        const struct page *page = &world->pages[first + i];

        if (!page->mapped)
            expected = -ENOMEM;
        else if ((prot & ~page->may) != 0)
            expected = -EACCES;
    }
    if (expected == 0 && err == -ENOMEM) {
        CHECK(is_short(n));
        return;
    }
    CHECK_EQ(err, expected);
    for (size_t i = 0; i < n && err == 0; i++) {
        struct page *page = &world->pages[first + i];

        page->prot = prot;
        if ((prot & PROT_WRITE) && !page->shared && !page->noreserve)
            page->charged = true;
    }
}

static void step_advise(struct world *world)
{
    int expected = 0;
    size_t first, n;

    stretch(&first, &n);
    for (size_t i = 0; i < n; i++) {
        struct page *page = &world->pages[first + i];

        if (!page->mapped)
            expected = -ENOMEM;
        page->own = false;
    }
    CHECK_EQ(space_advise(world->space, address(first), n * P, MADV_DONTNEED),
             expected);
}

/* Whether pages i and i + 1 belong to one area. */
static bool same_area(const struct page *a, const struct page *b)
{
    return a->mapped && b->mapped && a->prot == b->prot && a->may == b->may &&
           a->shared == b->shared && a->noreserve == b->noreserve &&
           a->charged == b->charged && a->thing == b->thing &&
           (a->thing == NULL || a->index + 1 == b->index);
}

static bool is_one_area(const struct world *world, size_t first, size_t n)
{
    for (size_t i = first; i + 1 < first + n; i++)
        if (!same_area(&world->pages[i], &world->pages[i + 1]))
            return false;
    return world->pages[first].mapped;
}

static bool is_free(const struct world *world, size_t first, size_t n)
{
    for (size_t i = first; i < first + n; i++)
        if (i >= NPAGES || world->pages[i].mapped)
            return false;
    return true;
}

/* Pages [first, first + old) become [to, to + n). */
static void model_move(struct world *world, size_t first, size_t old, size_t to,
                       size_t n)
{
    static struct page moved[NPAGES];
    struct page like = world->pages[first];

    memset(moved, 0, sizeof moved);
    for (size_t i = 0; i < n; i++) {
        like.own = false;
        model_put(&moved[i], i < old ? &world->pages[first + i] : &like);
        like.index += like.thing != NULL;
    }
    for (size_t i = 0; i < old; i++)
        model_unmap(&world->pages[first + i]);
    for (size_t i = 0; i < n; i++) {
        model_put(&world->pages[to + i], &moved[i]);
        model_unmap(&moved[i]);
    }
}

static void step_remap(struct world *world)
{
    size_t first, old, n, to, want;
    unsigned flags = dice(4) == 0 ? 0 : MREMAP_MAYMOVE;
    bool one, fits;
    vaddr_t at = 0;
    int err;

    stretch(&first, &old);
    stretch(&to, &n);
    if (dice(2) == 0)
        n = old + dice(10);
    if (n > NPAGES - to)
        n = NPAGES - to;
    if (flags != 0 && dice(2) == 0)
        flags |= MREMAP_FIXED;
    one = is_one_area(world, first, old);
    fits = first + n <= NPAGES && is_free(world, first + old, n - old);
    want = model_place(world, n);
    err = space_remap(world->space, address(first), old * P, n * P, flags,
                      address(to), &at);
    if ((flags & MREMAP_FIXED) && first < to + n && to < first + old) {
        CHECK_EQ(err, -EINVAL);
        return;
    }
    if (!world->pages[first].mapped) {
        CHECK_EQ(err, -EFAULT);
        return;
    }
    if (!(flags & MREMAP_FIXED) && n <= old) {
        if (err == -ENOMEM) {
            CHECK(is_short(0));
            return;
        }
        CHECK_EQ(err, 0);
        for (size_t i = first + n; i < first + old; i++)
            model_unmap(&world->pages[i]);
        return;
    }
    if (!one) {
        CHECK_EQ(err, -EFAULT);
        return;
    }
    if (!(flags & MREMAP_FIXED))
        to = fits ? first : (flags & MREMAP_MAYMOVE) ? want : NPAGES;
    if (err == -ENOMEM) {
        CHECK(to == NPAGES || is_short(n));
        return;
    }
    if (!CHECK_EQ(err, 0) || !CHECK_EQ(at, address(to)))
        return;
    model_move(world, first, old, to, n);
}

/*
 * Touching, which the others are there for.
 */

static void step_touch(struct world *world)
{
    size_t i = dice(NPAGES);
    struct page *page = &world->pages[i];
    bool write = dice(2) == 0;
    uint8_t seen, *byte;
    bool shows = model_shows(page, &seen);
    int err = machine_touch(world->space, address(i) + dice(P),
                            write ? FAULT_WRITE : FAULT_READ, &byte);

    if (!page->mapped) {
        CHECK_EQ(err, -EFAULT);
    } else if (page->prot == PROT_NONE ||
               (write && !(page->prot & PROT_WRITE))) {
        CHECK_EQ(err, -EACCES);
    } else if (!shows) {
        CHECK_EQ(err, -ENXIO);
    } else if (err == -ENOBUFS) {
        /* Only what was not promised may be refused. */
        CHECK(page->noreserve && !page->charged && is_short(1));
    } else if (CHECK_EQ(err, 0)) {
        uint8_t value = (uint8_t)dice(256);

        CHECK_EQ(*byte, seen);
        ncompared++;
        if (!write)
            return;
        /* The model has one value for the whole page. */
        memset((void *)((uintptr_t)byte & ~(uintptr_t)PAGE_MASK), value, P);
        if (page->shared) {
            page->thing->values[page->index] = value;
        } else {
            page->own = true;
            page->value = value;
        }
    }
}

/* exec's way of writing: protection does not count, mappings do. */
static void step_force(struct world *world)
{
    static uint8_t whole[PAGE_SIZE];
    size_t i = dice(NPAGES);
    struct page *page = &world->pages[i];
    uint8_t seen;
    int err;

    if (page->shared)
        return;
    memset(whole, (int)dice(256), P);
    err = space_write(world->space, address(i), whole, P, true);
    if (!page->mapped || !model_shows(page, &seen)) {
        CHECK_EQ(err, -EFAULT);
    } else if (err != 0) {
        CHECK_EQ(err, -EFAULT);
        CHECK(!page->charged && is_short(1));
    } else {
        page->own = true;
        page->value = whole[0];
    }
}

/*
 * fork, exit.
 */

static void step_fork(struct world *parent)
{
    struct world *child = NULL;
    int err;

    for (size_t i = 0; i < NSPACES && child == NULL; i++)
        if (worlds[i].space == NULL)
            child = &worlds[i];
    if (child == NULL)
        return;
    err = space_fork(parent->space, &child->space);
    if (err != 0) {
        CHECK_EQ(err, -ENOMEM);
        CHECK(is_short(NPAGES + 60));
        child->space = NULL;
        return;
    }
    for (size_t i = 0; i < NPAGES; i++)
        model_put(&child->pages[i], &parent->pages[i]);
}

static void leave(struct world *world)
{
    space_put(world->space);
    world->space = NULL;
    for (size_t i = 0; i < NPAGES; i++)
        model_unmap(&world->pages[i]);
}

static void step_exit(struct world *world)
{
    unsigned n = 0;

    for (size_t i = 0; i < NSPACES; i++)
        n += worlds[i].space != NULL;
    if (n > 1)
        leave(world);
}

/*
 * Comparing.
 */

static bool matches(const struct page *page, const struct area_info *info,
                    size_t i)
{
    bool inside = info->start <= address(i) && address(i) < info->end;
    unsigned flags = page->shared ? MAP_SHARED : MAP_PRIVATE;

    if (!page->mapped)
        return !inside;
    if (page->noreserve)
        flags |= MAP_NORESERVE;
    return inside && info->prot == page->prot && info->flags == flags &&
           info->obj == (page->thing != NULL ? page->thing->obj : NULL) &&
           (page->thing == NULL ||
            info->page + (address(i) - info->start) / P == page->index);
}

static void compare(const struct world *world)
{
    struct area_info info = {0};

    for (size_t i = 0; i < NPAGES; i++) {
        if (address(i) >= info.end &&
            !space_find(world->space, address(i), &info))
            info = (struct area_info){.end = USER_END, .start = USER_END};
        if (!matches(&world->pages[i], &info, i)) {
            tap_fail(__FILE__, __LINE__, "page %zu of space %zu differs", i,
                     (size_t)(world - worlds));
            return;
        }
    }
}

static void check(void)
{
    struct space *spaces[NSPACES];

    for (size_t i = 0; i < NSPACES; i++) {
        spaces[i] = worlds[i].space;
        if (spaces[i] != NULL)
            compare(&worlds[i]);
    }
    CHECK_STR(machine_check(spaces, NSPACES), NULL);
}

static void step(void)
{
    struct world *world = some_world();
    uint32_t what = dice(1000);

    ncalls++;
    if (what < 600)
        step_touch(world);
    else if (what < 740)
        step_map(world);
    else if (what < 800)
        step_unmap(world);
    else if (what < 880)
        step_protect(world);
    else if (what < 940)
        step_remap(world);
    else if (what < 970)
        step_advise(world);
    else if (what < 990)
        step_force(world);
    else if (what < 995)
        step_fork(world);
    else
        step_exit(world);
}

static void test_model(void)
{
    unsigned long nsteps = tap_repeats(1000000);
    struct machine_state before;
    vaddr_t fence;

    machine_read(&before);
    for (unsigned i = 0; i < 2; i++) {
        files[i] = new_thing(machine_file(20, (uint8_t)(50 * i)), 20);
        use(files[i]);
        for (unsigned j = 0; j < 20; j++)
            files[i]->values[j] = (uint8_t)(50 * i + j);
    }
    CHECK_EQ(space_create(&worlds[0].space), 0);
    space_set_mmap_top(worlds[0].space, address(NPAGES));
    /* A fence, so that nothing grows out of the model's stretch. */
    CHECK_EQ(space_map(worlds[0].space, address(NPAGES), P, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, NULL, 0, 0,
                       &fence),
             0);
    for (unsigned long i = 0; i < nsteps && !tap_failed(); i++) {
        step();
        if (i % 512 == 0 || tap_failed())
            check();
        if (tap_failed())
            tap_note("at step %lu", i);
    }
    tap_note("%lu calls, %lu bytes compared, %lu calls refused for memory",
             ncalls, ncompared, nrefused);
    CHECK(nrefused > nsteps / 10000);
    for (size_t i = 0; i < NSPACES; i++)
        if (worlds[i].space != NULL)
            leave(&worlds[i]);
    for (unsigned i = 0; i < 2; i++) {
        mobject_put(files[i]->obj);
        unuse(files[i]);
    }
    CHECK_EQ(machine_nfiles, 0);
    machine_check_same(&before);
}

int main(void)
{
    machine_start();
    CHECK_EQ(space_create(&worlds[0].space), 0);
    leave(&worlds[0]);
    random_state = tap_seed(20261122);
    tap_run("random calls agree with the model", test_model);
    return tap_done();
}
