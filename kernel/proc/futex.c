/*
 * Futexes. A thread that waits has a struct futex_sleeper on its stack, in the
 * bucket of its key; the first to come is the first to be woken, but those of
 * real time come before others, by their priorities when they began to wait:
 *
 *      buckets[hash(key)] <-> sleeper <-> sleeper <-> ...
 *
 * The key of a word is the object and the offset in it where the word is in a
 * shared mapping, so that all who map it meet; else the space and the address.
 * A waiter's object is counted, so that no other object can be taken for it. A
 * space is its thread's.
 *
 * The kernel is not preempted, and a load that faults is made again: when
 * get_user_word() has returned, the word is what it said until this thread
 * sleeps. So the test of the word and the entry in the bucket are one step
 * without a lock, and so are a compare-and-exchange and what follows it.
 *
 * What is particular to locks with priority inheritance is in futex_pi.c.
 *
 * Robust locks (Linux, Documentation/locking/robust-futex-ABI): each thread has
 * a list in its own memory of the locks that it holds. When it ends, the kernel
 * sets a bit in each lock's word that still has the thread's number and wakes
 * one that waits. Nothing of the list is trusted.
 */
#include "proc/futex.h"

#include <cairn/errno.h>
#include <cairn/futex.h>

#include "arch/i386/clock.h"
#include "lib/checkpoint.h"
#include "lib/list.h"
#include "lib/panic.h"
#include "mm/space.h"
#include "proc/futex_private.h"
#include "proc/process.h"
#include "sched/watch.h"

#define NBUCKETS   1024u
#define ROBUST_MAX 2048 /* locks of one list that are looked at */
#define ANY        FUTEX_BITSET_MATCH_ANY

static struct list buckets[NBUCKETS];

void futex_init(void)
{
    for (unsigned i = 0; i < NBUCKETS; i++)
        list_init(&buckets[i]);
}

/* ---- keys ---- */

static struct list *bucket_of(const struct futex_key *key)
{
    uint32_t hash = (uint32_t)(uintptr_t)key->object * 2654435761u ^
                    (uint32_t)(key->offset >> 2) * 2246822519u ^
                    (uint32_t)(key->offset >> 32);

    return &buckets[(hash ^ hash >> 15) % NBUCKETS];
}

bool futex_key_same(const struct futex_key *a, const struct futex_key *b)
{
    return a->object == b->object && a->offset == b->offset;
}

int futex_key_get(uaddr_t word, bool shared, struct futex_key *key)
{
    struct area_info area;

    if (word % sizeof(uint32_t) != 0)
        return -EINVAL;
    if (word >= USER_END)
        return -EFAULT;
    *key = (struct futex_key){.object = current->space, .offset = word};
    if (!shared)
        return 0;
    if (!space_find(current->space, word, &area) || area.start > word)
        return -EFAULT;
    if (area.obj == NULL || (area.flags & MAP_SHARED) == 0)
        return 0;
    key->object = key->held = mobject_get(area.obj);
    key->offset = (area.page << PAGE_SHIFT) + (word - area.start);
    return 0;
}

void futex_key_put(struct futex_key *key)
{
    if (key->held != NULL)
        mobject_put(key->held);
}

/* ---- waiting ---- */

/* Put it into the bucket of its key, before those of lower priority. */
static void enter(struct futex_sleeper *w)
{
    struct list *bucket = bucket_of(&w->key), *before = bucket->prev;

    if (w->priority != 0)
        while (before != bucket &&
               list_entry(before, struct futex_sleeper, link)->priority <
                   w->priority)
            before = before->prev;
    list_add_after(before, &w->link);
}

void futex_join(struct futex_sleeper *w, uint32_t bits)
{
    w->thread = current;
    w->bits = bits;
    w->priority = current->own_priority;
    w->woken = w->is_heir = false;
    w->pi = NULL;
    w->target = NULL;
    enter(w);
}

void futex_leave(struct futex_sleeper *w)
{
    list_remove(&w->link);
}

void futex_wake_one(struct futex_sleeper *w)
{
    w->woken = true;
    thread_wake(w->thread);
}

struct futex_sleeper *futex_first(const struct futex_key *key)
{
    struct futex_sleeper *w;

    list_for_each_entry(w, bucket_of(key), struct futex_sleeper, link)
    {
        if (futex_key_same(&w->key, key))
            return w;
    }
    return NULL;
}

/* The moment of the monotonic clock at which a wall clock shows `ns`. */
static uint64_t moment_of_wall(uint64_t ns)
{
    uint64_t wall = clock_realtime_ns(), now = clock_monotonic_ns();

    if (ns <= wall)
        return now;
    return ns - wall > WAITQ_FOREVER - 1 - now ? WAITQ_FOREVER - 1
                                               : now + (ns - wall);
}

/* Sleep once: 0 (look again), -EINTR, -ETIMEDOUT. */
static int sleep_once(const struct futex_timeout *timeout)
{
    int error;

    if (!timeout->given)
        return sched_block(true, WAITQ_FOREVER);
    if (!timeout->wall)
        return sched_block(true, timeout->ns);
    error = waitq_sleep(&watch_wall_moved, true, moment_of_wall(timeout->ns));
    if (error == -ETIMEDOUT && clock_realtime_ns() < timeout->ns)
        return 0; /* it was set back a moment ago */
    return error;
}

int futex_sleep(struct futex_sleeper *w, const struct futex_timeout *timeout)
{
    int error = 0;

    while (!w->woken && error == 0)
        error = sleep_once(timeout);
    return w->woken ? 0 : error;
}

int futex_wait(uaddr_t word, bool shared, uint32_t value, uint32_t bits,
               const struct futex_timeout *timeout)
{
    struct futex_sleeper w;
    uint32_t now;
    int error;

    if (word % sizeof(uint32_t) != 0)
        return -EINVAL;
    if (get_user_word(word, &now) != 0)
        return -EFAULT;
    if (now != value)
        return -EAGAIN;
    error = futex_key_get(word, shared, &w.key);
    if (error)
        return error;
    futex_join(&w, bits);
    error = futex_sleep(&w, timeout);
    if (error)
        futex_leave(&w);
    futex_key_put(&w.key);
    return error;
}

/* ---- waking ---- */

/* True if the waiter is one of futex_pi.c's, whom only its calls wake. */
static bool is_pi(const struct futex_sleeper *w)
{
    return w->pi || w->target;
}

/* Wake up to `n`, at least one, that wait for the key; or -EINVAL. */
static int wake_key(const struct futex_key *key, int n, uint32_t bits)
{
    struct list *bucket = bucket_of(key), *link, *next;
    int done = 0;

    list_for_each_safe(link, next, bucket)
    {
        struct futex_sleeper *w = list_entry(link, struct futex_sleeper, link);

        if (!futex_key_same(&w->key, key))
            continue;
        if (is_pi(w))
            return -EINVAL;
        if (!(w->bits & bits))
            continue;
        futex_leave(w);
        futex_wake_one(w);
        if (++done >= n)
            break;
    }
    return done;
}

int futex_wake(uaddr_t word, bool shared, int n, uint32_t bits)
{
    struct futex_key key;
    int error = futex_key_get(word, shared, &key);

    if (error)
        return error;
    error = wake_key(&key, n, bits);
    futex_key_put(&key);
    return error;
}

void futex_move(struct futex_sleeper *w, const struct futex_key *to)
{
    struct mobject *before = w->key.held;

    list_remove(&w->link);
    w->key = *to;
    if (w->key.held != NULL)
        mobject_get(w->key.held);
    if (before != NULL)
        mobject_put(before); /* the caller has a reference of its own */
    enter(w);
}

static int requeue(const struct futex_key *from, const struct futex_key *to,
                   int nwake, int nmove)
{
    struct list *link, *next;
    int done = 0;

    list_for_each_safe(link, next, bucket_of(from))
    {
        struct futex_sleeper *w = list_entry(link, struct futex_sleeper, link);

        if (!futex_key_same(&w->key, from))
            continue;
        if (done >= nwake && done - nwake >= nmove)
            break;
        if (is_pi(w))
            return -EINVAL;
        if (++done <= nwake) {
            futex_leave(w);
            futex_wake_one(w);
        } else if (!futex_key_same(from, to)) {
            futex_move(w, to);
        }
    }
    return done;
}

int futex_requeue(uaddr_t from, uaddr_t to, bool shared, int nwake, int nmove,
                  const uint32_t *expected)
{
    struct futex_key one, two;
    uint32_t now;
    int result;

    if (nwake < 0 || nmove < 0)
        return -EINVAL;
    if (expected != NULL) {
        if (from % sizeof(uint32_t) != 0)
            return -EINVAL;
        if (get_user_word(from, &now) != 0)
            return -EFAULT;
        if (now != *expected)
            return -EAGAIN;
    }
    result = futex_key_get(from, shared, &one);
    if (result)
        return result;
    result = futex_key_get(to, shared, &two);
    if (result == 0) {
        result = requeue(&one, &two, nwake, nmove);
        futex_key_put(&two);
    }
    futex_key_put(&one);
    return result;
}

/* The fields of WAKE_OP's last argument: 4 bits, 4 bits, 12 bits, 12 bits. */
static int32_t signed12(uint32_t word)
{
    return (int32_t)(word << 20) >> 20;
}

/* The word as the operation makes it: 0 or -ENOSYS. */
static int apply(uint32_t op, uint32_t old, uint32_t *fresh)
{
    uint32_t arg = (uint32_t)signed12(op >> 12);

    if (op >> 28 & FUTEX_OP_OPARG_SHIFT)
        arg = 1u << (arg & 31);
    switch (op >> 28 & 7) {
    case FUTEX_OP_SET:
        *fresh = arg;
        return 0;
    case FUTEX_OP_ADD:
        *fresh = old + arg;
        return 0;
    case FUTEX_OP_OR:
        *fresh = old | arg;
        return 0;
    case FUTEX_OP_ANDN:
        *fresh = old & ~arg;
        return 0;
    case FUTEX_OP_XOR:
        *fresh = old ^ arg;
        return 0;
    default:
        return -ENOSYS;
    }
}

/* 1, 0 or -ENOSYS. */
static int compare(uint32_t op, int32_t old)
{
    int32_t arg = signed12(op);

    switch (op >> 24 & 15) {
    case FUTEX_OP_CMP_EQ:
        return old == arg;
    case FUTEX_OP_CMP_NE:
        return old != arg;
    case FUTEX_OP_CMP_LT:
        return old < arg;
    case FUTEX_OP_CMP_LE:
        return old <= arg;
    case FUTEX_OP_CMP_GT:
        return old > arg;
    case FUTEX_OP_CMP_GE:
        return old >= arg;
    default:
        return -ENOSYS;
    }
}

/* Change a user's word in one step; *old: what it was. */
static int change_word(uaddr_t word, uint32_t op, uint32_t *old)
{
    uint32_t expected, fresh;
    int error;

    if (get_user_word(word, old) != 0)
        return -EFAULT;
    do {
        expected = *old;
        error = apply(op, expected, &fresh);
        if (error)
            return error;
        if (exchange_user_word(word, old, fresh) != 0)
            return -EFAULT;
    } while (*old != expected);
    return 0;
}

int futex_wake_op(uaddr_t one, uaddr_t two, bool shared, int n, int m,
                  uint32_t op)
{
    uint32_t old;
    int result, also, error;

    if (two % sizeof(uint32_t) != 0)
        return -EINVAL;
    error = change_word(two, op, &old);
    if (error)
        return error;
    also = compare(op, (int32_t)old);
    if (also < 0)
        return also;
    result = futex_wake(one, shared, n, ANY);
    if (result < 0 || !also)
        return result;
    error = futex_wake(two, shared, m, ANY);
    return error < 0 ? error : result + error;
}

/* ---- the end of a thread ---- */

/*
 * The lock with this word may be the ending thread's. `pending`: it was just
 * being locked or unlocked. -EFAULT: the list is of no use.
 */
static int lock_died(uaddr_t word, bool pi, bool pending)
{
    uint32_t old, expected, mine = (uint32_t)current->tid;

    if (word % sizeof(uint32_t) != 0 || get_user_word(word, &old) != 0)
        return -EFAULT;
    if (pending && !pi && old == 0) {
        futex_wake(word, true, 1, ANY);
        return 0;
    }
    do {
        if ((old & FUTEX_TID_MASK) != mine)
            return 0;
        expected = old;
        if (exchange_user_word(word, &old,
                               (old & FUTEX_WAITERS) | FUTEX_OWNER_DIED) != 0)
            return -EFAULT;
    } while (old != expected);
    if (!pi && (old & FUTEX_WAITERS))
        futex_wake(word, true, 1, ANY);
    return 0;
}

/* The head of a list, as set_robust_list knows it. */
struct robust_head {
    uint32_t first, offset, pending;
};

/*
 * The lowest bit of a link says that the lock is one with an owner's priority.
 */
#define LINK_PI 1u

static void walk_robust_list(uint32_t list)
{
    struct robust_head head;
    uint32_t link, next;

    if (copy_from_user(&head, list, sizeof(head)) != 0)
        return;
    link = head.first;
    for (unsigned n = 0; (link & ~LINK_PI) != list && n < ROBUST_MAX; n++) {
        /* The lock, once marked, may be gone: the link is read before. */
        bool more = get_user_word(link & ~LINK_PI, &next) == 0;

        if ((link & ~LINK_PI) != (head.pending & ~LINK_PI) &&
            lock_died((link & ~LINK_PI) + head.offset, link & LINK_PI, false))
            return;
        if (!more)
            return;
        link = next;
        checkpoint();
    }
    if ((head.pending & ~LINK_PI) != 0)
        (void)lock_died((head.pending & ~LINK_PI) + head.offset,
                        head.pending & LINK_PI, true);
}

void futex_forget_robust(void)
{
    uint32_t list = current->robust_list;

    current->robust_list = 0;
    if (list != 0 && current->space)
        walk_robust_list(list);
    futex_pi_end_thread();
}

void futex_end_thread(void)
{
    uint32_t address = current->clear_tid;

    current->owns_nothing = true;
    futex_forget_robust();
    current->clear_tid = 0;
    /* As on Linux, a bad address is the program's own problem. */
    if (address != 0 && current->space && put_user_word(address, 0) == 0)
        futex_wake(address, true, 1, ANY);
}

const char *futex_check(void)
{
    const struct futex_sleeper *w;

    for (unsigned i = 0; i < NBUCKETS; i++) {
        list_for_each_entry(w, &buckets[i], struct futex_sleeper, link)
        {
            if (bucket_of(&w->key) != &buckets[i])
                return "futex: a waiter is in another key's bucket";
            if (w->woken && !w->is_heir)
                return "futex: a woken thread still waits";
            if (!w->key.held && w->key.object != w->thread->space)
                return "futex: a waiter of another space";
            if (w->pi && futex_pi_check(w))
                return futex_pi_check(w);
        }
    }
    return NULL;
}
