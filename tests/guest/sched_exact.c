/*
 * Who gets the processor, in a machine whose time counts instructions: a thread
 * that slept runs at once beside others that never do, the processor is shared
 * by nice values, and real time comes first, but not for ever.
 *
 * test: icount timeout=300
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define MS 1000000ll

#define OK(good, ...)                               \
    do {                                            \
        char text[200];                             \
                                                    \
        snprintf(text, sizeof(text), __VA_ARGS__);  \
        tap_line((good), __FILE__, __LINE__, text); \
    } while (0)

static long long mono(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static void nap(long long ns)
{
    struct timespec t = {ns / 1000000000, ns % 1000000000};

    nanosleep(&t, NULL);
}

#define MAX 150
static pid_t busy[MAX];
static int nbusy;
static int gate[2]; /* while it is open, the busy ones wait */

/* One more process that never sleeps. */
static pid_t start_busy(int policy, int nice_value, int priority)
{
    struct sched_param param = {.sched_priority = priority};
    pid_t pid;
    char c;

    if (nbusy == 0 && pipe(gate) != 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        if (setpriority(PRIO_PROCESS, 0, nice_value) != 0 ||
            sched_setscheduler(0, policy, &param) != 0)
            _exit(1);
        close(gate[1]);
        (void)!read(gate[0], &c, 1);
        for (;;)
            continue;
    }
    if (pid > 0)
        busy[nbusy++] = pid;
    return pid;
}

/* They have started: let them work. */
static void open_gate(void)
{
    close(gate[0]);
    close(gate[1]);
}

static void start_equal(int n)
{
    for (int i = 0; i < n; i++)
        start_busy(SCHED_OTHER, 0, 0);
    nap(20 * MS);
    if (n > 0)
        open_gate();
}

static long long time_of(const struct rusage *use)
{
    return (use->ru_utime.tv_sec + use->ru_stime.tv_sec) * 1000000000ll +
           (use->ru_utime.tv_usec + use->ru_stime.tv_usec) * 1000ll;
}

/* Ends them all; took[i] is what the i-th one had, in nanoseconds. */
static void end_busy(long long *took)
{
    struct rusage use;

    for (int i = 0; i < nbusy; i++)
        kill(busy[i], SIGSTOP);
    for (int i = 0; i < nbusy; i++) {
        kill(busy[i], SIGKILL);
        wait4(busy[i], NULL, 0, &use);
        if (took)
            took[i] = time_of(&use);
    }
    nbusy = 0;
}

/* ---- latency ---- */

static void test_wake_up(int n)
{
    long long worst = 0;

    start_equal(n);
    nap(50 * MS);
    for (int i = 0; i < 100; i++) {
        long long begin = mono(), late;

        nap(2 * MS + i * 100001);
        late = mono() - begin - 2 * MS - i * 100001;
        worst = late > worst ? late : worst;
    }
    end_busy(NULL);
    OK(worst < MS, "a sleep beside %d others ends at most %lld ns late", n,
       worst);
}

static long long round_trips(int count)
{
    int there[2], back[2];
    long long begin, took;
    char c = 0;
    pid_t pid;

    if (pipe(there) != 0 || pipe(back) != 0)
        return -1;
    pid = fork();
    if (pid == 0) {
        close(there[1]);
        while (read(there[0], &c, 1) == 1)
            (void)!write(back[1], &c, 1);
        _exit(0);
    }
    begin = mono();
    for (int i = 0; i < count; i++) {
        (void)!write(there[1], &c, 1);
        (void)!read(back[0], &c, 1);
    }
    took = (mono() - begin) / count;
    close(there[1]);
    close(there[0]);
    close(back[0]);
    close(back[1]);
    waitpid(pid, NULL, 0);
    return took;
}

static long long forks(int count)
{
    long long begin = mono();

    for (int i = 0; i < count; i++) {
        pid_t pid = fork();

        if (pid == 0)
            _exit(0);
        waitpid(pid, NULL, 0);
    }
    return (mono() - begin) / count;
}

/* A pair or chain has its share and no more: n + 1 or n + 2 want to run. */
static void test_work_beside(int n)
{
    long long alone = round_trips(3000), alone_forks = forks(100);
    long long beside, beside_forks;

    start_equal(n);
    nap(20 * MS);
    beside = round_trips(3000);
    beside_forks = forks(100);
    end_busy(NULL);
    OK(beside < (n + 2) * alone, "a round trip beside %d: %lld ns, not %lld", n,
       beside, alone);
    OK(beside_forks < (n + 2) * alone_forks,
       "fork and wait beside %d: %lld ns, not %lld", n, beside_forks,
       alone_forks);
}

/* A few of them, after a rest, are not delayed at all. */
static void test_burst_beside(int n)
{
    long long alone = round_trips(100), alone_forks = forks(10), beside;

    start_equal(n);
    nap(100 * MS);
    beside = round_trips(100);
    OK(beside < 2 * alone, "a hundred round trips beside %d: %lld ns, not %lld",
       n, beside, alone);
    nap(100 * MS);
    beside = forks(10);
    end_busy(NULL);
    OK(beside < 2 * alone_forks, "ten forks beside %d: %lld ns, not %lld", n,
       beside, alone_forks);
}

/* What a switch costs does not depend on how many others want to run. */
static void test_many(int n)
{
    long long alone = round_trips(300), beside;

    for (int i = 0; i < n; i++)
        start_busy(SCHED_IDLE, 0, 0);
    nap(20 * MS);
    open_gate();
    nap(600 * MS); /* each has had its first turn */
    beside = round_trips(300);
    EQUAL(nbusy, n);
    end_busy(NULL);
    OK(beside < 4 * alone, "a round trip before %d others: %lld ns, not %lld",
       n, beside, alone);
}

/* ---- shares ---- */

/*
 * Within 5 %, or within what may separate two threads at any moment: the credit
 * of a sleeper (3 ms), and a slice (1 ms) for each and for the last one cut
 * off.
 */
static void test_equal_shares(int n)
{
    long long took[MAX], least, most;

    start_equal(n);
    nap(1000 * MS);
    end_busy(took);
    least = most = took[0];
    for (int i = 1; i < n; i++) {
        least = took[i] < least ? took[i] : least;
        most = took[i] > most ? took[i] : most;
    }
    OK((most - least) * 20 <= most || most - least <= 6 * MS,
       "%d equal shares of 1 s: %lld to %lld ns", n, least, most);
}

static void test_nice(int favoured, int other, double ratio)
{
    long long took[2];
    double got;

    start_busy(SCHED_OTHER, favoured, 0);
    start_busy(SCHED_OTHER, other, 0);
    nap(20 * MS);
    open_gate();
    nap(1000 * MS);
    end_busy(took);
    got = (double)took[0] / (double)took[1];
    OK(got > ratio * 0.93 && got < ratio * 1.07,
       "nice %d has %.2f times as much as nice %d", favoured, got, other);
}

/* One that forks and waits all the time counts as one. */
static void test_chain(void)
{
    long long took, begin, end;
    int n = 0;

    start_equal(1);
    nap(20 * MS);
    begin = mono();
    while ((end = mono()) < begin + 1000 * MS) {
        pid_t pid = fork();

        if (pid == 0) {
            for (volatile int i = 0; i < 50000; i++)
                continue;
            _exit(0);
        }
        waitpid(pid, NULL, 0);
        n++;
    }
    end_busy(&took);
    took -= 20 * MS;
    OK(took > (end - begin) * 4 / 10 && took < (end - begin) * 6 / 10,
       "beside a chain of %d forks one busy process has %lld ns of 1 s", n,
       took);
}

static void test_batch_and_idle(void)
{
    long long took[3], worst = 0;

    start_busy(SCHED_IDLE, 0, 0);
    start_busy(SCHED_OTHER, 0, 0);
    start_busy(SCHED_BATCH, 0, 0);
    nap(20 * MS);
    open_gate();
    nap(2000 * MS);
    end_busy(took);
    OK(took[0] > 0 && took[0] < 30 * MS, "SCHED_IDLE has %lld ns of 2 s",
       took[0]);
    OK(took[2] > took[1] * 95 / 100 && took[2] < took[1] * 105 / 100,
       "SCHED_BATCH has %lld ns, SCHED_OTHER %lld ns", took[2], took[1]);
    for (int i = 0; i < 5; i++)
        start_busy(SCHED_IDLE, 0, 0);
    nap(20 * MS);
    open_gate();
    for (int i = 0; i < 50; i++) {
        long long begin = mono(), late;

        nap(3 * MS);
        late = mono() - begin - 3 * MS;
        worst = late > worst ? late : worst;
    }
    end_busy(NULL);
    OK(worst < MS / 10, "beside five of SCHED_IDLE a sleep is %lld ns late",
       worst);
}

/* ---- real time ---- */

static int become(int policy, int priority)
{
    struct sched_param param = {.sched_priority = priority};

    return sched_setscheduler(0, policy, &param);
}

static void test_fifo_comes_first(void)
{
    long long took[2], begin;

    /* The shell of this test is above the loops: it can end them. */
    EQUAL(become(SCHED_FIFO, 50), 0);
    start_busy(SCHED_FIFO, 0, 10);
    start_busy(SCHED_OTHER, 0, 0);
    nap(20 * MS);
    open_gate();
    begin = mono();
    nap(2000 * MS);
    OK(mono() - begin < 2000 * MS + MS, "priority 50 wakes beside 10");
    end_busy(took);
    EQUAL(become(SCHED_OTHER, 0), 0);
    /* One or two rests of 50 ms, as the seconds are counted. */
    OK(took[0] > 1850 * MS && took[0] < 1970 * MS,
       "SCHED_FIFO has %lld ns of 2 s", took[0]);
    OK(took[1] > 30 * MS, "and leaves %lld ns to others", took[1]);
}

/* A loop of real time cannot lock its owner out. */
static void test_throttle(void)
{
    long long begin = mono();

    start_busy(SCHED_FIFO, 0, 99);
    nap(20 * MS);
    open_gate();
    nap(10 * MS);
    end_busy(NULL);
    OK(mono() - begin < 2000 * MS, "a loop at priority 99 can be killed");
}

static void test_rr(void)
{
    long long took[4];

    EQUAL(become(SCHED_FIFO, 50), 0);
    start_busy(SCHED_RR, 0, 10);
    start_busy(SCHED_RR, 0, 10);
    start_busy(SCHED_FIFO, 0, 9);
    nap(20 * MS);
    open_gate();
    nap(1000 * MS);
    end_busy(took);
    OK(took[0] > 400 * MS && took[1] > 400 * MS && took[2] < 10 * MS,
       "SCHED_RR of one priority share: %lld and %lld, below %lld ns", took[0],
       took[1], took[2]);
    start_busy(SCHED_FIFO, 0, 10);
    start_busy(SCHED_FIFO, 0, 10);
    nap(20 * MS);
    open_gate();
    nap(500 * MS);
    end_busy(took);
    OK((took[0] > 450 * MS && took[1] < 10 * MS) ||
           (took[1] > 450 * MS && took[0] < 10 * MS),
       "SCHED_FIFO does not: %lld and %lld ns", took[0], took[1]);
    EQUAL(become(SCHED_OTHER, 0), 0);
}

/* Two that yield to each other in turn, and one that waits for the other. */
static void test_yield(void)
{
    volatile int *turn = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    long long begin = mono();
    pid_t pid = fork();
    int me = pid == 0;

    for (int i = 0; i < 1000; i++) {
        while (*turn % 2 != me)
            sched_yield();
        ++*turn;
    }
    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
    OK(mono() - begin < 100 * MS, "two thousand yields take %lld ns",
       mono() - begin);
    munmap((void *)turn, 4096);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    static const int others[] = {0, 1, 3, 10};

    for (int i = 0; i < 4; i++)
        test_wake_up(others[i]);
    for (int i = 1; i < 4; i++)
        test_burst_beside(others[i]);
    for (int i = 1; i < 4; i++)
        test_work_beside(others[i]);
    test_many(4);
    test_many(MAX);
    test_equal_shares(2);
    test_equal_shares(4);
    test_equal_shares(10);
    test_equal_shares(40);
    test_nice(0, 1, 1.25);
    test_nice(0, 5, 3.05);
    test_nice(-5, 5, 9.3);
    test_nice(-10, 0, 9.3);
    test_chain();
    test_batch_and_idle();
    test_fifo_comes_first();
    test_throttle();
    test_rr();
    test_yield();
    fflush(stdout);
    return tap_done();
}
