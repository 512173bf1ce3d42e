/*
 * /dev: names of devices, and the functions behind their numbers.
 *
 * A device that stays is found by its number: a node anywhere in the tree
 * works. One that comes and goes, whose number will be another's, is found by
 * its own node alone. The node names that device and no other: when the device
 * has gone it is dead, by whatever way it is still reached (an open descriptor
 * in /proc/PID/fd, O_PATH, another link), and opening it is -EIO.
 */
#ifndef FS_DEVFS_H
#define FS_DEVFS_H

#include "lib/types.h"
#include "fs/file.h"
#include "fs/inode.h"

/*
 * Make /dev with null, zero, full, random, urandom. The file system exists
 * from now on, so devices can be registered; devfs_mount puts it on /dev once
 * there is a root, and a file system for shared memory objects on /dev/shm.
 * -ENOMEM.
 */
int devfs_init(void) must_check;
int devfs_mount(void) must_check;

/*
 * Make the node /dev/`name` (directories in it are made as needed: "pts/0")
 * of type and permissions `mode` (S_IFCHR | 0666) and number `rdev`
 * (inode_makedev). Opening it, or any other node with this number, makes a
 * file with these ops and file->private = `private`, then calls ops->open.
 * -EEXIST (name or number in use), -ENOMEM.
 */
int devfs_register(const char *name, uint32_t mode, uint32_t rdev,
                   const struct file_ops *ops, void *private) must_check;

/*
 * The same for a device that comes and goes: only the node made here opens it,
 * until devfs_unregister. The node belongs to the running process's user, and
 * to group `gid`.
 */
int devfs_register_passing(const char *name, uint32_t mode, uint32_t gid,
                           uint32_t rdev, const struct file_ops *ops,
                           void *private) must_check;

/*
 * The passing device of this number goes: its node is dead, and its name is
 * taken away. Files that are open stay.
 */
void devfs_unregister(const char *name, uint32_t rdev);

/*
 * The functions behind a number: 0, -ENXIO, or -EIO for a passing device, to
 * which a number does not lead.
 */
int devfs_find(uint32_t rdev, const struct file_ops **ops,
               void **private) must_check;

/*
 * The lowest number behind which `private` lies; 0 if there is none: what
 * /proc/PID/stat calls a process's terminal.
 */
uint32_t devfs_number_of(const void *private);

#endif
