/*
 * The kernel's log.
 *
 * The ring is an array of LOG_RING_BYTES; `ring_end` counts every byte ever
 * written, and byte number n lies at n modulo the size. So what can still be
 * read are the bytes from ring_end - LOG_RING_BYTES (or 0) up to ring_end.
 *
 *      ring   ...text\n<6>text\n<4>te|xt\n<6>old text\n<6>te...
 *                                    ^ ring_end
 *
 * A writer first takes its place by moving ring_end, and then copies. On one
 * processor this lets an interrupt handler log in the middle of a message:
 * its bytes land behind, and neither spoils the other.
 */
#include "lib/log.h"

#include <cairn/errno.h>

#include <stdarg.h>
#include <stdbool.h>

#include "lib/printf.h"
#include "lib/string.h"

#define MESSAGE_MAX 512
#define SINKS_MAX   4

_Static_assert((LOG_RING_BYTES & (LOG_RING_BYTES - 1)) == 0,
               "positions are taken modulo a power of two");

struct sink {
    void (*write)(const char *s, size_t nbytes);
    int max_level;
};

static char ring[LOG_RING_BYTES];
static uint64_t ring_end;
static struct sink sinks[SINKS_MAX];
static unsigned nsinks;
static int log_level = LOG_DEBUG;

static size_t ring_index(uint64_t position)
{
    return (size_t)position & (LOG_RING_BYTES - 1);
}

static void ring_put(uint64_t position, const char *s, size_t nbytes)
{
    for (size_t i = 0; i < nbytes; i++)
        ring[ring_index(position + i)] = s[i];
}

/* Take a place for one line, and fill it. */
static void ring_append(int level, const char *line, size_t nbytes)
{
    char prefix[3] = {'<', (char)('0' + level), '>'};
    uint64_t position = ring_end;

    ring_end += sizeof(prefix) + nbytes;
    ring_put(position, prefix, sizeof(prefix));
    ring_put(position + sizeof(prefix), line, nbytes);
}

/* Keep one line, its newline included, and hand it out. */
static void log_line(int level, const char *line, size_t nbytes)
{
    ring_append(level, line, nbytes);
    for (unsigned i = 0; i < nsinks; i++) {
        if (level <= sinks[i].max_level && level <= log_level)
            sinks[i].write(line, nbytes);
    }
}

void klog(int level, const char *fmt, ...)
{
    char text[MESSAGE_MAX + 1];
    size_t length;
    size_t start = 0;
    va_list ap;

    level = level < LOG_EMERG ? LOG_EMERG : level;
    level = level > LOG_DEBUG ? LOG_DEBUG : level;
    va_start(ap, fmt);
    length = (size_t)kvsnprintf(text, MESSAGE_MAX + 1, fmt, ap);
    va_end(ap);
    if (length > MESSAGE_MAX) {
        length = MESSAGE_MAX;
        memcpy(text + length - 3, "...", 3);
    }
    if (length == 0 || text[length - 1] != '\n')
        text[length++] = '\n';
    for (size_t end = 1; end <= length; end++) {
        if (text[end - 1] != '\n')
            continue;
        log_line(level, text + start, end - start);
        start = end;
    }
}

/*
 * The first line that is surely whole: once the ring has turned over, the one
 * after its first newline. Every line ends in one, so there is such a place.
 */
static uint64_t oldest_line(void)
{
    uint64_t position;

    if (ring_end <= LOG_RING_BYTES)
        return 0;
    position = ring_end - LOG_RING_BYTES;
    while (position < ring_end && ring[ring_index(position)] != '\n')
        position++;
    return position + 1;
}

/*
 * Write the lines of the ring to one sink, in pieces of at most 64 bytes. The
 * first three bytes of a line tell its level.
 */
static void replay(const struct sink *sink)
{
    uint64_t position = oldest_line();
    char piece[64];
    size_t length = 0;
    unsigned column = 0;
    bool wanted = false;
    char c;

    for (; position < ring_end; position++) {
        c = ring[ring_index(position)];
        if (column == 1)
            wanted = c - '0' <= sink->max_level && c - '0' <= log_level;
        if (column >= 3 && wanted)
            piece[length++] = c;
        column = c == '\n' ? 0 : column + 1;
        if (length == sizeof(piece) || (c == '\n' && length > 0)) {
            sink->write(piece, length);
            length = 0;
        }
    }
}

int log_add_sink(void (*write)(const char *s, size_t nbytes), int max_level)
{
    struct sink *sink;

    if (nsinks == SINKS_MAX)
        return -ENOSPC;
    sink = &sinks[nsinks];
    sink->write = write;
    sink->max_level = max_level;
    replay(sink);
    nsinks++;
    return 0;
}

void log_replay(void (*write)(const char *s, size_t nbytes), int max_level)
{
    struct sink sink = {.write = write, .max_level = max_level};

    replay(&sink);
}

void log_set_level(int level)
{
    log_level = level;
}

size_t log_read(uint64_t *position, char *buf, size_t nbytes)
{
    size_t n = 0;

    if (*position + LOG_RING_BYTES < ring_end)
        *position = oldest_line();
    while (n < nbytes && *position < ring_end)
        buf[n++] = ring[ring_index((*position)++)];
    return n;
}
