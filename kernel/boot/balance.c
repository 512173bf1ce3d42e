/*
 * What is compared is what has no known owner:
 *
 *   - processes, and the frames and charges of address spaces: none may be
 *     there before or after;
 *   - the objects of each slab cache, and the blocks of whole frames, without
 *     those that files in the tree account for (fs/claim.h): a program may
 *     leave files behind;
 *     (so with message queues and System V's objects, which have names, too);
 *   - the references to inodes and dentries that the tree does not explain;
 *   - the frames of each kind and all charges, without those that slabs,
 *     kernel stacks and files account for.
 *
 * What stays by design is subtracted where it is counted: kernel stacks and
 * their page tables, and the page that signals return through. No cache keeps
 * objects of its own; one that is to needs its name here.
 */
#include "boot/balance.h"

#include "arch/i386/paging.h"
#include "fs/claim.h"
#include "lib/log.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "mm/commit.h"
#include "mm/frame.h"
#include "mm/kmalloc.h"
#include "mm/space.h"
#include "mm/zeroing.h"
#include "proc/futex.h"
#include "proc/mqueue.h"
#include "proc/process.h"
#include "proc/sysv.h"
#include "proc/user.h"
#include "sched/kstack.h"

#define MAX_CACHES 64

/* One number that must be afterwards what it was before. */
struct count {
    const char *what;
    size_t n;
};

enum {
    PROCESSES,
    USER_FRAMES,
    TABLE_FRAMES,
    KERNEL_FRAMES,
    FILE_FRAMES,
    SPACE_CHARGES,
    SPACE_LOW_CHARGES,
    USER_CHARGES,
    LOW_CHARGES,
    LARGE_BLOCKS,
    PLACES,
    DENTRY_REFS,
    INODE_REFS,
    NCOUNTS
};

static const char *const names[NCOUNTS] = {
    [PROCESSES] = "processes",
    [USER_FRAMES] = "user frames",
    [TABLE_FRAMES] = "page tables",
    [KERNEL_FRAMES] = "kernel frames outside slabs",
    [FILE_FRAMES] = "file frames of no file",
    [SPACE_CHARGES] = "charges of address spaces",
    [SPACE_LOW_CHARGES] = "table charges of address spaces",
    [USER_CHARGES] = "user charges",
    [LOW_CHARGES] = "low charges",
    [LARGE_BLOCKS] = "frames of kmalloc",
    [PLACES] = "dentries in no directory",
    [DENTRY_REFS] = "references to dentries",
    [INODE_REFS] = "references to inodes",
};

struct balance {
    size_t n[NCOUNTS];
    unsigned ncaches;
    struct count caches[MAX_CACHES]; /* objects that nothing claims */
};

static struct balance before, after;

static void add_cache(const struct slab_cache *cache, void *ctx)
{
    struct balance *b = ctx;

    assert(b->ncaches < MAX_CACHES);
    b->caches[b->ncaches++] =
        (struct count){cache->name, cache->nused - cache->nclaimed};
}

static void read_files(struct balance *b, struct fs_claims *claims)
{
    kmalloc_claim_none();
    user_claim_none();
    fs_claim(claims);
    mqueue_claim(claims);
    sysv_claim(claims);
    claims->pages += sigframe_frames();
    b->n[PLACES] = claims->loose_places;
    b->n[DENTRY_REFS] = claims->dentry_refs;
    b->n[INODE_REFS] = claims->inode_refs;
    b->n[LARGE_BLOCKS] = kmalloc_large() - kmalloc_large_claimed();
    b->ncaches = 0;
    kmalloc_each(add_cache, b);
}

static void read_counts(struct balance *b)
{
    struct commit_state commit;
    struct fs_claims claims;

    kstack_shrink();
    kmalloc_shrink();
    commit_read(&commit);
    read_files(b, &claims);
    b->n[PROCESSES] = process_count();
    b->n[USER_FRAMES] = frame_count(FRAME_USER);
    b->n[TABLE_FRAMES] = frame_count(FRAME_PAGETABLE) - kstack_tables();
    b->n[KERNEL_FRAMES] = frame_count(FRAME_KERNEL) - kmalloc_nframes() -
                          claims.low - (kstack_charged() - kstack_tables());
    b->n[FILE_FRAMES] = frame_count(FRAME_FILE) - claims.pages;
    space_total_charges(&b->n[SPACE_CHARGES], &b->n[SPACE_LOW_CHARGES]);
    b->n[USER_CHARGES] =
        commit.charged - commit.charged_low - claims.pages - claims.promised;
    b->n[LOW_CHARGES] =
        commit.charged_low - kmalloc_nframes() - kstack_charged() - claims.low;
}

void balance_take(void)
{
    struct space *space;

    /* The first address space brings a frame that all later ones share. */
    if (space_create(&space) == 0)
        space_put(space);
    read_counts(&before);
}

static bool expect(const char *kind, const char *what, size_t was, size_t is)
{
    if (was == is)
        return true;
    klog(LOG_ERR, "leak: %s%s: %zd before, %zd after", kind, what, was, is);
    return false;
}

static bool expect_sound(const char *what, const char *broken)
{
    if (!broken)
        return true;
    klog(LOG_ERR, "check: %s: %s", what, broken);
    return false;
}

/* How many objects of a cache were there before; caches come with use. */
static size_t cache_before(const char *name)
{
    for (unsigned i = 0; i < before.ncaches; i++)
        if (strcmp(before.caches[i].what, name) == 0)
            return before.caches[i].n;
    return 0;
}

static bool expect_caches(void)
{
    bool good = true;

    for (unsigned i = 0; i < after.ncaches; i++)
        good &= expect("objects of ", after.caches[i].what,
                       cache_before(after.caches[i].what), after.caches[i].n);
    return good;
}

bool balance_check_processes(void)
{
    return expect_sound("processes", process_check_groups());
}

bool balance_check(void)
{
    bool good = true;

    read_counts(&after);
    for (unsigned i = 0; i < NCOUNTS; i++)
        good &= expect("", names[i], before.n[i], after.n[i]);
    good &= expect_caches();
    good &= expect_sound("frames", frame_check());
    good &= expect_sound("zeroed frames", zeroing_check());
    good &= expect_sound("slabs", kmalloc_check());
    good &= expect_sound("commit", commit_check());
    good &= expect_sound("kernel pages", paging_check());
    good &= expect_sound("futexes", futex_check());
    return good;
}
