/*
 * dirname: newlib's leaves the slashes before the last name, "a//b" being in
 * "a/" there.
 */
#include <libgen.h>
#include <string.h>

/* The end of a path without its slashes at the end; of "///", the start. */
static char *trim_slashes(char *path, char *end)
{
    while (end > path && end[-1] == '/')
        end--;
    return end;
}

char *dirname(char *path)
{
    char *end;

    if (path == NULL || *path == '\0')
        return (char *)".";
    end = trim_slashes(path, path + strlen(path));
    if (end == path)
        return (char *)"/";
    while (end > path && end[-1] != '/')
        end--;
    if (end == path)
        return (char *)".";
    end = trim_slashes(path, end);
    if (end == path)
        return (char *)"/";
    *end = '\0';
    return path;
}
