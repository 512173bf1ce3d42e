/*
 * The tree of names: random makings, links, removals and renames against a
 * model, and each operation with each of its allocations failing.
 *
 * The model is a set of paths over a few names, each with the number of its
 * file; whether an operation must succeed, and with which error it must fail,
 * is decided there by POSIX's rules alone.
 */
#include <cairn/errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "fs/fdtable.h"
#include "mm/inject.h"
#include "mm/kmalloc.h"
#include "tap.h"
#include "world.h"

#define MAX_NODES 200
#define MAX_PATH  600

/* A name of the model: a path, and what it is. */
struct node {
    char path[MAX_PATH];
    bool is_dir;
    uint64_t ino; /* as the file system says, found out when it was made */
};

static struct node nodes[MAX_NODES];
static int nnodes;

static struct node *find(const char *path)
{
    for (int i = 0; i < nnodes; i++)
        if (strcmp(nodes[i].path, path) == 0)
            return &nodes[i];
    return NULL;
}

static bool is_below(const char *path, const char *dir)
{
    size_t n = strlen(dir);

    return strncmp(path, dir, n) == 0 && path[n] == '/';
}

static bool is_empty(const char *dir)
{
    for (int i = 0; i < nnodes; i++)
        if (is_below(nodes[i].path, dir))
            return false;
    return true;
}

static void remove_node(const char *path)
{
    struct node *node = find(path);

    if (node != NULL)
        *node = nodes[--nnodes];
}

static void parent_of(const char *path, char *parent)
{
    strcpy(parent, path);
    *strrchr(parent, '/') = '\0';
}

/* What stands in the way of using the directory part of a path. */
static int check_parent(const char *path)
{
    char parent[MAX_PATH];
    struct node *dir;

    parent_of(path, parent);
    if (parent[0] == '\0')
        return 0;
    dir = find(parent);
    if (dir == NULL) {
        int error = check_parent(parent);

        return error != 0 ? error : -ENOENT;
    }
    return dir->is_dir ? 0 : -ENOTDIR;
}

/* A random path of one to three names. */
static void pick_path(uint64_t *seed, char *path)
{
    static const char *const names[] = {
        "a", "b", "c", "a much longer name than fits the short one", "e"};
    unsigned depth = 1 + (unsigned)(tap_random(seed) % 3);

    path[0] = '\0';
    for (unsigned i = 0; i < depth; i++) {
        strcat(path, "/");
        strcat(path, names[tap_random(seed) % 5]);
    }
}

static uint64_t ino_of(const char *path)
{
    struct dentry *place;
    uint64_t ino;

    if (path_lookup(&world_caller, NULL, path, PATH_NOFOLLOW, &place) != 0)
        return 0;
    ino = place->inode->ino;
    dentry_put(place);
    return ino;
}

static void add_node(const char *path, bool is_dir)
{
    struct node *node = &nodes[nnodes++];

    strcpy(node->path, path);
    node->is_dir = is_dir;
    node->ino = ino_of(path);
    CHECK(node->ino != 0);
}

/* Did the operation do what the model wants; failing ones may be refused. */
static bool agrees(int got, int wanted, const char *what, const char *path)
{
    if (inject_armed && (got == -ENOSPC || got == -ENOMEM))
        return false;
    if (got != wanted)
        tap_fail(__FILE__, __LINE__, "%s %s: %d, not %d", what, path, got,
                 wanted);
    return got == 0;
}

static void do_make(uint64_t *seed, bool is_dir)
{
    char path[MAX_PATH];
    int wanted, got;

    pick_path(seed, path);
    wanted = check_parent(path);
    if (wanted == 0 && find(path) != NULL)
        wanted = -EEXIST;
    if (is_dir)
        got = path_mkdir(&world_caller, NULL, path, 0755);
    else
        got = path_mknod(&world_caller, NULL, path, S_IFREG | 0644, 0);
    if (agrees(got, wanted, "make", path))
        add_node(path, is_dir);
}

static void do_link(uint64_t *seed)
{
    char from[MAX_PATH], to[MAX_PATH];
    struct node *source;
    int wanted, got;

    pick_path(seed, from);
    pick_path(seed, to);
    source = find(from);
    wanted = source == NULL ? check_parent(from) : 0;
    if (source == NULL && wanted == 0)
        wanted = -ENOENT;
    if (wanted == 0)
        wanted = check_parent(to);
    if (wanted == 0 && find(to) != NULL)
        wanted = -EEXIST;
    if (wanted == 0 && source->is_dir)
        wanted = -EPERM;
    got = path_link(&world_caller, NULL, from, PATH_NOFOLLOW, NULL, to);
    if (agrees(got, wanted, "link", to)) {
        add_node(to, false);
        CHECK_EQ(find(to)->ino, find(from)->ino);
    }
}

static void do_remove(uint64_t *seed, bool is_dir)
{
    char path[MAX_PATH];
    struct node *node;
    int wanted, got;

    pick_path(seed, path);
    node = find(path);
    wanted = node == NULL ? check_parent(path) : 0;
    if (wanted == 0 && node == NULL)
        wanted = -ENOENT;
    if (wanted == 0 && node->is_dir != is_dir)
        wanted = is_dir ? -ENOTDIR : -EISDIR;
    if (wanted == 0 && is_dir && !is_empty(path))
        wanted = -ENOTEMPTY;
    got = is_dir ? path_rmdir(&world_caller, NULL, path)
                 : path_unlink(&world_caller, NULL, path);
    if (agrees(got, wanted, "remove", path))
        remove_node(path);
}

/* The paths below `from` become paths below `to`. */
static void move_nodes(const char *from, const char *to)
{
    for (int i = 0; i < nnodes; i++) {
        char rest[MAX_PATH];

        if (strcmp(nodes[i].path, from) != 0 && !is_below(nodes[i].path, from))
            continue;
        strcpy(rest, nodes[i].path + strlen(from));
        strcpy(nodes[i].path, to);
        strcat(nodes[i].path, rest);
    }
}

/* The length of the longest path at or below this one. */
static size_t longest_below(const char *path)
{
    size_t longest = strlen(path);

    for (int i = 0; i < nnodes; i++)
        if (is_below(nodes[i].path, path) && strlen(nodes[i].path) > longest)
            longest = strlen(nodes[i].path);
    return longest;
}

static int rename_error(const char *from, const char *to)
{
    struct node *a = find(from), *b = find(to);
    int error = check_parent(from);

    if (error == 0)
        error = check_parent(to);
    if (error != 0)
        return error;
    if (a == NULL)
        return -ENOENT;
    if (is_below(to, from))
        return -EINVAL;
    if (is_below(from, to))
        return -ENOTEMPTY;
    if (b == NULL || a == b)
        return 0;
    if (a->is_dir != b->is_dir)
        return a->is_dir ? -ENOTDIR : -EISDIR;
    return b->is_dir && !is_empty(to) ? -ENOTEMPTY : 0;
}

static void do_rename(uint64_t *seed)
{
    char from[MAX_PATH], to[MAX_PATH];
    struct node *a, *b;
    int wanted, got;

    pick_path(seed, from);
    pick_path(seed, to);
    if (longest_below(from) + strlen(to) >= MAX_PATH)
        return; /* the model's paths have an end */
    a = find(from);
    b = find(to);
    wanted = rename_error(from, to);
    got = path_rename(&world_caller, NULL, from, NULL, to, 0);
    if (!agrees(got, wanted, "rename", from) || (b != NULL && a->ino == b->ino))
        return;
    remove_node(to);
    move_nodes(from, to);
}

static void do_exchange(uint64_t *seed)
{
    char from[MAX_PATH], to[MAX_PATH];
    int wanted, got;

    pick_path(seed, from);
    pick_path(seed, to);
    if (find(from) == NULL || find(to) == NULL ||
        longest_below(from) + strlen(to) >= MAX_PATH ||
        longest_below(to) + strlen(from) >= MAX_PATH)
        return;
    wanted = is_below(from, to) || is_below(to, from) ? -EINVAL : 0;
    got = path_rename(&world_caller, NULL, from, NULL, to, RENAME_EXCHANGE);
    if (!agrees(got, wanted, "exchange", from) || strcmp(from, to) == 0 ||
        find(from)->ino == find(to)->ino)
        return;
    move_nodes(from, "/:");
    move_nodes(to, from);
    move_nodes("/:", to);
}

static void step(uint64_t *seed)
{
    unsigned what = (unsigned)(tap_random(seed) % 16);

    if (what < 6 && nnodes < MAX_NODES)
        do_make(seed, what < 3);
    else if (what < 8 && nnodes < MAX_NODES)
        do_link(seed);
    else if (what < 10)
        do_remove(seed, what == 8);
    else if (what < 15)
        do_rename(seed);
    else
        do_exchange(seed);
}

/* Every path of the model is there, with its number, and nothing else is. */
static void compare_all(void)
{
    uint32_t found = 0;

    for (int i = 0; i < nnodes; i++)
        CHECK_EQ(ino_of(nodes[i].path), nodes[i].ino);
    for (int i = 0; i < nnodes; i++) {
        struct dentry *place;

        if (!nodes[i].is_dir ||
            path_lookup(&world_caller, NULL, nodes[i].path, 0, &place) != 0)
            continue;
        found += place->inode->names.count;
        dentry_put(place);
    }
    CHECK_EQ(found + world_fs->root->inode->names.count, nnodes);
}

static void remove_all(void)
{
    while (nnodes > 0) {
        struct node *last = &nodes[0];

        for (int i = 1; i < nnodes; i++)
            if (strlen(nodes[i].path) > strlen(last->path))
                last = &nodes[i];
        CHECK_EQ(last->is_dir ? path_rmdir(&world_caller, NULL, last->path)
                              : path_unlink(&world_caller, NULL, last->path),
                 0);
        remove_node(last->path);
    }
}

static void run(uint64_t start, bool failing)
{
    uint64_t seed = tap_seed(start);
    struct machine_state before;

    machine_read(&before);
    for (unsigned long i = 0; i < tap_repeats(4000) && !tap_failed(); i++) {
        if (failing)
            inject_arm((uint32_t)(tap_random(&seed) % 5 + 1), false);
        step(&seed);
        inject_disarm();
        if (i % 16 == 0)
            compare_all();
        if (i % 64 == 0)
            world_check();
    }
    remove_all();
    machine_check_same(&before);
}

static void test_random(void)
{
    run(1, false);
}

static void test_failing(void)
{
    run(2, true);
}

/* ---- every allocation of each operation fails once ---- */

static int create_one(void *path)
{
    struct file *file;
    int error = path_open(&world_caller, NULL, path, O_RDWR | O_CREAT | O_EXCL,
                          0644, &file);

    if (error == 0) {
        file_put(file);
        error = path_unlink(&world_caller, NULL, path);
    }
    return error;
}

static int symlink_one(void *path)
{
    int error = path_symlink(&world_caller, "some/where", NULL, path);

    return error == 0 ? path_unlink(&world_caller, NULL, path) : error;
}

static int mkdir_one(void *path)
{
    int error = path_mkdir(&world_caller, NULL, path, 0700);

    return error == 0 ? path_rmdir(&world_caller, NULL, path) : error;
}

static int context_one(void *unused)
{
    struct fs_context *copy;
    int error = fs_context_copy(world_caller.fs, &copy);

    (void)unused;
    if (error == 0)
        fs_context_put(copy);
    return error;
}

/* A table of more descriptors than fit the first one, copied. */
static int table_one(void *unused)
{
    struct fdtable *table, *copy;
    struct file *file;
    int error = fdtable_create(&table);

    (void)unused;
    if (error < 0)
        return error;
    for (int i = 0; i < 40 && error >= 0; i++) {
        error = path_open(&world_caller, NULL, "/", O_RDONLY, 0, &file);
        if (error == 0)
            error = fdtable_add(table, file, 1000, i % 3 == 0);
    }
    if (error >= 0)
        error = fdtable_copy(table, &copy);
    if (error == 0) {
        CHECK_EQ(fdtable_next(copy, 39), 39);
        fdtable_close_exec(copy);
        CHECK_EQ(fdtable_next(copy, 39), -1);
        CHECK_EQ(fdtable_next(copy, 0), 1);
        fdtable_put(copy);
    }
    fdtable_put(table);
    return error;
}

static void test_each_failure(void)
{
    char longer[] = "/a name that is longer than thirty-two bytes";
    char shorter[] = "/short";

    CHECK(world_fail_each(create_one, longer) >= 4);
    CHECK(world_fail_each(create_one, shorter) >= 3);
    CHECK(world_fail_each(symlink_one, longer) >= 4);
    CHECK(world_fail_each(mkdir_one, shorter) >= 2);
    CHECK(world_fail_each(context_one, NULL) >= 1);
    CHECK(world_fail_each(table_one, NULL) >= 43);
}

/* Paths of open files follow renames, and tell of removal. */
static void test_paths(void)
{
    struct dentry *root = world_fs->root;
    struct file *file;
    char buf[128], tiny[5];
    int error;

    CHECK_EQ(path_mkdir(&world_caller, NULL, "/d", 0755), 0);
    file = world_open("/d/f", O_RDWR | O_CREAT, &error);
    CHECK_STR(dentry_path(file->dentry, root, buf, sizeof(buf)), "/d/f");
    CHECK_STR(dentry_path(root, root, buf, sizeof(buf)), "/");
    CHECK(dentry_path(file->dentry, root, tiny, 4) == NULL);
    CHECK_STR(dentry_path(file->dentry, root, tiny, 5), "/d/f");
    CHECK_EQ(path_rename(&world_caller, NULL, "/d", NULL, "/e", 0), 0);
    CHECK_STR(dentry_path(file->dentry, root, buf, sizeof(buf)), "/e/f");
    CHECK_EQ(path_unlink(&world_caller, NULL, "/e/f"), 0);
    CHECK_STR(dentry_path(file->dentry, root, buf, sizeof(buf)),
              "/e/f (deleted)");
    CHECK_EQ(path_rmdir(&world_caller, NULL, "/e"), 0);
    file_put(file);
}

int main(void)
{
    world_start();
    tap_run("random changes agree with the model", test_random);
    tap_run("the same while allocations fail", test_failing);
    tap_run("every allocation fails once", test_each_failure);
    tap_run("paths of open files", test_paths);
    return tap_done();
}
