/*
 * Which file systems exist and where they hang in the tree.
 *
 * Mounting links two dentries: the place knows the root that covers it
 * (`mounted`), and that root knows the place (`covered`). The walk along a
 * path steps over the link in both directions. A place that is covered cannot
 * be renamed or removed.
 */
#include <cairn/errno.h>
#include "lib/string.h"
#include "fs/inode.h"
#include "fs/mount.h"

struct dentry *mount_root;

static struct list mounts = LIST_INIT(mounts);

void mount_number_fs(struct fs *fs)
{
    static uint32_t last_minor;

    /* Major 0 is for file systems without a device, as in Linux. */
    fs->dev = inode_makedev(0, ++last_minor);
}

void mount_set_root(struct fs *fs)
{
    list_add_head(&mounts, &fs->link);
    mount_root = dentry_get(fs->root);
}

int mount_on(struct fs *fs, struct dentry *place)
{
    if (!S_ISDIR(place->inode->mode))
        return -ENOTDIR;
    if (place->dead)
        return -ENOENT; /* no path would lead there, not even to umount it */
    if (place->transient)
        return -EINVAL; /* the next lookup finds another one */
    if (place->mounted != NULL || fs->root->covered != NULL ||
        place == mount_root) /* paths begin there, without a look at mounts */
        return -EBUSY;
    place->mounted = dentry_get(fs->root);
    fs->root->covered = dentry_get(place);
    list_add_tail(&mounts, &fs->link);
    return 0;
}

int mount_remove(struct fs *fs)
{
    struct dentry *place = fs->root->covered;

    if (place == NULL)
        return -EINVAL;
    if (fs->destroy == NULL || fs->busy(fs))
        return -EBUSY;
    list_remove(&fs->link);
    place->mounted = NULL;
    fs->root->covered = NULL;
    dentry_put(fs->root); /* what the place held */
    dentry_put(place);
    fs->destroy(fs);
    return 0;
}

/* The directory `name` of the root, made if it is missing: counted. */
static int find_or_make(const char *name, uint32_t mode, struct dentry **out)
{
    struct name text = name_make(name, strlen(name));
    const struct inode_ops *ops = mount_root->inode->ops;
    int error = ops->lookup(mount_root, &text, out);

    if (error == -ENOENT)
        error =
            ops->create(mount_root, &text, S_IFDIR | mode, 0, 0, 0, NULL, out);
    return error;
}

int mount_at_boot(struct fs *fs, const char *name)
{
    struct dentry *place;
    int error = find_or_make(name, 0755, &place);

    if (error < 0)
        return error;
    error = mount_on(fs, place);
    dentry_put(place);
    return error;
}

int mount_make_tmp(void)
{
    struct dentry *place;
    int error = find_or_make("tmp", 01777, &place);

    if (error == 0)
        dentry_put(place);
    return error;
}

void mount_each(void (*visit)(struct fs *fs, void *context), void *context)
{
    struct fs *fs;

    list_for_each_entry(fs, &mounts, struct fs, link) visit(fs, context);
}
