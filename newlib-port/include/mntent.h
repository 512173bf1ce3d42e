/*
 * Lines of /proc/mounts and /etc/fstab.
 */
#ifndef _MNTENT_H
#define _MNTENT_H

#include <stdio.h>
#include <sys/cdefs.h>

#define MNTTAB  "/etc/fstab"
#define MOUNTED "/proc/mounts"

#define MNTTYPE_IGNORE  "ignore"
#define MNTTYPE_SWAP    "swap"
#define MNTOPT_DEFAULTS "defaults"
#define MNTOPT_RO       "ro"
#define MNTOPT_RW       "rw"
#define MNTOPT_NOAUTO   "noauto"

struct mntent {
    char *mnt_fsname; /* the device, or what stands for one */
    char *mnt_dir;    /* where it is mounted */
    char *mnt_type;   /* the kind of file system */
    char *mnt_opts;   /* options, with commas between */
    int mnt_freq;
    int mnt_passno;
};

__BEGIN_DECLS

FILE *setmntent(const char *, const char *);
struct mntent *getmntent(FILE *);
struct mntent *getmntent_r(FILE *, struct mntent *, char *, int);
int addmntent(FILE *, const struct mntent *);
int endmntent(FILE *);
char *hasmntopt(const struct mntent *, const char *);

__END_DECLS

#endif
