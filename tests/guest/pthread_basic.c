/*
 * POSIX threads: creating and joining, attributes, cancellation, keys, once,
 * fork, signals; good calls and bad ones.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pthread_test.h"
#include "tap.h"

#define MANY 8

static sem_t ready, go;

/* ---- create and join ---- */

static __thread int own = 42;
static __thread char big[3000];

static void *twice(void *arg)
{
    int n = (int)(intptr_t)arg;

    errno = n;
    own += n;
    big[2999] = (char)n;
    sched_yield();
    if (errno != n || own != 42 + n || big[2999] != (char)n)
        return NULL;
    return (void *)(intptr_t)(2 * n);
}

static void test_create(void)
{
    pthread_t t[MANY];
    void *result;
    int good = 1;

    errno = 99;
    for (int i = 0; i < MANY; i++)
        EQUAL(pthread_create(&t[i], NULL, twice, (void *)(intptr_t)(i + 1)), 0);
    for (int i = 0; i < MANY; i++) {
        good &= pthread_join(t[i], &result) == 0;
        good &= (intptr_t)result == 2 * (i + 1);
    }
    CHECK(good);
    EQUAL(errno, 99);
    EQUAL(own, 42);
    CHECK(pthread_equal(pthread_self(), pthread_self()));
}

static void *leave(void *arg)
{
    pthread_exit(arg);
}

static void *wait_to_go(void *arg)
{
    sem_post(&ready);
    while (sem_wait(&go) != 0)
        continue;
    return arg;
}

static void test_detach(void)
{
    pthread_attr_t attr;
    pthread_t t;
    void *result;
    int state;

    EQUAL(pthread_create(&t, NULL, leave, "x"), 0);
    EQUAL(pthread_join(t, &result), 0);
    CHECK(strcmp(result, "x") == 0);
    EQUAL(pthread_create(&t, NULL, wait_to_go, NULL), 0);
    sem_wait(&ready);
    EQUAL(pthread_tryjoin_np(t, NULL), EBUSY);
    EQUAL(pthread_timedjoin_np(t, NULL, &(struct timespec){1, 0}), ETIMEDOUT);
    EQUAL(pthread_detach(t), 0);
    sem_post(&go);
    pthread_attr_init(&attr);
    EQUAL(pthread_attr_getdetachstate(&attr, &state), 0);
    EQUAL(state, PTHREAD_CREATE_JOINABLE);
    EQUAL(pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED), 0);
    EQUAL(pthread_attr_setdetachstate(&attr, 99), EINVAL);
    EQUAL(pthread_create(&t, &attr, wait_to_go, NULL), 0);
    sem_wait(&ready);
    sem_post(&go);
    pthread_attr_destroy(&attr);
    nap(20);
}

static void *stack_place(void *arg)
{
    (void)arg;
    return __builtin_frame_address(0);
}

static void test_attributes(void)
{
    static char stack[65536] __attribute__((aligned(16)));
    struct sched_param param;
    pthread_attr_t attr, now;
    pthread_t t;
    void *result, *base;
    size_t size;
    int n;

    EQUAL(pthread_attr_init(&attr), 0);
    EQUAL(pthread_attr_setstacksize(&attr, 100), EINVAL);
    EQUAL(pthread_attr_setstacksize(&attr, 1 << 20), 0);
    EQUAL(pthread_attr_getstacksize(&attr, &size), 0);
    EQUAL(size, 1 << 20);
    EQUAL(pthread_attr_setguardsize(&attr, 16384), 0);
    EQUAL(pthread_attr_getguardsize(&attr, &size), 0);
    EQUAL(size, 16384);
    EQUAL(pthread_attr_setscope(&attr, PTHREAD_SCOPE_SYSTEM), 0);
    EQUAL(pthread_attr_setscope(&attr, PTHREAD_SCOPE_PROCESS), ENOTSUP);
    EQUAL(pthread_attr_getscope(&attr, &n), 0);
    EQUAL(n, PTHREAD_SCOPE_SYSTEM);
    EQUAL(pthread_attr_setinheritsched(&attr, PTHREAD_INHERIT_SCHED), 0);
    EQUAL(pthread_attr_setinheritsched(&attr, 77), EINVAL);
    EQUAL(pthread_attr_setschedpolicy(&attr, SCHED_OTHER), 0);
    EQUAL(pthread_attr_getschedparam(&attr, &param), 0);
    EQUAL(param.sched_priority, 0);
    EQUAL(pthread_create(&t, &attr, wait_to_go, NULL), 0);
    sem_wait(&ready);
    EQUAL(pthread_getattr_np(t, &now), 0);
    EQUAL(pthread_attr_getstack(&now, &base, &size), 0);
    CHECK(size >= 1 << 20 && base != NULL);
    sem_post(&go);
    pthread_join(t, NULL);
    EQUAL(pthread_attr_setstack(&attr, stack, sizeof(stack)), 0);
    EQUAL(pthread_create(&t, &attr, stack_place, NULL), 0);
    EQUAL(pthread_join(t, &result), 0);
    CHECK((char *)result >= stack && (char *)result < stack + sizeof(stack));
    EQUAL(pthread_attr_destroy(&attr), 0);
    EQUAL(pthread_getschedparam(pthread_self(), &n, &param), 0);
    EQUAL(n, SCHED_OTHER);
    EQUAL(pthread_setschedparam(pthread_self(), 77, &param), EINVAL);
}

/* Stacks have guards: a thread that overruns its own is killed. */
static int dive(int n)
{
    volatile char frame[1000];

    frame[0] = (char)n;
    return n == 0 ? 0 : dive(n - 1) + frame[0];
}

static void *overrun(void *arg)
{
    (void)arg;
    return (void *)(intptr_t)dive(1000000);
}

static void test_guard(void)
{
    int status, pid = fork();

    if (pid == 0) {
        pthread_t t;

        pthread_create(&t, NULL, overrun, NULL);
        pthread_join(t, NULL);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

/* ---- cancellation ---- */

static volatile int cleaned, reached;

static void clean(void *arg)
{
    cleaned = cleaned * 10 + (int)(intptr_t)arg;
}

static void *cancel_in_read(void *arg)
{
    char c;

    pthread_cleanup_push(clean, (void *)1);
    pthread_cleanup_push(clean, (void *)2);
    sem_post(&ready);
    if (read(*(int *)arg, &c, 1) == 1)
        reached = 1;
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}

static void give_back(void *mutex)
{
    pthread_mutex_unlock(mutex);
}

static void *cancel_in_wait(void *arg)
{
    static pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
    static pthread_cond_t c = PTHREAD_COND_INITIALIZER;

    pthread_mutex_lock(&m);
    pthread_cleanup_push(give_back, &m);
    sem_post(&ready);
    while (arg)
        pthread_cond_wait(&c, &m);
    pthread_cleanup_pop(1);
    return NULL;
}

static void *cancel_in_sleep(void *arg)
{
    sem_post(&ready);
    sleep(100);
    return arg;
}

static void *cancel_in_sem(void *arg)
{
    sem_t never;

    sem_init(&never, 0, 0);
    sem_post(&ready);
    sem_wait(&never);
    return arg;
}

static void *cancel_in_poll(void *arg)
{
    sem_post(&ready);
    select(0, NULL, NULL, NULL, NULL);
    return arg;
}

static void *cancel_async(void *arg)
{
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    sem_post(&ready);
    for (;;)
        __asm__ volatile("");
    return arg;
}

static void *cancel_disabled(void *arg)
{
    int old;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    sem_post(&ready);
    nap(50);
    reached = 1;
    pthread_setcancelstate(old, NULL);
    pthread_testcancel();
    reached = 2;
    return arg;
}

/* shm_open, which opens a file, is none of the places. */
static void *cancel_not_in_shm(void *arg)
{
    int old, fd;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    sem_post(&ready);
    nap(50);
    pthread_setcancelstate(old, NULL);
    fd = shm_open("/pthread_basic", O_CREAT | O_RDWR, 0600);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    reached = 3;
    close(fd);
    shm_unlink("/pthread_basic");
    pthread_setcancelstate(old, NULL);
    pthread_testcancel();
    return arg;
}

static void cancel_one(void *(*fn)(void *), void *arg)
{
    pthread_t t;
    void *result = NULL;

    EQUAL(pthread_create(&t, NULL, fn, arg), 0);
    sem_wait(&ready);
    nap(10);
    EQUAL(pthread_cancel(t), 0);
    EQUAL(pthread_join(t, &result), 0);
    CHECK(result == PTHREAD_CANCELED);
}

static void test_cancel(void)
{
    int fds[2], old;

    CHECK(pipe(fds) == 0);
    cancel_one(cancel_in_read, &fds[0]);
    EQUAL(cleaned, 21);
    EQUAL(reached, 0);
    cancel_one(cancel_in_wait, "x");
    cancel_one(cancel_in_wait, "x"); /* the mutex was given back */
    cancel_one(cancel_in_sleep, NULL);
    cancel_one(cancel_in_sem, NULL);
    cancel_one(cancel_in_poll, NULL);
    cancel_one(cancel_async, NULL);
    cancel_one(cancel_disabled, NULL);
    EQUAL(reached, 1);
    cancel_one(cancel_not_in_shm, NULL);
    EQUAL(reached, 3);
    EQUAL(pthread_setcancelstate(77, &old), EINVAL);
    EQUAL(pthread_setcanceltype(77, &old), EINVAL);
    close(fds[0]);
    close(fds[1]);
}

/* ---- keys and once ---- */

static pthread_key_t key;
static volatile int destroyed, once_count;

static void destroy(void *value)
{
    destroyed++;
    if ((intptr_t)value > 1) /* comes again */
        pthread_setspecific(key, (void *)((intptr_t)value - 1));
}

static void *use_key(void *arg)
{
    if (pthread_getspecific(key) != NULL)
        return NULL;
    pthread_setspecific(key, arg);
    return pthread_getspecific(key);
}

static void count_once(void)
{
    nap(5);
    once_count++;
}

static void *do_once(void *arg)
{
    pthread_once(arg, count_once);
    return (void *)(intptr_t)once_count;
}

static void test_keys(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_key_t keys[PTHREAD_KEYS_MAX + 1];
    pthread_t t[MANY];
    void *result;
    int n = 0, good = 1;

    EQUAL(pthread_key_create(&key, destroy), 0);
    for (int i = 0; i < 3; i++)
        pthread_create(&t[i], NULL, use_key, (void *)(intptr_t)(i + 1));
    for (int i = 0; i < 3; i++) {
        pthread_join(t[i], &result);
        good &= (intptr_t)result == i + 1;
    }
    CHECK(good);
    EQUAL(destroyed, 6);
    EQUAL(pthread_key_delete(key), 0);
    while (n <= PTHREAD_KEYS_MAX && pthread_key_create(&keys[n], NULL) == 0)
        n++;
    CHECK(n > 100 && n <= PTHREAD_KEYS_MAX);
    EQUAL(pthread_key_create(&keys[n], NULL), EAGAIN);
    while (n > 0)
        pthread_key_delete(keys[--n]);
    for (int i = 0; i < MANY; i++)
        pthread_create(&t[i], NULL, do_once, &once);
    for (int i = 0; i < MANY; i++) {
        pthread_join(t[i], &result);
        good &= (intptr_t)result == 1;
    }
    CHECK(good);
}

/* ---- fork ---- */

static volatile int stop, trail;

static void *allocate(void *arg)
{
    while (!stop) {
        char *p = malloc(100 + rand() % 1000);

        free(p);
        if (arg)
            fprintf(arg, "x");
    }
    return NULL;
}

static void prepare(void)
{
    trail = trail * 10 + 1;
}

static void parent(void)
{
    trail = trail * 10 + 2;
}

static void child(void)
{
    trail = trail * 10 + 3;
}

/* A fork while others hold the locks of the allocator and of streams. */
static void test_fork(void)
{
    FILE *null = fopen("/dev/null", "w");
    pthread_t t[4];
    int good = 1;

    EQUAL(pthread_atfork(prepare, parent, child), 0);
    for (int i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, allocate, i % 2 ? null : NULL);
    for (int i = 0; i < 20; i++) {
        int status = -1, pid;

        trail = 0;
        pid = fork();
        if (pid == 0) {
            void *p = malloc(5000);
            pthread_t own_thread;

            free(p);
            fprintf(null, "child");
            if (trail != 13 ||
                pthread_create(&own_thread, NULL, twice, (void *)1) != 0 ||
                pthread_join(own_thread, NULL) != 0)
                _exit(1);
            _exit(0);
        }
        good &= trail == 12;
        good &= waitpid(pid, &status, 0) == pid && status == 0;
    }
    CHECK(good);
    stop = 1;
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);
    fclose(null);
}

/* ---- signals, names, clocks ---- */

static volatile pthread_t handled_by;

static void on_signal(int signo)
{
    (void)signo;
    handled_by = pthread_self();
}

static void *wait_signal(void *arg)
{
    sigset_t set;
    int signo = 0;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sem_post(&ready);
    sigwait(&set, &signo);
    (void)arg;
    return (void *)(intptr_t)signo;
}

static void test_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct timespec a, b;
    clockid_t clock;
    pthread_t t;
    void *result;

    sigaction(SIGUSR1, &action, NULL);
    pthread_create(&t, NULL, wait_to_go, NULL);
    sem_wait(&ready);
    EQUAL(pthread_kill(t, 0), 0);
    EQUAL(pthread_kill(t, 9999), EINVAL);
    EQUAL(pthread_kill(t, SIGUSR1), 0);
    for (int i = 0; i < 1000 && !handled_by; i++)
        nap(1);
    CHECK(pthread_equal(handled_by, t));
    EQUAL(pthread_getcpuclockid(t, &clock), 0);
    EQUAL(clock_gettime(clock, &a), 0);
    sem_post(&go);
    pthread_join(t, NULL);
    EQUAL(pthread_getcpuclockid(pthread_self(), &clock), 0);
    EQUAL(clock_gettime(clock, &a), 0);
    EQUAL(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &b), 0);
    CHECK(b.tv_sec > a.tv_sec ||
          (b.tv_sec == a.tv_sec && b.tv_nsec >= a.tv_nsec));
    pthread_create(&t, NULL, wait_signal, NULL);
    sem_wait(&ready);
    EQUAL(pthread_kill(t, SIGUSR2), 0);
    pthread_join(t, &result);
    EQUAL((intptr_t)result, SIGUSR2);
}

static void test_names(void)
{
    char name[20] = "";
    cpu_set_t set;

    EQUAL(pthread_setname_np(pthread_self(), "a name"), 0);
    EQUAL(pthread_getname_np(pthread_self(), name, sizeof(name)), 0);
    CHECK(strcmp(name, "a name") == 0);
    EQUAL(pthread_setname_np(pthread_self(), "much too long for this"), ERANGE);
    EQUAL(pthread_getname_np(pthread_self(), name, 3), ERANGE);
    EQUAL(pthread_getaffinity_np(pthread_self(), sizeof(set), &set), 0);
    CHECK(CPU_COUNT(&set) > 0);
    EQUAL(pthread_setaffinity_np(pthread_self(), sizeof(set), &set), 0);
}

/* The first thread leaves with pthread_exit; the last one ends the process. */
static void *end_late(void *arg)
{
    nap(30);
    exit((int)(intptr_t)arg);
}

static void *just_end(void *arg)
{
    nap(30);
    return arg;
}

static void test_exit(void)
{
    int status, pid = fork();
    pthread_t t;

    if (pid == 0) {
        pthread_create(&t, NULL, end_late, (void *)7);
        pthread_exit(NULL);
    }
    waitpid(pid, &status, 0);
    EQUAL(status, 7 << 8);
    pid = fork();
    if (pid == 0) {
        pthread_create(&t, NULL, just_end, (void *)7);
        pthread_exit(NULL);
    }
    waitpid(pid, &status, 0);
    EQUAL(status, 0);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    sem_init(&ready, 0, 0);
    sem_init(&go, 0, 0);
    test_create();
    test_detach();
    test_attributes();
    test_guard();
    test_cancel();
    test_keys();
    test_fork();
    test_signals();
    test_names();
    test_exit();
    return tap_done();
}
