/*
 * /dev: a file system in memory whose nodes are made by drivers, and the table
 * of drivers by number. The memory devices of Unix live here too:
 *
 *      null   swallows all, is empty        1, 3
 *      zero   swallows all, gives zeros     1, 5
 *      full   no room, gives zeros          1, 7
 *      random, urandom: see lib/random.h    1, 8 and 1, 9
 *
 * There is no mem, kmem or port: no device gives raw memory.
 */
#include "lib/checkpoint.h"
#include "lib/random.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "fs/devfs.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "fs/ramfs.h"

#define MEM_MAJOR 1

struct device {
    struct list link;
    uint32_t rdev;
    const struct file_ops *ops;
    void *private;
    struct inode *node; /* of a passing device, counted; else NULL */
};

static struct list devices = LIST_INIT(devices);
static struct fs *devfs;

static struct device *find_device(uint32_t rdev)
{
    struct device *device;

    list_for_each_entry(device, &devices, struct device,
                        link) if (device->rdev == rdev) return device;
    return NULL;
}

int devfs_find(uint32_t rdev, const struct file_ops **ops, void **private)
{
    struct device *device = find_device(rdev);

    if (device == NULL)
        return -ENXIO;
    if (device->node != NULL)
        return -EIO;
    *ops = device->ops;
    *private = device->private;
    return 0;
}

/*
 * The directory below /dev that a node's path names, and its last part.
 * Directories are made if `make`. *dir is counted.
 */
static int find_place(const char *path, bool make, struct dentry **dir,
                      struct name *last)
{
    struct dentry *at = dentry_get(devfs->root);
    size_t length;

    for (; path[length = strcspn(path, "/")] != '\0'; path += length + 1) {
        const struct inode_ops *ops = at->inode->ops;
        struct name part = name_make(path, length);
        struct dentry *next;
        int error = ops->lookup(at, &part, &next);

        if (error == -ENOENT && make)
            error =
                ops->create(at, &part, S_IFDIR | 0755, 0, 0, 0, NULL, &next);
        dentry_put(at);
        if (error < 0)
            return error;
        at = next;
    }
    *last = name_make(path, length);
    *dir = at;
    return 0;
}

uint32_t devfs_number_of(const void *private)
{
    struct device *device;
    uint32_t lowest = 0;

    if (private == NULL)
        return 0;
    list_for_each_entry(device, &devices, struct device, link)
    {
        if (device->private == private &&
            (lowest == 0 || device->rdev < lowest))
            lowest = device->rdev;
    }
    return lowest;
}

/* *node gets the inode, counted. */
static int make_node(const char *path, uint32_t mode, uint32_t rdev,
                     struct inode **node)
{
    struct dentry *dir, *place;
    struct name last;
    int error = find_place(path, true, &dir, &last);

    if (error < 0)
        return error;
    error = dir->inode->ops->create(dir, &last, mode, 0, 0, rdev, NULL, &place);
    dentry_put(dir);
    if (error < 0)
        return error == -ENOSPC ? -ENOMEM : error;
    *node = inode_get(place->inode);
    dentry_put(place);
    return 0;
}

static int add_device(const char *name, uint32_t mode, uint32_t rdev,
                      const struct file_ops *ops, void *private,
                      struct device **out)
{
    struct device *device;
    int error;

    if (find_device(rdev) != NULL)
        return -EEXIST;
    device = kmalloc(sizeof(*device));
    if (device == NULL)
        return -ENOMEM;
    error = make_node(name, mode, rdev, &device->node);
    if (error < 0) {
        kfree(device);
        return error;
    }
    device->rdev = rdev;
    device->ops = ops;
    device->private = private;
    list_add_head(&devices, &device->link);
    *out = device;
    return 0;
}

int devfs_register(const char *name, uint32_t mode, uint32_t rdev,
                   const struct file_ops *ops, void *private)
{
    struct device *device;
    int error = add_device(name, mode, rdev, ops, private, &device);

    if (error < 0)
        return error;
    inode_put(device->node);
    device->node = NULL;
    return 0;
}

int devfs_register_passing(const char *name, uint32_t mode, uint32_t gid,
                           uint32_t rdev, const struct file_ops *ops,
                           void *private)
{
    struct device *device;
    int error = add_device(name, mode, rdev, ops, private, &device);

    if (error < 0)
        return error;
    device->node->fops = ops;
    device->node->private = private;
    device->node->uid = creds_current()->fsuid;
    device->node->gid = gid;
    return 0;
}

/* Take a name away, if it is still the node's. */
static void remove_node(const char *path, const struct inode *node)
{
    struct dentry *dir, *place;
    struct name last;

    if (find_place(path, false, &dir, &last) < 0)
        return;
    if (dir->inode->ops->lookup(dir, &last, &place) == 0) {
        if (place->inode == node)
            (void)dir->inode->ops->unlink(place);
        dentry_put(place);
    }
    dentry_put(dir);
}

static int dead_open(struct file *file)
{
    (void)file;
    return -EIO;
}

static const struct file_ops dead_ops = {.open = dead_open};

void devfs_unregister(const char *name, uint32_t rdev)
{
    struct device *device = find_device(rdev);

    if (device == NULL)
        return;
    list_remove(&device->link);
    device->node->fops = &dead_ops;
    device->node->private = NULL;
    remove_node(name, device->node);
    inode_put(device->node);
    kfree(device);
}

/* ---- the memory devices ---- */

static ssize_t null_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    (void)file, (void)uio, (void)pos;
    return 0;
}

static ssize_t null_write(struct file *file, struct uio *uio, uint64_t *pos)
{
    (void)file, (void)pos;
    return (ssize_t)uio->resid;
}

#define ZERO_STEP 65536u /* bytes between two chances for others */

static never_inline ssize_t zero_read_much(struct uio *uio)
{
    size_t done = 0, part, moved;

    do {
        part = uio->resid < ZERO_STEP ? uio->resid : ZERO_STEP;
        moved = uio_zero_out(uio, part);
        done += moved;
    } while (moved == part && uio->resid > 0 && !checkpoint_signal());
    return uio_result(uio, done, 0);
}

static ssize_t zero_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    (void)file, (void)pos;
    if (unlikely(uio->resid > ZERO_STEP))
        return zero_read_much(uio);
    return uio_result(uio, uio_zero_out(uio, uio->resid), 0);
}

static ssize_t full_write(struct file *file, struct uio *uio, uint64_t *pos)
{
    (void)file, (void)pos;
    return uio->resid > 0 ? -ENOSPC : 0;
}

/* These devices have no offset, and lseek does nothing with success. */
static int64_t null_seek(struct file *file, int64_t offset, int whence)
{
    (void)offset, (void)whence;
    file->pos = 0;
    return 0;
}

/* Mapping /dev/zero gives anonymous memory. */
static int zero_map(struct file *file, uint64_t first, size_t npages,
                    bool shared, struct mobject **obj)
{
    (void)file, (void)first, (void)npages, (void)shared;
    *obj = NULL;
    return 0;
}

static ssize_t random_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    size_t done = 0, part, moved;
    uint8_t buf[256];

    (void)file, (void)pos;
    do {
        part = uio->resid < sizeof(buf) ? uio->resid : sizeof(buf);
        random_fill(buf, part);
        moved = uio_copy_out(uio, buf, part);
        done += moved;
    } while (moved == part && uio->resid > 0 && !checkpoint_signal());
    memset(buf, 0, sizeof(buf));
    return uio_result(uio, done, 0);
}

/* What is written is mixed in, and counts as known to everybody. */
static ssize_t random_write(struct file *file, struct uio *uio, uint64_t *pos)
{
    size_t done = 0, part, moved;
    uint8_t buf[256];

    (void)file, (void)pos;
    do {
        part = uio->resid < sizeof(buf) ? uio->resid : sizeof(buf);
        moved = uio_copy_in(uio, buf, part);
        random_mix(buf, moved, 0);
        done += moved;
    } while (moved == part && uio->resid > 0 && !checkpoint_signal());
    return uio_result(uio, done, 0);
}

static const struct file_ops null_ops = {.read = null_read,
                                         .write = null_write,
                                         .seek = null_seek};
static const struct file_ops zero_ops = {.read = zero_read,
                                         .write = null_write,
                                         .seek = null_seek,
                                         .map = zero_map};
static const struct file_ops full_ops = {.read = zero_read,
                                         .write = full_write,
                                         .seek = null_seek};
static const struct file_ops random_ops = {.read = random_read,
                                           .write = random_write,
                                           .seek = null_seek};

static const struct {
    const char *name;
    uint32_t minor;
    const struct file_ops *ops;
} memory_devices[] = {
    {"null", 3, &null_ops},      {"zero", 5, &zero_ops},
    {"full", 7, &full_ops},      {"random", 8, &random_ops},
    {"urandom", 9, &random_ops},
};

/* Links that programs expect; /proc gives them their meaning. */
static const char *const links[][2] = {
    {"fd", "/proc/self/fd"},
    {"stdin", "/proc/self/fd/0"},
    {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"},
};

/* shm is where the C library keeps shared memory objects. */
static int make_places(void)
{
    struct name shm = name_make("shm", 3);
    struct dentry *root = devfs->root, *made;
    int error = root->inode->ops->create(root, &shm, S_IFDIR | 01777, 0, 0, 0,
                                         NULL, &made);

    if (error == 0)
        dentry_put(made);

    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]) && !error; i++) {
        struct name name = name_make(links[i][0], strlen(links[i][0]));

        error = root->inode->ops->create(root, &name, S_IFLNK | 0777, 0, 0, 0,
                                         links[i][1], &made);
        if (error == 0)
            dentry_put(made);
    }
    return error < 0 ? -ENOMEM : 0;
}

int devfs_init(void)
{
    int error = ramfs_create("devtmpfs", &devfs);

    if (error == 0)
        devfs->destroy = NULL; /* devices come and go: it stays mounted */
    for (size_t i = 0;
         i < sizeof(memory_devices) / sizeof(memory_devices[0]) && error == 0;
         i++)
        error =
            devfs_register(memory_devices[i].name, S_IFCHR | 0666,
                           inode_makedev(MEM_MAJOR, memory_devices[i].minor),
                           memory_devices[i].ops, NULL);
    if (error == 0)
        error = make_places();
    return error;
}

/* A file system of its own on shm, where anybody may leave files. */
static int mount_shm(void)
{
    struct name name = name_make("shm", 3);
    struct inode *dir = devfs->root->inode;
    struct dentry *place;
    struct fs *shm;
    int error = dir->ops->lookup(devfs->root, &name, &place);

    if (error < 0)
        return error;
    error = ramfs_create("tmpfs", &shm);
    if (error == 0) {
        shm->nodev = shm->nosuid = true;
        shm->root->inode->mode = S_IFDIR | 01777;
        error = mount_on(shm, place);
        if (error < 0)
            ramfs_destroy(shm);
    }
    dentry_put(place);
    return error;
}

int devfs_mount(void)
{
    int error = mount_at_boot(devfs, "dev");

    return error < 0 ? error : mount_shm();
}
