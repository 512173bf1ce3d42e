/*
 * The frame of a handler: FPU state in both of its images, what a handler
 * changes there, an alternate stack that has no room left, and what is known
 * of a signal when there is no memory.
 *
 * test: linux
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "tap.h"

#include <cairn/inject.h>

#define SYS_INJECT 0x1001

/* struct __cairn_fpstate and Linux's struct _fpstate_32. */
struct fpstate {
    uint32_t cw, sw, tag, ipoff, cssel, dataoff, datasel;
    uint8_t st[8][10];
    uint16_t status, magic;
    uint8_t fxsave[512];
};

static int has_sse(void)
{
    uint32_t eax = 1, ebx, ecx, edx;

    __asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "=c"(ecx), "=d"(edx));
    return (edx >> 25 & 1) && (edx >> 24 & 1);
}

static struct fpstate seen;
static uint32_t seen_at;

static void keep_fpstate(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    struct fpstate *fp = (struct fpstate *)uc->uc_mcontext.fpregs;

    (void)signo;
    (void)info;
    seen_at = (uint32_t)(uintptr_t)fp;
    if (fp)
        seen = *fp;
}

/* The handler's own registers are full, and the saved control word differs. */
static void change_fpstate(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    struct fpstate *fp = (struct fpstate *)uc->uc_mcontext.fpregs;
    static const uint16_t one_digit = 0x007F;

    (void)signo;
    (void)info;
    __asm__ volatile("fldz\n\tfldz\n\tfldz\n\tfldz\n\tfldz\n\tfldz\n\tfldcw %0"
                     :
                     : "m"(one_digit));
    fp->cw = (fp->cw & 0xFFFF0000u) | 0x0F7F;
    fp->fxsave[0] = 0x7F;
    fp->fxsave[1] = 0x0F;
}

static void catch_info(int signo, void (*handler)(int, siginfo_t *, void *),
                       int flags)
{
    struct sigaction sa = {.sa_sigaction = handler,
                           .sa_flags = SA_SIGINFO | flags};

    sigemptyset(&sa.sa_mask);
    sigaction(signo, &sa, NULL);
}

static const uint8_t one[10] = {0, 0, 0, 0, 0, 0, 0, 0x80, 0xFF, 0x3F};

/* Two registers in use, 1.0 on top and 0.0 below, are in both images. */
static void test_images(void)
{
    int pid = getpid();

    catch_info(SIGUSR1, keep_fpstate, 0);
    __asm__ volatile("fninit\n\tfldz\n\tfld1");
    kill(pid, SIGUSR1);
    __asm__ volatile("fstp %st(0)\n\tfstp %st(0)");
    CHECK(seen_at != 0);
    EQUAL(memcmp(seen.st[0], one, 10), 0);
    EQUAL(seen.st[1][9] | seen.st[1][7], 0);
    EQUAL(seen.cw & 0xFFFF, 0x037F);
    EQUAL(seen.sw >> 11 & 7, 6); /* the top of the stack */
    EQUAL(seen.tag & 0xFFFF, 0x4FFF);
    EQUAL(seen.status, seen.sw & 0xFFFF);
    if (!has_sse())
        return;
    EQUAL(seen_at % 16, 0);
    EQUAL(seen.magic, 0);
    EQUAL(memcmp(seen.fxsave + 32, one, 10), 0);
    EQUAL(seen.fxsave[4], 0xC0);
}

/* What was in the registers is there again, and what the handler wrote. */
static void test_change(void)
{
    int pid = getpid();
    uint16_t control = 0;
    double top = 0, below = 0;

    catch_info(SIGUSR1, change_fpstate, 0);
    __asm__ volatile("fninit\n\tfldz\n\tfld1");
    kill(pid, SIGUSR1);
    __asm__ volatile("fnstcw %0\n\tfstpl %1\n\tfstpl %2\n\tfninit"
                     : "=m"(control), "=m"(top), "=m"(below));
    EQUAL(control, 0x0F7F);
    CHECK(top == 1.0);
    CHECK(below == 0.0);
}

/* ---- alternate stacks ---- */

static volatile int depth;

static void deeper(int signo, siginfo_t *info, void *context)
{
    (void)info;
    (void)context;
    depth++;
    raise(signo);
}

/*
 * A handler that signals itself uses the stack up: that is SIGSEGV, and no
 * byte below the stack changes.
 */
static void overflow_stack(void)
{
    size_t nbytes = 32768;
    uint8_t *memory = mmap(NULL, 2 * nbytes, PROT_READ | PROT_WRITE,
                           MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    stack_t stack = {.ss_sp = memory + nbytes, .ss_size = nbytes};
    int status = 0, dirty = 0;
    pid_t pid;

    memset(memory, 0x5A, nbytes);
    pid = fork();
    if (pid == 0) {
        sigaltstack(&stack, NULL);
        catch_info(SIGUSR1, deeper, SA_ONSTACK | SA_NODEFER);
        raise(SIGUSR1);
        _exit(depth > 2 ? 1 : 2);
    }
    waitpid(pid, &status, 0);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    for (size_t i = 0; i + 4096 < nbytes; i++)
        dirty += memory[i] != 0x5A;
    EQUAL(dirty, 0);
    munmap(memory, 2 * nbytes);
}

/*
 * Frames at the edge of what is mapped: a handler starts, or SIGSEGV comes on
 * the alternate stack instead. Either way the program goes on with all of its
 * FPU state, and nothing beyond the edge is touched.
 */
extern void bare_handler(int signo);
static volatile int bare_count __asm__("bare_count") __attribute__((used));

/* It needs no stack of its own. */
__asm__(".text\n"
        ".globl bare_handler\n"
        "bare_handler: incl bare_count\n"
        "ret");

static volatile int segv_count;

static void on_segv(int signo)
{
    (void)signo;
    segv_count++;
}

/* kill() with this stack pointer; what is in st(0) and xmm7 afterwards. */
static void kill_at(char *sp, int pid, double *top, uint32_t *xmm)
{
    long result, keep;
    int sse = has_sse();

    __asm__ volatile("fninit\n\t"
                     "fld1\n\t"
                     "test %%edi, %%edi\n\t"
                     "jz 1f\n\t"
                     "movups (%%edx), %%xmm7\n"
                     "1: mov %%esp, %%esi\n\t"
                     "mov %%eax, %%esp\n\t"
                     "mov $37, %%eax\n\t"
                     "int $0x80\n\t"
                     "mov %%esi, %%esp\n\t"
                     "test %%edi, %%edi\n\t"
                     "jz 2f\n\t"
                     "movups %%xmm7, (%%edx)\n"
                     "2: nop"
                     : "=a"(result), "=S"(keep)
                     : "0"(sp), "b"(pid), "c"(SIGUSR1), "d"(xmm), "D"(sse)
                     : "memory");
    __asm__ volatile("fstpl %0" : "=m"(*top));
}

static void test_edge(int flags)
{
    static char other[65536];
    stack_t stack = {.ss_sp = other, .ss_size = sizeof(other)};
    struct sigaction sa = {.sa_handler = bare_handler, .sa_flags = flags};
    size_t half = 16384; /* a host may have AVX-512 and more to store */
    char *memory = mmap(NULL, 2 * half, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int wrong = 0, lost = 0, last = -1, changes = 0;

    sigaltstack(&stack, NULL);
    sigemptyset(&sa.sa_mask);
    sigaction(SIGUSR1, &sa, NULL);
    sa.sa_handler = on_segv;
    sa.sa_flags = SA_ONSTACK;
    sigaction(SIGSEGV, &sa, NULL);
    mprotect(memory, half, PROT_NONE);
    for (size_t room = 0; room < half; room += room < 2048 ? 4 : 64) {
        uint32_t xmm[4] = {1, 2, 3, (uint32_t)room};
        double top = 0;

        bare_count = segv_count = 0;
        kill_at(memory + half + room, getpid(), &top, xmm);
        lost += top != 1.0 || xmm[0] != 1 || xmm[3] != room;
        wrong += bare_count + segv_count != 1;
        changes += bare_count != last;
        last = bare_count;
    }
    EQUAL(lost, 0);
    EQUAL(wrong, 0);
    EQUAL(changes, 2); /* too little room, then enough */
    EQUAL(last, 1);
    munmap(memory, 2 * half);
    signal(SIGSEGV, SIG_DFL);
}

/* SS_AUTODISARM: none while the handler runs, the same one afterwards. */
static stack_t inside, told;

static void look_at_stack(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;

    (void)signo;
    (void)info;
    sigaltstack(NULL, &inside);
    told = uc->uc_stack;
}

static void one_stack(int flags)
{
    static char memory[32768];
    stack_t stack = {.ss_sp = memory, .ss_size = sizeof(memory)}, after;

    stack.ss_flags = flags;
    EQUAL(sigaltstack(&stack, NULL), 0);
    catch_info(SIGUSR1, look_at_stack, SA_ONSTACK);
    for (int i = 0; i < 2; i++) {
        memset(&inside, 0x55, sizeof(inside));
        raise(SIGUSR1);
        EQUAL(inside.ss_flags, flags ? SS_DISABLE : SS_ONSTACK);
        EQUAL(told.ss_flags, flags);
        EQUAL((char *)told.ss_sp - memory, 0);
        EQUAL(sigaltstack(NULL, &after), 0);
        EQUAL(after.ss_flags, flags);
        EQUAL(after.ss_size, sizeof(memory));
    }
    stack.ss_flags = SS_DISABLE;
    EQUAL(sigaltstack(&stack, NULL), 0);
}

static void test_stacks(void)
{
    one_stack(0);
    one_stack((int)0x80000000u); /* SS_AUTODISARM */
}

/* ---- what is told ---- */

static volatile uint32_t error_seen, code_seen;
static void *volatile address_seen;
static volatile pid_t sender_seen;
static sigjmp_buf out;

static void note_error(int signo, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;

    (void)signo;
    /* The 14th word of struct sigcontext. */
    error_seen = ((const uint32_t *)&uc->uc_mcontext)[13];
    code_seen = (uint32_t)info->si_code;
    address_seen = info->si_addr;
    siglongjmp(out, 1);
}

/* A kernel address says nothing of what the kernel has there. */
static void test_kernel_addresses(void)
{
    static const uint32_t places[] = {0xC0000000, 0xC0100000, 0xF0000000,
                                      0xFFC00000, 0xFFFFF000};

    if (!is_cairn())
        return;
    catch_info(SIGSEGV, note_error, 0);
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        volatile char *volatile at = (volatile char *)places[i];

        error_seen = 0;
        if (sigsetjmp(out, 1) == 0)
            (void)*at;
        EQUAL(error_seen, 5);
        EQUAL(code_seen, 1); /* SEGV_MAPERR */
        CHECK(address_seen == at);
    }
    signal(SIGSEGV, SIG_DFL);
}

static void note_sender(int signo, siginfo_t *info, void *context)
{
    (void)signo;
    (void)context;
    code_seen = (uint32_t)info->si_code;
    sender_seen = info->si_pid;
}

/* SIGPIPE is one's own doing. */
static void test_sigpipe(void)
{
    int fds[2];

    if (pipe(fds) != 0)
        return;
    close(fds[0]);
    catch_info(SIGPIPE, note_sender, 0);
    code_seen = 1;
    FAILS(write(fds[1], "x", 1), EPIPE);
    EQUAL(code_seen, SI_USER);
    EQUAL(sender_seen, getpid());
    close(fds[1]);
    signal(SIGPIPE, SIG_DFL);
}

/* ---- without memory ---- */

static long inject(unsigned nth, unsigned flags)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "0"((long)SYS_INJECT), "b"(nth), "c"(flags), "d"(0)
                     : "memory");
    return result;
}

static volatile int code, sender;

static void keep_info(int signo, siginfo_t *info, void *context)
{
    (void)signo;
    (void)context;
    code = info->si_code;
    sender = info->si_pid;
}

/* One signal is always known; a second one at least arrives. */
static void test_no_memory(void)
{
    sigset_t both, pending;

    sigemptyset(&both);
    sigaddset(&both, SIGUSR1);
    sigaddset(&both, SIGUSR2);
    catch_info(SIGUSR1, keep_info, 0);
    catch_info(SIGUSR2, keep_info, 0);
    sigprocmask(SIG_BLOCK, &both, NULL);
    if (is_cairn())
        inject(1, INJECT_FOR_EVER);
    EQUAL(kill(getpid(), SIGUSR2), 0);
    EQUAL(kill(getpid(), SIGUSR1), 0);
    if (is_cairn())
        inject(0, INJECT_OFF);
    sigpending(&pending);
    CHECK(sigismember(&pending, SIGUSR1) && sigismember(&pending, SIGUSR2));
    sigdelset(&both, SIGUSR1);
    sigprocmask(SIG_SETMASK, &both, NULL); /* SIGUSR1 comes */
    if (is_cairn())
        EQUAL(code, 0x80); /* SI_KERNEL: nothing is known */
    code = -1;
    sender = 0;
    sigemptyset(&both);
    sigprocmask(SIG_SETMASK, &both, NULL);
    EQUAL(code, SI_USER);
    EQUAL(sender, getpid());
}

/* Pending signals that come to be ignored are gone, with what was known. */
static void test_forget(void)
{
    sigset_t set, old, pending;

    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, &old);
    for (int i = 0; i < 3000; i++) {
        kill(getpid(), i % 2 ? SIGUSR1 : SIGUSR2);
        kill(getpid(), i % 2 ? SIGUSR2 : SIGUSR1);
        signal(i % 3 ? SIGUSR1 : SIGUSR2, SIG_IGN);
        signal(i % 3 ? SIGUSR1 : SIGUSR2, SIG_DFL);
        signal(i % 3 ? SIGUSR2 : SIGUSR1, SIG_IGN);
        signal(i % 3 ? SIGUSR2 : SIGUSR1, SIG_DFL);
    }
    sigpending(&pending);
    CHECK(!sigismember(&pending, SIGUSR1) && !sigismember(&pending, SIGUSR2));
    catch_info(SIGUSR1, keep_info, 0);
    sender = 0;
    kill(getpid(), SIGUSR1);
    sigprocmask(SIG_SETMASK, &old, NULL);
    EQUAL(sender, getpid());
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    test_images();
    test_change();
    overflow_stack();
    test_stacks();
    test_edge(0);
    test_edge(SA_SIGINFO);
    test_kernel_addresses();
    test_sigpipe();
    test_no_memory();
    test_forget();
    return tap_done();
}
