/*
 * Deadlines, in a machine whose time counts instructions: whatever waits for
 * some time ends within 0.1 ms of what was asked, and never early. From the
 * first moment of the machine, when its clocks are still being measured.
 *
 * test: icount timeout=300
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define LATE_MAX 100000

#define OK(good, ...)                               \
    do {                                            \
        char text[200];                             \
                                                    \
        snprintf(text, sizeof(text), __VA_ARGS__);  \
        tap_line((good), __FILE__, __LINE__, text); \
    } while (0)

static long long now(int clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000ll + t.tv_nsec;
}

static long long mono(void)
{
    return now(CLOCK_MONOTONIC);
}

/* Whether a wait that began at `begin` has taken `ns`, or a little more. */
static int is_exact(long long begin, long long ns)
{
    long long late = mono() - begin - ns;

    if (late >= 0 && late <= LATE_MAX)
        return 1;
    printf("# %lld ns: late by %lld ns\n", ns, late);
    return 0;
}

static const long long spans[] = {1,        1000,     20000,    100000,
                                  999999,   1000000,  4321000,  10000000,
                                  15000000, 20000000, 123456789};
#define NSPANS (sizeof(spans) / sizeof(spans[0]))

static void test_sleeps(void)
{
    int exact = 1, exact_polls = 1, exact_selects = 1, exact_absolute = 1;

    for (unsigned i = 0; i < NSPANS; i++) {
        struct timespec t = {0, spans[i]};
        struct timeval v = {0, (spans[i] + 999) / 1000};
        long long begin = mono(), end;

        nanosleep(&t, NULL);
        exact &= is_exact(begin, spans[i]);
        begin = mono();
        ppoll(NULL, 0, &t, NULL);
        exact_polls &= is_exact(begin, spans[i]);
        begin = mono();
        select(0, NULL, NULL, NULL, &v);
        exact_selects &= is_exact(begin, (spans[i] + 999) / 1000 * 1000);
        begin = mono();
        end = begin + spans[i];
        t = (struct timespec){end / 1000000000, end % 1000000000};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
        exact_absolute &= is_exact(begin, spans[i]);
    }
    OK(exact, "nanosleep is exact");
    OK(exact_polls, "ppoll is exact");
    OK(exact_selects, "select is exact");
    OK(exact_absolute, "clock_nanosleep until a time is exact");
}

static void test_long_sleeps(void)
{
    struct timespec t = {100, 0};
    long long begin = mono();

    nanosleep(&t, NULL);
    OK(is_exact(begin, 100000000000), "100 s are exact");
    begin = mono();
    poll(NULL, 0, 30000);
    OK(is_exact(begin, 30000000000), "so are 30 s of poll");
}

/* A sleep until a time of the wall clock follows it when it is set. */
static void test_wall_sleep(int seconds)
{
    struct timespec now_is, t;
    long long begin = mono(), took;
    int status;
    pid_t pid;

    clock_gettime(CLOCK_REALTIME, &now_is);
    pid = fork();
    if (pid == 0) {
        t = (struct timespec){now_is.tv_sec + 10, now_is.tv_nsec};
        _exit(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &t, NULL));
    }
    usleep(1000000);
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_sec += seconds;
    EQUAL(clock_settime(CLOCK_REALTIME, &t), 0);
    waitpid(pid, &status, 0);
    EQUAL(status, 0);
    took = mono() - begin - 10000000000 + seconds * 1000000000ll;
    OK(took > -3 * LATE_MAX && took < 3 * LATE_MAX,
       "the clock set by %d s moves the end of a sleep, but for %lld ns",
       seconds, took);
}

static void test_clocks(void)
{
    struct timespec t;

    EQUAL(clock_getres(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
    EQUAL(t.tv_nsec, 1);
    test_wall_sleep(4);
    test_wall_sleep(-4);
}

static volatile long long rang;
static volatile int nrang;

static void on_alarm(int signo)
{
    (void)signo;
    rang = mono();
    nrang++;
}

static void test_alarms(void)
{
    struct itimerval v = {{0, 3000}, {0, 7000}}, off = {{0, 0}, {0, 0}};
    long long begin, late;
    int exact = 1;

    signal(SIGALRM, on_alarm);
    begin = mono();
    setitimer(ITIMER_REAL, &v, NULL);
    for (int i = 0; i < 20; i++) {
        pause();
        late = rang - begin - 7000000 - i * 3000000;
        exact &= late >= 0 && late <= LATE_MAX;
    }
    setitimer(ITIMER_REAL, &off, NULL);
    OK(exact, "twenty periods of setitimer are exact, and do not drift");
    EQUAL(nrang, 20);
    begin = mono();
    alarm(2);
    pause();
    late = rang - begin - 2000000000;
    OK(late >= 0 && late <= LATE_MAX, "alarm is exact");
}

/* Runs until a signal comes; returns what of `clock` that has taken. */
static long long run_until_alarm(int which, long ns, int clock)
{
    struct itimerval v = {{0, 0}, {0, ns / 1000}};
    int before = nrang;
    long long begin = now(clock);

    setitimer(which, &v, NULL);
    while (nrang == before)
        continue;
    return now(clock) - begin;
}

static void test_cpu_timers(void)
{
    long long took;

    signal(SIGVTALRM, on_alarm);
    signal(SIGPROF, on_alarm);
    took = run_until_alarm(ITIMER_PROF, 12345000, CLOCK_PROCESS_CPUTIME_ID);
    OK(took >= 12345000 && took < 12345000 + LATE_MAX, "ITIMER_PROF: %lld ns",
       took);
    took = run_until_alarm(ITIMER_VIRTUAL, 25000000, CLOCK_PROCESS_CPUTIME_ID);
    OK(took >= 25000000 && took < 25000000 + LATE_MAX,
       "ITIMER_VIRTUAL: %lld ns", took);
}

static void burn(long long ns)
{
    long long end = mono() + ns;

    while (mono() < end)
        continue;
}

static void test_cpu_time(void)
{
    struct timespec t = {0, 500000000};
    struct rusage before, after;
    long long begin = now(CLOCK_PROCESS_CPUTIME_ID), used;
    long user, system;

    nanosleep(&t, NULL);
    used = now(CLOCK_PROCESS_CPUTIME_ID) - begin;
    OK(used < LATE_MAX, "a sleep takes no processor time: %lld ns", used);
    begin = now(CLOCK_THREAD_CPUTIME_ID);
    burn(3333000);
    used = now(CLOCK_THREAD_CPUTIME_ID) - begin;
    OK(used >= 3333000 && used < 3333000 + LATE_MAX, "work takes %lld ns",
       used);
    getrusage(RUSAGE_SELF, &before);
    for (volatile int i = 0; i < 50000000; i++)
        continue;
    getrusage(RUSAGE_SELF, &after);
    user = (after.ru_utime.tv_sec - before.ru_utime.tv_sec) * 1000000 +
           after.ru_utime.tv_usec - before.ru_utime.tv_usec;
    system = (after.ru_stime.tv_sec - before.ru_stime.tv_sec) * 1000000 +
             after.ru_stime.tv_usec - before.ru_stime.tv_usec;
    OK(user > 10 * system, "a loop is time of user mode: %ld to %ld us", user,
       system);
}

static void test_cpu_limit(void)
{
    int status;
    long us;
    struct rusage use;
    pid_t pid = fork();

    if (pid == 0) {
        struct rlimit limit = {1, 2};

        nrang = 0;

        signal(SIGXCPU, on_alarm);
        setrlimit(RLIMIT_CPU, &limit);
        for (;;)
            if (nrang > 0 && now(CLOCK_PROCESS_CPUTIME_ID) < 1000000000)
                _exit(1); /* early */
    }
    wait4(pid, &status, 0, &use);
    OK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL,
       "RLIMIT_CPU ends a process: %#x", status);
    us = (use.ru_utime.tv_sec + use.ru_stime.tv_sec) * 1000000 +
         use.ru_utime.tv_usec + use.ru_stime.tv_usec;
    OK(us >= 2000000 && us < 2000000 + 1000, "after 2 s: %ld us", us);
}

/* Many armed timers, the last of which is armed and disarmed. */
static void test_many_timers(void)
{
    long long few, many, begin;
    int n = 100, failed = 0;
    pid_t pids[200];

    begin = mono();
    for (int i = 0; i < 100; i++)
        alarm(1000 + i % 2);
    few = mono() - begin;
    for (int i = 0; i < n; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            sleep(500);
            _exit(0);
        }
        failed += pids[i] < 0;
    }
    usleep(10000);
    begin = mono();
    for (int i = 0; i < 100; i++)
        alarm(1000 + i % 2);
    many = mono() - begin;
    alarm(0);
    for (int i = 0; i < n; i++) {
        if (pids[i] > 0)
            kill(pids[i], SIGKILL);
    }
    while (wait(NULL) > 0)
        continue;
    OK(failed == 0 && many < 2 * few,
       "a timer after %d others: %lld ns, alone %lld ns", n, many / 100,
       few / 100);
}

int main(void)
{
    test_sleeps();
    test_sleeps(); /* by now the machine knows its clocks */
    test_long_sleeps();
    test_sleeps();
    test_clocks();
    test_alarms();
    test_cpu_timers();
    test_cpu_time();
    test_cpu_limit();
    test_many_timers();
    return tap_done();
}
