/*
 * Names in packets of the domain name system.
 */
#ifndef _RESOLV_H
#define _RESOLV_H

#include <netinet/in.h>
#include <sys/cdefs.h>

#define MAXDNAME 1025

__BEGIN_DECLS

int dn_comp(const char *, unsigned char *, int, unsigned char **,
            unsigned char **);
int dn_expand(const unsigned char *, const unsigned char *,
              const unsigned char *, char *, int);
int dn_skipname(const unsigned char *, const unsigned char *);

__END_DECLS

#endif
