/*
 * A robust mutex whose owner is killed at every single instruction of locking
 * and unlocking it, with and without another that waits. The next one gets it,
 * and is told so if what the mutex guards may be half changed.
 *
 * The owner is a process that steps through the calls with the trap flag; the
 * handler of the n-th SIGTRAP kills it.
 *
 * test: linux timeout=400
 */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define MOST 2000 /* instructions of one call */

static struct shared {
    pthread_mutex_t mutex;
    volatile int one, two; /* what it guards: equal */
    volatile int locked;
} * shared;

static volatile int steps, target;

static void on_step(int signo)
{
    (void)signo;
    if (++steps == target)
        kill(getpid(), SIGKILL);
}

static inline void trap_flag(int on)
{
    if (on)
        __asm__ volatile("pushfl\n\torl $0x100, (%%esp)\n\tpopfl" ::
                             : "memory", "cc");
    else
        __asm__ volatile("pushfl\n\tandl $~0x100, (%%esp)\n\tpopfl" ::
                             : "memory", "cc");
}

static void change(void)
{
    shared->one++;
    shared->two++;
}

/* Killed at instruction n of lock, change, unlock. */
static void step_through_all(int n)
{
    target = n;
    trap_flag(1);
    pthread_mutex_lock(&shared->mutex);
    change();
    pthread_mutex_unlock(&shared->mutex);
    trap_flag(0);
    _exit(0);
}

/* Whether another thread waits, as the library and the kernel note it. */
static int is_waited_for(void)
{
    volatile int *words = (volatile int *)&shared->mutex;

    return words[1] < 0 || words[2] != 0;
}

/* The same of unlock alone, when the parent waits. */
static void step_through_unlock(int n)
{
    target = n;
    pthread_mutex_lock(&shared->mutex);
    change();
    shared->locked = 1;
    while (!is_waited_for())
        usleep(100);
    usleep(1000);
    trap_flag(1);
    pthread_mutex_unlock(&shared->mutex);
    trap_flag(0);
    _exit(0);
}

/* Take the mutex: 0, 1 (its owner had died), or -1. */
static int take(void)
{
    struct timespec limit;
    int error;

    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 20;
    error = pthread_mutex_timedlock(&shared->mutex, &limit);
    if (error == 0)
        return 0;
    if (error == EOWNERDEAD && pthread_mutex_consistent(&shared->mutex) == 0)
        return 1;
    printf("# %s\n", strerror(error));
    return -1;
}

/* How often the owner was killed, and what the next one was told. */
static int killed, told, trusted, broken;

static void judge(int result)
{
    if (result < 0) {
        broken++;
        return;
    }
    if (result == 0 && shared->one != shared->two)
        broken++;
    told += result;
    trusted += !result;
    shared->two = shared->one;
    if (pthread_mutex_unlock(&shared->mutex) != 0 ||
        pthread_mutex_trylock(&shared->mutex) != 0 ||
        pthread_mutex_unlock(&shared->mutex) != 0)
        broken++;
}

/* One run: whether the child was killed. */
static int one(void (*body)(int), int n, int wait_first)
{
    int status = 0, result = 0;
    pid_t child;

    shared->locked = 0;
    child = fork();
    if (child == 0)
        body(n);
    if (wait_first) {
        waitpid(child, &status, 0);
        result = take();
    } else {
        while (!shared->locked)
            usleep(100);
        result = take();
        waitpid(child, &status, 0);
    }
    judge(result);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

static void test_all(const char *what, void (*body)(int), int wait_first)
{
    int n;

    killed = told = trusted = broken = 0;
    for (n = 1; n < MOST && !broken && one(body, n, wait_first); n++)
        killed++;
    printf("# %s: killed at %d instructions, %d told, %d not\n", what, killed,
           told, trusted);
    EQUAL(broken, 0);
    CHECK(killed > 20 && n < MOST);
    CHECK(told > 0 && trusted > 0);
}

static int make(int type, int protocol)
{
    pthread_mutexattr_t attr;
    int error;

    pthread_mutexattr_init(&attr);
    pthread_mutexattr_settype(&attr, type);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
    error = pthread_mutexattr_setprotocol(&attr, protocol);
    if (error == 0)
        pthread_mutex_init(&shared->mutex, &attr);
    pthread_mutexattr_destroy(&attr);
    error = error ? error : pthread_mutex_lock(&shared->mutex);
    if (error == 0)
        pthread_mutex_unlock(&shared->mutex);
    return error;
}

static void test_kind(const char *what, int type, int protocol)
{
    EQUAL(make(type, protocol), 0);
    printf("# %s\n", what);
    test_all("lock and unlock", step_through_all, 1);
    test_all("unlock, while another waits", step_through_unlock, 0);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    signal(SIGTRAP, on_step);
    test_kind("normal", PTHREAD_MUTEX_NORMAL, PTHREAD_PRIO_NONE);
    test_kind("recursive", PTHREAD_MUTEX_RECURSIVE, PTHREAD_PRIO_NONE);
    test_kind("error checking, inheriting", PTHREAD_MUTEX_ERRORCHECK,
              PTHREAD_PRIO_INHERIT);
    return tap_done();
}
