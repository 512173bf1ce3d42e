/*
 * clearenv, secure_getenv: extensions around the environment.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>

int clearenv(void)
{
    static char *empty[1];

    environ = empty;
    return 0;
}

char *secure_getenv(const char *name)
{
    return issetugid() ? NULL : getenv(name);
}
