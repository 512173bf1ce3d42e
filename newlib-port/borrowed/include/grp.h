/*
 * The groups: /etc/group.
 */
#ifndef _GRP_H
#define _GRP_H

#include <sys/cdefs.h>
#include <sys/types.h>
#if __MISC_VISIBLE
#    include <stdio.h>
#endif

struct group {
    char *gr_name;
    char *gr_passwd;
    gid_t gr_gid;
    char **gr_mem;
};

__BEGIN_DECLS

struct group *getgrnam(const char *);
struct group *getgrgid(gid_t);
int getgrnam_r(const char *, struct group *, char *, size_t, struct group **);
int getgrgid_r(gid_t, struct group *, char *, size_t, struct group **);

#if __MISC_VISIBLE || __XSI_VISIBLE
void setgrent(void);
void endgrent(void);
struct group *getgrent(void);
#endif
#if __MISC_VISIBLE
struct group *fgetgrent(FILE *);
int putgrent(const struct group *, FILE *);
int getgrouplist(const char *, gid_t, gid_t *, int *);
int initgroups(const char *, gid_t);
int setgroups(size_t, const gid_t *);
#endif

__END_DECLS

#endif
