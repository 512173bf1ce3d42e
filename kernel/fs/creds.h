/*
 * Who asks: the user and group ids of a process. Files are judged by fsuid
 * and fsgid, which follow the effective ids unless access(2) says otherwise.
 * A user with id 0 may do everything.
 */
#ifndef FS_CREDS_H
#define FS_CREDS_H

#include "lib/types.h"

#define CREDS_NGROUPS 32

struct creds {
    uint32_t uid, euid, suid, fsuid;
    uint32_t gid, egid, sgid, fsgid;
    uint32_t ngroups;
    uint32_t groups[CREDS_NGROUPS]; /* supplementary groups */
};

/* True if `gid` is the file group or one of the supplementary groups. */
static inline bool creds_in_group(const struct creds *creds, uint32_t gid)
{
    if (creds->fsgid == gid)
        return true;
    for (uint32_t i = 0; i < creds->ngroups; i++)
        if (creds->groups[i] == gid)
            return true;
    return false;
}

/*
 * Those of the running process, or root's when the kernel acts for itself.
 * The room of processes defines it.
 */
const struct creds *creds_current(void);

#endif
