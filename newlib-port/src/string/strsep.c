/*
 * strsep: newlib's has no empty field at the end, and none in an empty string.
 */
#include <string.h>

char *strsep(char **rest, const char *separators)
{
    char *field = *rest;
    char *end;

    if (field == NULL)
        return NULL;
    end = strpbrk(field, separators);
    if (end != NULL)
        *end++ = '\0';
    *rest = end;
    return field;
}
