/*
 * sbrk: the oldest way to get memory. The break is where the data of a program
 * ends; moving it up gives pages, moving it down gives them back.
 */
#include "tour.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define NBYTES (16 * PAGE)
#define FAILED ((void *)-1)

/* Up and down again: nothing that may use the heap is called in between. */
static void visit_up_and_down(void)
{
    char *start = sbrk(0), *same = sbrk(0);
    char *given = sbrk((intptr_t)NBYTES), *top = sbrk(0);
    bool zero = given != FAILED && is_filled(given, 0, NBYTES);
    bool kept, lowered, gone, fresh;
    char *again;

    if (given != FAILED)
        memset(given, 0xA5, NBYTES);
    kept = given != FAILED && is_filled(given, 0xA5, NBYTES);
    lowered = sbrk(-(intptr_t)NBYTES) == top && sbrk(0) == start;
    gone = !is_mapped(start + 2 * PAGE);
    again = sbrk((intptr_t)NBYTES);
    fresh = again == start && is_filled(again, 0, NBYTES);
    sbrk(-(intptr_t)NBYTES);

    check(start != FAILED && start == same, "sbrk(0) tells the break: %p",
          (void *)start);
    check(given == start && top == start + NBYTES,
          "sbrk(%zu) returns the old break, and it is now %p", NBYTES,
          (void *)top);
    check(zero, "the new pages are zero");
    check(kept, "they hold what is written to them");
    check(lowered, "sbrk(-%zu) takes the break back", NBYTES);
    check(gone, "the pages are gone: their addresses are not mapped any more");
    check(fresh, "asked for once more, they are zero again");
}

/* With a limit of this many bytes for data, four times as many are refused. */
#define LIMIT (16 * MIB)

static void visit_refusals(void)
{
    struct rlimit old, small;
    char *start = sbrk(0);
    void *much, *under;
    int much_errno, under_errno;
    bool limited = getrlimit(RLIMIT_DATA, &old) == 0;

    small = old;
    if (small.rlim_cur > LIMIT)
        small.rlim_cur = LIMIT;
    limited = limited && setrlimit(RLIMIT_DATA, &small) == 0;
    errno = 0;
    much = limited ? sbrk(4 * LIMIT) : NULL;
    much_errno = errno;
    errno = 0;
    under = sbrk(-(intptr_t)((uintptr_t)start - PAGE));
    under_errno = errno;
    if (limited)
        setrlimit(RLIMIT_DATA, &old);
    check(much == FAILED && much_errno == ENOMEM,
          "%zu MiB with a limit of %zu MiB: refused with ENOMEM",
          4 * LIMIT / MIB, (size_t)small.rlim_cur / MIB);
    check(under == FAILED && under_errno == ENOMEM,
          "so is a break below the program's own data");
    check(sbrk(0) == start, "a refusal leaves the break where it was");
}

void visit_break(void)
{
    chapter("sbrk", "The end of the data segment, moved by hand.");
    visit_up_and_down();
    visit_refusals();
}
