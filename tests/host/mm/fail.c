/*
 * Every allocation fails once: each operation on an address space is tried
 * with its first point of failure failing, then its second, and so on until
 * it succeeds. A failed one returns its error and changes nothing: areas,
 * contents, charges, frames and objects are compared. The same with all
 * points failing from the N-th on.
 */
#include <cairn/errno.h>

#include "arch/i386/pmap.h"
#include "machine.h"
#include "mm/inject.h"
#include "mm/kmalloc.h"
#include "tap.h"

#define RW    (PROT_READ | PROT_WRITE)
#define ALL   (PROT_READ | PROT_WRITE | PROT_EXEC)
#define ANON  (MAP_PRIVATE | MAP_ANONYMOUS)
#define FIXED (ANON | MAP_FIXED)
#define P     PAGE_SIZE
#define BASE  0x20000000u
#define HEAP  0x8000000u
#define TOP   0xBFF00000u

static struct space *s;
static struct mobject *file;
static struct space *child;

/*
 * The space that each operation starts from: writable pages, read-only ones
 * with zero pages, pages of a file, a late charged area, a heap and a stack.
 */
static int set_up(void)
{
    vaddr_t at;
    int err = space_create(&s);

    if (err != 0)
        return err;
    space_set_mmap_top(s, 0xB0000000);
    space_set_heap(s, HEAP);
    file = machine_file(4, 40);
    CHECK_EQ(space_map(s, BASE, 8 * P, RW, FIXED, NULL, 0, ALL, &at), 0);
    CHECK_EQ(space_map(s, BASE + 8 * P, 8 * P, PROT_READ, FIXED, NULL, 0, ALL,
                       &at),
             0);
    CHECK_EQ(space_map(s, BASE + 16 * P, 4 * P, RW, MAP_PRIVATE | MAP_FIXED,
                       file, 0, ALL, &at),
             0);
    CHECK_EQ(space_map(s, BASE + 20 * P, 4 * P, RW, FIXED | MAP_NORESERVE, NULL,
                       0, ALL, &at),
             0);
    CHECK_EQ(space_set_break(s, HEAP + 3 * P), 0);
    CHECK_EQ(space_map_stack(s, TOP, RW), 0);
    CHECK_EQ(machine_poke(s, BASE, 1), 0);
    CHECK_EQ(machine_poke(s, BASE + 7 * P, 2), 0);
    CHECK_EQ(machine_peek(s, BASE + 8 * P, 0), 0);
    CHECK_EQ(machine_peek(s, BASE + 16 * P, 40), 0);
    CHECK_EQ(machine_poke(s, BASE + 17 * P, 3), 0);
    CHECK_EQ(machine_poke(s, BASE + 20 * P, 4), 0);
    CHECK_EQ(machine_peek(s, BASE + 21 * P, 0), 0);
    return 0;
}

static void tear_down(void)
{
    if (child != NULL)
        space_put(child);
    if (s != NULL)
        space_put(s);
    if (file != NULL)
        mobject_put(file);
    child = NULL;
    s = NULL;
    file = NULL;
}

/* What can be seen of the space; two of them are compared byte for byte. */
struct picture {
    struct space_stats stats;
    struct area_info areas[40];
    size_t nareas;
    size_t objects;
    vaddr_t brk;
    uint8_t bytes[24];
};

static void take_picture(struct picture *picture)
{
    vaddr_t at = 0;

    memset(picture, 0, sizeof *picture);
    /* First, since reading brings pages in. */
    for (unsigned i = 0; i < 24; i++)
        CHECK_EQ(space_read(s, BASE + i * P, &picture->bytes[i], 1), 0);
    space_read_stats(s, &picture->stats);
    while (picture->nareas < 40 &&
           space_find(s, at, &picture->areas[picture->nareas]))
        at = picture->areas[picture->nareas++].end;
    picture->objects = kmalloc_nobjects();
    picture->brk = space_break(s);
}

/*
 * The operations. Each returns 0 or an error.
 */

static vaddr_t where;

static int op_map(void)
{
    return space_map(s, 0, P, RW, ANON, NULL, 0, ALL, &where);
}

static int op_map_file(void)
{
    return space_map(s, 0, 2 * P, RW, MAP_PRIVATE, file, 0, ALL, &where);
}

static int op_map_over_middle(void)
{
    return space_map(s, BASE + 2 * P, 2 * P, ALL, FIXED, NULL, 0, ALL, &where);
}

static int op_map_over_many(void)
{
    return space_map(s, BASE + 4 * P, 18 * P, ALL, FIXED, NULL, 0, ALL, &where);
}

static int op_map_next_to(void)
{
    return space_map(s, BASE - 4 * P, 4 * P, RW, FIXED, NULL, 0, ALL, &where);
}

static int op_map_shared(void)
{
    return space_map(s, 0, 1500 * P, RW, MAP_SHARED | MAP_ANONYMOUS, NULL, 0,
                     ALL, &where);
}

static int op_map_slots(void)
{
    return space_map(s, BASE + (4u << 20), 8u << 20, PROT_NONE, FIXED, NULL, 0,
                     ALL, &where);
}

static int op_unmap_middle(void)
{
    return space_unmap(s, BASE + 2 * P, P);
}

static int op_unmap_many(void)
{
    return space_unmap(s, BASE + 4 * P, 18 * P);
}

static int op_protect_middle(void)
{
    return space_protect(s, BASE + 10 * P, 2 * P, RW);
}

static int op_protect_many(void)
{
    return space_protect(s, BASE + 4 * P, 18 * P, ALL);
}

static int op_move(void)
{
    return space_remap(s, BASE + 2 * P, 4 * P, 40 * P, MREMAP_MAYMOVE, 0,
                       &where);
}

static int op_move_onto(void)
{
    return space_remap(s, BASE + 5 * P, 3 * P, 2 * P,
                       MREMAP_MAYMOVE | MREMAP_FIXED, BASE + 18 * P, &where);
}

static int op_move_late(void)
{
    return space_remap(s, BASE + 20 * P, 2 * P, 2 * P,
                       MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0, &where);
}

static int op_grow(void)
{
    return space_remap(s, BASE + 20 * P, 4 * P, 8 * P, 0, 0, &where);
}

static int op_brk(void)
{
    return space_set_break(s, HEAP + (4u << 20));
}

static int op_brk_again(void)
{
    int err = space_unmap(s, HEAP + 2 * P, P);

    return err != 0 ? err : space_set_break(s, HEAP + 4 * P);
}

static int op_stack(void)
{
    return machine_poke(s, TOP - (4u << 20), 1);
}

static int op_touch(void)
{
    return machine_poke(s, BASE + 3 * P, 1);
}

static int op_touch_file(void)
{
    return machine_poke(s, BASE + 16 * P, 1);
}

static int op_touch_late(void)
{
    return machine_poke(s, BASE + 21 * P, 1);
}

static int op_write_by_force(void)
{
    return space_write(s, BASE + 9 * P - 1, "ab", 2, true);
}

static int op_fork(void)
{
    return space_fork(s, &child);
}

static int op_create(void)
{
    return space_create(&child);
}

struct op {
    const char *name;
    int (*run)(void);
    unsigned least;  /* points of failure it must have at least */
    int error;       /* what a failure is told as */
    bool not_atomic; /* several steps: the first ones stay */
};

static const struct op ops[] = {
    {"map", op_map, 3, -ENOMEM, false},
    {"map a file", op_map_file, 3, -ENOMEM, false},
    {"map over the middle", op_map_over_middle, 2, -ENOMEM, false},
    {"map over many", op_map_over_many, 3, -ENOMEM, false},
    {"map next to its like", op_map_next_to, 2, -ENOMEM, false},
    {"map shared", op_map_shared, 5, -ENOMEM, false},
    {"map many slots", op_map_slots, 2, -ENOMEM, false},
    {"unmap the middle", op_unmap_middle, 1, -ENOMEM, false},
    {"unmap many", op_unmap_many, 0, -ENOMEM, false},
    {"protect the middle", op_protect_middle, 3, -ENOMEM, false},
    {"protect many", op_protect_many, 3, -ENOMEM, false},
    {"move", op_move, 5, -ENOMEM, false},
    {"move onto", op_move_onto, 4, -ENOMEM, false},
    {"move and leave", op_move_late, 5, -ENOMEM, false},
    {"grow in place", op_grow, 0, -ENOMEM, false},
    {"move the break", op_brk, 2, -ENOMEM, false},
    {"move the break behind a hole", op_brk_again, 2, -ENOMEM, true},
    {"grow the stack", op_stack, 2, -ENOMEM, false},
    {"touch a page", op_touch, 0, 0, false},
    {"copy a file's page", op_touch_file, 0, 0, false},
    {"touch a late page", op_touch_late, 1, -ENOBUFS, false},
    {"write by force", op_write_by_force, 2, -EFAULT, true},
    {"fork", op_fork, 8, -ENOMEM, false},
    {"create", op_create, 2, -ENOMEM, false},
};

static void check_now(void)
{
    struct space *const both[2] = {s, child};

    CHECK_STR(machine_check(both, 2), NULL);
}

/* One try with point `n` failing; true if the operation succeeded. */
static bool try_once(const struct op *op, uint32_t n, bool for_ever,
                     uint32_t *npoints)
{
    static struct picture before, after;
    struct machine_state empty;
    int err;

    machine_read(&empty);
    CHECK_EQ(set_up(), 0);
    take_picture(&before);
    inject_arm(n, for_ever);
    err = op->run();
    *npoints = inject_disarm();
    check_now();
    if (err != 0) {
        CHECK_EQ(err, op->error);
        take_picture(&after);
        if (!op->not_atomic)
            CHECK(memcmp(&before, &after, sizeof before) == 0);
        /* And then it succeeds. */
        CHECK_EQ(op->run(), 0);
        check_now();
    }
    tear_down();
    check_now();
    machine_check_same(&empty);
    return err == 0;
}

/* Returns the number of points. */
static uint32_t fail_each(const struct op *op, bool for_ever)
{
    uint32_t n = 0, npoints;

    while (!try_once(op, ++n, for_ever, &npoints)) {
        CHECK(npoints >= n);
        if (tap_failed() || n > 1000)
            break;
    }
    CHECK(npoints < n);
    return n - 1;
}

int main(void)
{
    machine_start();
    CHECK_EQ(space_create(&s), 0);
    tear_down();
    for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
        uint32_t once, ever;

        tap_begin();
        once = fail_each(&ops[i], false);
        ever = fail_each(&ops[i], true);
        CHECK_EQ(once, ever);
        CHECK(once >= ops[i].least);
        tap_end("%s: %u points of failure", ops[i].name, once);
    }
    return tap_done();
}
