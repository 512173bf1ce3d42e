/*
 * Reading files of /proc whole, and finding values in them.
 */
#ifndef TESTS_GUEST_PROC_READ_H
#define TESTS_GUEST_PROC_READ_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROC_TEXT_MAX 65536

/* The file's text, ended by NUL, in a buffer of its own; NULL: errno says. */
static inline char *proc_read(const char *path)
{
    static char buffers[4][PROC_TEXT_MAX];
    static unsigned turn;
    char *text = buffers[turn++ % 4];
    size_t length = 0;
    ssize_t n;
    int fd = open(path, O_RDONLY);

    if (fd < 0)
        return NULL;
    while ((n = read(fd, text + length, PROC_TEXT_MAX - 1 - length)) > 0)
        length += (size_t)n;
    text[length] = '\0';
    close(fd);
    return n < 0 ? NULL : text;
}

/* The number behind "NAME" at the start of a line (":" skipped), or -1. */
static inline long long proc_value_in(const char *text, const char *name)
{
    size_t length = strlen(name);

    for (const char *line = text; line != NULL && *line != '\0';) {
        if (strncmp(line, name, length) == 0 &&
            strchr(": \t", line[length]) != NULL)
            return strtoll(line + length + strspn(line + length, ": \t"), NULL,
                           10);
        line = strchr(line, '\n');
        line = line != NULL ? line + 1 : NULL;
    }
    return -1;
}

static inline long long proc_value(const char *path, const char *name)
{
    const char *text = proc_read(path);

    return text != NULL ? proc_value_in(text, name) : -1;
}

/* What a link says, or "" if it cannot be read. */
static inline const char *proc_link(const char *path)
{
    static char text[4096];
    ssize_t n = readlink(path, text, sizeof(text) - 1);

    text[n > 0 ? n : 0] = '\0';
    return text;
}

#endif
