/*
 * pathconf, fpathconf: limits of a file or its file system; the same for all.
 *
 * -1 without a change of errno means no limit.  Errors: EINVAL; those of stat
 * and fstat.
 */
#include "../call.h"
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static long name_to_value(int name)
{
    switch (name) {
    case _PC_LINK_MAX:
        return LINK_MAX;
    case _PC_MAX_CANON:
        return MAX_CANON;
    case _PC_MAX_INPUT:
        return MAX_INPUT;
    case _PC_NAME_MAX:
        return NAME_MAX;
    case _PC_PATH_MAX:
        return PATH_MAX;
    case _PC_PIPE_BUF:
        return PIPE_BUF;
    case _PC_CHOWN_RESTRICTED:
    case _PC_NO_TRUNC:
    case _PC_2_SYMLINKS:
        return 1;
    case _PC_VDISABLE:
        return _POSIX_VDISABLE;
    case _PC_SYNC_IO:
        return 1;
    case _PC_FILESIZEBITS:
        return FILESIZEBITS;
    case _PC_SYMLINK_MAX:
        return SYMLINK_MAX;
    case _PC_ALLOC_SIZE_MIN:
    case _PC_REC_INCR_XFER_SIZE:
    case _PC_REC_MIN_XFER_SIZE:
    case _PC_REC_XFER_ALIGN:
        return PAGE_SIZE;
    case _PC_TIMESTAMP_RESOLUTION:
        return 1;
    case _PC_ASYNC_IO:
    case _PC_PRIO_IO:
    case _PC_REC_MAX_XFER_SIZE:
        return -1;
    default:
        return __cairn_fail(EINVAL);
    }
}

long pathconf(const char *path, int name)
{
    struct stat attributes;

    return stat(path, &attributes) < 0 ? -1 : name_to_value(name);
}

long fpathconf(int fd, int name)
{
    struct stat attributes;

    return fstat(fd, &attributes) < 0 ? -1 : name_to_value(name);
}
