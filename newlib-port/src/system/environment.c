/*
 * secure_getenv: an extension around the environment.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>

char *secure_getenv(const char *name)
{
    return issetugid() ? NULL : getenv(name);
}
