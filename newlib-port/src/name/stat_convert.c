/*
 * stat_convert.c - see stat_convert.h.
 */
#include "stat_convert.h"
#include "../call.h"
#include <sys/sysmacros.h>

static struct timespec convert_time(const struct __cairn_statx_timestamp *time)
{
    struct timespec result = {.tv_sec = time->tv_sec,
                              .tv_nsec = (long)time->tv_nsec};

    return result;
}

long __cairn_stat(int fd, const char *path, int flags, struct stat *result)
{
    struct __cairn_statx raw;
    long error = CALL(statx, fd, path, flags, STATX_BASIC_STATS, &raw);

    if (error < 0)
        return error;
    *result = (struct stat){
        .st_dev = makedev(raw.stx_dev_major, raw.stx_dev_minor),
        .st_ino = raw.stx_ino,
        .st_mode = raw.stx_mode,
        .st_nlink = raw.stx_nlink,
        .st_uid = raw.stx_uid,
        .st_gid = raw.stx_gid,
        .st_rdev = makedev(raw.stx_rdev_major, raw.stx_rdev_minor),
        .st_size = (off_t)raw.stx_size,
        .st_blksize = (blksize_t)raw.stx_blksize,
        .st_blocks = (blkcnt_t)raw.stx_blocks,
        .st_atim = convert_time(&raw.stx_atime),
        .st_mtim = convert_time(&raw.stx_mtime),
        .st_ctim = convert_time(&raw.stx_ctime),
    };
    return 0;
}
