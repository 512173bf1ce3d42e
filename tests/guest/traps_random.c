/*
 * Random instructions: short sequences of random bytes, half of them after a
 * privileged or unusual opcode, with random registers and flags. Whatever they
 * do, the kernel lives, and has its memory back afterwards.
 *
 *     traps_random [SEQUENCES [SEED [FIRST]]]
 *
 * A child without privileges runs one sequence after the other and comes back
 * by a signal or by the end of the sequence. One that is lost (it has changed
 * its own memory, or called the kernel) is replaced, after the sequence it
 * came to; a sequence that does not end is left at the second tick of a timer.
 *
 * test: timeout=300
 * test: name=plain run="--cpu max,-smap,-smep" timeout=300
 */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define MAX_BYTES 12
#define SCRATCH   0x10000

struct shared {
    volatile uint32_t at; /* the sequence that runs */
    volatile uint32_t signals[32];
};

static struct shared *shared;
static uint8_t *code, *scratch;
static uint32_t seed;
static sigjmp_buf back;

/* Opcodes that random bytes alone would seldom hit, with the length. */
static const char *const opcodes[] = {
    "\1\xF4",         "\1\xFA",         "\1\xFB",         "\1\xCC",
    "\1\xCE",         "\1\xCF",         "\1\xCB",         "\1\x9D",
    "\1\x8E",         "\1\x62",         "\1\xF1",         "\1\xD4",
    "\1\xEA",         "\1\xCD",         "\1\xC8",         "\1\x1F",
    "\1\x07",         "\1\x17",         "\1\xC5",         "\1\xC4",
    "\1\xE4",         "\1\xE6",         "\1\x6D",         "\1\x6F",
    "\2\x0F\x00",     "\2\x0F\x01",     "\2\x0F\x02",     "\2\x0F\x03",
    "\2\x0F\x05",     "\2\x0F\x06",     "\2\x0F\x07",     "\2\x0F\x08",
    "\2\x0F\x09",     "\2\x0F\x0B",     "\2\x0F\x20",     "\2\x0F\x21",
    "\2\x0F\x22",     "\2\x0F\x23",     "\2\x0F\x30",     "\2\x0F\x31",
    "\2\x0F\x32",     "\2\x0F\x33",     "\2\x0F\x34",     "\2\x0F\x35",
    "\2\x0F\xA1",     "\2\x0F\xA9",     "\2\x0F\xAA",     "\2\x0F\xAE",
    "\2\x0F\xB2",     "\2\x0F\xB4",     "\2\x0F\xC7",     "\2\x0F\xFF",
    "\3\xF3\x0F\xAE", "\3\x66\x0F\xAE", "\3\x0F\x01\xC1", "\3\x0F\x01\xD9",
    "\2\x66\xCF",     "\2\x66\x9D",     "\2\x66\xCB",     "\1\xF0",
    "\2\xF3\xF4",     "\2\x0F\x1A",     "\2\x0F\x0D",     "\1\xDD",
};

/* A hash of the seed, the sequence and a count: any one can be repeated. */
static uint32_t next_random(uint32_t *state)
{
    uint32_t x = *state += 0x9E3779B9;

    x = (x ^ x >> 16) * 0x85EBCA6B;
    x = (x ^ x >> 13) * 0xC2B2AE35;
    return x ^ x >> 16;
}

static void on_signal(int signo)
{
    shared->signals[signo]++;
    siglongjmp(back, 1);
}

static void on_alarm(int signo)
{
    static uint32_t last;

    if (shared->at == last)
        on_signal(signo);
    last = shared->at;
}

static void set_handlers(void)
{
    static const int all[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE,
                              SIGTRAP, SIGSYS, SIGALRM};
    stack_t ss = {.ss_sp = malloc(65536), .ss_size = 65536};
    struct itimerval every = {{0, 50000}, {0, 50000}};
    struct sigaction sa;

    sigaltstack(&ss, NULL);
    memset(&sa, 0, sizeof(sa));
    sa.sa_flags = SA_ONSTACK | SA_NODEFER;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        sa.sa_handler = all[i] == SIGALRM ? on_alarm : on_signal;
        sigaction(all[i], &sa, NULL);
    }
    setitimer(ITIMER_REAL, &every, NULL);
}

/* Random bytes, and then the way back. */
static void write_code(uint32_t *state)
{
    static const uint8_t end[] = {0xE9, 0, 0, 0, 0};
    unsigned nbytes = 1 + next_random(state) % MAX_BYTES, used = 0;
    extern char sequence_end[];
    int32_t distance;

    if (next_random(state) & 1) {
        size_t n = sizeof(opcodes) / sizeof(opcodes[0]);
        const char *opcode = opcodes[next_random(state) % n];

        used = (unsigned)opcode[0];
        memcpy(code, opcode + 1, used);
    }
    for (; used < nbytes; used++)
        code[used] = (uint8_t)next_random(state);
    memcpy(code + used, end, sizeof(end));
    distance = (int32_t)(sequence_end - (char *)(code + used + 5));
    memcpy(code + used + 1, &distance, 4);
}

static uint32_t random_word(uint32_t *state)
{
    uint32_t r = next_random(state);

    switch (next_random(state) % 6) {
    case 0:
        return r;
    case 1:
        return r & 0xFF;
    case 2:
        return 0xC0000000u | r;
    case 3:
        return 0u - (r & 0xFF);
    default:
        return (uint32_t)(uintptr_t)scratch + r % SCRATCH;
    }
}

/* Registers in the order of POPA, then flags; the stack is in scratch. */
static void run_code(uint32_t *state)
{
    static uint32_t regs[9], saved_esp;

    for (unsigned i = 0; i < 8; i++)
        regs[i] = random_word(state);
    regs[8] = next_random(state) & 0x254DD5; /* all but what pauses it */
    if (next_random(state) % 8 != 0)
        regs[8] &= ~0x100u;
    __asm__ volatile("pushal\n\t"
                     "movl %%esp, %1\n\t"
                     "movl %2, %%esp\n\t"
                     "pushl %3\n\t"
                     "movl $%c0, %%esi\n\t"
                     "subl $32, %%esp\n\t"
                     "movl %%esp, %%edi\n\t"
                     "movl $8, %%ecx\n\t"
                     "cld\n\t"
                     "rep movsl\n\t"
                     "popal\n\t"
                     "popfl\n\t"
                     "jmp *%4\n"
                     "sequence_end:\n\t"
                     "movl %1, %%esp\n\t"
                     "pushl $0x202\n\t"
                     "popfl\n\t"
                     "pushl %%ss\n\t"
                     "popl %%ds\n\t"
                     "pushl %%ss\n\t"
                     "popl %%es\n\t"
                     "popal"
                     :
                     : "i"(regs), "m"(saved_esp), "r"(scratch + SCRATCH / 2),
                       "m"(regs[8]), "m"(code)
                     : "memory", "cc", "ecx", "esi", "edi");
}

static void child(uint32_t first, uint32_t last)
{
    struct rlimit few = {8, 8};

    setrlimit(RLIMIT_NPROC, &few);
    setpgid(0, 0);
    if (setuid(1000) != 0)
        _exit(1);
    set_handlers();
    for (volatile uint32_t i = first; i < last; i++) {
        uint32_t state = seed ^ i * 2654435761u;

        shared->at = i;
        if (sigsetjmp(back, 1) == 0) {
            write_code(&state);
            run_code(&state);
        }
        __asm__ volatile("fninit");
    }
    _exit(0);
}

/* Run [first, last) until a child is lost; what comes next. */
static uint32_t run_child(uint32_t first, uint32_t last)
{
    int status = -1;
    pid_t pid;
    uint32_t at;

    shared->at = first;
    fflush(stdout);
    pid = fork();
    if (pid == 0)
        child(first, last);
    while (waitpid(pid, &status, 0) != pid) {
        kill(-pid, SIGKILL); /* it took too long: SIGALRM */
        kill(pid, SIGKILL);
    }
    kill(-pid, SIGKILL);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && shared->at == last - 1)
        return last;
    at = shared->at;
    return at >= first && at < last ? at + 1 : first + 1000;
}

static void on_patience(int signo)
{
    (void)signo;
}

int main(int argc, char **argv)
{
    uint32_t n = argc > 1 ? (uint32_t)atoi(argv[1])
                          : (getenv("TEST_LONG") ? 1000000 : 20000);
    uint32_t at = argc > 3 ? (uint32_t)atoi(argv[3]) : 0;
    uint32_t end = at + n;
    struct sigaction sa = {.sa_handler = on_patience};
    unsigned children = 0;

    if (!is_cairn()) {
        tap_skip("random instructions", "a host is not to be harmed");
        return tap_done();
    }
    seed = argc > 2 ? (uint32_t)strtoul(argv[2], NULL, 0) : 1;
    printf("# traps_random %u %#x: sequences %u to %u\n", (unsigned)n,
           (unsigned)seed, (unsigned)at, (unsigned)end);
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    scratch = mmap(NULL, SCRATCH, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    sigaction(SIGALRM, &sa, NULL);
    while (at < end) {
        uint32_t stop = end - at > 5000 ? at + 5000 : end;

        alarm(60);
        at = run_child(at, stop);
        children++;
    }
    alarm(0);
    printf("# %u children; SEGV %u, ILL %u, TRAP %u, FPE %u, BUS %u, "
           "without end %u\n",
           children, (unsigned)shared->signals[SIGSEGV],
           (unsigned)shared->signals[SIGILL],
           (unsigned)shared->signals[SIGTRAP],
           (unsigned)shared->signals[SIGFPE], (unsigned)shared->signals[SIGBUS],
           (unsigned)shared->signals[SIGALRM]);
    CHECK(at >= end);
    CHECK(children < n / 10 + 20);
    CHECK(shared->signals[SIGSEGV] > n / 20);
    return tap_done();
}
