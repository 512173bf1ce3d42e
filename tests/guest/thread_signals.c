/*
 * Signals and threads: those for one thread and those for any, masks, waiting
 * for signals, faults, calls that are interrupted, timers.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "raw_threads.h"
#include "tap.h"

#define MANY 8

static volatile int ready, stop, handled, last_tid, last_code, last_value;
static volatile int per_thread[MANY], tids[MANY];

static void on_signal(int signo, siginfo_t *info, void *context)
{
    (void)signo;
    (void)context;
    last_tid = RAW0(gettid);
    last_code = info->si_code;
    last_value = info->si_value.sival_int;
    add(&handled, 1);
}

static void handle(int signo, int flags)
{
    struct sigaction action = {.sa_sigaction = on_signal,
                               .sa_flags = SA_SIGINFO | flags};

    sigaction(signo, &action, NULL);
}

static uint64_t bit(int signo)
{
    return 1ull << (signo - 1);
}

static void set_mask(uint64_t mask)
{
    RAW4(rt_sigprocmask, SIG_SETMASK, &mask, 0, 8);
}

/* ---- one thread ---- */

static int idle(void *arg)
{
    if (arg)
        set_mask(bit(SIGUSR1) | bit(SIGUSR2));
    add(&ready, 1);
    while (!stop)
        nap(1);
    return 0;
}

static void test_directed(void)
{
    struct raw_thread t;
    int code[32] = {0};

    handle(SIGUSR1, 0);
    handle(SIGRTMIN, 0);
    ready = stop = handled = 0;
    thread_start(&t, idle, NULL);
    await(&ready, 1);
    EQUAL(RAW3(tgkill, getpid(), t.tid, SIGUSR1), 0);
    CHECK(await(&handled, 1));
    EQUAL(last_tid, t.tid);
    EQUAL(last_code, SI_TKILL);
    EQUAL(RAW2(tkill, t.tid, SIGUSR1), 0);
    CHECK(await(&handled, 2));
    EQUAL(last_tid, t.tid);
    code[2] = SI_QUEUE;
    code[5] = 4711;
    EQUAL(RAW4(rt_tgsigqueueinfo, getpid(), t.tid, SIGRTMIN, code), 0);
    CHECK(await(&handled, 3));
    EQUAL(last_tid, t.tid);
    EQUAL(last_value, 4711);
    EQUAL(RAW4(rt_tgsigqueueinfo, getpid(), t.tid, 99, code), -EINVAL);
    EQUAL(RAW4(rt_tgsigqueueinfo, 0, t.tid, 1, code), -EINVAL);
    EQUAL(RAW4(rt_tgsigqueueinfo, getppid(), t.tid, 1, code), -ESRCH);
    EQUAL(RAW4(rt_tgsigqueueinfo, getpid(), t.tid, SIGRTMIN, 16), -EFAULT);
    EQUAL(RAW3(tgkill, getppid(), t.tid, 0), -ESRCH);
    EQUAL(RAW3(tgkill, getpid(), 4000000, 0), -ESRCH);
    EQUAL(RAW3(tgkill, getpid(), t.tid, 65), -EINVAL);
    EQUAL(RAW3(tgkill, 0, t.tid, 0), -EINVAL);
    stop = 1;
    thread_join(&t);
    EQUAL(handled, 3);
}

/* ---- any thread ---- */

static void test_any(void)
{
    struct raw_thread t[3];
    uint64_t pending = 0;

    handle(SIGUSR1, 0);
    handle(SIGUSR2, 0);
    ready = stop = handled = 0;
    set_mask(bit(SIGUSR1) | bit(SIGUSR2));
    thread_start(&t[0], idle, "blocks");
    await(&ready, 1);
    thread_start(&t[1], idle, "blocks");
    await(&ready, 2);
    kill(getpid(), SIGUSR1);
    nap(5);
    EQUAL(handled, 0);
    RAW2(rt_sigpending, &pending, 8);
    EQUAL(pending, bit(SIGUSR1));
    /* A new thread has its maker's mask; the maker then takes the signal. */
    thread_start(&t[2], idle, NULL);
    await(&ready, 3);
    EQUAL(handled, 0);
    set_mask(0);
    EQUAL(handled, 1);
    EQUAL(last_tid, getpid());
    RAW2(rt_sigpending, &pending, 8);
    EQUAL(pending, 0);
    /* Only the first thread takes it. */
    kill(getpid(), SIGUSR2);
    CHECK(await(&handled, 2));
    EQUAL(last_tid, getpid());
    stop = 1;
    for (int i = 0; i < 3; i++)
        thread_join(&t[i]);
}

static int take_one(void *arg)
{
    uint64_t mask = bit(SIGUSR1);
    int n = (int)arg;

    set_mask(mask);
    add(&ready, 1);
    while (RAW4(rt_sigtimedwait, &mask, 0, 0, 8) != SIGUSR1)
        continue;
    add(&per_thread[n], 1);
    add(&last_value, 1);
    return 0;
}

/* Each of several threads in sigwait gets one signal. */
static void test_sigwait(void)
{
    struct raw_thread t[4];

    set_mask(bit(SIGUSR1));
    ready = handled = 0;
    for (int i = 0; i < 4; i++)
        thread_start(&t[i], take_one, (void *)i);
    await(&ready, 4);
    last_value = 0;
    for (int i = 0; i < 4; i++) {
        kill(getpid(), SIGUSR1);
        CHECK(await(&last_value, i + 1));
    }
    for (int i = 0; i < 4; i++)
        thread_join(&t[i]);
    for (int i = 0; i < 4; i++)
        EQUAL(per_thread[i], 1);
    EQUAL(handled, 0);
    set_mask(0);
}

/*
 * The thread that was to take a signal of the process blocks it, or ends,
 * before it has: another one takes it.
 */
static int leave_with_signal(void *arg)
{
    set_mask(bit(SIGUSR1) | bit(SIGUSR2));
    add(&ready, 1);
    while (!stop)
        nap(1);
    if (arg) /* both unblocked and blocked again between two instructions */
        RAW2(kill, RAW0(getpid), SIGUSR1);
    return 0;
}

static void test_passed_on(void)
{
    struct raw_thread t[MANY];
    int fds[2], status;
    char c;
    int pid;

    CHECK(pipe(fds) == 0);
    pid = fork();
    if (pid == 0) {
        handle(SIGUSR1, 0);
        ready = stop = handled = 0;
        for (int i = 0; i < MANY; i++)
            thread_start(&t[i], leave_with_signal, "send");
        await(&ready, MANY);
        set_mask(bit(SIGUSR1));
        stop = 1;
        for (int i = 0; i < MANY; i++)
            thread_join(&t[i]);
        /* They are all one pending signal by now. */
        if (handled != 0)
            RAW1(exit_group, 1);
        set_mask(0);
        RAW1(exit_group, handled == 1 ? 0 : 2);
    }
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, 0);
    close(fds[1]);
    EQUAL(read(fds[0], &c, 1), 0);
    close(fds[0]);
}

/* Signals that come while threads block and unblock them are not lost. */
static int toggle(void *arg)
{
    (void)arg;
    add(&ready, 1);
    while (!stop) {
        set_mask(bit(SIGRTMIN + 1));
        set_mask(0);
    }
    return 0;
}

static void test_not_lost(void)
{
    struct raw_thread t[4];
    int sent = 0, code[32] = {0};

    handle(SIGRTMIN + 1, 0);
    ready = stop = handled = 0;
    set_mask(bit(SIGRTMIN + 1));
    for (int i = 0; i < 4; i++)
        thread_start(&t[i], toggle, NULL);
    await(&ready, 4);
    code[2] = SI_QUEUE;
    for (int i = 0; i < 300; i++) {
        sent += RAW3(rt_sigqueueinfo, getpid(), SIGRTMIN + 1, code) == 0;
        if (i % 10 == 0)
            nap(1);
    }
    await(&handled, sent);
    EQUAL(handled, sent);
    stop = 1;
    for (int i = 0; i < 4; i++)
        thread_join(&t[i]);
    set_mask(0);
    EQUAL(handled, sent);
}

/* ---- faults are the thread's own ---- */

static volatile int fault_tid;
static char *fault_page;

static void on_fault(int signo, siginfo_t *info, void *context)
{
    (void)signo;
    (void)context;
    fault_tid = RAW0(gettid);
    if (info->si_addr == fault_page)
        RAW3(mprotect, fault_page, 4096, PROT_READ | PROT_WRITE);
    else
        RAW1(exit_group, 55);
}

static int touch(void *arg)
{
    *(volatile char *)arg = 1;
    return 0;
}

static void test_fault(void)
{
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags = SA_SIGINFO};
    struct raw_thread t;

    sigaction(SIGSEGV, &action, NULL);
    fault_page =
        mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    thread_start(&t, touch, fault_page);
    thread_join(&t);
    EQUAL(fault_tid, t.tid);
    EQUAL(*fault_page, 1);
    munmap(fault_page, 4096);
    signal(SIGSEGV, SIG_DFL);
}

/* ---- alternate stacks are each thread's ---- */

static volatile int stack_flags = -1;

static int look_at_stack(void *arg)
{
    stack_t old;

    (void)arg;
    RAW2(sigaltstack, 0, &old);
    stack_flags = old.ss_flags;
    return 0;
}

static void test_altstack(void)
{
    static char memory[16384];
    stack_t mine = {.ss_sp = memory, .ss_size = sizeof(memory)}, old;
    struct raw_thread t;

    EQUAL(sigaltstack(&mine, NULL), 0);
    thread_start(&t, look_at_stack, NULL);
    thread_join(&t);
    EQUAL(stack_flags, SS_DISABLE);
    EQUAL(sigaltstack(NULL, &old), 0);
    EQUAL(old.ss_flags, 0);
    mine.ss_flags = SS_DISABLE;
    sigaltstack(&mine, NULL);
}

/* ---- calls and timers ---- */

static int read_for_ever(void *arg)
{
    char c;

    add(&ready, 1);
    *(volatile int *)&tids[0] = RAW3(read, *(int *)arg, &c, 1);
    return 0;
}

static void test_interrupted(void)
{
    struct raw_thread t;
    int fds[2];

    CHECK(pipe(fds) == 0);
    handle(SIGUSR1, 0);
    ready = handled = 0;
    thread_start(&t, read_for_ever, &fds[0]);
    await(&ready, 1);
    nap(10);
    RAW3(tgkill, getpid(), t.tid, SIGUSR1);
    thread_join(&t);
    EQUAL(tids[0], -EINTR);
    handle(SIGUSR1, SA_RESTART);
    ready = 0;
    thread_start(&t, read_for_ever, &fds[0]);
    await(&ready, 1);
    nap(10);
    RAW3(tgkill, getpid(), t.tid, SIGUSR1);
    nap(10);
    EQUAL(write(fds[1], "x", 1), 1);
    thread_join(&t);
    EQUAL(tids[0], 1);
    EQUAL(handled, 2);
    close(fds[0]);
    close(fds[1]);
}

static int burn(void *arg)
{
    (void)arg;
    set_mask(~0ull);
    while (!stop)
        continue;
    return 0;
}

/* The processor time of all threads runs a process's timers. */
static void test_timers(void)
{
    struct itimerval value = {{0, 0}, {0, 50000}};
    struct raw_thread t[2];

    handle(SIGPROF, 0);
    stop = handled = 0;
    EQUAL(setitimer(ITIMER_PROF, &value, NULL), 0);
    for (int i = 0; i < 2; i++)
        thread_start(&t[i], burn, NULL);
    CHECK(await(&handled, 1));
    EQUAL(last_tid, getpid());
    stop = 1;
    for (int i = 0; i < 2; i++)
        thread_join(&t[i]);
}

/* ---- a storm ---- */

static int storm(void *arg)
{
    unsigned seed = (unsigned)arg * 7919 + 1;

    add(&ready, 1);
    for (int i = 0; i < 400; i++) {
        seed = seed * 1103515245 + 12345;
        switch (seed >> 16 & 7) {
        case 0:
            RAW2(kill, RAW0(getpid), SIGUSR1);
            break;
        case 1:
            RAW3(tgkill, RAW0(getpid), tids[seed >> 20 & 7], SIGUSR2);
            break;
        case 2:
            set_mask(seed);
            break;
        case 3:
            set_mask(0);
            break;
        case 4:
            nap(0);
            break;
        default:
            RAW0(sched_yield);
        }
    }
    set_mask(0);
    return 0;
}

static void test_storm(void)
{
    struct raw_thread t[MANY];

    handle(SIGUSR1, SA_RESTART);
    handle(SIGUSR2, 0);
    ready = 0;
    for (int i = 0; i < MANY; i++) {
        thread_start(&t[i], storm, (void *)i);
        tids[i] = t[i].tid;
    }
    for (int i = 0; i < MANY; i++)
        thread_join(&t[i]);
    CHECK(handled > 0);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    test_directed();
    test_any();
    test_sigwait();
    test_passed_on();
    test_not_lost();
    test_fault();
    test_altstack();
    test_interrupted();
    test_timers();
    test_storm();
    return tap_done();
}
