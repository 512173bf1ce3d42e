/*
 * setjmp, sigsetjmp, and signals as the libc offers them: handlers return,
 * masks hold and are restored, raise and abort behave, unwinding works.
 *
 * Where the kernel has only default actions, the parts with handlers are
 * skipped: rt_sigaction says so.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <ucontext.h>
#include <unistd.h>

#include "tap.h"

static jmp_buf buffer;
static sigjmp_buf signal_buffer;
static volatile sig_atomic_t caught, code;
static void *volatile address;

static void __attribute__((noinline, noreturn)) jump(int depth, int value)
{
    volatile char room[64];

    room[0] = (char)depth;
    if (depth > 0)
        jump(depth - 1, value + room[0] - depth);
    longjmp(buffer, value);
}

static void test_setjmp(void)
{
    volatile int visits = 0;
    volatile double kept = 1.5;
    int value = setjmp(buffer);

    visits++;
    kept *= 2;
    if (visits == 1)
        jump(10, 7);
    if (visits == 2) {
        EQUAL(value, 7);
        jump(3, 0);
    }
    EQUAL(value, 1);
    EQUAL(visits, 3);
    CHECK(kept == 12);
}

static void test_masks(void)
{
    sigset_t set, old, now;

    sigemptyset(&set);
    CHECK(!sigismember(&set, SIGUSR1));
    EQUAL(sigaddset(&set, SIGUSR1), 0);
    EQUAL(sigaddset(&set, 64), 0);
    CHECK(sigismember(&set, SIGUSR1) && sigismember(&set, 64));
    FAILS(sigaddset(&set, 65), EINVAL);
    FAILS(sigaddset(&set, 0), EINVAL);
    EQUAL(sigdelset(&set, 64), 0);
    EQUAL(sigprocmask(SIG_BLOCK, &set, &old), 0);
    EQUAL(sigprocmask(SIG_BLOCK, NULL, &now), 0);
    CHECK(sigismember(&now, SIGUSR1) == 1);
    EQUAL(sigprocmask(SIG_SETMASK, &old, NULL), 0);
    FAILS(sigprocmask(77, &set, NULL), EINVAL);
    sigfillset(&set);
    CHECK(sigismember(&set, 1) && sigismember(&set, 64));
}

static void handler(int signo)
{
    caught = signo;
}

static void info_handler(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;

    caught = signo;
    code = info->si_code;
    address = info->si_addr;
    if (signo == SIGSEGV)
        siglongjmp(signal_buffer, 2);
    CHECK(uc->uc_mcontext.gregs[REG_EIP] != 0);
}

static void test_handlers(void)
{
    struct sigaction action = {.sa_handler = handler}, old;
    sigset_t set, pending;

    caught = 0;
    EQUAL(sigaction(SIGUSR1, &action, NULL), 0);
    EQUAL(raise(SIGUSR1), 0);
    EQUAL(caught, SIGUSR1);
    EQUAL(sigaction(SIGUSR1, NULL, &old), 0);
    CHECK(old.sa_handler == handler);

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    caught = 0;
    raise(SIGUSR1);
    EQUAL(caught, 0);
    EQUAL(sigpending(&pending), 0);
    CHECK(sigismember(&pending, SIGUSR1) == 1);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    EQUAL(caught, SIGUSR1);

    action.sa_sigaction = info_handler;
    action.sa_flags = SA_SIGINFO;
    EQUAL(sigaction(SIGUSR2, &action, NULL), 0);
    caught = 0;
    kill(getpid(), SIGUSR2);
    EQUAL(caught, SIGUSR2);
    EQUAL(code, SI_USER);

    CHECK(signal(SIGUSR1, SIG_IGN) == handler);
    caught = 0;
    raise(SIGUSR1);
    EQUAL(caught, 0);
    CHECK(signal(SIGUSR1, SIG_DFL) == SIG_IGN);
    CHECK(signal(SIGKILL, handler) == SIG_ERR && errno == EINVAL);
    FAILS(raise(99), EINVAL);
}

static void test_fault(void)
{
    struct sigaction action = {.sa_sigaction = info_handler,
                               .sa_flags = SA_SIGINFO};
    static int *volatile nowhere = (int *)16;
    sigset_t set;

    EQUAL(sigaction(SIGSEGV, &action, NULL), 0);
    for (int i = 0; i < 3; i++) {
        caught = 0;
        if (sigsetjmp(signal_buffer, 1) == 0) {
            *nowhere = 1;
            CHECK(!"the store went through");
        }
        EQUAL(caught, SIGSEGV);
        EQUAL(code, SEGV_MAPERR);
        CHECK(address == (void *)16);
    }
    sigprocmask(SIG_BLOCK, NULL, &set);
    CHECK(sigismember(&set, SIGSEGV) == 0);
    signal(SIGSEGV, SIG_DFL);
}

static int has_handlers(void)
{
    struct sigaction action = {.sa_handler = SIG_IGN};

    return sigaction(SIGUSR1, &action, NULL) == 0 &&
           signal(SIGUSR1, handler) != SIG_ERR;
}

int main(void)
{
    test_setjmp();
    test_masks();
    if (has_handlers()) {
        test_handlers();
        test_fault();
    } else {
        tap_skip("handlers", "the kernel has default actions only");
    }
    return tap_done();
}
