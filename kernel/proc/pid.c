/*
 * The table of numbers in use: a set of bits, in which the next free one is
 * found at once, and the objects in leaves of 64, which are there while one of
 * their numbers is in use.
 */
#include "proc/pid.h"

#include <cairn/errno.h>

#include "arch/i386/cpu.h"
#include "lib/numset.h"
#include "lib/panic.h"
#include "mm/kmalloc.h"

#define LEAF_SIZE 64u

struct leaf {
    struct pid *pids[LEAF_SIZE];
};

static struct slab_cache pid_cache = SLAB_CACHE("pid", sizeof(struct pid), 4);
static struct slab_cache leaf_cache =
    SLAB_CACHE("pid_leaf", sizeof(struct leaf), 4);

static struct leaf *leaves[NUMSET_SIZE / LEAF_SIZE]; /* (i) */
static struct numset used;                           /* (i) */
static int newest;

/* Numbers begin at 1: 0 is never free. */
static void prepare(void)
{
    if (numset_has(&used, 0))
        return;
    numset_init(&used);
    numset_add(&used, 0);
}

static int pick(void)
{
    int number = numset_next_free(&used, (unsigned)newest + 1);

    return number > 0 ? number : numset_next_free(&used, 0);
}

static struct pid **slot_of(int number)
{
    return &leaves[(unsigned)number / LEAF_SIZE]
                ->pids[(unsigned)number % LEAF_SIZE];
}

static void enter(struct pid *pid)
{
    uint32_t flags = irq_save();

    *slot_of(pid->number) = pid;
    numset_add(&used, (unsigned)pid->number);
    irq_restore(flags);
}

int pid_create(struct pid **out)
{
    struct pid *pid;
    struct leaf **leaf;
    int number;

    prepare();
    number = pick();
    if (number < 0)
        return -EAGAIN;
    pid = slab_zalloc(&pid_cache);
    if (!pid)
        return -ENOMEM;
    leaf = &leaves[(unsigned)number / LEAF_SIZE];
    if (!*leaf)
        *leaf = slab_zalloc(&leaf_cache);
    if (!*leaf) {
        slab_free(&pid_cache, pid);
        return -ENOMEM;
    }
    pid->number = newest = number;
    list_init(&pid->group);
    list_init(&pid->session);
    list_init(&pid->late_link);
    enter(pid);
    *out = pid;
    return 0;
}

struct pid *pid_find(int number)
{
    unsigned n = (unsigned)number;

    if (n >= NUMSET_SIZE || !leaves[n / LEAF_SIZE])
        return NULL;
    return *slot_of(number);
}

struct pid *pid_next(int number)
{
    int next = numset_next(&used, number > 0 ? (unsigned)number : 1);

    return next > 0 ? *slot_of(next) : NULL;
}

/* The leaf of a number, if none of its numbers is in use any more. */
static struct leaf *take_empty_leaf(int number)
{
    unsigned index = (unsigned)number / LEAF_SIZE;
    int next = numset_next(&used, index * LEAF_SIZE);
    struct leaf *leaf = leaves[index];

    if (next >= 0 && (unsigned)next / LEAF_SIZE == index)
        return NULL;
    leaves[index] = NULL;
    return leaf;
}

void pid_release(int number)
{
    struct pid *pid = pid_find(number);
    struct leaf *leaf;
    uint32_t flags;

    if (!pid || pid->process || pid->thread || !list_is_empty(&pid->group) ||
        !list_is_empty(&pid->session) || pid->nterminals > 0 || pid->late != 0)
        return;
    flags = irq_save();
    *slot_of(number) = NULL;
    numset_remove(&used, (unsigned)number);
    leaf = take_empty_leaf(number);
    irq_restore(flags);
    if (leaf)
        slab_free(&leaf_cache, leaf);
    slab_free(&pid_cache, pid);
}

void pid_hold(int number)
{
    pid_find(number)->nterminals++;
}

void pid_drop(int number)
{
    struct pid *pid = pid_find(number);

    assert(pid && pid->nterminals > 0);
    pid->nterminals--;
    pid_release(number);
}

int pid_newest(void)
{
    return newest;
}

const char *pid_check(void)
{
    for (unsigned n = 1; n < NUMSET_SIZE; n++) {
        const struct pid *pid = pid_find((int)n);

        if (numset_has(&used, n) != (pid != NULL))
            return "pid: a number in use has no object, or a free one has";
        if (pid && pid->number != (int)n)
            return "pid: an object is in another's place";
        if (pid && !pid->process && !pid->thread &&
            list_is_empty(&pid->group) && list_is_empty(&pid->session) &&
            pid->nterminals == 0 && pid->late == 0)
            return "pid: nothing uses a number";
    }
    return NULL;
}
