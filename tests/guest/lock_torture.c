/*
 * Eight threads use every kind of lock at random for a while: what a lock
 * guards is only ever seen whole, what is counted under it adds up, and no
 * thread waits for ever. Threads of a second kind are cancelled while they wait
 * and hold, and made anew. Ten seconds, and ten minutes in check-long.
 *
 * test: linux timeout=900
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define THREADS 8
#define KINDS   8 /* of mutexes */

/* What a lock guards: two numbers that are equal, and how many changes. */
struct guarded {
    volatile int one, two;
    volatile int changes;
};

static struct lock {
    pthread_mutex_t mutex;
    pthread_cond_t cond;
    struct guarded state;
} locks[KINDS];

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static struct guarded of_rwlock, of_spin, of_semaphore;
static pthread_spinlock_t spin;
static sem_t semaphore;
static pthread_barrier_t barrier;
static pthread_key_t key;
static volatile int over, wrong, created, destroyed, once_runs, cleaned;
static volatile long long rounds;

static int per_thread[THREADS][KINDS + 3]; /* changes that each has made */

struct self {
    int index;
    unsigned seed;
};

static unsigned roll(struct self *s, unsigned n)
{
    s->seed = s->seed * 1664525 + 1013904223;
    return (s->seed >> 8) % n;
}

static struct timespec in_us(unsigned us)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    ts.tv_nsec += us * 1000;
    ts.tv_sec += ts.tv_nsec / 1000000000;
    ts.tv_nsec %= 1000000000;
    return ts;
}

/* Change what is guarded, perhaps in two turns on the processor. */
static void change(struct self *s, struct guarded *g, int *counter)
{
    wrong |= g->one != g->two;
    g->one++;
    if (roll(s, 8) == 0)
        sched_yield();
    g->two++;
    wrong |= g->one != g->two;
    g->changes++;
    (*counter)++;
}

static void bad(const char *what, int error)
{
    printf("# %s: %s\n", what, strerror(error));
    wrong = 1;
}

/* ---- mutexes ---- */

static int lock_somehow(struct self *s, pthread_mutex_t *m)
{
    struct timespec soon;
    int error;

    switch (roll(s, 4)) {
    case 0:
        error = pthread_mutex_trylock(m);
        break;
    case 1:
        soon = in_us(roll(s, 300));
        error = pthread_mutex_timedlock(m, &soon);
        break;
    default:
        error = pthread_mutex_lock(m);
    }
    if (error == EOWNERDEAD) {
        pthread_mutex_consistent(m);
        error = 0;
    }
    if (error && error != EBUSY && error != ETIMEDOUT)
        bad("lock", error);
    return error;
}

static void use_mutex(struct self *s)
{
    unsigned n = roll(s, KINDS);
    struct lock *l = &locks[n];
    int again = 0, error;

    if (lock_somehow(s, &l->mutex) != 0)
        return;
    change(s, &l->state, &per_thread[s->index][n]);
    if (n % 3 == 1) { /* a recursive one */
        again = pthread_mutex_lock(&l->mutex) == 0;
        change(s, &l->state, &per_thread[s->index][n]);
    }
    if (again)
        pthread_mutex_unlock(&l->mutex);
    error = pthread_mutex_unlock(&l->mutex);
    if (error)
        bad("unlock", error);
}

/* ---- condition variables: a wait is short, and a signal may be lost ---- */

static void use_cond(struct self *s)
{
    unsigned n = roll(s, KINDS);
    struct lock *l = &locks[n];
    struct timespec soon;
    int error;

    if (roll(s, 2) == 0) {
        pthread_cond_broadcast(&l->cond);
        return;
    }
    error = pthread_mutex_lock(&l->mutex);
    if (error == EOWNERDEAD)
        pthread_mutex_consistent(&l->mutex);
    else if (error)
        bad("lock", error);
    change(s, &l->state, &per_thread[s->index][n]);
    soon = in_us(100 + roll(s, 400));
    error = pthread_cond_timedwait(&l->cond, &l->mutex, &soon);
    if (error == EOWNERDEAD)
        pthread_mutex_consistent(&l->mutex);
    else if (error && error != ETIMEDOUT)
        bad("wait", error);
    change(s, &l->state, &per_thread[s->index][n]);
    pthread_cond_signal(&l->cond);
    pthread_mutex_unlock(&l->mutex);
}

/* ---- the others ---- */

static void use_rwlock(struct self *s)
{
    struct timespec soon = in_us(roll(s, 300));
    int error;

    if (roll(s, 3) == 0) {
        error = roll(s, 2) ? pthread_rwlock_wrlock(&rwlock)
                           : pthread_rwlock_timedwrlock(&rwlock, &soon);
        if (error == 0)
            change(s, &of_rwlock, &per_thread[s->index][KINDS]);
    } else {
        error = roll(s, 2) ? pthread_rwlock_rdlock(&rwlock)
                           : pthread_rwlock_timedrdlock(&rwlock, &soon);
        if (error == 0 && roll(s, 4) == 0)
            sched_yield();
        if (error == 0)
            wrong |= of_rwlock.one != of_rwlock.two;
    }
    if (error == 0)
        pthread_rwlock_unlock(&rwlock);
    else if (error != ETIMEDOUT)
        bad("rwlock", error);
}

static void use_spin(struct self *s)
{
    if (roll(s, 2) == 0)
        pthread_spin_lock(&spin);
    else if (pthread_spin_trylock(&spin) != 0)
        return;
    of_spin.one++;
    of_spin.two++;
    wrong |= of_spin.one != of_spin.two;
    per_thread[s->index][KINDS + 1]++;
    pthread_spin_unlock(&spin);
}

static void use_semaphore(struct self *s)
{
    struct timespec soon = in_us(roll(s, 300));

    if (roll(s, 2) == 0) {
        while (sem_wait(&semaphore) != 0)
            if (errno != EINTR)
                bad("sem_wait", errno);
    } else if (sem_timedwait(&semaphore, &soon) != 0) {
        if (errno != ETIMEDOUT && errno != EINTR)
            bad("sem_timedwait", errno);
        return;
    }
    change(s, &of_semaphore, &per_thread[s->index][KINDS + 2]);
    sem_post(&semaphore);
}

/* ---- threads that come and go ---- */

static pthread_once_t once[64];

static void run_once(void)
{
    sched_yield();
    __atomic_fetch_add(&once_runs, 1, __ATOMIC_SEQ_CST);
}

static void destroy(void *value)
{
    __atomic_fetch_add(&destroyed, 1, __ATOMIC_SEQ_CST);
    free(value);
}

static void clean(void *m)
{
    __atomic_fetch_add(&cleaned, 1, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(m);
}

/* Waits under a lock until it is cancelled, and gives the lock back. */
static void *victim(void *arg)
{
    struct lock *l = arg;
    int error;

    pthread_setspecific(key, calloc(1, 100));
    pthread_once(&once[created % 64], run_once);
    error = pthread_mutex_lock(&l->mutex);
    if (error == EOWNERDEAD)
        pthread_mutex_consistent(&l->mutex);
    pthread_cleanup_push(clean, &l->mutex);
    for (;;)
        if (pthread_cond_wait(&l->cond, &l->mutex) == EOWNERDEAD)
            pthread_mutex_consistent(&l->mutex);
    pthread_cleanup_pop(1);
    return NULL;
}

static void make_victim(struct self *s)
{
    pthread_t t;
    void *result;
    int error = pthread_create(&t, NULL, victim, &locks[roll(s, KINDS)]);

    if (error) {
        bad("create", error);
        return;
    }
    __atomic_fetch_add(&created, 1, __ATOMIC_SEQ_CST);
    while (roll(s, 4) != 0)
        sched_yield();
    error = pthread_cancel(t);
    if (error)
        bad("cancel", error);
    pthread_join(t, &result);
    wrong |= result != PTHREAD_CANCELED;
}

/* One that ends with a robust mutex: kinds 2 and 5. */
static void *die_with(void *arg)
{
    int error = pthread_mutex_lock(arg);

    if (error == EOWNERDEAD)
        pthread_mutex_consistent(arg);
    return NULL;
}

static void make_dead(struct self *s)
{
    pthread_t t;

    if (pthread_create(&t, NULL, die_with, &locks[roll(s, 2) ? 2 : 5].mutex))
        return;
    pthread_join(t, NULL);
}

/* ---- */

static void *run(void *arg)
{
    struct self s = {(int)(intptr_t)arg, 77u * (unsigned)(intptr_t)arg + 5};

    pthread_setspecific(key, calloc(1, 10));
    while (!over) {
        for (int i = 0; i < 200 && !over; i++) {
            switch (roll(&s, 16)) {
            case 0:
                use_semaphore(&s);
                break;
            case 1:
            case 2:
                use_rwlock(&s);
                break;
            case 3:
            case 4:
                use_spin(&s);
                break;
            case 5:
                use_cond(&s);
                break;
            case 6:
                if (roll(&s, 8) == 0)
                    make_victim(&s);
                break;
            case 7:
                if (roll(&s, 8) == 0)
                    make_dead(&s);
                break;
            default:
                use_mutex(&s);
            }
        }
        __atomic_fetch_add(&rounds, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

/* Three meet again and again beside the rest; one says when it is over. */
static volatile int arrived, serials, last;

static void *meet(void *arg)
{
    do {
        __atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) {
            serials++;
            last = over;
            wrong |= arrived % 3 != 0;
        }
        pthread_barrier_wait(&barrier);
        usleep(200);
    } while (!last);
    return arg;
}

static void make(pthread_mutex_t *m, int type, int robust, int protocol)
{
    pthread_mutexattr_t attr;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, type);
    pthread_mutexattr_setrobust(&attr, robust);
    pthread_mutexattr_setprotocol(&attr, protocol);
    EQUAL(pthread_mutex_init(m, &attr), 0);
    pthread_mutexattr_destroy(&attr);
}

static void set_up(void)
{
    static const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_RECURSIVE,
                                PTHREAD_MUTEX_ERRORCHECK};

    for (int i = 0; i < KINDS; i++) {
        make(&locks[i].mutex, types[i % 3], i == 2 || i == 5,
             i >= 3 ? PTHREAD_PRIO_INHERIT : PTHREAD_PRIO_NONE);
        pthread_cond_init(&locks[i].cond, NULL);
    }
    pthread_spin_init(&spin, 0);
    sem_init(&semaphore, 0, 1);
    pthread_barrier_init(&barrier, NULL, 3);
    pthread_key_create(&key, destroy);
}

static int sum(int kind)
{
    int all = 0;

    for (int i = 0; i < THREADS; i++)
        all += per_thread[i][kind];
    return all;
}

int main(void)
{
    int seconds = getenv("TEST_LONG") ? 600 : 10;
    pthread_t t[THREADS], meeting[3];
    long long before = -1;

    setvbuf(stdout, NULL, _IONBF, 0);
    set_up();
    for (int i = 0; i < 3; i++)
        pthread_create(&meeting[i], NULL, meet, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&t[i], NULL, run, (void *)(intptr_t)i);
    for (int i = 0; i < seconds && !wrong; i += 5) {
        sleep(5);
        if (rounds == before) { /* a deadlock, so that joining would hang */
            printf("not ok 1 - all have come to a stop\n");
            _exit(1);
        }
        before = rounds;
    }
    over = 1;
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    for (int i = 0; i < 3; i++)
        pthread_join(meeting[i], NULL);
    EQUAL(wrong, 0);
    for (int i = 0; i < KINDS; i++) {
        EQUAL(locks[i].state.changes, sum(i));
        EQUAL(locks[i].state.one, sum(i));
    }
    EQUAL(of_rwlock.one, sum(KINDS));
    EQUAL(of_spin.one, sum(KINDS + 1));
    EQUAL(of_semaphore.one, sum(KINDS + 2));
    EQUAL(arrived, serials * 3);
    CHECK(created > 10);
    CHECK(cleaned <= created && cleaned > 0);
    CHECK(destroyed >= THREADS && destroyed <= THREADS + created);
    CHECK(once_runs > 0 && once_runs <= 64);
    printf("# %lld rounds, %d cancelled, %d meetings\n", rounds, created,
           serials);
    return tap_done();
}
