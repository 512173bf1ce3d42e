/*
 * crypt, encrypt, setkey: there is no cipher here.  Error: ENOSYS, always, as
 * POSIX provides for it.
 */
#define _XOPEN_SOURCE 700
#include "../call.h"
#include <stdlib.h>
#include <unistd.h>

char *crypt(const char *key, const char *salt)
{
    (void)key;
    (void)salt;
    errno = ENOSYS;
    return NULL;
}

void encrypt(char block[64], int decrypts)
{
    (void)block;
    (void)decrypts;
    errno = ENOSYS;
}

void setkey(const char *key)
{
    (void)key;
    errno = ENOSYS;
}
