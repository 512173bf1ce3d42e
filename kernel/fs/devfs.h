/*
 * /dev: names of devices, and the functions behind their numbers.
 *
 * A device node anywhere in the tree works: opening it looks its number up
 * here.
 */
#ifndef FS_DEVFS_H
#define FS_DEVFS_H

#include "lib/types.h"
#include "fs/file.h"
#include "fs/inode.h"

/*
 * Make /dev with null, zero, full, random, urandom. The file system exists
 * from now on, so devices can be registered; devfs_mount puts it on /dev once
 * there is a root. -ENOMEM.
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

/* The node and the number go; files that are open stay. */
void devfs_unregister(const char *name, uint32_t rdev);

/* The functions behind a number: 0, or -ENXIO. */
int devfs_find(uint32_t rdev, const struct file_ops **ops,
               void **private) must_check;

/*
 * The lowest number behind which `private` lies; 0 if there is none: what
 * /proc/PID/stat calls a process's terminal.
 */
uint32_t devfs_number_of(const void *private);

#endif
