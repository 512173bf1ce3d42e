/*
 * What files that stay account for. A program may leave files behind, so a
 * leak check cannot compare the objects of the file systems with those before
 * the program. It compares those without a known owner.
 */
#ifndef FS_CLAIM_H
#define FS_CLAIM_H

#include "lib/types.h"

struct fs_claims {
    size_t pages;        /* frames that files hold, and are charged for */
    size_t promised;     /* frames that shared memory is charged for, but ... */
    size_t low;          /* ... does not hold yet; low ones that it holds */
    size_t dentry_refs;  /* of dentries: references nothing below explains */
    size_t inode_refs;   /* of inodes: references that no dentry holds */
    size_t loose_places; /* dentries that are in no directory */
};

/*
 * Walk all inodes, dentries and mounts: claim (kmalloc_claim) what those in
 * the tree have allocated, and count what the tree does not explain. A dentry
 * in the tree is held by its directory, its children and its mount; an inode
 * by its dentries.
 */
void fs_claim(struct fs_claims *claims);

#endif
