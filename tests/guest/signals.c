/*
 * Signals: handlers, masks, information, stacks, restarting, timers.
 *
 * test: linux
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "tap.h"

static volatile sig_atomic_t count, last;
static siginfo_t last_info;

static void on_signal(int signo)
{
    count++;
    last = signo;
}

static void on_info(int signo, siginfo_t *info, void *context)
{
    (void)context;
    on_signal(signo);
    last_info = *info;
}

static void handle(int signo, void (*handler)(int), int flags)
{
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = handler;
    sa.sa_flags = flags;
    EQUAL(sigaction(signo, &sa, NULL), 0);
}

static void handle_info(int signo, int flags)
{
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_sigaction = on_info;
    sa.sa_flags = flags | SA_SIGINFO;
    EQUAL(sigaction(signo, &sa, NULL), 0);
}

static void block(int how, int signo)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signo);
    EQUAL(sigprocmask(how, &set, NULL), 0);
}

static void test_handler(void)
{
    struct sigaction sa;
    volatile double x = 1.25;

    count = 0;
    handle(SIGUSR1, on_signal, 0);
    EQUAL(raise(SIGUSR1), 0);
    EQUAL(kill(getpid(), SIGUSR1), 0);
    EQUAL(count, 2);
    EQUAL(last, SIGUSR1);
    CHECK(x * 4 == 5.0);
    EQUAL(sigaction(SIGUSR1, NULL, &sa), 0);
    CHECK(sa.sa_handler == on_signal);
    handle(SIGUSR1, SIG_IGN, 0);
    EQUAL(raise(SIGUSR1), 0);
    EQUAL(count, 2);
    memset(&sa, 0, sizeof(sa));
    FAILS(sigaction(SIGKILL, &sa, NULL), EINVAL);
    FAILS(sigaction(SIGSTOP, &sa, NULL), EINVAL);
    FAILS(sigaction(0, &sa, NULL), EINVAL);
    FAILS(sigaction(100, &sa, NULL), EINVAL);
    FAILS(kill(getpid(), 100), EINVAL);
}

static void test_mask(void)
{
    sigset_t set;

    count = 0;
    handle(SIGUSR1, on_signal, 0);
    block(SIG_BLOCK, SIGUSR1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    EQUAL(count, 0);
    EQUAL(sigpending(&set), 0);
    CHECK(sigismember(&set, SIGUSR1) == 1);
    block(SIG_UNBLOCK, SIGUSR1);
    EQUAL(count, 1);
    EQUAL(sigpending(&set), 0);
    CHECK(sigismember(&set, SIGUSR1) == 0);
    sigfillset(&set);
    EQUAL(sigprocmask(SIG_BLOCK, &set, NULL), 0);
    EQUAL(sigprocmask(SIG_BLOCK, NULL, &set), 0);
    CHECK(sigismember(&set, SIGKILL) == 0 && sigismember(&set, SIGSTOP) == 0);
    sigemptyset(&set);
    EQUAL(sigprocmask(SIG_SETMASK, &set, NULL), 0);
    FAILS(sigprocmask(77, &set, NULL), EINVAL);
}

/* While a handler runs, its signal is blocked, unless SA_NODEFER. */
static volatile sig_atomic_t depth, deepest;

static void on_nested(int signo)
{
    if (++depth > deepest)
        deepest = depth;
    if (depth < 3)
        raise(signo);
    depth--;
}

static void test_nesting(void)
{
    deepest = depth = 0;
    handle(SIGUSR2, on_nested, SA_NODEFER);
    raise(SIGUSR2);
    EQUAL(deepest, 3);
    count = 0;
    handle(SIGUSR2, on_signal, SA_RESETHAND);
    raise(SIGUSR2);
    {
        struct sigaction sa;

        EQUAL(sigaction(SIGUSR2, NULL, &sa), 0);
        CHECK(sa.sa_handler == SIG_DFL);
    }
    EQUAL(count, 1);
}

static void test_info(void)
{
    union sigval value = {.sival_int = 1234};

    handle_info(SIGUSR1, 0);
    EQUAL(kill(getpid(), SIGUSR1), 0);
    EQUAL(last_info.si_signo, SIGUSR1);
    EQUAL(last_info.si_code, SI_USER);
    EQUAL(last_info.si_pid, getpid());
    EQUAL(sigqueue(getpid(), SIGUSR1, value), 0);
    EQUAL(last_info.si_code, SI_QUEUE);
    EQUAL(last_info.si_value.sival_int, 1234);
}

static int order[8];
static int norder;

static void on_queued(int signo, siginfo_t *info, void *context)
{
    (void)signo;
    (void)context;
    if (norder < 8)
        order[norder++] = info->si_value.sival_int;
}

static void test_queue(void)
{
    struct sigaction sa;
    int signo = SIGRTMIN + 1;

    memset(&sa, 0, sizeof(sa));
    sa.sa_sigaction = on_queued;
    sa.sa_flags = SA_SIGINFO;
    EQUAL(sigaction(signo, &sa, NULL), 0);
    block(SIG_BLOCK, signo);
    for (int i = 0; i < 3; i++)
        EQUAL(sigqueue(getpid(), signo, (union sigval){.sival_int = i}), 0);
    EQUAL(norder, 0);
    block(SIG_UNBLOCK, signo);
    EQUAL(norder, 3);
    CHECK(order[0] == 0 && order[1] == 1 && order[2] == 2);
}

static sigjmp_buf back;

static void on_fault(int signo, siginfo_t *info, void *context)
{
    (void)context;
    last = signo;
    last_info = *info;
    siglongjmp(back, 1);
}

static void expect_fault(int signo)
{
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_sigaction = on_fault;
    sa.sa_flags = SA_SIGINFO;
    EQUAL(sigaction(signo, &sa, NULL), 0);
    last = 0;
}

static void test_faults(void)
{
    char *page =
        mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int *volatile low = (int *)16;

    expect_fault(SIGSEGV);
    if (sigsetjmp(back, 1) == 0)
        *(volatile int *)low = 1;
    EQUAL(last, SIGSEGV);
    EQUAL(last_info.si_code, SEGV_MAPERR);
    CHECK(last_info.si_addr == (void *)16);
    last = 0;
    if (sigsetjmp(back, 1) == 0)
        *(volatile char *)(page + 100) = 1;
    EQUAL(last, SIGSEGV);
    EQUAL(last_info.si_code, SEGV_ACCERR);
    CHECK(last_info.si_addr == page + 100);
    expect_fault(SIGFPE);
    if (sigsetjmp(back, 1) == 0)
        __asm__ volatile("cltd\n\tidivl %0" : : "r"(0), "a"(1) : "edx");
    EQUAL(last, SIGFPE);
    EQUAL(last_info.si_code, FPE_INTDIV);
    expect_fault(SIGILL);
    if (sigsetjmp(back, 1) == 0)
        __asm__ volatile("ud2");
    EQUAL(last, SIGILL);
    expect_fault(SIGTRAP);
    if (sigsetjmp(back, 1) == 0)
        __asm__ volatile("int3");
    EQUAL(last, SIGTRAP);
    munmap(page, 4096);
}

static char *alt_low, *alt_high;
static volatile sig_atomic_t was_on_alt;

static void on_alt(int signo)
{
    char here;

    (void)signo;
    was_on_alt = &here >= alt_low && &here < alt_high;
}

static void test_altstack(void)
{
    size_t size = 64 * 1024;
    stack_t stack, old;

    alt_low = malloc(size);
    alt_high = alt_low + size;
    memset(&stack, 0, sizeof(stack));
    stack.ss_sp = alt_low;
    stack.ss_size = size;
    EQUAL(sigaltstack(&stack, NULL), 0);
    handle(SIGUSR1, on_alt, SA_ONSTACK);
    raise(SIGUSR1);
    EQUAL(was_on_alt, 1);
    handle(SIGUSR1, on_alt, 0);
    raise(SIGUSR1);
    EQUAL(was_on_alt, 0);
    EQUAL(sigaltstack(NULL, &old), 0);
    CHECK(old.ss_sp == alt_low && old.ss_size == size);
    stack.ss_size = 10;
    FAILS(sigaltstack(&stack, NULL), ENOMEM);
    stack.ss_flags = SS_DISABLE;
    EQUAL(sigaltstack(&stack, NULL), 0);
    free(alt_low);
}

/* A stack overflow is survived on the alternate stack. */
static int overflow(volatile int n)
{
    volatile char frame[4096];

    frame[0] = (char)n;
    return n < 0 ? 0 : overflow((n + 1) & 0xFFFFFF) + frame[0];
}

static void test_overflow(void)
{
    size_t size = 64 * 1024;
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        struct sigaction sa;
        stack_t stack;

        memset(&stack, 0, sizeof(stack));
        stack.ss_sp = malloc(size);
        stack.ss_size = size;
        memset(&sa, 0, sizeof(sa));
        sa.sa_sigaction = on_fault;
        sa.sa_flags = SA_SIGINFO | SA_ONSTACK;
        sigaltstack(&stack, NULL);
        sigaction(SIGSEGV, &sa, NULL);
        if (sigsetjmp(back, 1) == 0)
            _exit(overflow(0) & 1);
        _exit(17);
    }
    EQUAL(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 17);
}

static void test_suspend(void)
{
    sigset_t none;

    count = 0;
    handle(SIGUSR1, on_signal, 0);
    block(SIG_BLOCK, SIGUSR1);
    raise(SIGUSR1);
    sigemptyset(&none);
    FAILS(sigsuspend(&none), EINTR);
    EQUAL(count, 1);
    EQUAL(sigprocmask(SIG_BLOCK, NULL, &none), 0);
    CHECK(sigismember(&none, SIGUSR1) == 1);
    block(SIG_UNBLOCK, SIGUSR1);
}

static void test_wait(void)
{
    struct timespec brief = {0, 20000000};
    siginfo_t info;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    block(SIG_BLOCK, SIGUSR2);
    FAILS(sigtimedwait(&set, &info, &brief), EAGAIN);
    raise(SIGUSR2);
    EQUAL(sigwaitinfo(&set, &info), SIGUSR2);
    EQUAL(info.si_pid, getpid());
    block(SIG_UNBLOCK, SIGUSR2);
}

/* A read that a signal interrupts goes on, or not, as SA_RESTART says. */
static void test_restart(int flags)
{
    int ends[2], status;
    char byte = 0;
    pid_t pid, me = getpid();

    EQUAL(pipe(ends), 0);
    count = 0;
    handle(SIGUSR1, on_signal, flags);
    pid = fork();
    if (pid == 0) {
        usleep(50000);
        kill(me, SIGUSR1);
        usleep(50000);
        (void)!write(ends[1], "x", 1);
        _exit(0);
    }
    if (flags & SA_RESTART) {
        EQUAL(read(ends[0], &byte, 1), 1);
        EQUAL(byte, 'x');
    } else {
        FAILS(read(ends[0], &byte, 1), EINTR);
    }
    EQUAL(count, 1);
    EQUAL(waitpid(pid, &status, 0), pid);
    close(ends[0]);
    close(ends[1]);
}

static void test_timers(void)
{
    struct itimerval timer = {{0, 20000}, {0, 20000}}, off = {{0, 0}, {0, 0}};

    handle(SIGALRM, on_signal, 0);
    count = 0;
    EQUAL(setitimer(ITIMER_REAL, &timer, NULL), 0);
    while (count < 3)
        pause();
    CHECK(count >= 3);
    EQUAL(setitimer(ITIMER_REAL, &off, &timer), 0);
    EQUAL(timer.it_interval.tv_usec, 20000);
    EQUAL(alarm(100), 0);
    CHECK(alarm(0) >= 99);
    FAILS(setitimer(99, &off, NULL), EINVAL);
    timer.it_value.tv_usec = 1000000;
    FAILS(setitimer(ITIMER_REAL, &timer, NULL), EINVAL);
}

static void test_sigpipe(void)
{
    int ends[2];

    EQUAL(pipe(ends), 0);
    close(ends[0]);
    count = 0;
    handle(SIGPIPE, on_signal, 0);
    FAILS(write(ends[1], "x", 1), EPIPE);
    EQUAL(count, 1);
    close(ends[1]);
}

static void test_sigchld(void)
{
    pid_t pid;
    int status;

    handle_info(SIGCHLD, 0);
    count = 0;
    pid = fork();
    if (pid == 0)
        _exit(5);
    while (waitpid(pid, &status, 0) != pid)
        continue;
    EQUAL(last_info.si_pid, pid);
    EQUAL(last_info.si_code, CLD_EXITED);
    EQUAL(last_info.si_status, 5);
    handle(SIGCHLD, SIG_DFL, 0);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    test_handler();
    test_mask();
    test_nesting();
    test_info();
    test_queue();
    test_faults();
    test_altstack();
    test_overflow();
    test_suspend();
    test_wait();
    test_restart(0);
    test_restart(SA_RESTART);
    test_timers();
    test_sigpipe();
    test_sigchld();
    return tap_done();
}
