/*
 * getdelim, getline: read up to and with a delimiter into a growing buffer.
 *
 * Returns the bytes read, or -1 at the end of the file or on an error: EINVAL,
 * ENOMEM, EOVERFLOW, or one of read.  A buffer that was grown stays with the
 * caller, whatever happens.
 */
#include "../call.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define FIRST_BYTES 120

/* Make room for one more byte and the NUL behind it. */
static int grow(char **line, size_t *room, size_t used)
{
    size_t wanted;
    char *grown;

    if (used + 2 <= *room && *line != NULL)
        return 0;
    if (used >= SSIZE_MAX - 1)
        return __cairn_fail(EOVERFLOW);
    wanted = used < FIRST_BYTES / 2 ? FIRST_BYTES : 2 * used;
    grown = realloc(*line, wanted);
    if (grown == NULL)
        return -1;
    *line = grown;
    *room = wanted;
    return 0;
}

ssize_t getdelim(char **restrict line, size_t *restrict room, int delimiter,
                 FILE *restrict file)
{
    size_t used = 0;
    int c;

    if (line == NULL || room == NULL)
        return __cairn_fail(EINVAL);
    if (*line == NULL)
        *room = 0;
    do {
        c = getc(file);
        if (c == EOF)
            break;
        if (grow(line, room, used) < 0)
            return -1;
        (*line)[used++] = (char)c;
    } while (c != delimiter);
    if (used == 0 || (c == EOF && ferror(file)))
        return -1;
    (*line)[used] = '\0';
    return (ssize_t)used;
}

ssize_t getline(char **restrict line, size_t *restrict room,
                FILE *restrict file)
{
    return getdelim(line, room, '\n', file);
}
