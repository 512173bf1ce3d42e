/*
 * Ciphers of passwords: DES, MD5 ($1$), Blowfish ($2a$, $2b$, $2y$), SHA-256
 * ($5$) and SHA-512 ($6$).
 */
#ifndef _CRYPT_H
#define _CRYPT_H

#include <sys/cdefs.h>

struct crypt_data {
    int initialized;
    char __buf[256];
};

__BEGIN_DECLS

char *crypt(const char *, const char *);
char *crypt_r(const char *, const char *, struct crypt_data *);

__END_DECLS

#endif
