/*
 * Threads of one process and the processor, in a machine whose time counts
 * instructions: fair ones have equal shares, also beside another process, and
 * each may have a policy and a priority of its own.
 *
 * test: icount timeout=300
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mm_test.h"

#define MS  1000000ll
#define MAX 8

static volatile bool over;

static long long clock_of(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * 1000 * MS + t.tv_nsec;
}

static void nap(long long ns)
{
    struct timespec t = {ns / (1000 * MS), ns % (1000 * MS)};

    nanosleep(&t, NULL);
}

/* A thread that works until it is told to end, and what time it had. */
struct worker {
    pthread_t thread;
    long long used; /* valid when it has ended */
    volatile unsigned long turns;
};

static void *work(void *arg)
{
    struct worker *worker = arg;

    while (!over)
        worker->turns++;
    worker->used = clock_of(CLOCK_THREAD_CPUTIME_ID);
    return NULL;
}

/* Start one with a policy and a priority; SCHED_OTHER has 0. */
static void start(struct worker *worker, int policy, int priority)
{
    struct sched_param param = {.sched_priority = priority};
    pthread_attr_t attr;

    *worker = (struct worker){0};
    pthread_attr_init(&attr);
    CHECK_EQ(pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED), 0);
    CHECK_EQ(pthread_attr_setschedpolicy(&attr, policy), 0);
    CHECK_EQ(pthread_attr_setschedparam(&attr, &param), 0);
    CHECK_EQ(pthread_create(&worker->thread, &attr, work, worker), 0);
    pthread_attr_destroy(&attr);
}

static void end(struct worker *workers, int n)
{
    over = true;
    for (int i = 0; i < n; i++)
        pthread_join(workers[i].thread, NULL);
    over = false;
}

/* The main thread is above all others, so that it says when. */
static void be_first(void)
{
    struct sched_param param = {.sched_priority = 90};

    CHECK_EQ(pthread_setschedparam(pthread_self(), SCHED_FIFO, &param), 0);
}

static bool is_about(long long is, long long wanted)
{
    if (is >= wanted - wanted / 20 && is <= wanted + wanted / 20)
        return true;
    printf("# %lld ns, not %lld\n", is, wanted);
    return false;
}

static void test_shares(int n)
{
    struct worker workers[MAX];
    struct sched_param param = {0};
    pid_t pid = fork();
    char name[60];

    if (pid == 0) {
        sched_setscheduler(0, SCHED_OTHER, &param);
        for (;;)
            continue;
    }
    for (int i = 0; i < n; i++)
        start(&workers[i], SCHED_OTHER, 0);
    nap(1000 * MS);
    kill(pid, SIGKILL);
    end(workers, n);
    CHECK_EQ(waitpid(pid, NULL, 0), pid);
    for (int i = 0; i < n; i++)
        CHECK(is_about(workers[i].used, 1000 * MS / (n + 1)));
    snprintf(name, sizeof(name), "shares of %d threads beside a process", n);
    tap_end(name);
}

static void test_priorities(void)
{
    struct worker workers[3];

    start(&workers[0], SCHED_FIFO, 20);
    start(&workers[1], SCHED_FIFO, 10);
    start(&workers[2], SCHED_OTHER, 0);
    nap(200 * MS);
    CHECK(workers[0].turns > 0);
    CHECK_EQ(workers[1].turns, 0);
    CHECK_EQ(workers[2].turns, 0);
    end(workers, 3);
    tap_end("SCHED_FIFO of one thread is above another's");
}

/* Lowering the priority of one that runs lets the next one run. */
static void test_changes(void)
{
    struct worker workers[2];
    struct sched_param low = {.sched_priority = 5}, got;
    unsigned long before;
    int policy;

    start(&workers[0], SCHED_FIFO, 20);
    start(&workers[1], SCHED_FIFO, 10);
    nap(50 * MS);
    CHECK_EQ(workers[1].turns, 0);
    CHECK_EQ(pthread_setschedparam(workers[0].thread, SCHED_FIFO, &low), 0);
    CHECK_EQ(pthread_getschedparam(workers[0].thread, &policy, &got), 0);
    CHECK(policy == SCHED_FIFO && got.sched_priority == 5);
    before = workers[0].turns;
    nap(50 * MS);
    CHECK(workers[1].turns > 0);
    CHECK_EQ(workers[0].turns, before);
    CHECK_EQ(pthread_setschedprio(workers[0].thread, 30), 0);
    before = workers[1].turns;
    nap(50 * MS);
    CHECK_EQ(workers[1].turns, before);
    end(workers, 2);
    tap_end("a thread's priority is changed while it runs");
}

static void test_round_robin(void)
{
    struct worker workers[3];

    for (int i = 0; i < 3; i++)
        start(&workers[i], SCHED_RR, 10);
    nap(900 * MS);
    end(workers, 3);
    for (int i = 0; i < 3; i++)
        CHECK(workers[i].used > 150 * MS && workers[i].used < 450 * MS);
    tap_end("SCHED_RR threads take turns");
}

static void test_fifo_has_no_turns(void)
{
    struct worker workers[2];

    start(&workers[0], SCHED_FIFO, 10);
    start(&workers[1], SCHED_FIFO, 10);
    nap(500 * MS);
    CHECK(workers[0].turns > 0);
    CHECK_EQ(workers[1].turns, 0);
    end(workers, 2);
    tap_end("SCHED_FIFO threads of one priority do not");
}

/* The virtual time of a thread above all others has not stood still for it. */
static void test_back_to_fair(void)
{
    struct worker workers[2];
    struct sched_param param = {0};
    unsigned long before[2], turns[2];

    start(&workers[0], SCHED_OTHER, 0);
    start(&workers[1], SCHED_FIFO, 10);
    nap(3000 * MS); /* a share of it is the first one's: see runq.c */
    CHECK_EQ(pthread_setschedparam(workers[1].thread, SCHED_OTHER, &param), 0);
    for (int i = 0; i < 2; i++)
        before[i] = workers[i].turns;
    nap(200 * MS);
    for (int i = 0; i < 2; i++)
        turns[i] = workers[i].turns - before[i];
    printf("# turns: %lu and %lu\n", turns[0], turns[1]);
    CHECK(turns[0] > turns[1] / 2 && turns[1] > turns[0] / 2);
    end(workers, 2);
    tap_end("one that is fair again has its share and no more");
}

int main(void)
{
    be_first();
    test_back_to_fair();
    test_shares(1);
    test_shares(3);
    test_shares(7);
    test_priorities();
    test_changes();
    test_round_robin();
    test_fifo_has_no_turns();
    return tap_done();
}
