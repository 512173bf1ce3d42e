/*
 * Inodes: making, freeing, judging and showing them.
 *
 * Permissions follow POSIX 4.5: the owner's bits for the owner, else the
 * group's for members, else the others'. Root passes, but executes a file only
 * if somebody may.
 */
#include <cairn/errno.h>
#include "arch/i386/clock.h"
#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/string.h"
#include "lib/units.h"
#include "mm/kmalloc.h"
#include "sched/waitq.h"
#include "fs/inode.h"

#define SECTOR_SHIFT 9 /* st_blocks counts 512 bytes */

static struct slab_cache inode_cache =
    SLAB_CACHE("inode", sizeof(struct inode), 8);

int64_t inode_now(void)
{
    static uint32_t last_epoch;
    static int64_t last_ns;

    if (clock_epoch != last_epoch || last_ns == 0) {
        last_epoch = clock_epoch;
        last_ns = (int64_t)clock_realtime_ns();
    }
    return last_ns;
}

int inode_create(struct fs *fs, uint32_t mode, const struct inode_ops *ops,
                 const struct mobject_ops *mops, struct inode **out)
{
    struct inode *inode = slab_zalloc(&inode_cache);

    if (inode == NULL)
        return -ENOMEM;
    mobject_init(&inode->mobject, mops);
    inode->ops = ops;
    inode->fs = fs;
    inode->ino = ++fs->next_ino;
    inode->mode = mode;
    inode->nlink = 1;
    inode->btime_ns = inode_now();
    inode->atime_ns = inode->btime_ns;
    inode->mtime_ns = inode->btime_ns;
    inode->ctime_ns = inode->btime_ns;
    fs->ninodes++;
    *out = inode;
    return 0;
}

void inode_free(struct inode *inode)
{
    assert(inode->mobject.refs == 0 && inode->locks == NULL);
    inode->fs->ninodes--;
    slab_free(&inode_cache, inode);
}

struct inode_visit {
    void (*visit)(struct inode *, void *);
    void *ctx;
};

static void visit_one(void *object, void *ctx)
{
    const struct inode_visit *to = ctx;

    to->visit(object, to->ctx);
}

void inode_each(void (*visit)(struct inode *inode, void *ctx), void *ctx)
{
    struct inode_visit to = {visit, ctx};

    slab_each(&inode_cache, visit_one, &to);
}

/* The three permission bits that count for these credentials. */
static unsigned granted(const struct inode *inode, const struct creds *creds)
{
    if (inode->uid == creds->fsuid)
        return inode->mode >> 6 & 7;
    if (creds_in_group(creds, inode->gid))
        return inode->mode >> 3 & 7;
    return inode->mode & 7;
}

int inode_permission(const struct inode *inode, const struct creds *creds,
                     unsigned want)
{
    bool device =
        !S_ISREG(inode->mode) && !S_ISDIR(inode->mode) && !S_ISLNK(inode->mode);

    if ((want & W_OK) && inode->fs->readonly && !device)
        return -EROFS;
    if ((want & X_OK) && inode->fs->noexec && S_ISREG(inode->mode))
        return -EACCES;
    if (creds->fsuid == 0) {
        if ((want & X_OK) && !S_ISDIR(inode->mode) && !(inode->mode & 0111))
            return -EACCES;
        return 0;
    }
    return (want & ~granted(inode, creds)) ? -EACCES : 0;
}

uint32_t inode_new_gid(const struct inode *dir, const struct creds *creds)
{
    return dir->mode & S_ISGID ? dir->gid : creds->fsgid;
}

uint32_t inode_new_mode(const struct inode *dir, const struct creds *creds,
                        uint32_t mode)
{
    const uint32_t program = S_ISGID | S_IXGRP;

    if (S_ISDIR(mode) || (mode & program) != program ||
        !(dir->mode & S_ISGID) || inode_may_setgid(creds, dir->gid))
        return mode;
    return mode & ~(uint32_t)S_ISGID;
}

bool inode_may_setgid(const struct creds *creds, uint32_t gid)
{
    return creds->fsuid == 0 || creds_in_group(creds, gid);
}

bool inode_is_owner(const struct inode *inode, const struct creds *creds)
{
    return creds->fsuid == 0 || creds->fsuid == inode->uid;
}

void inode_drop_setid(struct inode *inode, const struct creds *creds)
{
    if (S_ISDIR(inode->mode))
        return;
    inode->mode &= ~(uint32_t)S_ISUID;
    if ((inode->mode & S_IXGRP) || !inode_may_setgid(creds, inode->gid))
        inode->mode &= ~(uint32_t)S_ISGID;
}

void inode_modified(struct inode *inode)
{
    inode->mtime_ns = inode_now();
    inode->ctime_ns = inode->mtime_ns;
    if (unlikely(inode->mode & (S_ISUID | S_ISGID)) && S_ISREG(inode->mode) &&
        creds_current()->fsuid != 0)
        inode_drop_setid(inode, creds_current());
}

void inode_count_writer(struct inode *inode, int by)
{
    assert(inode->writers >= 0);
    inode->writers += by;
    inode->fs->nwriters += (uint64_t)by;
}

int inode_truncate(struct inode *inode, uint64_t size)
{
    int error;

    if (inode->writers < 0)
        return -ETXTBSY;
    if (inode->ops->truncate == NULL)
        return -EPERM;
    inode_count_writer(inode, 1);
    error = inode->ops->truncate(inode, size);
    inode_count_writer(inode, -1);
    return error;
}

int inode_deny_write(struct inode *inode)
{
    if (inode->writers > 0)
        return -ETXTBSY;
    inode->writers--;
    return 0;
}

void inode_allow_write(struct inode *inode)
{
    assert(inode->writers < 0);
    inode->writers++;
}

/* Seconds and the nanoseconds above them, also before 1970. */
static int64_t split_ns(int64_t ns, uint32_t *rest)
{
    int64_t seconds = ns / NS_PER_S;

    if (seconds * NS_PER_S > ns)
        seconds--;
    *rest = (uint32_t)(ns - seconds * NS_PER_S);
    return seconds;
}

static uint64_t nblocks(const struct inode *inode)
{
    return inode->npages << (PAGE_SHIFT - SECTOR_SHIFT);
}

void inode_stat64(const struct inode *inode, struct __cairn_stat64 *st)
{
    memset(st, 0, sizeof(*st));
    st->st_dev = inode->fs->dev;
    st->__st_ino = (uint32_t)inode->ino;
    st->st_ino = inode->ino;
    st->st_mode = inode->mode;
    st->st_nlink = inode->nlink;
    st->st_uid = inode->uid;
    st->st_gid = inode->gid;
    st->st_rdev = inode->rdev;
    st->st_size = (int64_t)inode->size;
    st->st_blksize = PAGE_SIZE;
    st->st_blocks = nblocks(inode);
    st->st_atime_sec = (uint32_t)split_ns(inode->atime_ns, &st->st_atime_nsec);
    st->st_mtime_sec = (uint32_t)split_ns(inode->mtime_ns, &st->st_mtime_nsec);
    st->st_ctime_sec = (uint32_t)split_ns(inode->ctime_ns, &st->st_ctime_nsec);
}

static struct __cairn_statx_timestamp timestamp(int64_t ns)
{
    struct __cairn_statx_timestamp stamp = {0};
    uint32_t rest;

    stamp.tv_sec = split_ns(ns, &rest);
    stamp.tv_nsec = rest;
    return stamp;
}

void inode_statx(const struct inode *inode, struct __cairn_statx *stx)
{
    memset(stx, 0, sizeof(*stx));
    stx->stx_mask = STATX_BASIC_STATS | STATX_BTIME;
    stx->stx_blksize = PAGE_SIZE;
    stx->stx_nlink = inode->nlink;
    stx->stx_uid = inode->uid;
    stx->stx_gid = inode->gid;
    stx->stx_mode = (uint16_t)inode->mode;
    stx->stx_ino = inode->ino;
    stx->stx_size = inode->size;
    stx->stx_blocks = nblocks(inode);
    stx->stx_atime = timestamp(inode->atime_ns);
    stx->stx_btime = timestamp(inode->btime_ns);
    stx->stx_ctime = timestamp(inode->ctime_ns);
    stx->stx_mtime = timestamp(inode->mtime_ns);
    stx->stx_rdev_major = inode_major(inode->rdev);
    stx->stx_rdev_minor = inode_minor(inode->rdev);
    stx->stx_dev_major = inode_major(inode->fs->dev);
    stx->stx_dev_minor = inode_minor(inode->fs->dev);
}

static struct waitq turns = {.waiters = LIST_INIT(turns.waiters)};

int turn_take(bool *busy)
{
    while (*busy)
        if (waitq_wait_killable(&turns) < 0)
            return -EINTR;
    *busy = true;
    return 0;
}

void turn_give(bool *busy)
{
    *busy = false;
    waitq_wake(&turns);
}
