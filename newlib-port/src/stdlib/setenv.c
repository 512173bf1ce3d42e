/*
 * setenv, unsetenv, putenv: newlib's, after the check that POSIX demands;
 * putenv of a name alone takes it out, as other libcs have it.
 *
 * Errors: EINVAL for an empty name or one with '='; ENOMEM.
 */
#include "../call.h"
#include <stdlib.h>
#include <string.h>

static int is_name(const char *name)
{
    return name != NULL && *name != '\0' && strchr(name, '=') == NULL;
}

int setenv(const char *name, const char *value, int overwrite)
{
    if (!is_name(name))
        return __cairn_fail(EINVAL);
    return _setenv_r(_REENT, name, value, overwrite);
}

int unsetenv(const char *name)
{
    if (!is_name(name))
        return __cairn_fail(EINVAL);
    return _unsetenv_r(_REENT, name);
}

int putenv(char *string)
{
    if (strchr(string, '=') == NULL)
        return unsetenv(string);
    return _putenv_r(_REENT, string);
}
