/*
 * Scheduling policies: what is set is shown, who may set what, and what a
 * child gets.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#ifndef SCHED_RESET_ON_FORK
#    define SCHED_RESET_ON_FORK 0x40000000
#endif

static int set(pid_t pid, int policy, int priority)
{
    struct sched_param param = {.sched_priority = priority};

    return sched_setscheduler(pid, policy, &param);
}

static int priority_of(pid_t pid)
{
    struct sched_param param = {.sched_priority = -1};

    return sched_getparam(pid, &param) == 0 ? param.sched_priority : -1;
}

static void test_fair(void)
{
    EQUAL(sched_getscheduler(0), SCHED_OTHER);
    EQUAL(set(0, SCHED_BATCH, 0), 0);
    EQUAL(sched_getscheduler(0), SCHED_BATCH);
    EQUAL(sched_getscheduler(getpid()), SCHED_BATCH);
    EQUAL(priority_of(0), 0);
    EQUAL(set(0, SCHED_IDLE, 0), 0);
    EQUAL(sched_getscheduler(0), SCHED_IDLE);
    EQUAL(set(0, SCHED_OTHER, 0), 0);
    EQUAL(sched_getscheduler(0), SCHED_OTHER);
}

static void test_bad(void)
{
    struct sched_param param = {.sched_priority = 1};

    FAILS(set(0, SCHED_OTHER, 1), EINVAL);
    FAILS(set(0, SCHED_BATCH, 99), EINVAL);
    FAILS(set(0, SCHED_FIFO, 0), EINVAL);
    FAILS(set(0, SCHED_RR, 100), EINVAL);
    FAILS(set(0, SCHED_RR, -1), EINVAL);
    FAILS(set(0, 4, 0), EINVAL);
    FAILS(set(0, 77, 0), EINVAL);
    FAILS(set(0, -1, 0), EINVAL);
    FAILS(set(-1, SCHED_OTHER, 0), EINVAL);
    FAILS(set(0x3ffffff, SCHED_OTHER, 0), ESRCH);
    FAILS(sched_getscheduler(-1), EINVAL);
    FAILS(sched_getscheduler(0x3ffffff), ESRCH);
    FAILS(sched_getparam(-1, &param), EINVAL);
    FAILS(sched_getparam(0x3ffffff, &param), ESRCH);
    FAILS(sched_setparam(0, &param), EINVAL);
    EQUAL(sched_get_priority_max(SCHED_RR), 99);
    EQUAL(sched_get_priority_min(SCHED_FIFO), 1);
    EQUAL(sched_get_priority_max(SCHED_BATCH), 0);
    EQUAL(sched_get_priority_min(SCHED_IDLE), 0);
    FAILS(sched_get_priority_max(4711), EINVAL);
}

static void test_intervals(void)
{
    struct timespec t = {-1, -1};

    EQUAL(sched_rr_get_interval(0, &t), 0);
    CHECK(t.tv_sec == 0 && t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
    FAILS(sched_rr_get_interval(-1, &t), EINVAL);
    FAILS(sched_rr_get_interval(0x3ffffff, &t), ESRCH);
    if (set(0, SCHED_RR, 5) == 0) {
        EQUAL(sched_rr_get_interval(0, &t), 0);
        CHECK(t.tv_sec == 0 && t.tv_nsec >= 1000000);
        EQUAL(set(0, SCHED_FIFO, 5), 0);
        EQUAL(sched_rr_get_interval(0, &t), 0);
        CHECK(t.tv_sec == 0 && t.tv_nsec == 0);
        EQUAL(set(0, SCHED_OTHER, 0), 0);
    }
}

/* The child's policy, and 100 times its priority. */
static int policy_of_child(void)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(sched_getscheduler(0) % 8 + 8 * priority_of(0));
    waitpid(pid, &status, 0);
    return WEXITSTATUS(status);
}

static void test_children(void)
{
    EQUAL(set(0, SCHED_BATCH, 0), 0);
    EQUAL(policy_of_child(), SCHED_BATCH);
    EQUAL(set(0, SCHED_BATCH | SCHED_RESET_ON_FORK, 0), 0);
    EQUAL(sched_getscheduler(0), SCHED_BATCH | SCHED_RESET_ON_FORK);
    EQUAL(set(0, SCHED_OTHER | SCHED_RESET_ON_FORK, 0), 0);
    EQUAL(policy_of_child(), SCHED_OTHER);
}

static void test_real_time(void)
{
    if (set(0, SCHED_FIFO, 7) != 0) {
        EQUAL(errno, EPERM); /* a host may not let even root do it */
        return;
    }
    EQUAL(sched_getscheduler(0), SCHED_FIFO);
    EQUAL(priority_of(0), 7);
    EQUAL(policy_of_child(), SCHED_FIFO + 8 * 7);
    EQUAL(set(0, SCHED_RR | SCHED_RESET_ON_FORK, 9), 0);
    EQUAL(policy_of_child(), SCHED_OTHER);
    EQUAL(set(0, SCHED_RR, 9), 0);
    EQUAL(sched_getscheduler(0), SCHED_RR);
    EQUAL(sched_yield(), 0);
    EQUAL(set(0, SCHED_OTHER, 0), 0);
    EQUAL(priority_of(0), 0);
}

/* What a user may do. Runs in a child, which counts for the parent. */
static void test_user(void)
{
    struct rlimit none = {0, 0};
    pid_t root = getpid(), pid;
    int status;

    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_RTPRIO, &none);
        setrlimit(RLIMIT_NICE, &none);
        if (setuid(1000) != 0)
            _exit(0);
        _exit(set(0, SCHED_FIFO, 1) == -1 && errno == EPERM &&
                      set(0, SCHED_RR, 99) == -1 && errno == EPERM &&
                      set(0, SCHED_BATCH, 0) == 0 &&
                      set(0, SCHED_OTHER, 0) == 0 &&
                      set(root, SCHED_BATCH, 0) == -1 && errno == EPERM &&
                      set(0, SCHED_IDLE, 0) == 0 &&
                      set(0, SCHED_OTHER, 0) == -1 && errno == EPERM &&
                      sched_getscheduler(root) == SCHED_OTHER
                  ? 0
                  : 1);
    }
    waitpid(pid, &status, 0);
    EQUAL(status, 0);
    pid = fork();
    if (pid == 0) {
        struct rlimit ten = {10, 10};

        if (setrlimit(RLIMIT_RTPRIO, &ten) != 0 || setuid(1000) != 0)
            _exit(0);
        _exit(!is_cairn() ||
                      (set(0, SCHED_FIFO, 11) == -1 && errno == EPERM &&
                       set(0, SCHED_FIFO, 10) == 0 &&
                       set(0, SCHED_RR, 3) == 0 && set(0, SCHED_RR, 20) == -1 &&
                       errno == EPERM && set(0, SCHED_OTHER, 0) == 0)
                  ? 0
                  : 1);
    }
    waitpid(pid, &status, 0);
    EQUAL(status, 0);
}

static void test_affinity(void)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CHECK(sched_getaffinity(0, sizeof(set), &set) >= 0);
    EQUAL(sched_setaffinity(0, sizeof(set), &set), 0);
    CPU_ZERO(&set);
    FAILS(sched_setaffinity(0, sizeof(set), &set), EINVAL);
    CPU_SET(0, &set);
    FAILS(sched_setaffinity(0x3ffffff, sizeof(set), &set), ESRCH);
}

int main(void)
{
    if (!may(23)) /* CAP_SYS_NICE */
        return puts("1..0 # SKIP no right to change policies here"), 0;
    test_fair();
    test_bad();
    test_intervals();
    test_children();
    test_real_time();
    test_user();
    test_affinity();
    return tap_done();
}
