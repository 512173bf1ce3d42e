/*
 * Misuse ends at once: one line on stderr that says what and which block, then
 * SIGABRT.  Every kind is tried with blocks of several lengths, by default and
 * with MALLOC_CONF=check, each in a process of its own whose stderr is read.
 * The table says what each mode owes; what it does not, may go unseen, but no
 * block is handed out twice for it.
 *
 * This file is also a test of the host (tests/host/malloc/rules.mk).
 *
 * test: linux
 */
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define BLOCKS 24

enum {
    SMALL = 40,
    MEDIUM = 1000,
    PAGE = 4096,
    MIDDLE = 100000,
    LARGE = 1100000
};

/* What a mode owes. */
enum owed {
    CAUGHT,  /* a line and SIGABRT */
    STOPPED, /* that; a page fault will do where a block has pages of its own */
    HARMLESS, /* that, or nothing happens */
    FAULTS    /* a page fault */
};

static size_t nbytes; /* of each block */
static unsigned char *block[BLOCKS];
static unsigned char *wrong; /* the pointer that is misused */

/* Not malloc and free for the compiler, which would warn of what we do. */
static void *(*volatile get)(size_t) = malloc;
static void *(*volatile resize)(void *, size_t) = realloc;
static size_t (*volatile size_of)(void *) = malloc_usable_size;
static void (*volatile give)(void *) = free;

/* ---- free of what is not a live block ------------------------------------*/

static void give_wrong(void *p)
{
    wrong = p;
    give(p);
}

static void twice(void)
{
    give(block[9]);
    give_wrong(block[9]);
}

static void twice_one_between(void)
{
    give(block[9]);
    give(block[20]);
    give_wrong(block[9]);
}

static void twice_many_between(void)
{
    for (int k = 0; k < BLOCKS; k += 2)
        give(block[k]);
    give_wrong(block[14]);
}

static void twice_all_between(void)
{
    for (int k = 0; k < BLOCKS; k++)
        give(block[k]);
    give_wrong(block[9]);
}

static void twice_and_trimmed(void)
{
    for (int k = 0; k < BLOCKS; k++)
        give(block[k]);
    malloc_trim(0);
    give_wrong(block[9]);
}

/* Other lengths come and go between, but never this one. */
static void twice_much_later(void)
{
    give(block[9]);
    for (int k = 1; k < 3000; k++) {
        size_t n = (size_t)k * 7 % 3000 + 1;

        if (n + 64 < nbytes || n > nbytes + 64)
            give(get(n));
    }
    give_wrong(block[9]);
}

static void twice_and_written(void)
{
    give(block[9]);
    memset(block[9], 0, 16);
    give_wrong(block[9]);
}

static void inside_at_1(void)
{
    give_wrong(block[9] + 1);
}

static void inside_at_8(void)
{
    give_wrong(block[9] + 8);
}

static void inside_at_16(void)
{
    give_wrong(block[9] + 16);
}

static void inside_in_the_middle(void)
{
    give_wrong(block[9] + (nbytes / 2 & ~(size_t)15));
}

static void before_the_block(void)
{
    give_wrong(block[9] - 8);
}

/* A block with the looks of one inside. */
static void inside_forged(void)
{
    uint32_t *words = (uint32_t *)block[9];

    for (size_t k = 0; k < nbytes / 4; k++)
        words[k] = 0x31;
    give_wrong(block[9] + 16);
}

static void outside_static(void)
{
    static char bytes[64] __attribute__((aligned(16)));

    give_wrong(bytes + 16);
}

static void outside_on_the_stack(void)
{
    char bytes[64] __attribute__((aligned(16)));

    __asm__ volatile("" : : "r"(bytes) : "memory");
    give_wrong(bytes + 16);
}

static void outside_code(void)
{
    give_wrong((void *)((uintptr_t)&outside_code & ~(uintptr_t)15));
}

static void outside_low(void)
{
    give_wrong((void *)(uintptr_t)16);
}

static void outside_high(void)
{
    give_wrong((void *)(uintptr_t)-16);
}

static void outside_behind_the_heap(void)
{
    give_wrong((char *)sbrk(0) + 4096 * 16);
}

/* ---- the same by other functions -----------------------------------------*/

static void resize_freed(void)
{
    give(block[9]);
    wrong = block[9];
    if (resize(block[9], nbytes * 2) == NULL)
        _exit(1);
}

static void resize_inside(void)
{
    wrong = block[9] + 16;
    if (resize(wrong, nbytes * 2) == NULL)
        _exit(1);
}

static void resize_outside(void)
{
    static unsigned char bytes[64] __attribute__((aligned(16)));

    wrong = bytes;
    if (resize(bytes, 100) == NULL)
        _exit(1);
}

static void size_of_freed(void)
{
    give(block[9]);
    wrong = block[9];
    _exit(size_of(block[9]) != 0);
}

/* ---- writes where there is nothing to write ------------------------------*/

static void give_all(void)
{
    for (int k = 0; k < BLOCKS; k++)
        give(block[k]);
}

static void overflow_by_one(void)
{
    wrong = block[9];
    block[9][nbytes] = 1;
    give_all();
}

static void overflow_by_16(void)
{
    wrong = block[9];
    memset(block[9] + nbytes, 0x41, 16);
    give_all();
}

static void overflow_seen_by_realloc(void)
{
    wrong = block[9];
    block[9][nbytes] = 1;
    block[9] = resize(block[9], nbytes + 1);
    give_all();
}

/* What lies before is another block's end, or a page that nobody has. */
static void underflow_by_one(void)
{
    wrong = NULL;
    block[9][-1] ^= 0xff;
    give_all();
}

/* ---- blocks of no bytes --------------------------------------------------*/

static void nothing_read(void)
{
    wrong = NULL;
    (void)*(volatile unsigned char *)get(0);
}

static void nothing_written(void)
{
    wrong = NULL;
    *(volatile unsigned char *)get(0) = 1;
}

static void nothing_twice(void)
{
    unsigned char *p = get(0);

    give(get(0));
    give(p);
    give(get(0));
    give_wrong(p);
}

static void nothing_inside(void)
{
    give_wrong((unsigned char *)get(0) + 8);
}

/* The longest are mappings, of which several are gone. */
static void twice_all_of_them(void)
{
    for (int k = 0; k < 4; k++)
        give(block[k]);
    give_wrong(block[0]);
}

/* Enough to have every block that waits used again. */
static int rounds(void)
{
    return nbytes < MIDDLE ? 700 : 20;
}

static void write_after_free(void)
{
    give(block[9]);
    wrong = block[9];
    block[9][nbytes / 2] ^= 0x55;
    for (int k = rounds(); k > 0; k--)
        give(get(nbytes));
}

static void write_links_after_free(void)
{
    give(block[9]);
    wrong = NULL;
    memset(block[9], 0x41, 16);
    for (int k = rounds(); k > 0; k--) {
        volatile unsigned char *p = get(nbytes), *q = get(nbytes);

        if (p != NULL && p == q)
            _exit(42);
        if (p != NULL)
            p[0] = 1;
        give((void *)p);
        give((void *)q);
    }
}

/* ---- reads: what is there is not what was --------------------------------*/

static void read_after_free(void)
{
    memset(block[9], 0x37, nbytes);
    give(block[9]);
    for (size_t k = 0; k < nbytes; k += 13)
        if (((volatile unsigned char *)block[9])[k] == 0x37)
            _exit(2);
    _exit(0);
}

static void read_of_nothing_written(void)
{
    volatile unsigned char *p;

    memset(block[9], 0x37, nbytes);
    give(block[9]);
    for (int k = rounds(); k > 0; k--) {
        p = get(nbytes);
        for (size_t i = 0; i < nbytes; i += 13)
            if (p[i] != p[0] || p[i] == 0x37)
                _exit(2);
        give((void *)p);
    }
    _exit(0);
}

/* ---- the table -----------------------------------------------------------*/

static const struct misuse {
    const char *name;
    void (*run)(void);
    enum owed plain, checked;
    bool is_read;
} misuses[] = {
    {"free twice", twice, CAUGHT, CAUGHT, false},
    {"free twice, one between", twice_one_between, CAUGHT, CAUGHT, false},
    {"free twice, many between", twice_many_between, CAUGHT, CAUGHT, false},
    {"free all and one again", twice_all_between, CAUGHT, CAUGHT, false},
    {"free all, trim, one again", twice_and_trimmed, CAUGHT, CAUGHT, false},
    {"free twice, much between", twice_much_later, CAUGHT, CAUGHT, false},
    {"free, write, free", twice_and_written, STOPPED, STOPPED, false},
    {"free 1 byte inside", inside_at_1, CAUGHT, CAUGHT, false},
    {"free 8 bytes inside", inside_at_8, CAUGHT, CAUGHT, false},
    {"free 16 bytes inside", inside_at_16, CAUGHT, CAUGHT, false},
    {"free in the middle", inside_in_the_middle, CAUGHT, CAUGHT, false},
    {"free inside a forged block", inside_forged, CAUGHT, CAUGHT, false},
    {"free 8 bytes before", before_the_block, CAUGHT, CAUGHT, false},
    {"free of a static array", outside_static, CAUGHT, CAUGHT, false},
    {"free of the stack", outside_on_the_stack, CAUGHT, CAUGHT, false},
    {"free of code", outside_code, CAUGHT, CAUGHT, false},
    {"free of address 16", outside_low, CAUGHT, CAUGHT, false},
    {"free of the last address", outside_high, CAUGHT, CAUGHT, false},
    {"free behind the heap", outside_behind_the_heap, CAUGHT, CAUGHT, false},
    {"realloc of a freed block", resize_freed, CAUGHT, CAUGHT, false},
    {"realloc inside a block", resize_inside, CAUGHT, CAUGHT, false},
    {"realloc of a static array", resize_outside, CAUGHT, CAUGHT, false},
    {"size of a freed block", size_of_freed, CAUGHT, CAUGHT, false},
    {"write 1 byte behind", overflow_by_one, HARMLESS, STOPPED, false},
    {"write 16 bytes behind", overflow_by_16, HARMLESS, STOPPED, false},
    {"write behind, realloc", overflow_seen_by_realloc, HARMLESS, STOPPED,
     false},
    {"write 1 byte before", underflow_by_one, HARMLESS, STOPPED, false},
    {"write after free", write_after_free, HARMLESS, STOPPED, false},
    {"write links after free", write_links_after_free, HARMLESS, STOPPED,
     false},
    {"read of no bytes", nothing_read, FAULTS, FAULTS, false},
    {"write to no bytes", nothing_written, FAULTS, FAULTS, false},
    {"free no bytes twice", nothing_twice, CAUGHT, CAUGHT, false},
    {"free inside no bytes", nothing_inside, CAUGHT, CAUGHT, false},
    {"free four and the first again", twice_all_of_them, CAUGHT, CAUGHT, false},
    {"read after free", read_after_free, HARMLESS, HARMLESS, true},
    {"read before a write", read_of_nothing_written, HARMLESS, HARMLESS, true},
};

static bool is_checking(void)
{
    const char *conf = getenv("MALLOC_CONF");

    return conf != NULL && strcmp(conf, "check") == 0;
}

/* What the child was about to misuse, told through a pipe of its own. */
static int tell;

/* Where branches are counted, they are written down before the end. */
extern void __gcov_dump(void) __attribute__((weak));

static void on_abort(int signo)
{
    if (__gcov_dump != NULL)
        __gcov_dump();
    if (write(tell, &wrong, sizeof wrong) < 0)
        _exit(1);
    signal(signo, SIG_DFL);
    raise(signo);
}

static void child(const struct misuse *m, int err)
{
    dup2(err, 2);
    signal(SIGABRT, on_abort);
    signal(SIGSEGV, SIG_DFL);
    for (int k = 0; k < BLOCKS; k++) {
        block[k] = get(nbytes);
        memset(block[k], k, nbytes);
    }
    m->run();
    /* Nothing was seen: then nothing may be handed out twice either. */
    for (int k = 0; k < 64; k++) {
        void *p = get(nbytes), *q = get(nbytes);

        if (p != NULL && p == q)
            _exit(42);
    }
    _exit(0);
}

/* One line that names the block. */
static bool is_message(const char *text, ssize_t n, const void *named)
{
    char address[30];

    snprintf(address, sizeof address, "0x%lx", (unsigned long)named);
    return n > 0 && strncmp(text, "malloc: ", 8) == 0 &&
           strchr(text, '\n') == text + n - 1 &&
           (named == NULL || strstr(text, address) != NULL);
}

static bool is_as_owed(enum owed owed, int status, bool has_message)
{
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT)
        return has_message;
    if (owed == HARMLESS && status == 0)
        return true;
    if (owed == FAULTS)
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
    /* Blocks of many pages need not be there any more. */
    return owed != CAUGHT && nbytes >= MIDDLE && WIFSIGNALED(status) &&
           WTERMSIG(status) == SIGSEGV;
}

static void test_case(const struct misuse *m, size_t length)
{
    char text[300] = "", line[150];
    int err[2], told[2], status = 0, before = tap_bad;
    void *named = NULL;
    enum owed owed = is_checking() ? m->checked : m->plain;
    ssize_t n;
    pid_t pid;

    if (pipe(err) != 0 || pipe(told) != 0)
        return;
    fflush(stdout);
    nbytes = length;
    tell = told[1];
    pid = fork();
    if (pid == 0)
        child(m, err[1]);
    close(err[1]);
    close(told[1]);
    n = read(err[0], text, sizeof text - 1);
    if (read(told[0], &named, sizeof named) < 0)
        named = NULL;
    close(err[0]);
    close(told[0]);
    waitpid(pid, &status, 0);
    /* By default old content may still be there; and pages may not be. */
    if (m->is_read && !is_checking() && status == 2 << 8)
        status = 0;
    snprintf(line, sizeof line, "%s, %zu bytes%s", m->name, length,
             is_checking() ? ", checked" : "");
    tap_line(is_as_owed(owed, status, is_message(text, n, named)), __FILE__,
             __LINE__, line);
    if (tap_bad != before)
        printf("# status %#x, block %p: %s\n", status, named, text);
}

/* Again with the checks: the environment counts when a process begins. */
static void exec_checked(char **argv)
{
    char count[20];
    char *args[] = {argv[0], count, NULL};

    snprintf(count, sizeof count, "%d", tap_count);
    fflush(stdout);
    setenv("MALLOC_CONF", "check", 1);
    execv(argv[0], args);
    exit(1);
}

int main(int argc, char **argv)
{
    static const size_t lengths[] = {SMALL, MEDIUM, PAGE, MIDDLE, LARGE};

    tap_count = argc > 1 ? atoi(argv[1]) : 0;
    for (unsigned k = 0; k < sizeof misuses / sizeof *misuses; k++)
        for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++)
            test_case(&misuses[k], lengths[i]);
    if (argc == 1 && tap_bad == 0)
        exec_checked(argv);
    return tap_done();
}
