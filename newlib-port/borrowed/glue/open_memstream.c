/*
 * open_memstream, open_wmemstream: streams into memory that grows.
 *
 * The text has room for a zero after its end.  The caller's two variables are
 * set by each write that reaches the text (fflush, fclose, a full buffer) and
 * by each seek: the size is the smaller one of the text's length and the
 * position.  A stream of wide characters gets its text as multibyte characters
 * and turns them back; what is incomplete waits in `state`.
 *
 * Errors: EINVAL for null pointers, ENOMEM; a write fails with ENOMEM and leaves
 * the text as it was.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <wchar.h>

/* A position in units: bytes, or wide characters. */
struct memory {
    void **text;
    size_t *size;
    size_t unit;
    size_t position;
    size_t length;
    size_t room; /* without the zero at the end */
    mbstate_t state;
};

/* Have room for `wanted` units. Return 0 or -1 with errno. */
static int reserve(struct memory *m, size_t wanted)
{
    size_t room = m->room + m->room / 2 + 64;
    char *longer;

    if (wanted <= m->room)
        return 0;
    if (room < wanted)
        room = wanted;
    if (wanted >= SSIZE_MAX / m->unit || room >= SSIZE_MAX / m->unit) {
        errno = ENOMEM;
        return -1;
    }
    longer = realloc(*m->text, (room + 1) * m->unit);
    if (longer == NULL)
        return -1;
    memset(longer + m->room * m->unit, 0, (room + 1 - m->room) * m->unit);
    *m->text = longer;
    m->room = room;
    return 0;
}

static void publish(struct memory *m)
{
    *m->size = m->position < m->length ? m->position : m->length;
}

/* Put `count` units at the position, zeros before them where there are none. */
static int put(struct memory *m, const void *units, size_t count)
{
    char *text;

    if (count > SIZE_MAX - m->position) {
        errno = ENOMEM;
        return -1;
    }
    if (reserve(m, m->position + count) < 0)
        return -1;
    text = *m->text;
    memcpy(text + m->position * m->unit, units, count * m->unit);
    m->position += count;
    if (m->position > m->length) {
        m->length = m->position;
        memset(text + m->length * m->unit, 0, m->unit);
    }
    publish(m);
    return 0;
}

static ssize_t write_bytes(void *cookie, const char *bytes, size_t count)
{
    return put(cookie, bytes, count) < 0 ? -1 : (ssize_t)count;
}

static ssize_t write_wide(void *cookie, const char *bytes, size_t count)
{
    struct memory *m = cookie;
    size_t done = 0;

    while (done < count) {
        wchar_t wide;
        size_t used = mbrtowc(&wide, bytes + done, count - done, &m->state);

        if (used == (size_t)-2)
            return (ssize_t)count;
        if (used == (size_t)-1)
            return -1;
        if (put(m, &wide, 1) < 0)
            return -1;
        done += used > 0 ? used : 1;
    }
    return (ssize_t)count;
}

static int seek(void *cookie, off_t *offset, int whence)
{
    struct memory *m = cookie;
    off_t base = whence == SEEK_SET   ? 0
                 : whence == SEEK_CUR ? (off_t)m->position
                                      : (off_t)m->length;

    if (*offset < -base || *offset > SSIZE_MAX / (off_t)m->unit - base) {
        errno = EINVAL;
        return -1;
    }
    m->position = (size_t)(base + *offset);
    memset(&m->state, 0, sizeof(m->state));
    *offset = (off_t)m->position;
    publish(m);
    return 0;
}

static int close_memory(void *cookie)
{
    free(cookie);
    return 0;
}

static FILE *open_memory(void **text, size_t *size, size_t unit)
{
    static const cookie_io_functions_t bytes = {.write = write_bytes,
                                                .seek = seek,
                                                .close = close_memory};
    static const cookie_io_functions_t wide = {.write = write_wide,
                                               .seek = seek,
                                               .close = close_memory};
    struct memory *m;
    FILE *f;

    if (text == NULL || size == NULL) {
        errno = EINVAL;
        return NULL;
    }
    m = calloc(1, sizeof(*m));
    if (m == NULL)
        return NULL;
    m->unit = unit;
    m->size = size;
    m->text = text;
    *text = calloc(1, unit);
    if (*text == NULL) {
        free(m);
        return NULL;
    }
    f = fopencookie(m, "w", unit == 1 ? bytes : wide);
    if (f == NULL) {
        free(*text);
        free(m);
        return NULL;
    }
    *size = 0;
    return f;
}

FILE *open_memstream(char **text, size_t *size)
{
    return open_memory((void **)text, size, 1);
}

FILE *open_wmemstream(wchar_t **text, size_t *size)
{
    FILE *f = open_memory((void **)text, size, sizeof(wchar_t));

    if (f != NULL)
        fwide(f, 1);
    return f;
}
