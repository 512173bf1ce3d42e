/*
 * stat_convert.h - stat, lstat, fstat and fstatat by one call of statx.
 */
#ifndef STAT_CONVERT_H
#define STAT_CONVERT_H

#include <sys/stat.h>

/*
 * Fill *result with the attributes of path below fd.  Returns 0 or an errno
 * negated: EACCES, EBADF, EFAULT, EINVAL, ELOOP, ENAMETOOLONG, ENOENT, ENOMEM,
 * ENOTDIR.
 */
long __cairn_stat(int fd, const char *path, int flags, struct stat *result);

#endif
