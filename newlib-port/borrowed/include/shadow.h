/*
 * Passwords that only root may read: /etc/shadow.
 */
#ifndef _SHADOW_H
#define _SHADOW_H

#include <sys/cdefs.h>
#include <stdio.h>

#define SHADOW "/etc/shadow"

struct spwd {
    char *sp_namp;
    char *sp_pwdp;
    long sp_lstchg;
    long sp_min;
    long sp_max;
    long sp_warn;
    long sp_inact;
    long sp_expire;
    unsigned long sp_flag;
};

__BEGIN_DECLS

void setspent(void);
void endspent(void);
struct spwd *getspent(void);
struct spwd *fgetspent(FILE *);
int putspent(const struct spwd *, FILE *);
struct spwd *getspnam(const char *);
int getspnam_r(const char *, struct spwd *, char *, size_t, struct spwd **);
int lckpwdf(void);
int ulckpwdf(void);

__END_DECLS

#endif
