/*
 * mount and umount2.
 */
#ifndef _CAIRN_MOUNT_H
#define _CAIRN_MOUNT_H

#define MS_RDONLY  1
#define MS_NOSUID  2
#define MS_NODEV   4
#define MS_NOEXEC  8
#define MS_REMOUNT 32

#define MNT_FORCE       1
#define MNT_DETACH      2
#define UMOUNT_NOFOLLOW 8

#endif
