/*
 * Mutexes whose owner runs at another priority: PTHREAD_PRIO_INHERIT and
 * PTHREAD_PRIO_PROTECT, of each type, robust and shared ones, with condition
 * variables, and what the functions of scheduling say meanwhile.
 *
 * test: linux timeout=300
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pthread_test.h"
#include "tap.h"

/* The priority of real time at which a thread runs, by /proc. */
static int runs_at(int tid)
{
    char path[64], text[512], *at = NULL;
    FILE *f;

    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
    f = fopen(path, "r");
    if (f && fgets(text, sizeof(text), f))
        at = strrchr(text, ')');
    if (f)
        fclose(f);
    for (int i = 0; i < 16 && at; i++)
        at = strchr(at + 1, ' ');
    return at && atoi(at) < 0 ? -atoi(at) - 1 : 0;
}

static int i_run_at(void)
{
    return runs_at((int)syscall(SYS_gettid));
}

static int comes_to(int tid, int priority)
{
    for (int i = 0; i < 5000 && runs_at(tid) != priority; i++)
        nap(2);
    return runs_at(tid);
}

static int set_own(int policy, int priority)
{
    return pthread_setschedparam(pthread_self(), policy,
                                 &(struct sched_param){priority});
}

static void make(pthread_mutex_t *m, int protocol, int ceiling, int type,
                 int robust)
{
    pthread_mutexattr_t attr;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setprotocol(&attr, protocol);
    if (ceiling)
        pthread_mutexattr_setprioceiling(&attr, ceiling);
    pthread_mutexattr_settype(&attr, type);
    pthread_mutexattr_setrobust(&attr, robust);
    pthread_mutexattr_setpshared(&attr, robust);
    pthread_mutex_init(m, &attr);
    pthread_mutexattr_destroy(&attr);
}

/* ---- attributes ---- */

static void test_attributes(void)
{
    static const int protocols[] = {PTHREAD_PRIO_PROTECT, PTHREAD_PRIO_INHERIT,
                                    PTHREAD_PRIO_NONE};
    pthread_mutexattr_t attr;
    pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
    int n = 99;

    pthread_mutexattr_init(&attr);
    EQUAL(pthread_mutexattr_getprotocol(&attr, &n), 0);
    EQUAL(n, PTHREAD_PRIO_NONE);
    for (int i = 0; i < 3; i++) {
        EQUAL(pthread_mutexattr_setprotocol(&attr, protocols[i]), 0);
        EQUAL(pthread_mutexattr_getprotocol(&attr, &n), 0);
        EQUAL(n, protocols[i]);
    }
    EQUAL(pthread_mutexattr_setprotocol(&attr, 3), EINVAL);
    EQUAL(pthread_mutexattr_setprotocol(&attr, -1), EINVAL);
    EQUAL(pthread_mutexattr_setprioceiling(&attr, 0), EINVAL);
    EQUAL(pthread_mutexattr_setprioceiling(&attr, 100), EINVAL);
    EQUAL(pthread_mutexattr_setprioceiling(&attr, -1), EINVAL);
    EQUAL(pthread_mutexattr_setprioceiling(&attr, 7), 0);
    EQUAL(pthread_mutexattr_getprioceiling(&attr, &n), 0);
    EQUAL(n, 7);
    EQUAL(pthread_mutexattr_gettype(&attr, &n), 0);
    EQUAL(n, PTHREAD_MUTEX_DEFAULT);
    EQUAL(pthread_mutex_getprioceiling(&m, &n), EINVAL);
    EQUAL(pthread_mutex_setprioceiling(&m, 5, &n), EINVAL);
    pthread_mutex_init(&m, &attr); /* a ceiling without the protocol */
    EQUAL(pthread_mutex_getprioceiling(&m, &n), EINVAL);
    EQUAL(pthread_mutex_lock(&m), 0);
    EQUAL(pthread_mutex_unlock(&m), 0);
    EQUAL(pthread_mutex_destroy(&m), 0);
    make(&m, PTHREAD_PRIO_PROTECT, 7, PTHREAD_MUTEX_NORMAL, 0);
    EQUAL(pthread_mutex_getprioceiling(&m, &n), 0);
    EQUAL(n, 7);
    CHECK(sysconf(_SC_THREAD_PRIO_INHERIT) == _POSIX_THREAD_PRIO_INHERIT);
    CHECK(sysconf(_SC_THREAD_PRIO_PROTECT) == _POSIX_THREAD_PRIO_PROTECT);
    CHECK(sysconf(_SC_THREAD_ROBUST_PRIO_INHERIT) > 0);
    CHECK(sysconf(_SC_THREAD_ROBUST_PRIO_PROTECT) > 0);
}

/* ---- the same for each ---- */

static void *try_lock(void *m)
{
    int error = pthread_mutex_trylock(m);

    if (error == 0)
        pthread_mutex_unlock(m);
    return (void *)(intptr_t)error;
}

static void *timed_lock(void *m)
{
    struct timespec ts = in_ms(CLOCK_REALTIME, 30);

    return (void *)(intptr_t)pthread_mutex_timedlock(m, &ts);
}

static void *unlock(void *m)
{
    return (void *)(intptr_t)pthread_mutex_unlock(m);
}

static void *die_with(void *m)
{
    return (void *)(intptr_t)pthread_mutex_lock(m);
}

static void test_type(int protocol, int ceiling, int type)
{
    pthread_mutex_t m;
    struct timespec soon = in_ms(CLOCK_REALTIME, 20);

    make(&m, protocol, ceiling, type, 0);
    EQUAL(pthread_mutex_lock(&m), 0);
    EQUAL(i_run_at(), ceiling);
    EQUAL(elsewhere(try_lock, &m), EBUSY);
    EQUAL(elsewhere(timed_lock, &m), ETIMEDOUT);
    if (type == PTHREAD_MUTEX_RECURSIVE) {
        EQUAL(pthread_mutex_lock(&m), 0);
        EQUAL(pthread_mutex_unlock(&m), 0);
        EQUAL(i_run_at(), ceiling);
        EQUAL(elsewhere(try_lock, &m), EBUSY);
    } else {
        EQUAL(pthread_mutex_trylock(&m), EBUSY);
        EQUAL(i_run_at(), ceiling);
        EQUAL(pthread_mutex_timedlock(&m, &soon),
              type == PTHREAD_MUTEX_ERRORCHECK ? EDEADLK : ETIMEDOUT);
    }
    EQUAL(elsewhere(unlock, &m), EPERM);
    EQUAL(pthread_mutex_unlock(&m), 0);
    EQUAL(i_run_at(), 0);
    EQUAL(elsewhere(try_lock, &m), 0);
    EQUAL(pthread_mutex_destroy(&m), 0);
}

static void test_robust(int protocol, int ceiling)
{
    pthread_mutex_t *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;
    pid_t child;

    make(m, protocol, ceiling, PTHREAD_MUTEX_NORMAL, 1);
    EQUAL(elsewhere(die_with, m), 0);
    EQUAL(pthread_mutex_lock(m), EOWNERDEAD);
    EQUAL(i_run_at(), ceiling);
    EQUAL(pthread_mutex_consistent(m), 0);
    EQUAL(pthread_mutex_unlock(m), 0);
    EQUAL(i_run_at(), 0);
    child = fork();
    if (child == 0) {
        pthread_mutex_lock(m);
        nap(100); /* so that the parent waits, most likely */
        _exit(0);
    }
    nap(30);
    EQUAL(pthread_mutex_lock(m), EOWNERDEAD);
    EQUAL(waitpid(child, &status, 0), child);
    EQUAL(pthread_mutex_unlock(m), 0); /* not made consistent */
    EQUAL(i_run_at(), 0);
    EQUAL(pthread_mutex_lock(m), ENOTRECOVERABLE);
    EQUAL(pthread_mutex_trylock(m), ENOTRECOVERABLE);
    EQUAL(i_run_at(), 0);
    munmap(m, 4096);
}

/* ---- ceilings ---- */

static void *at_high_priority(void *m)
{
    int error = set_own(SCHED_FIFO, 40);

    if (error == 0)
        error = pthread_mutex_lock(m);
    return (void *)(intptr_t)error;
}

static void *raise_ceiling(void *m)
{
    int error = set_own(SCHED_FIFO, 40), old = 0;

    if (error == 0)
        error = pthread_mutex_setprioceiling(m, 50, &old);
    return (void *)(intptr_t)(error ? error : 1000 + old);
}

static void test_ceilings(void)
{
    pthread_mutex_t low, high, check;
    struct sched_param param;
    int policy, old = 0;

    make(&low, PTHREAD_PRIO_PROTECT, 10, PTHREAD_MUTEX_NORMAL, 0);
    make(&high, PTHREAD_PRIO_PROTECT, 20, PTHREAD_MUTEX_NORMAL, 0);
    make(&check, PTHREAD_PRIO_PROTECT, 30, PTHREAD_MUTEX_ERRORCHECK, 0);
    EQUAL(pthread_mutex_lock(&low), 0);
    EQUAL(i_run_at(), 10);
    EQUAL(pthread_mutex_lock(&high), 0);
    EQUAL(i_run_at(), 20);
    EQUAL(pthread_getschedparam(pthread_self(), &policy, &param), 0);
    EQUAL(policy, SCHED_OTHER);
    EQUAL(param.sched_priority, 0);
    EQUAL(pthread_mutex_unlock(&low), 0); /* out of order */
    EQUAL(i_run_at(), 20);
    EQUAL(pthread_mutex_lock(&low), 0);
    EQUAL(pthread_mutex_unlock(&high), 0);
    EQUAL(i_run_at(), 10);
    EQUAL(set_own(SCHED_RR, 5), 0); /* while it is raised */
    EQUAL(i_run_at(), 10);
    EQUAL(pthread_getschedparam(pthread_self(), &policy, &param), 0);
    EQUAL(policy, SCHED_RR);
    EQUAL(param.sched_priority, 5);
    EQUAL(pthread_mutex_lock(&high), 0);
    EQUAL(i_run_at(), 20);
    EQUAL(pthread_mutex_unlock(&high), 0);
    EQUAL(pthread_mutex_unlock(&low), 0);
    EQUAL(i_run_at(), 5);
    EQUAL(sched_getscheduler(0), SCHED_RR);
    EQUAL(set_own(SCHED_FIFO, 15), 0);
    EQUAL(pthread_mutex_lock(&low), EINVAL);
    EQUAL(pthread_mutex_trylock(&low), EINVAL);
    EQUAL(i_run_at(), 15);
    EQUAL(set_own(SCHED_OTHER, 0), 0);
    EQUAL(elsewhere(at_high_priority, &low), EINVAL);
    EQUAL(elsewhere(raise_ceiling, &low), 1010);
    EQUAL(pthread_mutex_lock(&low), 0);
    EQUAL(i_run_at(), 50);
    EQUAL(pthread_mutex_unlock(&low), 0);
    EQUAL(pthread_mutex_setprioceiling(&high, 0, &old), EINVAL);
    EQUAL(pthread_mutex_setprioceiling(&high, 100, &old), EINVAL);
    EQUAL(pthread_mutex_lock(&check), 0);
    EQUAL(pthread_mutex_setprioceiling(&check, 31, &old), EDEADLK);
    EQUAL(pthread_mutex_unlock(&check), 0);
    EQUAL(pthread_mutex_setprioceiling(&check, 31, &old), 0);
    EQUAL(old, 30);
    EQUAL(i_run_at(), 0);
}

/* ---- inheritance ---- */

struct want {
    pthread_mutex_t *m;
    int priority;
};

static void *want(void *arg)
{
    struct want *w = arg;

    set_own(SCHED_FIFO, w->priority);
    pthread_mutex_lock(w->m);
    pthread_mutex_unlock(w->m);
    return NULL;
}

static void test_inheritance(void)
{
    pthread_mutex_t m, other;
    struct want low = {&m, 10}, high = {&m, 20}, elsewhere = {&other, 15};
    int me = (int)syscall(SYS_gettid);
    pthread_t a, b, c;

    make(&m, PTHREAD_PRIO_INHERIT, 0, PTHREAD_MUTEX_NORMAL, 0);
    make(&other, PTHREAD_PRIO_INHERIT, 0, PTHREAD_MUTEX_RECURSIVE, 0);
    pthread_mutex_lock(&m);
    pthread_mutex_lock(&other);
    pthread_create(&a, NULL, want, &low);
    EQUAL(comes_to(me, 10), 10);
    pthread_create(&b, NULL, want, &high);
    EQUAL(comes_to(me, 20), 20);
    pthread_create(&c, NULL, want, &elsewhere);
    nap(20);
    pthread_mutex_unlock(&m);
    EQUAL(comes_to(me, 15), 15);
    pthread_mutex_unlock(&other);
    EQUAL(i_run_at(), 0);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    pthread_join(c, NULL);
}

/* ---- condition variables ---- */

#define MANY 6

static pthread_mutex_t lock;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int tokens, taken, bad;

static void *consumer(void *arg)
{
    int left = (int)(intptr_t)arg;

    while (left-- > 0) {
        pthread_mutex_lock(&lock);
        while (tokens == 0)
            if (pthread_cond_wait(&cond, &lock) != 0)
                bad = 1;
        tokens--;
        taken++;
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

static void test_cond(int protocol, int ceiling)
{
    struct timespec soon;
    pthread_t t[MANY];

    make(&lock, protocol, ceiling, PTHREAD_MUTEX_NORMAL, 0);
    tokens = taken = bad = 0;
    for (int i = 0; i < MANY; i++)
        pthread_create(&t[i], NULL, consumer, (void *)200);
    for (int i = 0; i < MANY * 200; i++) {
        pthread_mutex_lock(&lock);
        tokens++;
        if (i % 7)
            pthread_cond_signal(&cond);
        else
            pthread_cond_broadcast(&cond);
        pthread_mutex_unlock(&lock);
    }
    for (int i = 0; i < MANY; i++) {
        pthread_cond_broadcast(&cond);
        pthread_join(t[i], NULL);
    }
    EQUAL(taken, MANY * 200);
    EQUAL(tokens, 0);
    EQUAL(bad, 0);
    pthread_mutex_lock(&lock);
    soon = in_ms(CLOCK_REALTIME, 20);
    EQUAL(pthread_cond_timedwait(&cond, &lock, &soon), ETIMEDOUT);
    EQUAL(i_run_at(), ceiling);
    pthread_mutex_unlock(&lock);
    EQUAL(i_run_at(), 0);
}

int main(void)
{
    static const int types[] = {PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ERRORCHECK,
                                PTHREAD_MUTEX_RECURSIVE};
    int real_time;

    test_attributes();
    for (int i = 0; i < 3; i++)
        test_type(PTHREAD_PRIO_INHERIT, 0, types[i]);
    test_robust(PTHREAD_PRIO_INHERIT, 0);
    test_cond(PTHREAD_PRIO_INHERIT, 0);
    real_time = set_own(SCHED_FIFO, 1) == 0;
    set_own(SCHED_OTHER, 0);
    if (!real_time) {
        tap_skip("priorities", "no real time for this user");
        return tap_done();
    }
    for (int i = 0; i < 3; i++)
        test_type(PTHREAD_PRIO_PROTECT, 12, types[i]);
    test_robust(PTHREAD_PRIO_PROTECT, 12);
    test_cond(PTHREAD_PRIO_PROTECT, 12);
    test_ceilings();
    test_inheritance();
    return tap_done();
}
