/*
 * Names in directories, and the paths they make.
 *
 * References: a dentry holds its inode and its parent; a directory's trees
 * hold the dentries in them. So the tree stands by itself, and a name taken
 * out of it lives until the last file, process or child that refers to it goes.
 */
#include <cairn/errno.h>
#include "lib/panic.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "fs/inode.h"

static struct slab_cache dentry_cache =
    SLAB_CACHE("dentry", sizeof(struct dentry), 8);

struct name name_make(const char *bytes, size_t n)
{
    uint32_t hash = NAME_HASH_START;

    for (size_t i = 0; i < n; i++)
        hash = name_hash_add(hash, bytes[i]);
    return (struct name){.bytes = bytes, .length = (uint32_t)n, .hash = hash};
}

int dentry_reserve_name(const struct name *name, char **room)
{
    *room = NULL;
    if (name->length < DENTRY_SHORT)
        return 0;
    *room = kmalloc(name->length + 1);
    return *room == NULL ? -ENOMEM : 0;
}

void dentry_use_name(struct dentry *dentry, const struct name *name, char *room)
{
    char *text = room != NULL ? room : dentry->shortname;

    if (dentry->name != dentry->shortname)
        kfree(dentry->name);
    memcpy(text, name->bytes, name->length);
    text[name->length] = '\0';
    dentry->name = text;
    dentry->length = name->length;
    dentry->hash = name->hash;
}

int dentry_set_name(struct dentry *dentry, const struct name *name)
{
    char *room;
    int error = dentry_reserve_name(name, &room);

    if (error == 0)
        dentry_use_name(dentry, name, room);
    return error;
}

/* Take over the name of `from`; a long one is now this dentry's to free. */
static void take_name(struct dentry *dentry, const struct dentry *from)
{
    memcpy(dentry->shortname, from->shortname, sizeof(dentry->shortname));
    dentry->name =
        from->name == from->shortname ? dentry->shortname : from->name;
    dentry->length = from->length;
    dentry->hash = from->hash;
}

void dentry_swap_names(struct dentry *a, struct dentry *b)
{
    struct dentry keep;

    take_name(&keep, a);
    take_name(a, b);
    take_name(b, &keep);
}

int dentry_create(struct dentry *parent, const struct name *name,
                  struct inode *inode, struct dentry **out)
{
    struct dentry *dentry = slab_zalloc(&dentry_cache);
    char *room;

    if (dentry == NULL)
        return -ENOMEM;
    if (dentry_reserve_name(name, &room) < 0) {
        slab_free(&dentry_cache, dentry);
        return -ENOMEM;
    }
    dentry_use_name(dentry, name, room);
    dentry->refs = 1;
    dentry->inode = inode_get(inode);
    dentry->parent = parent != NULL ? dentry_get(parent) : NULL;
    if (inode->alias == NULL)
        inode->alias = dentry;
    *out = dentry;
    return 0;
}

/*
 * A chain of removed directories can be long, so the parents are let go in a
 * loop.
 */
void dentry_put(struct dentry *dentry)
{
    while (dentry != NULL && --dentry->refs == 0) {
        struct dentry *parent = dentry->parent;

        assert(!dentry->linked && dentry->mounted == NULL);
        if (dentry->inode->alias == dentry)
            dentry->inode->alias = NULL;
        inode_put(dentry->inode);
        if (dentry->name != dentry->shortname)
            kfree(dentry->name);
        slab_free(&dentry_cache, dentry);
        dentry = parent;
    }
}

struct dentry_visit {
    void (*visit)(struct dentry *, void *);
    void *ctx;
};

static void visit_one(void *object, void *ctx)
{
    const struct dentry_visit *to = ctx;

    to->visit(object, to->ctx);
}

void dentry_each(void (*visit)(struct dentry *dentry, void *ctx), void *ctx)
{
    struct dentry_visit to = {visit, ctx};

    slab_each(&dentry_cache, visit_one, &to);
}

/* Put `n` bytes before *at; false if they do not fit behind `buf`. */
static bool prepend(char *buf, char **at, const char *bytes, size_t n)
{
    if ((size_t)(*at - buf) < n)
        return false;
    *at -= n;
    memcpy(*at, bytes, n);
    return true;
}

/* The place where the name of a mounted root stands, or the dentry itself. */
static struct dentry *skip_mounts(struct dentry *dentry)
{
    while (dentry->parent == NULL && dentry->covered != NULL)
        dentry = dentry->covered;
    return dentry;
}

/* A file with no place in the tree: its kind and number. */
static char *anonymous_path(struct dentry *dentry, char *buf, size_t size)
{
    int n = ksnprintf(buf, size, "%s:[%llu]", dentry->name,
                      (unsigned long long)dentry->inode->ino);

    return n >= 0 && (size_t)n < size ? buf : NULL;
}

char *dentry_path(struct dentry *dentry, struct dentry *root, char *buf,
                  size_t size)
{
    static const char gone[] = " (deleted)";
    char *at = buf + size;
    bool removed =
        dentry->parent != NULL && !dentry->linked && !dentry->transient;

    if (dentry->parent == NULL && dentry->inode->fs->root != dentry)
        return anonymous_path(dentry, buf, size);
    if (!prepend(buf, &at, removed ? gone : "", removed ? sizeof(gone) : 1))
        return NULL;
    if (dentry == root)
        return prepend(buf, &at, "/", 1) ? at : NULL;
    for (; dentry != root; dentry = dentry->parent) {
        dentry = skip_mounts(dentry);
        if (dentry->parent == NULL)
            break; /* the root of all, or outside of `root` */
        if (!prepend(buf, &at, dentry->name, dentry->length) ||
            !prepend(buf, &at, "/", 1))
            return NULL;
    }
    if (*at != '/' && !prepend(buf, &at, "/", 1))
        return NULL;
    return at;
}
