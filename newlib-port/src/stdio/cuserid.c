/*
 * cuserid: the name of the effective user, or an empty one.
 */
#define _GNU_SOURCE
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char *cuserid(char *buffer)
{
    static char name[L_cuserid];
    struct passwd *user = getpwuid(geteuid());
    char *result = buffer != NULL ? buffer : name;

    result[0] = '\0';
    if (user != NULL && strlen(user->pw_name) < L_cuserid)
        strcpy(result, user->pw_name);
    return result;
}
