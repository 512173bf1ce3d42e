/*
 * The walk of fs/claim.h.
 *
 * References are summed up, not followed: each that is found is added where it
 * points and taken off where it comes from, so that a sum of zero means that
 * every reference has a holder in the tree.
 *
 *      from                         to               count
 *      directory                    dentry in it     1
 *      dentry                       its parent       1
 *      dentry                       its inode        1
 *      file system                  its root         1
 *      place of a mount             that root        1
 *      root of a mount              that place       1
 */
#include "fs/claim.h"

#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/ramfs.h"
#include "mm/kmalloc.h"

static void claim_inode(struct inode *inode, void *ctx)
{
    struct fs_claims *claims = ctx;

    kmalloc_claim(inode);
    ramfs_claim(inode);
    claims->pages += (size_t)inode->npages;
    claims->inode_refs += inode->mobject.refs;
}

static void claim_dentry(struct dentry *dentry, void *ctx)
{
    struct fs_claims *claims = ctx;

    kmalloc_claim(dentry);
    if (dentry->name != dentry->shortname)
        kmalloc_claim(dentry->name);
    claims->loose_places += !dentry->linked;
    claims->dentry_refs += dentry->refs;
    claims->dentry_refs -= dentry->linked;
    claims->dentry_refs -= dentry->parent != NULL;
    claims->inode_refs--;
}

static void claim_mount(struct fs *fs, void *ctx)
{
    struct fs_claims *claims = ctx;

    if (fs->destroy != NULL)
        kmalloc_claim(fs);
    claims->loose_places--;
    claims->dentry_refs--;
    if (fs->root->covered != NULL)
        claims->dentry_refs -= 2;
}

void fs_claim(struct fs_claims *claims)
{
    *claims = (struct fs_claims){0};
    inode_each(claim_inode, claims);
    dentry_each(claim_dentry, claims);
    mount_each(claim_mount, claims);
}
