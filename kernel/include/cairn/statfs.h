/*
 * statfs64 and fstatfs64.  Both take the size of the struct, which is 84.
 */
#ifndef _CAIRN_STATFS_H
#define _CAIRN_STATFS_H

#include <cairn/types.h>

struct __cairn_statfs64 {
    __cairn_u32 f_type;
    __cairn_u32 f_bsize;
    __cairn_u64 f_blocks;
    __cairn_u64 f_bfree;
    __cairn_u64 f_bavail;
    __cairn_u64 f_files;
    __cairn_u64 f_ffree;
    __cairn_s32 f_fsid[2];
    __cairn_u32 f_namelen;
    __cairn_u32 f_frsize;
    __cairn_u32 f_flags; /* ST_* */
    __cairn_u32 __f_spare[4];
} __attribute__((packed, aligned(4)));

#define ST_RDONLY     0x0001
#define ST_NOSUID     0x0002
#define ST_NODEV      0x0004
#define ST_NOEXEC     0x0008
#define ST_NOATIME    0x0400
#define ST_NODIRATIME 0x0800

_Static_assert(sizeof(struct __cairn_statfs64) == 84, "statfs64 layout");

#endif
