/*
 * Advisory locks.
 *
 * Each inode has one list of locks. flock's lock whole files and do not see
 * fcntl's, which lock ranges; both kinds have an owner, and locks of one owner
 * never conflict. An owner's range locks do not overlap: setting one replaces
 * what it covers and splits what sticks out on both sides:
 *
 *      held        rrrrrrrrrrrrrrrrrrr
 *      set              wwwwww
 *      then        rrrrrwwwwwwrrrrrrrr
 *
 * So a change needs at most two new locks; they are allocated before anything
 * is changed. Ranges that touch are not merged: only the list shows it.
 *
 * Whoever waits sits in one queue for all locks and looks again at each
 * release. Each waiting owner is known, with whom it waits for, so that a
 * circle of waiters for ranges is found (EDEADLK); flock does not look.
 */
#include <cairn/errno.h>
#include "lib/list.h"
#include "lib/panic.h"
#include "mm/kmalloc.h"
#include "sched/waitq.h"
#include "fs/lock.h"
#include "fs/ramdata.h"

struct lock {
    struct list link; /* in inode.locks */
    const void *owner;
    bool whole; /* by flock */
    struct lock_range range;
};

/* An owner that sleeps until `holder` lets go of something. */
struct blocked {
    struct list link;
    const void *owner;
    const void *holder;
};

static struct slab_cache lock_cache =
    SLAB_CACHE("lock", sizeof(struct lock), sizeof(void *));

static struct list blocked_list = LIST_INIT(blocked_list);

/* All who wait for any lock. */
static struct waitq *lock_queue(void)
{
    static struct waitq queue;
    static bool ready;

    if (!ready) {
        waitq_init(&queue);
        ready = true;
    }
    return &queue;
}

static void lock_free(struct lock *lock)
{
    list_remove(&lock->link);
    slab_free(&lock_cache, lock);
}

static bool overlap(const struct lock_range *a, const struct lock_range *b)
{
    return a->start <= b->last && b->start <= a->last;
}

/* The first lock that forbids `owner` this range, or NULL. */
static struct lock *find_conflict(struct inode *inode, const void *owner,
                                  bool whole, const struct lock_range *range)
{
    struct lock *lock;

    list_for_each_entry(lock, &inode->locks, struct lock,
                        link) if (lock->owner != owner &&
                                  lock->whole == whole &&
                                  overlap(&lock->range, range) &&
                                  (lock->range.type == F_WRLCK ||
                                   range->type == F_WRLCK)) return lock;
    return NULL;
}

/* Would `owner` wait, through others, for itself if it waited for `holder`. */
static bool is_circle(const void *owner, const void *holder)
{
    struct blocked *b;
    bool found = true;

    /* Each owner waits at most once per thread; the list bounds the walk. */
    for (unsigned steps = 0; found && steps < 1000; steps++) {
        if (holder == owner)
            return true;
        found = false;
        list_for_each_entry(b, &blocked_list, struct blocked, link)
        {
            if (b->owner == holder) {
                holder = b->holder;
                found = true;
                break;
            }
        }
    }
    return false;
}

static int wait_for(const void *owner, const void *holder, bool whole)
{
    struct blocked b = {.owner = owner, .holder = holder};
    int error;

    if (!whole && is_circle(owner, holder))
        return -EDEADLK;
    list_add_tail(&blocked_list, &b.link);
    error = waitq_sleep(lock_queue(), true, WAITQ_FOREVER);
    list_remove(&b.link);
    return error;
}

/* Wait until nobody forbids the range; -EAGAIN at once unless `wait`. */
static int clear_conflicts(struct inode *inode, const void *owner, bool whole,
                           const struct lock_range *range, bool wait)
{
    struct lock *lock;
    int error = 0;

    while (error == 0 &&
           (lock = find_conflict(inode, owner, whole, range)) != NULL)
        error = wait ? wait_for(owner, lock->owner, whole) : -EAGAIN;
    return error;
}

/* Cut `range` out of a lock of the same owner; `spare` is used for a split. */
static void cut(struct inode *inode, struct lock *lock,
                const struct lock_range *range, struct lock **spare)
{
    bool before = lock->range.start < range->start;
    bool after = lock->range.last > range->last;

    if (!before && !after) {
        lock_free(lock);
    } else if (!before) {
        lock->range.start = range->last + 1;
    } else if (!after) {
        lock->range.last = range->start - 1;
    } else {
        struct lock *rest = *spare;

        *spare = NULL;
        *rest = *lock;
        rest->range.start = range->last + 1;
        list_add_tail(&inode->locks, &rest->link);
        lock->range.last = range->start - 1;
    }
}

/* Replace what `owner` has in the range; cannot fail. */
static void change(struct inode *inode, const void *owner,
                   const struct lock_range *range, struct lock *fresh,
                   struct lock *spare)
{
    struct list *link, *after;

    list_for_each_safe(link, after, &inode->locks)
    {
        struct lock *lock = list_entry(link, struct lock, link);

        if (!lock->whole && lock->owner == owner &&
            overlap(&lock->range, range))
            cut(inode, lock, range, &spare);
    }
    if (spare != NULL)
        slab_free(&lock_cache, spare);
    if (range->type == F_UNLCK) {
        slab_free(&lock_cache, fresh);
    } else {
        fresh->owner = owner;
        fresh->whole = false;
        fresh->range = *range;
        list_add_tail(&inode->locks, &fresh->link);
    }
    waitq_wake(lock_queue());
}

int lock_set(struct file *file, const void *owner,
             const struct lock_range *range, bool wait)
{
    struct lock *fresh, *spare;
    int error = 0;

    if (range->type != F_UNLCK && ramdata_room() == 0)
        return -ENOLCK; /* like files, they leave programs their part */
    fresh = slab_alloc(&lock_cache);
    spare = slab_alloc(&lock_cache);
    if (fresh == NULL || spare == NULL)
        error = -ENOLCK;
    else if (range->type != F_UNLCK)
        error = clear_conflicts(file->inode, owner, false, range, wait);
    if (error == 0) {
        change(file->inode, owner, range, fresh, spare);
        return 0;
    }
    if (fresh != NULL)
        slab_free(&lock_cache, fresh);
    if (spare != NULL)
        slab_free(&lock_cache, spare);
    return error;
}

void lock_test(struct file *file, const void *owner, struct lock_range *range)
{
    struct lock *lock = find_conflict(file->inode, owner, false, range);

    if (lock == NULL)
        range->type = F_UNLCK;
    else
        *range = lock->range;
}

/* The flock of an open file, or NULL. */
static struct lock *find_flock(const struct file *file)
{
    struct lock *lock;

    list_for_each_entry(lock, &file->inode->locks, struct lock,
                        link) if (lock->whole &&
                                  lock->owner == file) return lock;
    return NULL;
}

/* The type of lock that an operation of flock(2) asks for, or -EINVAL. */
static int flock_type(int operation)
{
    switch (operation & ~LOCK_NB) {
    case LOCK_SH:
        return F_RDLCK;
    case LOCK_EX:
        return F_WRLCK;
    case LOCK_UN:
        return F_UNLCK;
    default:
        return -EINVAL;
    }
}

/*
 * Give up the open file's lock unless it is of type `type`. Returns true if
 * nothing more is to be done: that is the lock it has, or none is wanted.
 */
static bool flock_is_settled(struct file *file, int type)
{
    struct lock *lock = find_flock(file);

    if (lock != NULL && lock->range.type == type)
        return true;
    if (lock != NULL) {
        lock_free(lock);
        waitq_wake(lock_queue());
    }
    return type == F_UNLCK;
}

/*
 * Wait for a whole file. Whoever shares the open file may lock and unlock it
 * during the sleep, so its own lock is looked for again after each.
 */
static int flock_wait(struct file *file, const struct lock_range *range,
                      bool wait, struct lock *fresh)
{
    struct lock *other;
    int error = 0;

    while (error == 0) {
        if (flock_is_settled(file, range->type)) {
            slab_free(&lock_cache, fresh);
            return 0;
        }
        other = find_conflict(file->inode, file, true, range);
        if (other == NULL) {
            *fresh =
                (struct lock){.owner = file, .whole = true, .range = *range};
            list_add_tail(&file->inode->locks, &fresh->link);
            return 0;
        }
        error = wait ? wait_for(file, other->owner, true) : -EAGAIN;
    }
    slab_free(&lock_cache, fresh);
    return error;
}

/*
 * Changing the kind of a lock gives the old one up first, as flock(2) says:
 * others may get it in between.
 */
int lock_flock(struct file *file, int operation)
{
    struct lock_range range = {.last = UINT64_MAX, .pid = -1};
    struct lock *fresh;

    range.type = flock_type(operation);
    if (range.type < 0)
        return range.type;
    if (flock_is_settled(file, range.type))
        return 0;
    if (ramdata_room() == 0)
        return -ENOLCK;
    fresh = slab_alloc(&lock_cache);
    if (fresh == NULL)
        return -ENOLCK;
    return flock_wait(file, &range, !(operation & LOCK_NB), fresh);
}

void lock_drop(struct inode *inode, const void *owner)
{
    struct list *link, *after;

    list_for_each_safe(link, after, &inode->locks)
    {
        struct lock *lock = list_entry(link, struct lock, link);

        if (lock->owner == owner)
            lock_free(lock);
    }
    waitq_wake(lock_queue());
}
