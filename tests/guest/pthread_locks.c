/*
 * Locks of POSIX and C11 threads: each kind, good and bad calls, time limits,
 * owners that die, and a torture of all kinds.
 *
 * test: linux timeout=300
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include "pthread_test.h"
#include "tap.h"

#define MANY 8

/* ---- mutexes ---- */

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
    pthread_mutex_lock(m);
    return NULL;
}

static void make_mutex(pthread_mutex_t *m, int type, int robust, int shared)
{
    pthread_mutexattr_t attr;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, type);
    pthread_mutexattr_setrobust(&attr, robust);
    pthread_mutexattr_setpshared(&attr, shared);
    pthread_mutex_init(m, &attr);
    pthread_mutexattr_destroy(&attr);
}

static void test_mutex(void)
{
    pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
    struct timespec ts;
    pthread_mutexattr_t attr;
    int n;

    EQUAL(pthread_mutex_lock(&m), 0);
    EQUAL(pthread_mutex_trylock(&m), EBUSY);
    EQUAL(elsewhere(try_lock, &m), EBUSY);
    EQUAL(elsewhere(timed_lock, &m), ETIMEDOUT);
    EQUAL(pthread_mutex_unlock(&m), 0);
    EQUAL(elsewhere(try_lock, &m), 0);
    EQUAL(pthread_mutex_destroy(&m), 0);
    make_mutex(&m, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, 0);
    EQUAL(pthread_mutex_unlock(&m), EPERM);
    EQUAL(pthread_mutex_lock(&m), 0);
    EQUAL(pthread_mutex_lock(&m), EDEADLK);
    EQUAL(elsewhere(unlock, &m), EPERM);
    EQUAL(pthread_mutex_unlock(&m), 0);
    make_mutex(&m, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED, 0);
    EQUAL(pthread_mutex_lock(&m), 0);
    EQUAL(pthread_mutex_lock(&m), 0);
    EQUAL(pthread_mutex_trylock(&m), 0);
    EQUAL(pthread_mutex_unlock(&m), 0);
    EQUAL(pthread_mutex_unlock(&m), 0);
    EQUAL(elsewhere(try_lock, &m), EBUSY);
    EQUAL(pthread_mutex_unlock(&m), 0);
    EQUAL(elsewhere(try_lock, &m), 0);
    EQUAL(pthread_mutex_unlock(&m), EPERM);
    pthread_mutexattr_init(&attr);
    EQUAL(pthread_mutexattr_settype(&attr, 77), EINVAL);
    EQUAL(pthread_mutexattr_setrobust(&attr, 77), EINVAL);
    EQUAL(pthread_mutexattr_setpshared(&attr, 77), EINVAL);
    EQUAL(pthread_mutexattr_gettype(&attr, &n), 0);
    EQUAL(n, PTHREAD_MUTEX_DEFAULT);
    make_mutex(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, 0);
    pthread_mutex_lock(&m);
    ts = (struct timespec){1, 2000000000};
    EQUAL(pthread_mutex_timedlock(&m, &ts), EINVAL);
    ts = in_ms(CLOCK_REALTIME, 20);
    EQUAL(pthread_mutex_timedlock(&m, &ts), ETIMEDOUT);
}

static void test_robust(void)
{
    pthread_mutex_t *m = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status;

    make_mutex(m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, 0);
    elsewhere(die_with, m);
    EQUAL(pthread_mutex_lock(m), EOWNERDEAD);
    EQUAL(pthread_mutex_consistent(m), 0);
    EQUAL(pthread_mutex_unlock(m), 0);
    EQUAL(pthread_mutex_lock(m), 0);
    EQUAL(pthread_mutex_unlock(m), 0);
    elsewhere(die_with, m);
    EQUAL(pthread_mutex_trylock(m), EOWNERDEAD);
    EQUAL(pthread_mutex_unlock(m), 0);
    EQUAL(pthread_mutex_lock(m), ENOTRECOVERABLE);
    make_mutex(m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, 1);
    if (fork() == 0) {
        pthread_mutex_lock(m);
        _exit(0);
    }
    wait(&status);
    EQUAL(pthread_mutex_lock(m), EOWNERDEAD);
    EQUAL(pthread_mutex_consistent(m), 0);
    EQUAL(pthread_mutex_unlock(m), 0);
    munmap(m, 4096);
}

/* ---- condition variables ---- */

static pthread_mutex_t cond_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn, finished;

static void *take_turns(void *arg)
{
    int mine = (int)(intptr_t)arg;

    for (int i = 0; i < 200; i++) {
        pthread_mutex_lock(&cond_mutex);
        while (turn % MANY != mine)
            pthread_cond_wait(&cond, &cond_mutex);
        turn++;
        pthread_cond_broadcast(&cond);
        pthread_mutex_unlock(&cond_mutex);
    }
    return NULL;
}

/* Signals that are not lost: each token is taken once. */
static int tokens, taken;

static void *take_tokens(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&cond_mutex);
    for (;;) {
        while (tokens == 0 && !finished)
            pthread_cond_wait(&cond, &cond_mutex);
        if (tokens == 0)
            break;
        tokens--;
        taken++;
    }
    pthread_mutex_unlock(&cond_mutex);
    return NULL;
}

static void test_cond(void)
{
    pthread_t t[MANY];
    pthread_condattr_t attr;
    pthread_cond_t timed;
    struct timespec ts;
    clockid_t clock;

    for (int i = 0; i < MANY; i++)
        pthread_create(&t[i], NULL, take_turns, (void *)(intptr_t)i);
    for (int i = 0; i < MANY; i++)
        pthread_join(t[i], NULL);
    EQUAL(turn, 200 * MANY);
    for (int i = 0; i < MANY; i++)
        pthread_create(&t[i], NULL, take_tokens, NULL);
    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&cond_mutex);
        tokens++;
        pthread_cond_signal(&cond);
        pthread_mutex_unlock(&cond_mutex);
    }
    for (int i = 0; i < 5000 && taken < 2000; i++)
        nap(1);
    EQUAL(taken, 2000);
    pthread_mutex_lock(&cond_mutex);
    finished = 1;
    pthread_cond_broadcast(&cond);
    pthread_mutex_unlock(&cond_mutex);
    for (int i = 0; i < MANY; i++)
        pthread_join(t[i], NULL);
    pthread_condattr_init(&attr);
    EQUAL(pthread_condattr_setclock(&attr, CLOCK_MONOTONIC), 0);
    EQUAL(pthread_condattr_getclock(&attr, &clock), 0);
    EQUAL(clock, CLOCK_MONOTONIC);
    EQUAL(pthread_condattr_setclock(&attr, CLOCK_PROCESS_CPUTIME_ID), EINVAL);
    pthread_cond_init(&timed, &attr);
    pthread_mutex_lock(&cond_mutex);
    ts = in_ms(CLOCK_MONOTONIC, 30);
    EQUAL(pthread_cond_timedwait(&timed, &cond_mutex, &ts), ETIMEDOUT);
    ts = in_ms(CLOCK_REALTIME, 30);
    EQUAL(pthread_cond_timedwait(&cond, &cond_mutex, &ts), ETIMEDOUT);
    ts = (struct timespec){1, -1};
    EQUAL(pthread_cond_timedwait(&cond, &cond_mutex, &ts), EINVAL);
    pthread_mutex_unlock(&cond_mutex);
    EQUAL(pthread_cond_destroy(&timed), 0);
}

/* ---- readers and writers, barriers, spinning locks ---- */

static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;

static void *try_read(void *arg)
{
    int error = pthread_rwlock_tryrdlock(&rw);

    (void)arg;
    if (error == 0)
        pthread_rwlock_unlock(&rw);
    return (void *)(intptr_t)error;
}

static void *try_write(void *arg)
{
    int error = pthread_rwlock_trywrlock(&rw);

    (void)arg;
    if (error == 0)
        pthread_rwlock_unlock(&rw);
    return (void *)(intptr_t)error;
}

static void *timed_write(void *arg)
{
    struct timespec ts = in_ms(CLOCK_REALTIME, 20);

    (void)arg;
    return (void *)(intptr_t)pthread_rwlock_timedwrlock(&rw, &ts);
}

static void test_rwlock(void)
{
    EQUAL(pthread_rwlock_rdlock(&rw), 0);
    EQUAL(pthread_rwlock_rdlock(&rw), 0);
    EQUAL(elsewhere(try_read, NULL), 0);
    EQUAL(elsewhere(try_write, NULL), EBUSY);
    EQUAL(elsewhere(timed_write, NULL), ETIMEDOUT);
    pthread_rwlock_unlock(&rw);
    pthread_rwlock_unlock(&rw);
    EQUAL(pthread_rwlock_wrlock(&rw), 0);
    EQUAL(elsewhere(try_read, NULL), EBUSY);
    EQUAL(elsewhere(try_write, NULL), EBUSY);
    pthread_rwlock_unlock(&rw);
    EQUAL(elsewhere(try_write, NULL), 0);
}

static pthread_barrier_t barrier;
static int serials, arrived;

static void *meet(void *arg)
{
    for (int i = 0; i < 50; i++) {
        __atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_add_fetch(&serials, 1, __ATOMIC_SEQ_CST);
        if (arrived < (i + 1) * MANY)
            return arg;
        pthread_barrier_wait(&barrier);
    }
    return NULL;
}

static void test_barrier(void)
{
    pthread_t t[MANY];
    void *result;
    int good = 1;

    EQUAL(pthread_barrier_init(&barrier, NULL, 0), EINVAL);
    EQUAL(pthread_barrier_init(&barrier, NULL, MANY), 0);
    for (int i = 0; i < MANY; i++)
        pthread_create(&t[i], NULL, meet, "early");
    for (int i = 0; i < MANY; i++) {
        pthread_join(t[i], &result);
        good &= result == NULL;
    }
    CHECK(good);
    EQUAL(serials, 50);
    EQUAL(pthread_barrier_destroy(&barrier), 0);
}

/* ---- semaphores ---- */

static void *post_later(void *s)
{
    nap(20);
    sem_post(s);
    return NULL;
}

static void test_semaphores(void)
{
    sem_t s, *a, *b;
    struct timespec ts;
    pthread_t t;
    int n, status;

    EQUAL(sem_init(&s, 0, 2), 0);
    EQUAL(sem_wait(&s), 0);
    EQUAL(sem_trywait(&s), 0);
    FAILS(sem_trywait(&s), EAGAIN);
    ts = in_ms(CLOCK_REALTIME, 20);
    FAILS(sem_timedwait(&s, &ts), ETIMEDOUT);
    pthread_create(&t, NULL, post_later, &s);
    EQUAL(sem_wait(&s), 0);
    pthread_join(t, NULL);
    EQUAL(sem_getvalue(&s, &n), 0);
    EQUAL(n, 0);
    EQUAL(sem_destroy(&s), 0);
    FAILS(sem_init(&s, 0, 0x80000000u), EINVAL);
    EQUAL(sem_init(&s, 0, 0x7fffffff), 0);
    FAILS(sem_post(&s), EOVERFLOW);
    sem_unlink("/thread_test");
    CHECK(sem_open("/thread_test", 0) == SEM_FAILED);
    EQUAL(errno, ENOENT);
    a = sem_open("/thread_test", O_CREAT | O_EXCL, 0600, 1);
    CHECK(a != SEM_FAILED);
    CHECK(sem_open("/thread_test", O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED);
    EQUAL(errno, EEXIST);
    b = sem_open("/thread_test", 0);
    CHECK(b == a);
    if (fork() == 0) {
        nap(20);
        sem_post(b);
        _exit(0);
    }
    EQUAL(sem_wait(a), 0);
    EQUAL(sem_wait(a), 0);
    wait(&status);
    EQUAL(sem_close(b), 0);
    EQUAL(sem_close(a), 0);
    EQUAL(sem_unlink("/thread_test"), 0);
    FAILS(sem_unlink("/thread_test"), ENOENT);
    CHECK(sem_open("/a/b", O_CREAT, 0600, 1) == SEM_FAILED);
}

/* ---- C11 ---- */

static mtx_t c_mutex;
static cnd_t c_cond;
static once_flag c_once = ONCE_FLAG_INIT;
static int c_state;
static tss_t c_key;
static thread_local int c_own = 3;

static void c_begin(void)
{
    c_state++;
}

static void c_destroy(void *value)
{
    *(int *)value = 77;
}

static int c_thread(void *arg)
{
    c_own++;
    call_once(&c_once, c_begin);
    tss_set(c_key, arg);
    mtx_lock(&c_mutex);
    while (c_state < 2)
        cnd_wait(&c_cond, &c_mutex);
    mtx_unlock(&c_mutex);
    if (tss_get(c_key) != arg)
        return 0;
    thrd_exit(c_own + 10);
}

static void test_c11(void)
{
    thrd_t t;
    int result = 0, value = 1;
    struct timespec ts;

    EQUAL(mtx_init(&c_mutex, mtx_timed), thrd_success);
    EQUAL(cnd_init(&c_cond), thrd_success);
    EQUAL(tss_create(&c_key, c_destroy), thrd_success);
    EQUAL(thrd_create(&t, c_thread, &value), thrd_success);
    thrd_sleep(&(struct timespec){0, 10000000}, NULL);
    EQUAL(mtx_lock(&c_mutex), thrd_success);
    EQUAL(c_state, 1);
    c_state = 2;
    EQUAL(cnd_broadcast(&c_cond), thrd_success);
    EQUAL(mtx_unlock(&c_mutex), thrd_success);
    EQUAL(thrd_join(t, &result), thrd_success);
    EQUAL(result, 14);
    EQUAL(value, 77);
    EQUAL(c_own, 3);
    mtx_lock(&c_mutex);
    EQUAL(mtx_trylock(&c_mutex), thrd_busy);
    timespec_get(&ts, TIME_UTC);
    EQUAL(mtx_timedlock(&c_mutex, &ts), thrd_timedout);
    EQUAL(cnd_timedwait(&c_cond, &c_mutex, &ts), thrd_timedout);
    mtx_unlock(&c_mutex);
    mtx_destroy(&c_mutex);
    cnd_destroy(&c_cond);
    tss_delete(c_key);
    CHECK(thrd_equal(thrd_current(), thrd_current()));
    thrd_yield();
}

/* ---- a torture ---- */

static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER, recursive, checked,
                       robust;
static pthread_spinlock_t spin;
static sem_t one;
static FILE *stream;
static int totals[6];

static void *torture(void *arg)
{
    unsigned seed = (unsigned)(intptr_t)arg;

    for (int i = 0; i < 1500; i++) {
        void *p = malloc(16 + seed % 3000);

        seed = seed * 1103515245 + 12345;
        pthread_mutex_lock(&plain);
        totals[0]++;
        pthread_mutex_unlock(&plain);
        pthread_mutex_lock(&recursive);
        pthread_mutex_lock(&recursive);
        totals[1]++;
        if (seed >> 16 & 1)
            sched_yield();
        pthread_mutex_unlock(&recursive);
        pthread_mutex_unlock(&recursive);
        pthread_mutex_lock(&checked);
        totals[2]++;
        pthread_mutex_unlock(&checked);
        pthread_mutex_lock(&robust);
        totals[3]++;
        pthread_mutex_unlock(&robust);
        pthread_spin_lock(&spin);
        totals[4]++;
        pthread_spin_unlock(&spin);
        sem_wait(&one);
        totals[5]++;
        sem_post(&one);
        p = realloc(p, 16 + (seed >> 8) % 5000);
        fprintf(stream, "%07d\n", i);
        free(p);
    }
    return NULL;
}

static void test_torture(void)
{
    char name[] = "/tmp/pthread_locks", line[32];
    pthread_t t[MANY];
    int n = 0, good = 1;

    make_mutex(&recursive, PTHREAD_MUTEX_RECURSIVE, PTHREAD_MUTEX_STALLED, 0);
    make_mutex(&checked, PTHREAD_MUTEX_ERRORCHECK, PTHREAD_MUTEX_STALLED, 0);
    make_mutex(&robust, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, 0);
    EQUAL(pthread_spin_init(&spin, 0), 0);
    EQUAL(pthread_spin_trylock(&spin), 0);
    EQUAL(pthread_spin_trylock(&spin), EBUSY);
    EQUAL(pthread_spin_unlock(&spin), 0);
    sem_init(&one, 0, 1);
    stream = fopen(name, "w+");
    CHECK(stream != NULL);
    for (int i = 0; i < MANY; i++)
        pthread_create(&t[i], NULL, torture, (void *)(intptr_t)i);
    for (int i = 0; i < MANY; i++)
        pthread_join(t[i], NULL);
    for (int i = 0; i < 6; i++)
        EQUAL(totals[i], MANY * 1500);
    rewind(stream);
    while (fgets(line, sizeof(line), stream)) {
        good &= strlen(line) == 8 && line[7] == '\n';
        n++;
    }
    CHECK(good);
    EQUAL(n, MANY * 1500);
    fclose(stream);
    unlink(name);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    test_mutex();
    test_robust();
    test_cond();
    test_rwlock();
    test_barrier();
    test_semaphores();
    test_c11();
    test_torture();
    return tap_done();
}
