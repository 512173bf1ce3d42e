/*
 * What is compared: frames of processes and page tables, and the charges of
 * address spaces. Kernel objects are not, since a program may leave files
 * behind, nor the page tables of kernel stacks, which stay once there have been
 * many threads; their sums are checked by commit_check and kmalloc_check.
 */
#include "boot/balance.h"

#include "arch/i386/paging.h"
#include "lib/log.h"
#include "mm/commit.h"
#include "mm/frame.h"
#include "mm/kmalloc.h"
#include "mm/space.h"
#include "mm/zeroing.h"
#include "proc/process.h"
#include "sched/kstack.h"

struct balance {
    size_t user, tables, charged_user, charged_low;
    unsigned processes;
};

static struct balance before;

static void read_counts(struct balance *b)
{
    kstack_shrink();
    kmalloc_shrink();
    b->user = frame_count(FRAME_USER);
    b->tables = frame_count(FRAME_PAGETABLE) - kstack_tables();
    b->processes = process_count();
    space_total_charges(&b->charged_user, &b->charged_low);
}

void balance_take(void)
{
    struct space *space;

    /* The first address space brings a frame that all later ones share. */
    if (space_create(&space) == 0)
        space_put(space);
    read_counts(&before);
}

static bool expect(const char *what, size_t was, size_t is)
{
    if (was == is)
        return true;
    klog(LOG_ERR, "leak: %s: %zu before, %zu after", what, was, is);
    return false;
}

static bool expect_sound(const char *what, const char *broken)
{
    if (!broken)
        return true;
    klog(LOG_ERR, "check: %s: %s", what, broken);
    return false;
}

bool balance_check(void)
{
    struct balance after;
    bool good = true;

    read_counts(&after);
    good &= expect("processes", before.processes, after.processes);
    good &= expect("user frames", before.user, after.user);
    good &= expect("page tables", before.tables, after.tables);
    good &= expect("user charges", before.charged_user, after.charged_user);
    good &= expect("table charges", before.charged_low, after.charged_low);
    good &= expect_sound("frames", frame_check());
    good &= expect_sound("zeroed frames", zeroing_check());
    good &= expect_sound("slabs", kmalloc_check());
    good &= expect_sound("commit", commit_check());
    good &= expect_sound("kernel pages", paging_check());
    return good;
}
