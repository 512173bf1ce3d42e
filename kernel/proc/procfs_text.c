/*
 * Texts of /proc: a chain of pages.
 */
#include "proc/procfs_text.h"

#include <stdarg.h>

#include "lib/checkpoint.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/kmalloc.h"

#define PIECE_MAX 256

struct text_chunk {
    struct text_chunk *next;
    char bytes[PAGE_SIZE - sizeof(struct text_chunk *)];
};

_Static_assert(sizeof(struct text_chunk) == PAGE_SIZE, "a chunk is a page");

#define CHUNK_BYTES sizeof(((struct text_chunk *)0)->bytes)

void text_init(struct text *text)
{
    *text = (struct text){0};
}

void text_free(struct text *text)
{
    struct text_chunk *chunk = text->first;

    for (unsigned n = 1; chunk != NULL; n++) {
        struct text_chunk *next = chunk->next;

        kfree(chunk);
        chunk = next;
        if (n % 64 == 0)
            checkpoint();
    }
    text_init(text);
}

/* Append an empty chunk. */
static bool grow(struct text *text)
{
    struct text_chunk *chunk = kmalloc(sizeof(*chunk));

    if (chunk == NULL) {
        text->failed = true;
        return false;
    }
    chunk->next = NULL;
    if (text->last != NULL)
        text->last->next = chunk;
    else
        text->first = chunk;
    text->last = chunk;
    return true;
}

void text_begin(struct text *text)
{
    text_init(text);
    (void)grow(text);
}

/* Whether the next byte needs a chunk that is not there yet. */
static bool is_full(const struct text *text)
{
    return text->nbytes % CHUNK_BYTES == 0 &&
           (text->nbytes > 0 || text->first == NULL);
}

void text_add(struct text *text, const char *bytes, size_t nbytes)
{
    while (nbytes > 0 && !text->failed) {
        size_t used = text->nbytes % CHUNK_BYTES;
        size_t n = CHUNK_BYTES - used < nbytes ? CHUNK_BYTES - used : nbytes;

        if (is_full(text) && !grow(text))
            return;
        memcpy(text->last->bytes + used, bytes, n);
        text->nbytes += n;
        bytes += n;
        nbytes -= n;
    }
}

void text_printf(struct text *text, const char *fmt, ...)
{
    char piece[PIECE_MAX];
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = kvsnprintf(piece, sizeof(piece), fmt, ap);
    va_end(ap);
    text_add(text, piece,
             (size_t)n < sizeof(piece) ? (size_t)n : sizeof(piece) - 1);
}

static bool is_escaped(char c, const char *set)
{
    return (unsigned char)c < ' ' || c == 0x7F || strchr(set, c) != NULL;
}

void text_add_escaped(struct text *text, const char *string, const char *set)
{
    while (*string != '\0') {
        size_t n = 0;

        while (string[n] != '\0' && !is_escaped(string[n], set))
            n++;
        text_add(text, string, n);
        string += n;
        if (*string != '\0')
            text_printf(text, "\\%03o", (unsigned)(unsigned char)*string++);
    }
}

size_t text_read(const struct text *text, uint64_t offset, struct uio *uio)
{
    const struct text_chunk *chunk = text->first;
    size_t at, done = 0;

    if (offset >= text->nbytes)
        return 0;
    for (at = (size_t)offset; at >= CHUNK_BYTES; at -= CHUNK_BYTES)
        chunk = chunk->next;
    while (offset + done < text->nbytes && uio->resid > 0) {
        size_t left = text->nbytes - (size_t)offset - done;
        size_t n = CHUNK_BYTES - at < left ? CHUNK_BYTES - at : left, moved;

        if (n > uio->resid)
            n = uio->resid;
        moved = uio_copy_out(uio, chunk->bytes + at, n);
        done += moved;
        if (moved < n)
            break;
        chunk = chunk->next;
        at = 0;
    }
    return done;
}
