/*
 * tools/ustar.c - walking an archive in memory
 *
 * Names come from the header's two fields, or from the record "path" of a pax
 * extended header before it.
 */
#include "ustar.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_ROOM 4200

/* Up to eleven octal digits; -1 for anything else. */
static int64_t read_octal(const char *field, size_t nbytes)
{
    int64_t value = 0;
    size_t i;

    for (i = 0; i < nbytes && field[i] >= '0' && field[i] <= '7'; i++)
        value = value * 8 + (field[i] - '0');
    return i > 0 && (i == nbytes || !field[i] || field[i] == ' ') ? value : -1;
}

static bool is_end(const char *block)
{
    static const char zeros[USTAR_BLOCK];

    return memcmp(block, zeros, USTAR_BLOCK) == 0;
}

/* The value of "LENGTH path=VALUE\n", as text; empty if it does not fit. */
static void read_path(const char *records, size_t nbytes, char *path)
{
    while (nbytes > 0) {
        char *end;
        size_t length = strtoul(records, &end, 10);

        if (length < 8 || length > nbytes || *end != ' ')
            return;
        if (strncmp(end, " path=", 6) == 0 && length <= NAME_ROOM)
            sprintf(path, "%.*s", (int)(records + length - end - 7), end + 6);
        records += length;
        nbytes -= length;
    }
}

static void read_name(const struct ustar_header *header, char *name)
{
    sprintf(name, "%.*s%s%.*s", (int)sizeof(header->prefix), header->prefix,
            header->prefix[0] ? "/" : "", (int)sizeof(header->name),
            header->name);
}

ssize_t ustar_scan(const char *bytes, size_t nbytes,
                   int (*visit)(void *context, const char *name), void *context)
{
    char name[NAME_ROOM] = "";
    size_t at = 0;

    while (at + USTAR_BLOCK <= nbytes && !is_end(bytes + at)) {
        const struct ustar_header *header = (const void *)(bytes + at);
        int64_t size = read_octal(header->size, sizeof(header->size));
        size_t room = nbytes - at - USTAR_BLOCK;
        int result = 0;

        if (memcmp(header->magic, "ustar", 5) != 0 || size < 0 ||
            (uint64_t)size > room)
            return -EINVAL;
        if (header->type == 'x') {
            read_path(bytes + at + USTAR_BLOCK, (size_t)size, name);
        } else if (header->type != 'g') {
            if (!name[0])
                read_name(header, name);
            if (header->type == '5')
                result = visit(context, name);
            name[0] = '\0';
        }
        if (result != 0)
            return result;
        at += USTAR_BLOCK +
              ((size_t)size + USTAR_BLOCK - 1) / USTAR_BLOCK * USTAR_BLOCK;
    }
    return at + USTAR_BLOCK <= nbytes ? (ssize_t)at : -EINVAL;
}
