/*
 * Advisory locks.
 *
 * flock's lock whole files and do not see fcntl's, which lock ranges; both
 * kinds have an owner, and locks of one owner never conflict. An owner's range
 * locks do not overlap: setting one replaces what it covers, splits what
 * sticks out on both sides, and joins those of its type that it touches:
 *
 *      held        rrrrrrrrrrrrrrrrrrr                 wwwww
 *      set              wwwwww                   wwwwww
 *      then        rrrrrwwwwwwrrrrrrrr           wwwwwwwwwww
 *
 * So a change needs at most two new locks; they are allocated before anything
 * is changed.
 *
 * An inode that has locks has its range locks in two trees: by owner and start,
 * where an owner's own are found; and by start, where each subtree knows the
 * highest last byte in it, of all locks and of those for writing, so that a
 * lock in the way is found without a look at those that are not. flock's are in
 * a list: one for writing, or only such for reading.
 *
 * A lock that has to wait is pending: it hangs below the lock that is in its
 * way, its blocker, or below one that waits there too and would be in its way
 * then. When a lock goes or gets less, those right below it are looked at in
 * turn: each is entered by who made the change, or hangs below another one.
 * So only those are woken that have their lock, and of many that want the same,
 * one; those below one that has to wait on are looked at too. One whose sleep
 * ends otherwise leaves those below it to be looked at.
 *
 *      held by A  <--- pending, B  <--- pending, C
 *                 <--- pending, D (not in the way of B)
 *
 * A circle of owners that wait for ranges of each other's is found (EDEADLK);
 * flock does not look, nor do locks of open files, which another process may
 * unlock.
 *
 * One call may change thousands of locks and enter thousands of pending ones:
 * it lets others run in between. Still nobody sees half a change: work on the
 * locks of an inode takes turns, and so does a question. One that waits for
 * its lock gives the turn away.
 */
#include "fs/lock.h"

#include <cairn/errno.h>

#include "lib/checkpoint.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/tree.h"
#include "mm/kmalloc.h"
#include "sched/waitq.h"
#include "fs/ramdata.h"

/* A circle of more owners, by more pending locks than this is not found. */
#define CIRCLE_STEPS 100
#define CIRCLE_LOCKS 10000

/* Steps of each kind between two chances for others. */
#define MANY_CHANGES 64
#define MANY_LOOKS   1024
#define MANY_RETRIES 4

struct lock {
    const void *owner;
    bool whole; /* by flock; the owner is the open file */
    struct lock_range range;
    struct list waiters;       /* pending locks below this one */
    struct request *request;   /* pending: who waits, else NULL */
    struct lock *blocker;      /* pending: the lock above, or NULL */
    struct list link;          /* pending: in waiters; flock: in flocks */
    struct tree_node by_owner; /* range; pending: in the tree of those */
    struct tree_node by_start; /* range */
    uint64_t max_end;          /* of the subtree of by_start: end_of() */
    uint64_t max_write;        /* the same of locks for writing, or 0 */
};

/* All locks of an inode. */
struct locks {
    bool busy;          /* it is somebody's turn */
    struct waitq turns; /* of those that wait for one */
    struct tree by_owner, by_start;
    struct list flocks;
};

/* On the stack of one who waits. */
struct request {
    struct lock *spare; /* for the change that enters the lock */
    struct waitq wq;
    bool over;
    int error;
};

static struct slab_cache lock_cache =
    SLAB_CACHE("lock", sizeof(struct lock), sizeof(void *));
static struct slab_cache locks_cache =
    SLAB_CACHE("file_locks", sizeof(struct locks), sizeof(void *));

static int order(const void *a, const void *b)
{
    return (uintptr_t)a < (uintptr_t)b ? -1 : (uintptr_t)a > (uintptr_t)b;
}

/* ---- trees ---- */

static int compare_owners(const struct tree_node *a, const struct tree_node *b)
{
    const struct lock *x = container_of(a, struct lock, by_owner);
    const struct lock *y = container_of(b, struct lock, by_owner);

    if (x->owner != y->owner)
        return order(x->owner, y->owner);
    return x->range.start < y->range.start ? -1
                                           : x->range.start > y->range.start;
}

static int compare_starts(const struct tree_node *a, const struct tree_node *b)
{
    const struct lock *x = container_of(a, struct lock, by_start);
    const struct lock *y = container_of(b, struct lock, by_start);

    if (x->range.start != y->range.start)
        return x->range.start < y->range.start ? -1 : 1;
    return order(x->owner, y->owner);
}

static int compare_pending(const struct tree_node *a, const struct tree_node *b)
{
    const struct lock *x = container_of(a, struct lock, by_owner);
    const struct lock *y = container_of(b, struct lock, by_owner);

    return x->owner != y->owner ? order(x->owner, y->owner) : order(x, y);
}

/* One byte after the last, or the very last. */
static uint64_t end_of(const struct lock_range *range)
{
    return range->last + (range->last != UINT64_MAX);
}

static uint64_t larger(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

static bool update_ends(struct tree_node *node)
{
    struct lock *lock = container_of(node, struct lock, by_start);
    uint64_t all = end_of(&lock->range);
    uint64_t writes = lock->range.type == F_WRLCK ? all : 0;
    bool changed;

    for (int side = 0; side < 2; side++) {
        struct tree_node *child = side == 0 ? node->left : node->right;
        struct lock *below;

        if (child == NULL)
            continue;
        below = container_of(child, struct lock, by_start);
        all = larger(all, below->max_end);
        writes = larger(writes, below->max_write);
    }
    changed = lock->max_end != all || lock->max_write != writes;
    lock->max_end = all;
    lock->max_write = writes;
    return changed;
}

static const struct tree_ops owner_tree = {.compare = compare_owners};
static const struct tree_ops pending_tree = {.compare = compare_pending};
static const struct tree_ops start_tree = {.compare = compare_starts,
                                           .update = update_ends};

/* All pending range locks of processes, for the search for circles. */
static struct tree pending = {.ops = &pending_tree};

static void insert(struct tree *tree, struct tree_node *node)
{
    struct tree_node *twin = tree_insert(tree, node);

    assert(twin == NULL);
}

static void enter(struct locks *locks, struct lock *lock)
{
    insert(&locks->by_owner, &lock->by_owner);
    insert(&locks->by_start, &lock->by_start);
}

static void take_out(struct locks *locks, struct lock *lock)
{
    tree_remove(&locks->by_owner, &lock->by_owner);
    tree_remove(&locks->by_start, &lock->by_start);
}

/* ---- the locks of an inode ---- */

/*
 * Wait for a turn with the locks of an inode and return them; NULL if it has
 * none. Not even SIGKILL ends the wait, which is for one change only: locks of
 * a process that ends must go.
 */
static struct locks *locks_find(struct inode *inode)
{
    while (inode->locks != NULL && inode->locks->busy)
        waitq_wait_exclusive(&inode->locks->turns);
    if (inode->locks != NULL)
        inode->locks->busy = true;
    return inode->locks;
}

static int locks_get(struct inode *inode, struct locks **out)
{
    struct locks *locks = locks_find(inode);

    if (locks == NULL) {
        locks = slab_alloc(&locks_cache);
        if (locks == NULL)
            return -ENOLCK;
        tree_init(&locks->by_owner, &owner_tree);
        tree_init(&locks->by_start, &start_tree);
        list_init(&locks->flocks);
        waitq_init(&locks->turns);
        locks->busy = true;
        inode->locks = locks;
    }
    *out = locks;
    return 0;
}

static bool any_fits(void *ctx, size_t need)
{
    (void)ctx;
    (void)need;
    return true;
}

/* The turn is over: free the trees if they are empty and nobody waits. */
static void locks_put(struct inode *inode)
{
    struct locks *locks = inode->locks;

    locks->busy = false;
    waitq_wake_one(&locks->turns, any_fits, NULL);
    if (locks->by_owner.root != NULL || !list_is_empty(&locks->flocks) ||
        !list_is_empty(&locks->turns.waiters))
        return;
    inode->locks = NULL;
    slab_free(&locks_cache, locks);
}

static struct lock *lock_create(const void *owner, bool whole,
                                const struct lock_range *range)
{
    struct lock *lock = slab_zalloc(&lock_cache);

    if (lock == NULL)
        return NULL;
    lock->owner = owner;
    lock->whole = whole;
    lock->range = *range;
    list_init(&lock->waiters);
    list_init(&lock->link);
    return lock;
}

static void lock_free(struct lock *lock)
{
    if (lock != NULL)
        slab_free(&lock_cache, lock);
}

/* ---- conflicts ---- */

static bool overlap(const struct lock_range *a, const struct lock_range *b)
{
    return a->start <= b->last && b->start <= a->last;
}

static bool conflict(const struct lock *a, const struct lock *b)
{
    return a->owner != b->owner && overlap(&a->range, &b->range) &&
           (a->range.type == F_WRLCK || b->range.type == F_WRLCK);
}

/* One more step of `kind`: others get a chance after that many. */
static void step(unsigned *steps, unsigned many)
{
    if (++*steps % many == 0)
        checkpoint();
}

/*
 * The first lock in a subtree that is in the way of `lock`. The depth of the
 * tree bounds that of the calls.
 */
static struct lock *find_in_way(struct tree_node *node, const struct lock *lock,
                                unsigned *steps)
{
    struct lock *found;

    while (node != NULL) {
        struct lock *here = container_of(node, struct lock, by_start);
        uint64_t reach =
            lock->range.type == F_WRLCK ? here->max_end : here->max_write;

        if (reach <= lock->range.start)
            return NULL;
        step(steps, MANY_LOOKS);
        found = find_in_way(node->left, lock, steps);
        if (found != NULL)
            return found;
        if (here->range.start > lock->range.last)
            return NULL;
        if (conflict(here, lock))
            return here;
        node = node->right;
    }
    return NULL;
}

/* The lock that forbids `lock`, or NULL. */
static struct lock *find_conflict(struct locks *locks, const struct lock *lock)
{
    struct lock *other;
    unsigned steps = 0;

    if (!lock->whole)
        return find_in_way(locks->by_start.root, lock, &steps);
    list_for_each_entry(other, &locks->flocks, struct lock, link)
    {
        if (conflict(other, lock))
            return other;
        if (other->owner != lock->owner)
            break; /* for reading, as all are then */
    }
    return NULL;
}

/* ---- changes ---- */

/* Move what hangs below a lock to a list of those to be looked at. */
static void release_waiters(struct lock *lock, struct list *retry)
{
    struct list *link;

    list_for_each(link, &lock->waiters) list_entry(link, struct lock, link)
        ->blocker = NULL;
    list_splice_tail(retry, &lock->waiters);
}

/* A lock of the same type takes the place of `old`. */
static void absorb(struct locks *locks, struct lock *lock, struct lock *old)
{
    struct list *link;

    if (old->range.start < lock->range.start)
        lock->range.start = old->range.start;
    if (old->range.last > lock->range.last)
        lock->range.last = old->range.last;
    list_for_each(link, &old->waiters) list_entry(link, struct lock, link)
        ->blocker = lock;
    list_splice_tail(&lock->waiters, &old->waiters);
    take_out(locks, old);
    lock_free(old);
}

/* Cut `range` out of a lock of the same owner; `spare` is used for a split. */
static void cut(struct locks *locks, struct lock *lock,
                const struct lock_range *range, struct lock **spare,
                struct list *retry)
{
    bool before = lock->range.start < range->start;
    bool after = lock->range.last > range->last;
    struct lock *rest = *spare;

    release_waiters(lock, retry);
    take_out(locks, lock);
    if (before && after) {
        *spare = NULL;
        rest->range = lock->range;
        rest->range.start = range->last + 1;
        enter(locks, rest);
    }
    if (before)
        lock->range.last = range->start - 1;
    else if (after)
        lock->range.start = range->last + 1;
    if (before || after)
        enter(locks, lock);
    else
        lock_free(lock);
}

/* The owner's first lock that `range` overlaps or adjoins, or one after. */
static struct lock *first_own(struct locks *locks, const void *owner,
                              const struct lock_range *range)
{
    struct tree_node *node = locks->by_owner.root, *best = NULL;

    while (node != NULL) {
        struct lock *lock = container_of(node, struct lock, by_owner);
        bool before = lock->owner != owner
                          ? order(lock->owner, owner) < 0
                          : lock->range.last < range->start &&
                                lock->range.last + 1 < range->start;

        if (!before)
            best = node;
        node = before ? node->right : node->left;
    }
    return best != NULL ? container_of(best, struct lock, by_owner) : NULL;
}

static struct lock *next_own(const struct lock *lock)
{
    struct tree_node *next = tree_next(&lock->by_owner);

    return next != NULL ? container_of(next, struct lock, by_owner) : NULL;
}

/*
 * Replace what the owner of `lock` has in its range, and enter it unless its
 * type is F_UNLCK. Cannot fail; `spare` is used or freed.
 */
static void change(struct locks *locks, struct lock *lock, struct lock *spare,
                   struct list *retry)
{
    struct lock_range range = lock->range;
    struct lock *old = first_own(locks, lock->owner, &range), *next;
    unsigned steps = 0;

    for (; old != NULL && old->owner == lock->owner; old = next) {
        if (old->range.start > range.last && old->range.start - 1 > range.last)
            break;
        next = next_own(old);
        if (old->range.type == range.type)
            absorb(locks, lock, old);
        else if (overlap(&old->range, &range))
            cut(locks, old, &range, &spare, retry);
        step(&steps, MANY_CHANGES);
    }
    lock_free(spare);
    if (range.type != F_UNLCK)
        enter(locks, lock);
}

/* ---- waiting ---- */

/* A pending lock of this owner, or NULL. */
static struct lock *find_pending(const void *owner)
{
    struct tree_node *node = pending.root;

    while (node != NULL) {
        struct lock *lock = container_of(node, struct lock, by_owner);

        if (lock->owner == owner)
            return lock;
        node = order(owner, lock->owner) < 0 ? node->left : node->right;
    }
    return NULL;
}

/* Would the owner of `lock` wait, through others, for itself. */
static bool is_circle(const struct lock *lock, const struct lock *blocker)
{
    unsigned nlocks = 0;

    for (int steps = 0; steps < CIRCLE_STEPS; steps++) {
        while (blocker != NULL && blocker->request != NULL &&
               ++nlocks < CIRCLE_LOCKS)
            blocker = blocker->blocker;
        if (nlocks == CIRCLE_LOCKS)
            return false;
        if (blocker == NULL || blocker->owner == lock->owner)
            return blocker != NULL;
        blocker = find_pending(blocker->owner);
        if (blocker == NULL)
            return false;
    }
    return false;
}

static bool is_of_process(const struct lock *lock)
{
    return !lock->whole && lock->range.pid >= 0;
}

/* Hang a pending lock below one in its way, or below one that waits there. */
static int hang_below(struct lock *lock, struct lock *blocker)
{
    struct list *link;

    if (is_of_process(lock) && is_circle(lock, blocker))
        return -EDEADLK;
    link = blocker->waiters.next;
    while (link != &blocker->waiters) {
        struct lock *other = list_entry(link, struct lock, link);

        if (conflict(other, lock)) {
            blocker = other;
            link = &blocker->waiters;
        }
        link = link->next;
    }
    list_add_tail(&blocker->waiters, &lock->link);
    lock->blocker = blocker;
    return 0;
}

/* A pending lock is pending no longer. */
static void leave_pending(struct lock *lock)
{
    list_remove(&lock->link);
    if (is_of_process(lock))
        tree_remove(&pending, &lock->by_owner);
    lock->request = NULL;
    lock->blocker = NULL;
}

static void finish(struct lock *lock, int error)
{
    struct request *request = lock->request;

    leave_pending(lock);
    request->over = true;
    request->error = error;
    waitq_wake(&request->wq);
}

/*
 * Give the open file of `lock` this lock in place of the one it has, or none:
 * others may get it in between, as flock(2) says. True if nothing more is to
 * be done.
 */
static bool flock_is_settled(struct file *file, int type, struct list *retry)
{
    struct lock *own = file->flock;

    if (own != NULL && own->range.type == type)
        return true;
    if (own != NULL) {
        file->flock = NULL;
        release_waiters(own, retry);
        list_remove(&own->link);
        lock_free(own);
    }
    return type == F_UNLCK;
}

static void enter_flock(struct locks *locks, struct lock *lock)
{
    list_add_tail(&locks->flocks, &lock->link);
    ((struct file *)lock->owner)->flock = lock;
}

/* Enter a pending lock that nothing is in the way of any more. */
static void enter_pending(struct locks *locks, struct lock *lock,
                          struct list *retry)
{
    struct lock *spare = lock->request->spare;

    finish(lock, 0);
    if (lock->whole)
        enter_flock(locks, lock);
    else
        change(locks, lock, spare, retry);
}

/* A pending lock has failed, or is what its open file has already. */
static void drop_pending(struct lock *lock, int error, struct list *retry)
{
    release_waiters(lock, retry);
    lock_free(lock->request->spare);
    finish(lock, error);
    lock_free(lock);
}

/* Look at pending locks that may have no blocker any more. */
static void try_again(struct locks *locks, struct list *retry)
{
    unsigned steps = 0;

    while (!list_is_empty(retry)) {
        struct lock *lock, *blocker;
        int error;

        step(&steps, MANY_RETRIES);
        lock = list_entry(retry->next, struct lock, link);
        list_remove(&lock->link);
        if (lock->whole && flock_is_settled((struct file *)lock->owner,
                                            lock->range.type, retry)) {
            drop_pending(lock, 0, retry);
            continue;
        }
        blocker = find_conflict(locks, lock);
        if (blocker == NULL) {
            enter_pending(locks, lock, retry);
            continue;
        }
        release_waiters(lock, retry); /* the new blocker may let them be */
        error = hang_below(lock, blocker);
        if (error < 0)
            drop_pending(lock, error, retry);
    }
}

/* The compiler must not see that the lock points to its caller's stack. */
static never_inline void make_pending(struct lock *lock,
                                      struct request *request)
{
    waitq_init(&request->wq);
    lock->request = request;
    if (is_of_process(lock))
        insert(&pending, &lock->by_owner);
}

/*
 * Give the turn away and sleep until the lock is entered or, after an error,
 * freed. A pending lock has a blocker, so that the inode still has locks when
 * the sleep ends early.
 */
static int wait_for(struct inode *inode, struct lock *lock, struct lock *spare,
                    struct lock *blocker)
{
    struct request request = {.spare = spare};
    struct list retry = LIST_INIT(retry);
    int error = hang_below(lock, blocker);

    if (error < 0) {
        lock_free(spare);
        lock_free(lock);
        locks_put(inode);
        return error;
    }
    make_pending(lock, &request);
    locks_put(inode);
    while (!request.over && error == 0)
        error = waitq_sleep(&request.wq, true, WAITQ_FOREVER);
    if (!request.over)
        (void)locks_find(inode);
    if (request.over)
        return request.error;
    drop_pending(lock, error, &retry);
    try_again(inode->locks, &retry);
    locks_put(inode);
    return error;
}

/* ---- fcntl ---- */

static int unlock(struct inode *inode, const void *owner,
                  const struct lock_range *range)
{
    struct lock lock = {.owner = owner, .range = *range};
    struct list retry = LIST_INIT(retry);
    struct lock *spare;

    if (locks_find(inode) == NULL)
        return 0;
    spare = lock_create(owner, false, range);
    if (spare != NULL) {
        list_init(&lock.waiters);
        change(inode->locks, &lock, spare, &retry);
        try_again(inode->locks, &retry);
    }
    locks_put(inode);
    return spare != NULL ? 0 : -ENOLCK;
}

static int set(struct inode *inode, const void *owner,
               const struct lock_range *range, bool wait)
{
    struct list retry = LIST_INIT(retry);
    struct lock *lock, *spare, *blocker;
    struct locks *locks;
    int error;

    error = locks_get(inode, &locks);
    if (error < 0)
        return error;
    lock = lock_create(owner, false, range);
    spare = lock_create(owner, false, range);
    error = -ENOLCK; /* like files, locks leave programs their part */
    if (lock == NULL || spare == NULL || ramdata_room() == 0)
        goto fail;
    blocker = find_conflict(locks, lock);
    if (blocker != NULL && wait)
        return wait_for(inode, lock, spare, blocker);
    error = -EAGAIN;
    if (blocker != NULL)
        goto fail;
    change(locks, lock, spare, &retry);
    try_again(locks, &retry);
    locks_put(inode);
    return 0;

fail:
    lock_free(spare);
    lock_free(lock);
    locks_put(inode);
    return error;
}

int lock_set(struct file *file, const void *owner,
             const struct lock_range *range, bool wait)
{
    struct inode *inode = file->inode;

    return range->type == F_UNLCK ? unlock(inode, owner, range)
                                  : set(inode, owner, range, wait);
}

void lock_test(struct file *file, const void *owner, struct lock_range *range)
{
    struct lock wanted = {.owner = owner, .range = *range};
    struct locks *locks = locks_find(file->inode);
    struct lock *lock = locks != NULL ? find_conflict(locks, &wanted) : NULL;

    if (lock == NULL)
        range->type = F_UNLCK;
    else
        *range = lock->range;
    if (locks != NULL)
        locks_put(file->inode);
}

/* ---- flock ---- */

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

/* It is the caller's turn, and not any more afterwards. */
static int flock_get(struct file *file, struct locks *locks, int type,
                     bool wait)
{
    struct lock_range range = {.type = type, .last = UINT64_MAX, .pid = -1};
    struct list retry = LIST_INIT(retry);
    struct lock *lock, *blocker;
    int error = 0;

    if (file->flock != NULL && file->flock->range.type == type)
        goto out;
    error = -ENOLCK;
    lock = ramdata_room() > 0 ? lock_create(file, true, &range) : NULL;
    if (lock == NULL)
        goto out;
    (void)flock_is_settled(file, type, &retry);
    try_again(locks, &retry);
    blocker = find_conflict(locks, lock);
    if (blocker != NULL && wait)
        return wait_for(file->inode, lock, NULL, blocker);
    error = blocker != NULL ? -EAGAIN : 0;
    if (blocker != NULL)
        lock_free(lock);
    else
        enter_flock(locks, lock);
out:
    locks_put(file->inode);
    return error;
}

int lock_flock(struct file *file, int operation)
{
    struct list retry = LIST_INIT(retry);
    struct inode *inode = file->inode;
    struct locks *locks;
    int type = flock_type(operation), error;

    if (type < 0)
        return type;
    if (type == F_UNLCK && inode->locks == NULL)
        return 0;
    error = locks_get(inode, &locks);
    if (error < 0)
        return error;
    if (type != F_UNLCK)
        return flock_get(file, locks, type, !(operation & LOCK_NB));
    (void)flock_is_settled(file, type, &retry);
    try_again(locks, &retry);
    locks_put(inode);
    return 0;
}

/* ---- the end of an owner ---- */

void lock_drop(struct inode *inode, const void *owner)
{
    static const struct lock_range all = {.type = F_UNLCK, .last = UINT64_MAX};
    struct lock lock = {.owner = owner, .range = all};
    struct list retry = LIST_INIT(retry);

    if (locks_find(inode) == NULL)
        return;
    list_init(&lock.waiters);
    change(inode->locks, &lock, NULL, &retry);
    try_again(inode->locks, &retry);
    locks_put(inode);
}

void lock_drop_file(struct file *file)
{
    struct list retry = LIST_INIT(retry);

    if (locks_find(file->inode) == NULL)
        return;
    (void)flock_is_settled(file, F_UNLCK, &retry);
    try_again(file->inode->locks, &retry);
    locks_put(file->inode);
    lock_drop(file->inode, file);
}
