/*
 * The walk along a path, for the files of this room: path.c has it; open.c
 * and change.c use it to find the directory in which something is to happen.
 */
#ifndef FS_WALK_H
#define FS_WALK_H

#include "fs/path.h"

/* Links that may be followed in one walk (SYMLOOP_MAX). */
#define WALK_MAX_LINKS __CAIRN_SYMLOOP_MAX

/* What is left of a text, and the link whose text it is (NULL: the path). */
struct walk_text {
    const char *rest;
    struct inode *link;
};

/*
 * A walk in progress. `at` is where it stands. The text being read may be a
 * link's; then the texts that wait behind it are on the stack.
 */
struct walk {
    const struct fs_caller *caller;
    struct dentry *at;      /* counted */
    struct name last;       /* the name to go to next; empty: none left */
    bool must_be_directory; /* a slash follows the last name */
    unsigned nlinks;        /* followed so far */
    unsigned depth;
    struct walk_text text;
    struct walk_text stack[WALK_MAX_LINKS];
};

/*
 * Start at the root, the working directory or `base`, as the path says.
 * -ENOENT for an empty path.
 */
int walk_start(struct walk *walk, const struct fs_caller *caller,
               struct dentry *base, const char *path) must_check;

/*
 * Go on up to the last name, which is left in walk->last; `at` is then a
 * directory that may be searched. If there is no last name ("/"), `at` is the
 * place itself.
 */
int walk_to_last(struct walk *walk) must_check;

/* What a step of a walk leads to, unless it fails with -errno. */
enum walk_result {
    WALK_ARRIVED, /* at the place */
    WALK_LINK,    /* at a link whose text must now be walked */
};

/*
 * Go to walk->last: WALK_ARRIVED; WALK_LINK, after which walk_to_last is due
 * again; or -errno. Do not follow a link if `follow` is false and no slash
 * follows it.
 */
int walk_into(struct walk *walk, bool follow) must_check;

/* Replace `at` by a link's target, as walk_into does. Takes over `link`. */
int walk_follow(struct walk *walk, struct dentry *link) must_check;

/* Look walk->last up in `at`: a counted dentry, mounts crossed. */
int walk_peek(struct walk *walk, struct dentry **out) must_check;

/*
 * Make a file of type and permissions `mode` in `dir`, which the caller may
 * change, as the caller's: umask, group and set-group-id bit as the directory
 * has it. Without a name it is in no directory. *out is counted.
 */
int walk_make(const struct fs_caller *caller, struct dentry *dir,
              const struct name *name, uint32_t mode, uint32_t rdev,
              const char *target, struct dentry **out) must_check;

/* True if walk->last is "." or ".." or missing. */
bool walk_last_is_special(const struct walk *walk);

/* Let everything go. */
void walk_end(struct walk *walk);

#endif
