/*
 * Entering the kernel with everything that user mode may bring along: flags,
 * selectors, stack pointers, vectors, pending exceptions, forged frames. The
 * kernel answers as usual, or the program gets a signal; nothing else happens.
 *
 * test: linux
 * test: kvm
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define NR_GETPID          20
#define NR_KILL            37
#define NR_SET_THREAD_AREA 243
#define FLAG_TF            0x00000100u
#define FLAG_IF            0x00000200u
#define FLAG_DF            0x00000400u
#define FLAG_IOPL          0x00003000u
#define FLAG_NT            0x00004000u
#define FLAG_AC            0x00040000u
#define FLAG_ID            0x00200000u

static sigjmp_buf back;
static volatile sig_atomic_t caught;

static void on_signal(int signo)
{
    caught = signo;
    siglongjmp(back, 1);
}

/* Catch every signal that a fault can become, on a stack of its own. */
static void catch_faults(void)
{
    static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP};
    static char stack[32768];
    struct sigaction sa;
    stack_t ss;

    memset(&ss, 0, sizeof(ss));
    ss.ss_sp = stack;
    ss.ss_size = sizeof(stack);
    sigaltstack(&ss, NULL);
    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = on_signal;
    sa.sa_flags = SA_ONSTACK;
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        sigaction(faults[i], &sa, NULL);
}

static uint32_t read_flags(void)
{
    uint32_t flags;

    __asm__ volatile("pushfl\n\tpopl %0" : "=r"(flags));
    return flags;
}

/* getpid with the given flags set; the flags afterwards go to *after. */
static int getpid_with(uint32_t flags, uint32_t *after)
{
    int pid;

    __asm__ volatile("pushfl\n\t"
                     "orl %2, (%%esp)\n\t"
                     "popfl\n\t"
                     "int $0x80\n\t"
                     "pushfl\n\t"
                     "popl %1\n\t"
                     "pushl $0x202\n\t"
                     "popfl\n\t"
                     "cld"
                     : "=a"(pid), "=&r"(*after)
                     : "r"(flags), "0"(NR_GETPID)
                     : "memory", "cc");
    return pid;
}

static void test_flags(void)
{
    static const uint32_t some[] = {0,       FLAG_DF,
                                    FLAG_NT, FLAG_AC,
                                    FLAG_ID, FLAG_DF | FLAG_NT | FLAG_AC};
    int pid = getpid();

    for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++) {
        uint32_t after = 0;

        EQUAL(getpid_with(some[i], &after), pid);
        CHECK((after & FLAG_IF) && !(after & FLAG_IOPL));
        CHECK((after & some[i] & ~FLAG_NT) == (some[i] & ~FLAG_NT));
    }
}

/* The trap flag gives one SIGTRAP an instruction, also across a call. */
static volatile sig_atomic_t traps;

static void on_trap(int signo)
{
    (void)signo;
    traps++;
}

static void test_single_step(void)
{
    struct sigaction sa;
    int pid;

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = on_trap;
    sigaction(SIGTRAP, &sa, NULL);
    __asm__ volatile("pushfl\n\t"
                     "orl $0x100, (%%esp)\n\t"
                     "popfl\n\t"
                     "nop\n\t"
                     "int $0x80\n\t"
                     "nop\n\t"
                     "pushfl\n\t"
                     "andl $~0x100, (%%esp)\n\t"
                     "popfl\n\t"
                     : "=a"(pid)
                     : "0"(NR_GETPID)
                     : "memory", "cc");
    EQUAL(pid, getpid());
    CHECK(traps >= 4 && traps <= 8);
    CHECK(!(read_flags() & FLAG_TF));
}

static void test_selectors(void)
{
    uint32_t after = 0;
    int pid = getpid();

    /* Null DS, ES, FS in the call: the kernel loads its own. */
    {
        int got;

        __asm__ volatile("pushl %%ds\n\t"
                         "pushl %%es\n\t"
                         "pushl %%fs\n\t"
                         "xorl %%ecx, %%ecx\n\t"
                         "movl %%ecx, %%es\n\t"
                         "movl %%ecx, %%fs\n\t"
                         "movl %%ecx, %%ds\n\t"
                         "int $0x80\n\t"
                         "popl %%fs\n\t"
                         "popl %%es\n\t"
                         "popl %%ds\n\t"
                         : "=a"(got)
                         : "0"(NR_GETPID)
                         : "ecx", "memory");
        EQUAL(got, pid);
    }
    /* Selectors that are not the user's cannot even be loaded. */
    for (uint32_t selector = 0x08; selector <= 0x100; selector += 0x08) {
        caught = 0;
        if (selector == 0x70 || selector == 0x78 ||
            (selector >= 0x30 && selector <= 0x40))
            continue;
        if (sigsetjmp(back, 1) == 0)
            __asm__ volatile("movl %0, %%fs" : : "r"(selector));
    }
    EQUAL(getpid_with(0, &after), pid);
}

/* Run `body` in a child; its wait status. */
static int in_child(void (*body)(void))
{
    pid_t pid = fork();
    int status = -1;

    if (pid == 0) {
        body();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return status;
}

static void with_wild_stack(void)
{
    int pid;

    /* The kernel has a stack of its own; the call works all the same. */
    __asm__ volatile("movl %%esp, %%esi\n\t"
                     "movl $0x13, %%esp\n\t"
                     "int $0x80\n\t"
                     "movl %%esi, %%esp"
                     : "=a"(pid)
                     : "0"(NR_GETPID)
                     : "esi", "memory");
    _exit(pid == getpid() ? 0 : 1);
}

static void fault_on_wild_stack(void)
{
    signal(SIGSEGV, SIG_DFL);
    __asm__ volatile("movl $0xC0000000, %esp\n\tpushl $1");
}

static void fault_on_kernel_stack(void)
{
    signal(SIGSEGV, SIG_DFL);
    __asm__ volatile("movl $0xF4001000, %esp\n\tmovl (%esp), %eax");
}

static void test_stacks(void)
{
    int status = in_child(with_wild_stack);

    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    status = in_child(fault_on_wild_stack);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    status = in_child(fault_on_kernel_stack);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

/* A signal that finds no stack for its handler becomes SIGSEGV. */
static void test_no_stack(void)
{
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_handler = on_signal;
    sigaction(SIGUSR1, &sa, NULL);
    caught = 0;
    if (sigsetjmp(back, 1) == 0)
        __asm__ volatile("movl $0x13, %%esp\n\t"
                         "int $0x80"
                         :
                         : "a"(NR_KILL), "b"(getpid()), "c"(SIGUSR1)
                         : "memory");
    EQUAL(caught, SIGSEGV);
    signal(SIGUSR1, SIG_DFL);
}

/* A descriptor that changes is the one that FS shows, at once. */
static void test_changed_segment(void)
{
    static uint32_t first = 1111, second = 2222;
    struct {
        uint32_t number, base, limit, flags;
    } area = {UINT32_MAX, (uint32_t)(uintptr_t)&first, 0xFFFFF, 0x51};
    uint32_t value;

    EQUAL(syscall(NR_SET_THREAD_AREA, &area), 0);
    __asm__ volatile("movw %w1, %%fs\n\tmovl %%fs:0, %0"
                     : "=&r"(value)
                     : "r"(area.number * 8 + 3));
    EQUAL(value, 1111);
    area.base = (uint32_t)(uintptr_t)&second;
    EQUAL(syscall(NR_SET_THREAD_AREA, &area), 0);
    __asm__ volatile("movl %%fs:0, %0" : "=r"(value));
    EQUAL(value, 2222);
    __asm__ volatile("movw %w0, %%fs" : : "r"(0));
    area.number = 0x80000005;
    FAILS(syscall(NR_SET_THREAD_AREA, &area), EINVAL);
}

/* INT n for every n, from a page of code written on the spot. */
static void test_vectors(void)
{
    uint8_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    static unsigned signalled;

    for (int n = 0; n < 256; n++) {
        code[n * 3] = 0xCD;
        code[n * 3 + 1] = (uint8_t)n;
        code[n * 3 + 2] = 0xC3;
    }
    EQUAL(mprotect(code, 4096, PROT_READ | PROT_EXEC), 0);
    for (int n = 0; n < 256; n++) {
        if (n == 0x80)
            continue;
        caught = 0;
        if (sigsetjmp(back, 1) == 0)
            ((void (*)(void))(code + n * 3))();
        signalled += caught != 0;
    }
    EQUAL(signalled, 255);
    EQUAL(munmap(code, 4096), 0);
}

#define TRY(name, instruction)                                                 \
    static void name(void)                                                     \
    {                                                                          \
        if (sigsetjmp(back, 1) == 0)                                           \
            __asm__ volatile(instruction : : : "eax", "ecx", "edx", "memory"); \
    }

TRY(try_in, "movl $0x60, %%edx\n\tinb %%dx, %%al")
TRY(try_out, "movl $0x80, %%edx\n\toutb %%al, %%dx")
TRY(try_cli, "cli")
TRY(try_sti, "sti")
TRY(try_hlt, "hlt")
TRY(try_lgdt, "lgdt (%%esp)")
TRY(try_lidt, "lidt (%%esp)")
TRY(try_ltr, "movl $0x80, %%eax\n\tltr %%ax")
TRY(try_lldt, "movl $0x28, %%eax\n\tlldt %%ax")
TRY(try_cr0, "movl %%cr0, %%eax")
TRY(try_cr3, "movl %%eax, %%cr3")
TRY(try_clts, "clts")
TRY(try_invlpg, "invlpg 0")
TRY(try_rdmsr, "movl $0x174, %%ecx\n\trdmsr")
TRY(try_wrmsr, "movl $0x174, %%ecx\n\twrmsr")
TRY(try_iopl, "pushl $0x3202\n\tpopfl\n\tinb $0x60, %%al")
TRY(try_far_jump, "ljmp $0x60, $0")
TRY(try_far_call, "lcall $0x80, $0")
TRY(try_sysenter, "movl %%esp, %%ecx\n\tmovl $1f, %%edx\n\tsysenter\n1:")

static void test_privileged(void)
{
    static void (*const tries[])(void) = {
        try_in,     try_out,   try_cli,   try_sti,  try_hlt,      try_lgdt,
        try_lidt,   try_ltr,   try_lldt,  try_cr0,  try_cr3,      try_clts,
        try_invlpg, try_rdmsr, try_wrmsr, try_iopl, try_far_jump, try_far_call,
    };

    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        caught = 0;
        tries[i]();
        CHECK(caught == SIGSEGV || caught == SIGBUS || caught == SIGILL);
    }
    if (is_cairn()) {
        caught = 0;
        try_sysenter();
        CHECK(caught == SIGSEGV || caught == SIGILL);
    }
}

/* A load of SS holds exceptions back for one instruction: here the INT. */
static void test_mov_ss(void)
{
    int pid;

    __asm__ volatile("movl %%ss, %%ecx\n\t"
                     "movl %%ecx, %%ss\n\t"
                     "int $0x80"
                     : "=a"(pid)
                     : "0"(NR_GETPID)
                     : "ecx", "memory");
    EQUAL(pid, getpid());
}

/* A pending, unmasked x87 exception is the program's, not the kernel's. */
static void test_pending_x87(void)
{
    static const uint16_t control = 0x0360; /* zero divide, invalid unmasked */
    uint32_t after = 0;

    caught = 0;
    if (sigsetjmp(back, 1) == 0) {
        __asm__ volatile("fninit\n\tfldcw %0\n\tfld1\n\tfldz\n\tfdivrp"
                         :
                         : "m"(control));
        CHECK(getpid_with(0, &after) == getpid());
        usleep(1000);
        __asm__ volatile("fwait");
    }
    EQUAL(caught, SIGFPE);
    __asm__ volatile("fninit");
}

/* Signal frames that a handler forges. */
static void forge(uint32_t *field, uint32_t seed)
{
    *field = seed * 2654435761u;
}

static uint32_t forged_seed;

static void on_forge(int signo, siginfo_t *info, void *context)
{
    /* Linux i386: uc_flags, uc_link, uc_stack (3 words), then gs, fs, es... */
    uint32_t *gregs = (uint32_t *)context + 5;
    uint32_t what = forged_seed % 6;

    (void)signo;
    (void)info;
    if (what == 0)
        gregs[16] |= FLAG_IOPL | FLAG_NT | 0x00020000u; /* EFLAGS: VM too */
    else if (what == 1)
        forge(&gregs[15], forged_seed); /* CS */
    else if (what == 2)
        forge(&gregs[18], forged_seed); /* SS */
    else if (what == 3)
        forge(&gregs[3], forged_seed); /* DS */
    else if (what == 4)
        gregs[16] &= ~FLAG_IF;
    else
        gregs[15] = 0x60; /* the kernel's own code segment */
}

static void test_forged_frames(int rounds)
{
    struct sigaction sa;
    static unsigned bad;

    memset(&sa, 0, sizeof(sa));
    sa.sa_sigaction = on_forge;
    sa.sa_flags = SA_SIGINFO;
    sigaction(SIGUSR1, &sa, NULL);
    for (int i = 0; i < rounds; i++) {
        uint16_t cs;

        forged_seed = (uint32_t)i;
        if (sigsetjmp(back, 1) == 0)
            kill(getpid(), SIGUSR1);
        __asm__ volatile("pushl %%ss\n\tpopl %%ds\n\t" : : : "memory");
        __asm__ volatile("movw %%cs, %0" : "=r"(cs));
        if ((cs & 3) != 3 || (read_flags() & FLAG_IOPL) ||
            !(read_flags() & FLAG_IF))
            bad++;
        __asm__ volatile("pushl $0x202\n\tpopfl");
    }
    EQUAL(bad, 0);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    catch_faults();
    test_flags();
    test_selectors();
    test_stacks();
    test_no_stack();
    test_changed_segment();
    test_vectors();
    test_privileged();
    test_mov_ss();
    test_pending_x87();
    if (is_cairn())
        test_forged_frames(getenv("TEST_LONG") ? 100000 : 10000);
    test_single_step();
    return tap_done();
}
