/*
 * Timers of a process: every clock and every way to be told, overruns, what
 * arming, reading and deleting do to a signal that is pending, and what fork
 * and exec leave of them.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "nanoseconds.h"
#include "tap.h"

#include <cairn/syscall.h>

#define MS 1000000ll

static volatile sig_atomic_t nsignals, last_code, last_overrun, last_id;
static volatile int last_value;

static void on_signal(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)context;
    nsignals++;
    last_code = info->si_code;
    last_overrun = info->si_overrun;
    last_id = info->si_timerid;
    last_value = info->si_value.sival_int;
}

static timer_t make(clockid_t clock, int signo, int value)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = signo,
                             .sigev_value.sival_int = value};
    timer_t timer;

    return timer_create(clock, &event, &timer) == 0 ? timer : (timer_t)-1;
}

static int arm(timer_t timer, int flags, long long value, long long interval)
{
    struct itimerspec s = spec(value, interval);

    return timer_settime(timer, flags, &s, NULL);
}

static void block(int signo)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signo);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

/* Wait for a blocked signal, 10 s at most: its number, or -1. */
static int wait_for(int signo, siginfo_t *info)
{
    struct timespec limit = {10, 0};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signo);
    return sigtimedwait(&set, info, &limit);
}

static int is_pending(int signo)
{
    sigset_t set;

    sigpending(&set);
    return sigismember(&set, signo);
}

/* Run until a signal is pending, but for 2 s at most: Linux looks at ticks. */
static void burn_until(int signo)
{
    long long end = now(CLOCK_PROCESS_CPUTIME_ID) + 2000 * MS;

    while (!is_pending(signo) && now(CLOCK_PROCESS_CPUTIME_ID) < end)
        continue;
}

/* ---- one ring of each clock ---- */

static void rings(const char *name, clockid_t clock, int absolute)
{
    timer_t timer = make(clock, SIGRTMIN, 42);
    long long begin = now(clock), value = 5 * MS;
    siginfo_t info;
    char text[100];

    snprintf(text, sizeof(text), "%s, %s", name, absolute ? "absolute" : "");
    if (absolute)
        value += begin;
    EQUAL(arm(timer, absolute ? TIMER_ABSTIME : 0, value, 0), 0);
    if (clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID)
        burn_until(SIGRTMIN);
    EQUAL(wait_for(SIGRTMIN, &info), SIGRTMIN);
    tap_line(now(clock) - begin >= 5 * MS, __FILE__, __LINE__, text);
    EQUAL(info.si_code, SI_TIMER);
    EQUAL(info.si_value.sival_int, 42);
    EQUAL(info.si_overrun, 0);
    EQUAL(timer_getoverrun(timer), 0);
    EQUAL(timer_delete(timer), 0);
}

static void test_clocks(void)
{
    for (int absolute = 0; absolute < 2; absolute++) {
        rings("realtime", CLOCK_REALTIME, absolute);
        rings("monotonic", CLOCK_MONOTONIC, absolute);
        rings("boottime", CLOCK_BOOTTIME, absolute);
        rings("process", CLOCK_PROCESS_CPUTIME_ID, absolute);
        rings("thread", CLOCK_THREAD_CPUTIME_ID, absolute);
    }
}

/* What a processor timer waits for is running, not time. */
static void test_sleeping_costs_nothing(void)
{
    timer_t timer = make(CLOCK_PROCESS_CPUTIME_ID, SIGRTMIN, 0);
    struct itimerspec left;

    arm(timer, 0, 20 * MS, 0);
    usleep(60000);
    CHECK(!is_pending(SIGRTMIN));
    EQUAL(timer_gettime(timer, &left), 0);
    CHECK(ns_of(left.it_value) > 0 && ns_of(left.it_value) <= 20 * MS);
    burn_until(SIGRTMIN);
    CHECK(is_pending(SIGRTMIN));
    wait_for(SIGRTMIN, NULL);
    EQUAL(timer_delete(timer), 0);
}

/* ---- events ---- */

static void test_default_event(void)
{
    struct sigaction action = {.sa_sigaction = on_signal,
                               .sa_flags = SA_SIGINFO};
    timer_t timer;

    sigaction(SIGALRM, &action, NULL);
    nsignals = 0;
    EQUAL(timer_create(CLOCK_MONOTONIC, NULL, &timer), 0);
    arm(timer, 0, MS, 0);
    while (nsignals == 0)
        usleep(1000);
    EQUAL(last_code, SI_TIMER);
    EQUAL(last_value, (int)timer);
    EQUAL(last_id, (int)timer);
    EQUAL(timer_delete(timer), 0);
}

static void test_none(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_NONE};
    struct itimerspec left;
    timer_t timer;

    EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    EQUAL(arm(timer, 0, MS, 0), 0);
    usleep(5000);
    EQUAL(timer_gettime(timer, &left), 0);
    EQUAL(ns_of(left.it_value), 0);
    EQUAL(arm(timer, 0, MS, 1000 * MS), 0);
    usleep(5000);
    EQUAL(timer_gettime(timer, &left), 0);
    CHECK(ns_of(left.it_value) > 100 * MS && ns_of(left.it_value) < 1000 * MS);
    EQUAL(ns_of(left.it_interval), 1000 * MS);
    EQUAL(timer_delete(timer), 0);
}

static void test_thread_id(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID,
                             .sigev_signo = SIGRTMIN};
    siginfo_t info;
    timer_t timer;

    event.sigev_notify_thread_id = gettid();
    EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    arm(timer, 0, MS, 0);
    EQUAL(wait_for(SIGRTMIN, &info), SIGRTMIN);
    EQUAL(timer_delete(timer), 0);
    event.sigev_notify_thread_id = 1;
    FAILS(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL);
}

/* ---- intervals ---- */

static void test_overruns(void)
{
    timer_t timer = make(CLOCK_MONOTONIC, SIGRTMIN, 7);
    long long begin = now(CLOCK_MONOTONIC), passed;
    struct itimerspec left;
    siginfo_t info;

    EQUAL(arm(timer, 0, MS, MS), 0);
    usleep(30000);
    EQUAL(wait_for(SIGRTMIN, &info), SIGRTMIN);
    passed = (now(CLOCK_MONOTONIC) - begin) / MS;
    CHECK(info.si_overrun >= 28 && info.si_overrun < passed);
    EQUAL(timer_getoverrun(timer), info.si_overrun);
    EQUAL(wait_for(SIGRTMIN, &info), SIGRTMIN);
    EQUAL(timer_gettime(timer, &left), 0);
    CHECK(ns_of(left.it_value) > 0 && ns_of(left.it_value) <= MS);
    EQUAL(ns_of(left.it_interval), MS);
    EQUAL(timer_delete(timer), 0);
}

/* An interval of 1 ns neither stops the machine nor counts beyond INT_MAX. */
static void test_shortest_interval(void)
{
    timer_t timer = make(CLOCK_MONOTONIC, SIGRTMIN, 7);
    siginfo_t info;

    EQUAL(arm(timer, 0, 1, 1), 0);
    usleep(10000);
    EQUAL(wait_for(SIGRTMIN, &info), SIGRTMIN);
    CHECK(info.si_overrun >= 5000000);
    EQUAL(timer_getoverrun(timer), info.si_overrun);
    EQUAL(timer_delete(timer), 0);
    timer = make(CLOCK_REALTIME, SIGRTMIN, 7);
    EQUAL(arm(timer, TIMER_ABSTIME, 1, 1), 0); /* since 1970 */
    EQUAL(wait_for(SIGRTMIN, &info), SIGRTMIN);
    EQUAL(info.si_overrun, INT_MAX);
    EQUAL(timer_delete(timer), 0);
}

/* Two timers of one ordinary signal do not swallow each other. */
static void test_two_of_one_signal(void)
{
    timer_t a = make(CLOCK_MONOTONIC, SIGUSR2, 1);
    timer_t b = make(CLOCK_MONOTONIC, SIGUSR2, 2);
    siginfo_t info;
    int sum = 0;

    arm(a, 0, MS, 0);
    arm(b, 0, MS, 0);
    usleep(10000);
    for (int i = 0; i < 2; i++) {
        EQUAL(wait_for(SIGUSR2, &info), SIGUSR2);
        sum += info.si_value.sival_int;
    }
    EQUAL(sum, 3);
    CHECK(!is_pending(SIGUSR2));
    timer_delete(a);
    timer_delete(b);
}

/* A timer whose signal is ignored goes on, and is heard later. */
static void test_ignored(void)
{
    timer_t timer = make(CLOCK_MONOTONIC, SIGUSR1, 9);
    struct sigaction action = {.sa_sigaction = on_signal,
                               .sa_flags = SA_SIGINFO};

    signal(SIGUSR1, SIG_IGN);
    nsignals = 0;
    arm(timer, 0, MS, MS);
    usleep(20000);
    EQUAL(nsignals, 0);
    sigaction(SIGUSR1, &action, NULL);
    for (int i = 0; i < 1000 && nsignals == 0; i++)
        usleep(1000);
    CHECK(nsignals > 0);
    EQUAL(last_value, 9);
    EQUAL(timer_delete(timer), 0);
    signal(SIGUSR1, SIG_DFL);
}

/* ---- changing and deleting ---- */

static void test_set_and_get(void)
{
    timer_t timer = make(CLOCK_MONOTONIC, SIGRTMIN, 0);
    struct itimerspec new = spec(500 * 1000 * MS, 3 * MS), old;

    memset(&old, 0xFF, sizeof(old));
    EQUAL(timer_settime(timer, 0, &new, &old), 0);
    EQUAL(ns_of(old.it_value), 0);
    EQUAL(ns_of(old.it_interval), 0);
    new = spec(0, 0);
    EQUAL(timer_settime(timer, 0, &new, &old), 0);
    CHECK(ns_of(old.it_value) > 490 * 1000 * MS &&
          ns_of(old.it_value) <= 500 * 1000 * MS);
    EQUAL(ns_of(old.it_interval), 3 * MS);
    EQUAL(timer_gettime(timer, &old), 0);
    EQUAL(ns_of(old.it_value), 0);
    /* Absolute and long gone: at once. */
    EQUAL(arm(timer, TIMER_ABSTIME, 1, 0), 0);
    EQUAL(wait_for(SIGRTMIN, NULL), SIGRTMIN);
    EQUAL(timer_delete(timer), 0);
    FAILS(timer_delete(timer), EINVAL);
    FAILS(timer_gettime(timer, &old), EINVAL);
    FAILS(timer_settime(timer, 0, &new, NULL), EINVAL);
    FAILS(timer_getoverrun(timer), EINVAL);
}

/* A signal that somebody else sent stays when the timer goes. */
static void test_delete_keeps_others(void)
{
    timer_t timer = make(CLOCK_MONOTONIC, SIGUSR2, 5);
    siginfo_t info;

    kill(getpid(), SIGUSR2);
    arm(timer, 0, MS, 0);
    usleep(5000);
    EQUAL(timer_delete(timer), 0);
    EQUAL(wait_for(SIGUSR2, &info), SIGUSR2);
    EQUAL(info.si_code, SI_USER);
    while (is_pending(SIGUSR2)) /* some kernels leave the timer's, too */
        wait_for(SIGUSR2, &info);
}

/* ---- fork and exec ---- */

static void test_fork(void)
{
    timer_t timer = make(CLOCK_MONOTONIC, SIGRTMIN, 5);
    struct itimerspec left;
    int status;
    pid_t pid;

    arm(timer, 0, 20 * MS, 0);
    pid = fork();
    if (pid == 0)
        _exit(timer_gettime(timer, &left) == -1 && errno == EINVAL ? 3 : 4);
    waitpid(pid, &status, 0);
    EQUAL(WEXITSTATUS(status), 3);
    EQUAL(wait_for(SIGRTMIN, NULL), SIGRTMIN);
    EQUAL(timer_delete(timer), 0);
}

/* What main does after an exec: the timer must not ring, nor be known. */
static int after_exec(const char *id)
{
    struct itimerspec left;

    usleep(40000);
    if (is_pending(SIGRTMIN))
        return 1;
    return timer_gettime((timer_t)atoi(id), &left) == -1 ? 0 : 2;
}

static void test_exec(const char *self)
{
    char id[16];
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        timer_t timer = make(CLOCK_MONOTONIC, SIGRTMIN, 5);

        arm(timer, 0, 20 * MS, 0);
        snprintf(id, sizeof(id), "%d", (int)timer);
        execl(self, self, "exec", id, (char *)NULL);
        _exit(99);
    }
    waitpid(pid, &status, 0);
    EQUAL(status, 0);
}

/* ---- limits and bad arguments ---- */

static void test_limit(void)
{
    int n = 0, status;
    pid_t pid = fork();
    timer_t timer;

    if (pid == 0) {
        struct rlimit limit = {40, 40};

        setrlimit(RLIMIT_SIGPENDING, &limit);
        if (setuid(4711) != 0)
            _exit(255);
        while (n < 100 && timer_create(CLOCK_MONOTONIC, NULL, &timer) == 0)
            n++;
        _exit(errno == EAGAIN ? n : 200);
    }
    waitpid(pid, &status, 0);
    if (WEXITSTATUS(status) == 255) {
        tap_skip("timers count as queued signals", "must be root");
        return;
    }
    EQUAL(WEXITSTATUS(status), 40);
}

static void test_many(void)
{
    static timer_t timers[200];
    int n = 0;

    while (n < 200 && timer_create(CLOCK_REALTIME, NULL, &timers[n]) == 0)
        n++;
    EQUAL(n, 200);
    for (int i = 0; i < n; i++)
        arm(timers[i], 0, (1000 + (i * 37) % 200) * 1000 * MS, 0);
    for (int i = 0; i < n; i++)
        if (timer_delete(timers[(i * 7) % 200]) != 0)
            n = -1;
    EQUAL(n, 200);
}

static void test_bad(void)
{
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = 0};
    struct itimerspec s = spec(1, 0);
    timer_t timer;
    int id;

    FAILS(timer_create(77, NULL, &timer), EINVAL);
    FAILS(timer_create(-1, NULL, &timer), EINVAL);
    FAILS(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL);
    event.sigev_signo = 65;
    FAILS(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL);
    event.sigev_signo = -5;
    FAILS(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL);
    event.sigev_notify = 77;
    event.sigev_signo = SIGUSR1;
    FAILS(timer_create(CLOCK_MONOTONIC, &event, &timer), EINVAL);
    FAILS(syscall(__NR_timer_create, CLOCK_MONOTONIC, 8, &id), EFAULT);
    FAILS(syscall(__NR_timer_create, CLOCK_MONOTONIC, 0, 8), EFAULT);
    FAILS(syscall(__NR_timer_gettime64, 0, 8), EINVAL); /* none was left */
    timer = make(CLOCK_MONOTONIC, SIGRTMIN, 0);
    s.it_value.tv_nsec = 1000000000;
    FAILS(timer_settime(timer, 0, &s, NULL), EINVAL);
    s.it_value.tv_nsec = -1;
    FAILS(timer_settime(timer, 0, &s, NULL), EINVAL);
    s = spec(1000 * MS, 0);
    s.it_value.tv_sec = -1;
    FAILS(timer_settime(timer, 0, &s, NULL), EINVAL);
    s = spec(1000 * MS, 0);
    s.it_interval.tv_nsec = 1000000000;
    FAILS(timer_settime(timer, 0, &s, NULL), EINVAL);
    FAILS(syscall(__NR_timer_settime64, (int)timer, 0, 0, 0), EINVAL);
    FAILS(syscall(__NR_timer_settime64, (int)timer, 0, 8, 0), EFAULT);
    FAILS(syscall(__NR_timer_gettime64, (int)timer, 8), EFAULT);
    /* As far away as can be said. */
    s = spec(0, 0);
    s.it_value.tv_sec = s.it_interval.tv_sec = INT64_MAX;
    EQUAL(timer_settime(timer, 0, &s, NULL), 0);
    EQUAL(timer_gettime(timer, &s), 0);
    CHECK(s.it_value.tv_sec > 1000000000);
    EQUAL(timer_delete(timer), 0);
}

/* The calls of 32-bit times. */
static void test_narrow(void)
{
    int32_t s[4] = {0, 0, 100, 5}, old[4] = {1, 1, 1, 1}, id;

    EQUAL(syscall(__NR_timer_create, CLOCK_MONOTONIC, 0, &id), 0);
    EQUAL(syscall(__NR_timer_settime, id, 0, s, old), 0);
    EQUAL(old[0] | old[1] | old[2] | old[3], 0);
    EQUAL(syscall(__NR_timer_gettime, id, old), 0);
    CHECK(old[2] == 100 || old[2] == 99);
    EQUAL(syscall(__NR_timer_delete, id), 0);
}

int main(int argc, char **argv)
{
    if (argc > 2)
        return after_exec(argv[2]);
    setvbuf(stdout, NULL, _IOLBF, 0);
    block(SIGRTMIN);
    block(SIGUSR2);
    test_clocks();
    test_sleeping_costs_nothing();
    test_default_event();
    test_none();
    test_thread_id();
    test_overruns();
    test_shortest_interval();
    test_two_of_one_signal();
    test_ignored();
    test_set_and_get();
    test_delete_keeps_others();
    test_fork();
    test_exec(argv[0]);
    test_limit();
    test_many();
    test_bad();
    test_narrow();
    return tap_done();
}
