/*
 * statfs, fstatfs, statvfs, fstatvfs: the space of a file system.
 *
 * Errors: EACCES, EBADF, ENOENT, ENOTDIR, ENOSYS.
 */
#include "../call.h"
#include <sys/statfs.h>
#include <sys/statvfs.h>

static void convert(struct statfs *to, const struct __cairn_statfs64 *from)
{
    *to = (struct statfs){
        .f_type = from->f_type,
        .f_bsize = from->f_bsize,
        .f_blocks = from->f_blocks,
        .f_bfree = from->f_bfree,
        .f_bavail = from->f_bavail,
        .f_files = from->f_files,
        .f_ffree = from->f_ffree,
        .f_fsid = {{from->f_fsid[0], from->f_fsid[1]}},
        .f_namelen = from->f_namelen,
        .f_frsize = from->f_frsize,
        .f_flags = from->f_flags,
    };
}

static void convert_posix(struct statvfs *to, const struct statfs *from)
{
    *to = (struct statvfs){
        .f_bsize = from->f_bsize,
        .f_frsize = from->f_frsize != 0 ? from->f_frsize : from->f_bsize,
        .f_blocks = from->f_blocks,
        .f_bfree = from->f_bfree,
        .f_bavail = from->f_bavail,
        .f_files = from->f_files,
        .f_ffree = from->f_ffree,
        .f_favail = from->f_ffree,
        .f_fsid = (unsigned long)from->f_fsid.__val[0],
        .f_flag = from->f_flags,
        .f_namemax = from->f_namelen,
    };
}

int statfs(const char *path, struct statfs *result)
{
    struct __cairn_statfs64 raw;

    if (RESULT(CALL(statfs64, path, sizeof(raw), &raw)) < 0)
        return -1;
    convert(result, &raw);
    return 0;
}

int fstatfs(int fd, struct statfs *result)
{
    struct __cairn_statfs64 raw;

    if (RESULT(CALL(fstatfs64, fd, sizeof(raw), &raw)) < 0)
        return -1;
    convert(result, &raw);
    return 0;
}

int statvfs(const char *restrict path, struct statvfs *restrict result)
{
    struct statfs linux_form;

    if (statfs(path, &linux_form) < 0)
        return -1;
    convert_posix(result, &linux_form);
    return 0;
}

int fstatvfs(int fd, struct statvfs *result)
{
    struct statfs linux_form;

    if (fstatfs(fd, &linux_form) < 0)
        return -1;
    convert_posix(result, &linux_form);
    return 0;
}
