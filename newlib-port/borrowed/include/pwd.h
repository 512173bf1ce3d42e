/*
 * The users: /etc/passwd.
 */
#ifndef _PWD_H
#define _PWD_H

#include <sys/cdefs.h>
#include <sys/types.h>
#if __MISC_VISIBLE
#    include <stdio.h>
#endif

struct passwd {
    char *pw_name;
    char *pw_passwd;
    uid_t pw_uid;
    gid_t pw_gid;
    char *pw_gecos;
    char *pw_dir;
    char *pw_shell;
};

__BEGIN_DECLS

struct passwd *getpwnam(const char *);
struct passwd *getpwuid(uid_t);
int getpwnam_r(const char *, struct passwd *, char *, size_t, struct passwd **);
int getpwuid_r(uid_t, struct passwd *, char *, size_t, struct passwd **);

#if __MISC_VISIBLE || __XSI_VISIBLE
void setpwent(void);
void endpwent(void);
struct passwd *getpwent(void);
#endif
#if __MISC_VISIBLE
struct passwd *fgetpwent(FILE *);
int putpwent(const struct passwd *, FILE *);
#endif

__END_DECLS

#endif
