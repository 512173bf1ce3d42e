/*
 * Futexes with priority inheritance (futex(2), FUTEX_LOCK_PI). While threads
 * wait for such a lock there is a struct futex_pi of it, found through any of
 * the waiters, which are in the bucket of the word as others are:
 *
 *      bucket <-> sleeper <-> sleeper           owner (a thread)
 *                    | pi        | pi             ^
 *                    v           v                | lock.owner
 *                   struct futex_pi --------------+
 *
 * The lock's own list, highest first, decides who is next (sched/inherit.c).
 * The object goes with the last of its sleepers.
 *
 * The owner that unlocks writes the next owner's number into the word. A thread
 * that dies cannot, since the word may be one of another space only: its heir
 * owns the lock at once, and writes the word when it runs. Until then it stays
 * in the bucket, and what the word says of the owner is not believed.
 *
 * A word is first touched as if to write it, which may sleep; what follows,
 * until the thread sleeps, is one step (see futex.c).
 */
#include <cairn/errno.h>
#include <cairn/futex.h>

#include "lib/panic.h"
#include "mm/kmalloc.h"
#include "proc/futex_private.h"
#include "proc/process.h"

struct futex_pi {
    struct inherit_lock lock;
    unsigned nsleepers; /* in the bucket */
    bool has_heir;      /* one of them has yet to write the word */
};

static struct slab_cache pi_cache =
    SLAB_CACHE("futex_pi", sizeof(struct futex_pi), 8);

/* Bring the word's page in for writing, and read the word. */
static int touch(uaddr_t word, uint32_t *value)
{
    if (word % sizeof(uint32_t) != 0)
        return -EINVAL;
    *value = 0;
    return exchange_user_word(word, value, 0);
}

static uint32_t number_of(const struct thread *t)
{
    return (uint32_t)t->tid;
}

/* ---- the waiters of a lock ---- */

/* A lock of the thread with this number. */
static int pi_create(uint32_t owner, struct futex_pi **out)
{
    struct thread *t = thread_find((int)owner);
    struct futex_pi *pi;

    if (!t || t->owns_nothing)
        return -ESRCH;
    pi = slab_zalloc(&pi_cache);
    if (!pi)
        return -ENOMEM;
    inherit_lock_init(&pi->lock, t);
    *out = pi;
    return 0;
}

static void pi_put(struct futex_pi *pi)
{
    if (pi->nsleepers > 0)
        return;
    inherit_lock_end(&pi->lock);
    slab_free(&pi_cache, pi);
}

/* The word and the kernel are of one opinion about the owner. */
static bool agrees(const struct futex_pi *pi, uint32_t word)
{
    uint32_t owner = word & FUTEX_TID_MASK;

    if (pi->has_heir || (owner == 0 && (word & FUTEX_OWNER_DIED)))
        return true;
    return owner == number_of(pi->lock.owner);
}

/* A sleeper of the lock's bucket waits for it from now on. */
static int pi_join(struct futex_pi *pi, struct futex_sleeper *w)
{
    int error = inherit_wait(&w->waiter, w->thread, &pi->lock);

    if (error) {
        pi_put(pi);
        return error;
    }
    w->pi = pi;
    pi->nsleepers++;
    return 0;
}

static void pi_leave(struct futex_sleeper *w)
{
    struct futex_pi *pi = w->pi;

    w->pi = NULL;
    pi->nsleepers--;
    pi_put(pi);
}

static struct futex_sleeper *sleeper_of(struct inherit_waiter *waiter)
{
    return container_of(waiter, struct futex_sleeper, waiter);
}

/* ---- taking a lock ---- */

/*
 * Take the lock of a word, which has just been touched and is `old`, for a
 * thread: 1, with `bits` in the word; or 0 with the object that it is to wait
 * for, or -errno.
 */
static int claim(const struct thread *t, uaddr_t word, uint32_t old,
                 const struct futex_key *key, uint32_t bits,
                 struct futex_pi **pi)
{
    struct futex_sleeper *other = futex_first(key);

    if ((old & FUTEX_TID_MASK) == number_of(t))
        return -EDEADLK;
    if (other) {
        *pi = other->pi;
        return *pi && agrees(*pi, old) ? 0 : -EINVAL;
    }
    if ((old & FUTEX_TID_MASK) != 0) {
        if (exchange_user_word(word, &old, old | FUTEX_WAITERS) != 0)
            return -EFAULT;
        return pi_create(old & FUTEX_TID_MASK, pi);
    }
    if (exchange_user_word(word, &old,
                           (old & FUTEX_OWNER_DIED) | number_of(t) | bits) != 0)
        return -EFAULT;
    return 1;
}

/* The next waiter owns a dying thread's lock, and is to say so in the word. */
static void bequeath(struct futex_pi *pi)
{
    struct futex_sleeper *heir = sleeper_of(inherit_pass(&pi->lock));

    pi->has_heir = true;
    heir->is_heir = true;
    futex_wake_one(heir);
}

/* The current thread, an heir, writes the word. */
static int inherit_word(struct futex_sleeper *w, uaddr_t word)
{
    struct futex_pi *pi = w->pi;
    uint32_t old = 0, expected,
             fresh = number_of(current) | FUTEX_WAITERS | FUTEX_OWNER_DIED;

    do {
        expected = old;
        if (exchange_user_word(word, &old, fresh) != 0)
            break;
    } while (old != expected);
    pi->has_heir = false;
    futex_leave(w);
    if (old == expected) {
        pi_leave(w);
        return 0;
    }
    if (inherit_next(&pi->lock))
        bequeath(pi);
    pi_leave(w);
    return -EFAULT;
}

/* Sleep until the lock is the caller's. */
static int sleep_for_lock(struct futex_sleeper *w, uaddr_t word,
                          const struct futex_timeout *timeout)
{
    int error = futex_sleep(w, timeout);

    if (w->is_heir)
        return inherit_word(w, word);
    if (!error)
        return 0;
    futex_leave(w);
    if (w->pi) {
        inherit_give_up(&w->waiter);
        pi_leave(w);
    }
    return error;
}

static int wait_for(struct futex_pi *pi, struct futex_sleeper *w, uaddr_t word,
                    const struct futex_timeout *timeout)
{
    int error;

    futex_join(w, FUTEX_BITSET_MATCH_ANY);
    error = pi_join(pi, w);
    if (!error)
        return sleep_for_lock(w, word, timeout);
    futex_leave(w);
    return error;
}

int futex_lock_pi(uaddr_t word, bool shared, bool block,
                  const struct futex_timeout *timeout)
{
    struct futex_sleeper w;
    struct futex_pi *pi;
    uint32_t old;
    int result = touch(word, &old);

    if (!result)
        result = futex_key_get(word, shared, &w.key);
    if (result)
        return result;
    result = claim(current, word, old, &w.key, 0, &pi);
    if (result == 1) {
        result = 0;
    } else if (result == 0 && block) {
        result = wait_for(pi, &w, word, timeout);
    } else if (result == 0) {
        pi_put(pi);
        result = -EAGAIN;
    }
    futex_key_put(&w.key);
    return result;
}

/* ---- giving it ---- */

/* The next waiter gets the lock of the current thread. */
static int pass(struct futex_pi *pi, uaddr_t word, uint32_t old)
{
    struct futex_sleeper *w = sleeper_of(inherit_next(&pi->lock));

    if (exchange_user_word(word, &old, number_of(w->thread) | FUTEX_WAITERS))
        return -EFAULT;
    (void)inherit_pass(&pi->lock);
    futex_leave(w);
    pi_leave(w);
    futex_wake_one(w);
    return 0;
}

static int unlock(uaddr_t word, uint32_t old, const struct futex_key *key)
{
    struct futex_sleeper *w = futex_first(key);

    if (!w)
        return exchange_user_word(word, &old, 0);
    if (!w->pi || w->pi->lock.owner != current)
        return -EINVAL;
    return pass(w->pi, word, old);
}

int futex_unlock_pi(uaddr_t word, bool shared)
{
    struct futex_key key;
    uint32_t old;
    int error;

    if (get_user_word(word, &old) != 0)
        return -EFAULT;
    if ((old & FUTEX_TID_MASK) != number_of(current))
        return -EPERM; /* this before anything else, as on Linux */
    error = touch(word, &old);
    if (error)
        return error;
    error = futex_key_get(word, shared, &key);
    if (error)
        return error;
    error = unlock(word, old, &key);
    futex_key_put(&key);
    return error;
}

void futex_pi_end_thread(void)
{
    struct list *link;

    while ((link = list_first(&current->inherit_locks)) != NULL) {
        struct inherit_lock *lock = list_entry(link, struct inherit_lock, link);

        bequeath(container_of(lock, struct futex_pi, lock));
    }
}

/* ---- condition variables ---- */

int futex_wait_requeue_pi(uaddr_t word, uint32_t value, uaddr_t lock,
                          bool shared, const struct futex_timeout *timeout)
{
    struct futex_sleeper w;
    struct futex_key target;
    uint32_t now;
    int error;

    if (word == lock || word % sizeof(uint32_t) != 0)
        return -EINVAL;
    error = futex_key_get(lock, shared, &target);
    if (error)
        return error;
    error = get_user_word(word, &now);
    if (!error && now != value)
        error = -EAGAIN;
    if (!error)
        error = futex_key_get(word, shared, &w.key);
    if (!error) {
        futex_join(&w, FUTEX_BITSET_MATCH_ANY);
        w.target = &target;
        error = sleep_for_lock(&w, lock, timeout);
        if (error == -EINTR && futex_key_same(&w.key, &target))
            error = -EAGAIN;
        futex_key_put(&w.key);
    }
    futex_key_put(&target);
    return error;
}

/* Give the lock to a waiter, or let it wait: 0 or -errno. */
static int move_waiter(struct futex_sleeper *w, uaddr_t lock, uint32_t old,
                       const struct futex_key *to, uint32_t bits)
{
    struct futex_pi *pi;
    int result;

    if (!w->target || !futex_key_same(w->target, to))
        return -EINVAL;
    result = claim(w->thread, lock, old, to, bits, &pi);
    if (result < 0)
        return result;
    if (result == 1) {
        futex_leave(w);
        futex_wake_one(w);
        return 0;
    }
    result = pi_join(pi, w);
    if (!result)
        futex_move(w, to);
    return result;
}

/* Return how many there were, or an error. */
static int move_waiters(const struct futex_key *from, uaddr_t lock,
                        const struct futex_key *to, int nmove)
{
    uint32_t old, bits = nmove > 0 ? FUTEX_WAITERS : 0;
    struct futex_sleeper *w;
    int done, error;

    for (done = 0; done - 1 < nmove; done++) {
        error = touch(lock, &old); /* before it is known who waits */
        w = futex_first(from);
        if (error || !w)
            return error ? error : done;
        error = move_waiter(w, lock, old, to, bits);
        if (error)
            return error;
    }
    return done;
}

int futex_requeue_pi(uaddr_t word, uaddr_t lock, bool shared, int nwake,
                     int nmove, uint32_t value)
{
    struct futex_key one, two;
    uint32_t now;
    int result;

    if (nwake != 1 || nmove < 0 || word == lock || word % sizeof(uint32_t) != 0)
        return -EINVAL;
    result = touch(lock, &now);
    if (!result)
        result = get_user_word(word, &now);
    if (!result && now != value)
        result = -EAGAIN;
    if (!result)
        result = futex_key_get(word, shared, &one);
    if (result)
        return result;
    result = futex_key_get(lock, shared, &two);
    if (result == 0) {
        result = futex_key_same(&one, &two)
                     ? -EINVAL
                     : move_waiters(&one, lock, &two, nmove);
        futex_key_put(&two);
    }
    futex_key_put(&one);
    return result;
}

const char *futex_pi_check(const struct futex_sleeper *w)
{
    if (w->pi->nsleepers == 0)
        return "futex: a lock that nothing waits for";
    if (!w->is_heir && w->waiter.lock != &w->pi->lock)
        return "futex: a waiter of another lock";
    return inherit_check(&w->pi->lock);
}
