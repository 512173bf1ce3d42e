/*
 * The known faults of newlib's two allocators, each tried: Cairn's has none.
 *
 * The same program linked with -lmalloc-newlib or -lmalloc-nano has those that
 * the table says, no more and no fewer (tests/run/test_malloc.py builds it so).
 * Each is tried in a child: status 0 is right, anything else a fault.  Where
 * the program is at fault itself (free twice), right is to end it at once, with
 * a line on stderr.
 *
 * sbrk() is this program's own, made of brk(), so that it sees what the
 * allocator asks for.
 *
 * test: linux
 */
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "malloc_which.h"
#include "tap.h"

enum { NEWLIB = 1, NANO = 2, BOTH = 3 };

/* Faults of newlib 3 that newlib 4 no longer has. */
#if __NEWLIB__ < 4
#    define UNTIL_4(who) (who)
#else
#    define UNTIL_4(who) 0
#endif

/* What the compiler must neither compute nor warn of. */
/* Sizes that no allocator can have are what is tried here. */
#pragma GCC diagnostic ignored "-Walloc-size-larger-than="

static volatile size_t one = 1, most = SIZE_MAX, half = SIZE_MAX / 2;
static void *(*volatile get)(size_t) = malloc;
static void (*volatile give)(void *) = free;

/* ---- the break -----------------------------------------------------------*/

static ptrdiff_t lowest; /* the largest step down that was asked for */

static char *kernel_brk(char *to)
{
    char *now;

    __asm__ volatile("int $0x80" : "=a"(now) : "0"(45), "b"(to) : "memory");
    return now;
}

void *_sbrk_r(struct _reent *r, ptrdiff_t nbytes)
{
    char *old = kernel_brk(NULL), *new = old + nbytes;

    (void)r;
    if (nbytes < lowest)
        lowest = nbytes;
    if ((nbytes >= 0) == (new >= old) && kernel_brk(new) == new)
        return old;
    errno = ENOMEM;
    return (void *)-1;
}

void *sbrk(ptrdiff_t nbytes)
{
    return _sbrk_r(NULL, nbytes);
}

/* ---- one function for each fault: true if the allocator is right ---------*/

static bool is_refused(const void *p)
{
    return p == NULL && errno == ENOMEM;
}

static bool calloc_overflow(void)
{
    return is_refused(calloc(0x10000 * one, 0x10001)) &&
           is_refused(calloc(0x40000000 * one, 4)) &&
           is_refused(calloc(3, most / 2));
}

static bool malloc_overflow(void)
{
    return is_refused(get(most)) && is_refused(get(most - 7)) &&
           is_refused(get(most - 100)) && is_refused(get(half + 1));
}

static bool realloc_overflow(void)
{
    /* volatile: the compiler takes it that realloc has freed the block. */
    unsigned char *volatile p = get(100);

    memset(p, 7, 100);
    for (size_t n = 0; n < 40; n++)
        if (!is_refused(realloc(p, most - n)))
            return false;
    return is_refused(realloc(p, half + 1)) && p[0] == 7 && p[99] == 7;
}

static bool memalign_overflow(void)
{
    for (size_t align = 16; align <= 1 << 20; align *= 2)
        for (size_t n = 0; n < 16; n++)
            if (!is_refused(memalign(align, most - n)) ||
                !is_refused(memalign(align, most - align + n)))
                return false;
    return is_refused(memalign(half + 1, half + 1));
}

static bool valloc_overflow(void)
{
    return is_refused(valloc(most - 10)) && is_refused(pvalloc(most - 10)) &&
           is_refused(pvalloc(most - 4094));
}

static bool negative_sbrk(void)
{
    give(get(100));
    lowest = 0;
    for (size_t n = 0; n < 64; n++)
        give(get(half - n));
    return lowest > -(1 << 30);
}

static bool alignment(void)
{
    uintptr_t all = 0;

    for (int k = 0; k < 200; k++)
        all |= (uintptr_t)get(16 + k);
    return all % 16 == 0;
}

static bool memalign_not_a_power(void)
{
    for (int k = 0; k < 50; k++) {
        void *p = memalign(24 * one, 100 + k);

        if (p == NULL ? errno != EINVAL : (uintptr_t)p % 32 != 0)
            return false;
    }
    return true;
}

static bool double_free(void)
{
    char *p = get(40), *q;

    get(40);
    give(p);
    give(p);
    p = get(40);
    q = get(40);
    return p != q;
}

static bool double_free_later(void)
{
    char *p = get(40), *q = get(40), *r;

    get(40);
    give(p);
    give(q);
    give(p);
    p = get(40);
    q = get(40);
    r = get(40);
    return p != q && q != r && p != r;
}

/* A block that was free before must not come twice either. */
static bool free_inside(void)
{
    char *p = get(400), *q, *r;

    memset(p, 0x30, 400);
    get(40);
    give(p + 64);
    for (int k = 0; k < 20; k++) {
        q = get(40);
        r = get(40);
        if (q == r || (q >= p && q < p + 400) || (r >= p && r < p + 400))
            return false;
    }
    return true;
}

static bool free_keeps_errno(void)
{
    char *p = get(600000);

    errno = 77;
    give(p);
    return errno == 77;
}

static bool success_keeps_errno(void)
{
    errno = 77;
    give(get(300000));
    give(calloc(1, 3000000));
    return errno == 77;
}

/* A block of no bytes, or NULL with the block freed: never NULL and ENOMEM. */
static bool realloc_to_zero(void)
{
    void *p = realloc(get(100), 0 * one);

    return p != NULL;
}

/* The new block must not get what lies behind the old one. */
static bool realloc_reads_beyond(void)
{
    char *p = get(32), *secret = get(4000);

    memset(p, 1, 32);
    memset(secret, 0x5e, 4000);
    p = realloc(p, 3000);
    return memchr(p + 40, 0x5e, 2900) == NULL;
}

static bool shrink_gives_back(void)
{
    char *p = get(1000000), *q;

    get(40);
    p = realloc(p, 100);
    q = get(900000);
    return malloc_usable_size(p) < 1000 && q < p + 1000000;
}

static bool foreign_sbrk(void)
{
    static char *p[50], *theirs[50];

    for (int k = 0; k < 50; k++) {
        p[k] = get(3000);
        theirs[k] = sbrk(1000 + 4 * k);
        memset(p[k], k, 3000);
        memset(theirs[k], 0xee, 1000);
    }
    for (int k = 0; k < 50; k++) {
        give(p[k]);
        for (int i = 0; i < 1000; i++)
            if (theirs[k][i] != (char)0xee)
                return false;
    }
    return true;
}

/* The break must not move below what somebody else has taken since. */
static bool trim_of_others(void)
{
    char *p = get(300000), *theirs = sbrk(5000);

    memset(theirs, 0xee, 5000);
    give(p);
    malloc_trim(0);
    return kernel_brk(NULL) >= theirs + 5000 && theirs[4999] == (char)0xee;
}

static bool usable_size_of_null(void)
{
    return malloc_usable_size(NULL) == 0;
}

static const struct {
    const char *name;
    bool (*is_right)(void);
    int who; /* has this fault */
} faults[] = {
    {"calloc: the product is not tested", calloc_overflow, UNTIL_4(BOTH)},
    {"malloc: PTRDIFF_MAX + 1 and above", malloc_overflow, 0},
    {"realloc: a sum overflows", realloc_overflow, 0},
    {"memalign: a sum overflows", memalign_overflow, UNTIL_4(NANO)},
    {"valloc, pvalloc: a sum overflows", valloc_overflow, UNTIL_4(NANO)},
    {"malloc near 2 GiB: sbrk of a negative number", negative_sbrk, NEWLIB},
    {"blocks of 16 bytes and more at multiples of 8", alignment, BOTH},
    {"memalign of 24 is not refused nor aligned", memalign_not_a_power, BOTH},
    {"free twice: a block handed out twice", double_free, NEWLIB},
    {"free twice, one between", double_free_later, NEWLIB},
    {"free inside a block", free_inside, BOTH},
    {"free changes errno", free_keeps_errno, 0},
    {"malloc that succeeds changes errno", success_keeps_errno, 0},
    {"realloc(p, 0) is NULL", realloc_to_zero, NANO},
    {"realloc copies what lies behind the block", realloc_reads_beyond,
     UNTIL_4(NANO)},
    {"realloc that shrinks gives nothing back", shrink_gives_back,
     UNTIL_4(NANO)},
    {"others may not use sbrk", foreign_sbrk, 0},
    {"trim takes what others got by sbrk", trim_of_others, 0},
    {"malloc_usable_size(NULL)", usable_size_of_null, NANO},
};

static int allocator(void)
{
    return is_nano() ? NANO : is_newlibs() ? NEWLIB : 0;
}

/* A child's end: 0, or by abort() after one line, is right. */
static bool is_right(bool (*function)(void))
{
    char text[300];
    int ends[2], status;
    ssize_t n;
    pid_t pid;

    fflush(stdout);
    if (pipe(ends) != 0)
        return false;
    pid = fork();
    if (pid == 0) {
        dup2(ends[1], 2);
        _exit(!function());
    }
    close(ends[1]);
    n = read(ends[0], text, sizeof text);
    close(ends[0]);
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return false;
    return status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT &&
                           n > 0 && text[n - 1] == '\n');
}

int main(void)
{
    static const char *const names[] = {"Cairn's", "newlib's", "newlib's nano"};
    char line[200];

    for (unsigned k = 0; k < sizeof faults / sizeof *faults; k++) {
        bool has = (faults[k].who & allocator()) != 0;

        snprintf(line, sizeof line, "%s %s: %s", names[allocator()],
                 has ? "has" : "has not", faults[k].name);
        tap_line(is_right(faults[k].is_right) != has, __FILE__, __LINE__, line);
    }
    return tap_done();
}
