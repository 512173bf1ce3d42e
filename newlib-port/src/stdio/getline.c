/*
 * getline, getdelim: a whole line, of any length.
 *
 * The stream's buffer is searched and copied as a whole.  The
 * array grows by half, so that a long line costs a few copies.
 *
 * Errors: EINVAL for a null argument; ENOMEM; EOVERFLOW for a line that does
 * not fit ssize_t; those of read.  At the end of the file -1, errno unchanged.
 */
#include "../call.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BYTES 120

/* Make room for `needed` bytes; returns 0, or -1 with errno. */
static int make_room(char **line, size_t *capacity, size_t needed)
{
    size_t nbytes = *line != NULL ? *capacity : 0;
    char *larger;

    if (needed <= nbytes)
        return 0;
    if (needed > SSIZE_MAX)
        return __cairn_fail(EOVERFLOW);
    nbytes += nbytes / 2;
    if (nbytes < needed)
        nbytes = needed < FIRST_BYTES ? FIRST_BYTES : needed;
    larger = realloc(*line, nbytes);
    if (larger == NULL)
        return -1;
    *line = larger;
    *capacity = nbytes;
    return 0;
}

/* Move bytes from the stream's buffer. */
static void take_part(FILE *file, char *to, size_t nbytes)
{
    memcpy(to, file->_p, nbytes);
    file->_p += nbytes;
    file->_r -= (int)nbytes;
}

/* Return how many bytes of the buffer belong to this line. */
static size_t find_part(FILE *file, int delimiter, int *last)
{
    unsigned char *found = memchr(file->_p, delimiter, (size_t)file->_r);

    *last = found != NULL;
    return found != NULL ? (size_t)(found - file->_p) + 1 : (size_t)file->_r;
}

static ssize_t read_line(char **line, size_t *capacity, int delimiter,
                         FILE *file)
{
    size_t length = 0;
    int last = 0;

    while (!last) {
        size_t part;

        if (file->_r <= 0) {
            int c = getc_unlocked(file);

            if (c == EOF && (length == 0 || ferror_unlocked(file)))
                return -1;
            if (c == EOF)
                break;
            if (ungetc(c, file) == EOF)
                return -1;
        }
        part = find_part(file, delimiter, &last);
        if (make_room(line, capacity, length + part + 1) != 0)
            return -1;
        take_part(file, *line + length, part);
        length += part;
    }
    (*line)[length] = '\0';
    return (ssize_t)length;
}

ssize_t getdelim(char **restrict line, size_t *restrict capacity, int delimiter,
                 FILE *restrict file)
{
    ssize_t length;

    if (line == NULL || capacity == NULL)
        return __cairn_fail(EINVAL);
    flockfile(file);
    length = read_line(line, capacity, delimiter, file);
    funlockfile(file);
    return length;
}

ssize_t getline(char **restrict line, size_t *restrict capacity,
                FILE *restrict file)
{
    return getdelim(line, capacity, '\n', file);
}
