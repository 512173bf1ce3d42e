/*
 * Mounting file systems.
 */
#ifndef _SYS_MOUNT_H
#define _SYS_MOUNT_H

#include <sys/cdefs.h>
#include <sys/ioctl.h>

#define MS_RDONLY  1
#define MS_NOSUID  2
#define MS_NODEV   4
#define MS_NOEXEC  8
#define MNT_FORCE  1
#define MNT_DETACH 2

__BEGIN_DECLS

int mount(const char *, const char *, const char *, unsigned long,
          const void *);
int umount(const char *);
int umount2(const char *, int);

__END_DECLS

#endif
