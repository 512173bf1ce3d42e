/*
 * getlogin, getlogin_r: who has logged in: LOGNAME, or the user's name.
 *
 * getlogin_r returns the error number: ENXIO, ERANGE.
 */
#include "../call.h"
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int getlogin_r(char *name, size_t nbytes)
{
    const char *login = getenv("LOGNAME");
    struct passwd *user;

    if (login == NULL || *login == '\0') {
        user = getpwuid(getuid());
        if (user == NULL)
            return ENXIO;
        login = user->pw_name;
    }
    if (strlen(login) >= nbytes)
        return ERANGE;
    strcpy(name, login);
    return 0;
}

char *getlogin(void)
{
    static char name[LOGIN_NAME_MAX];
    int error = getlogin_r(name, sizeof(name));

    if (error != 0) {
        errno = error;
        return NULL;
    }
    return name;
}
