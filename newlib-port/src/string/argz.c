/*
 * argz.c - vectors of texts in one block: what makes them longer.  newlib's own
 * functions lose the block when there is no memory for a larger one; these leave
 * it as it was.  Error: ENOMEM.
 */
#include <argz.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Open a gap of `nbytes` at `at`, where `text` is copied to. */
static error_t insert(char **argz, size_t *length, size_t at, const char *text,
                      size_t nbytes)
{
    char *longer;

    if (nbytes == 0)
        return 0;
    longer = realloc(*argz, *length + nbytes);
    if (longer == NULL)
        return ENOMEM;
    memmove(longer + at + nbytes, longer + at, *length - at);
    memcpy(longer + at, text, nbytes);
    *argz = longer;
    *length += nbytes;
    return 0;
}

error_t argz_append(char **argz, size_t *length, const char *text,
                    size_t nbytes)
{
    return insert(argz, length, *length, text, nbytes);
}

error_t argz_add(char **argz, size_t *length, const char *text)
{
    return text == NULL ? 0 : argz_append(argz, length, text, strlen(text) + 1);
}

error_t argz_add_sep(char **argz, size_t *length, const char *text,
                     int separator)
{
    size_t before = *length;
    error_t error;

    if (text == NULL || *text == '\0')
        return 0;
    error = argz_add(argz, length, text);
    if (error == 0) {
        for (size_t i = before; i < *length; i++)
            if ((*argz)[i] == (char)separator)
                (*argz)[i] = '\0';
    }
    return error;
}

error_t argz_create_sep(const char *text, int separator, char **argz,
                        size_t *length)
{
    *argz = NULL;
    *length = 0;
    return argz_add_sep(argz, length, text, separator);
}

/* Insert before the text that `before` points into; at the end if it is NULL. */
error_t argz_insert(char **argz, size_t *length, char *before, const char *text)
{
    size_t at;

    if (before == NULL)
        return argz_add(argz, length, text);
    if (before < *argz || before >= *argz + *length)
        return EINVAL;
    at = (size_t)(before - *argz);
    while (at > 0 && (*argz)[at - 1] != '\0')
        at--;
    return insert(argz, length, at, text, strlen(text) + 1);
}
