/*
 * mount and umount2: further file systems in memory.
 *
 * The types are tmpfs and ramfs, which are one here. What boot has mounted
 * (/dev, /proc) exists once and cannot be mounted again.
 */
#include <cairn/mount.h>
#include "fs/inode.h"
#include "fs/mount.h"
#include "fs/path.h"
#include "fs/ramfs.h"
#include "lib/string.h"
#include "proc/process.h"
#include "sys/sys.h"
#include "sys/sys_path.h"

#define TYPE_MAX     16
#define MOUNT_FLAGS  (MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define IGNORED      0xC1ED8C00u /* magic number and times: nothing to do */
#define UMOUNT_FLAGS (MNT_FORCE | UMOUNT_NOFOLLOW)

static void set_flags(struct fs *fs, uint32_t flags)
{
    fs->readonly = flags & MS_RDONLY;
    fs->nosuid = flags & MS_NOSUID;
    fs->nodev = flags & MS_NODEV;
    fs->noexec = flags & MS_NOEXEC;
}

static int mount_new(struct dentry *place, const char *type, uint32_t flags)
{
    struct fs *fs;
    int error;

    if (strcmp(type, "tmpfs") != 0 && strcmp(type, "ramfs") != 0)
        return -ENODEV;
    error = ramfs_create("tmpfs", &fs);
    if (error < 0)
        return error;
    fs->root->inode->mode |= 01777;
    set_flags(fs, flags);
    error = mount_on(fs, place);
    if (error < 0)
        ramfs_destroy(fs);
    return error;
}

/* Other flags for what is mounted; read-only only while nobody writes. */
static int remount(struct dentry *place, uint32_t flags)
{
    struct fs *fs = place->inode->fs;

    if (fs->root != place)
        return -EINVAL;
    if ((flags & MS_RDONLY) && !fs->readonly && fs->nwriters > 0)
        return -EBUSY;
    set_flags(fs, flags);
    return 0;
}

SYSCALL_DEFINE(mount, uaddr_t source, uaddr_t target, uaddr_t type,
               uint32_t flags, uaddr_t data)
{
    struct dentry *place;
    char name[TYPE_MAX] = "";
    ssize_t length = 0;
    int error;

    (void)source, (void)data;
    if (current_process()->creds.euid != 0)
        return -EPERM;
    if (type != 0)
        length = copy_string_from_user(name, type, sizeof(name));
    if (length < 0)
        return length == -ENAMETOOLONG ? -ENODEV : length;
    if (flags & ~(MOUNT_FLAGS | MS_REMOUNT | IGNORED))
        return -EINVAL;
    error = user_lookup(AT_FDCWD, target, 0, &place);
    if (error < 0)
        return error;
    error = flags & MS_REMOUNT ? remount(place, flags)
                               : mount_new(place, name, flags);
    dentry_put(place);
    return error;
}

SYSCALL_DEFINE(umount2, uaddr_t target, uint32_t flags)
{
    struct dentry *place;
    struct fs *fs;
    bool is_root;
    int error;

    if (current_process()->creds.euid != 0)
        return -EPERM;
    if (flags & ~(uint32_t)UMOUNT_FLAGS)
        return -EINVAL;
    error = user_lookup(AT_FDCWD, target,
                        flags & UMOUNT_NOFOLLOW ? PATH_NOFOLLOW : 0, &place);
    if (error < 0)
        return error;
    fs = place->inode->fs;
    is_root = fs->root == place;
    dentry_put(place); /* or it would be in use; the mount holds it */
    return is_root ? mount_remove(fs) : -EINVAL;
}
