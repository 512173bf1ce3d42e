/*
 * mkdtemp: make a folder of a new name; newlib's does not know mkdir.
 *
 * Errors: EINVAL for a template that does not end in XXXXXX; EEXIST when no
 * name of 100 was free; those of mkdir.
 */
#include "../call.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define XS    6
#define TRIES 100

static void fill(char *place)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    uint32_t random[XS];

    getentropy(random, sizeof(random));
    for (int i = 0; i < XS; i++)
        place[i] = letters[random[i] % (sizeof(letters) - 1)];
}

char *mkdtemp(char *path)
{
    size_t length = strlen(path);

    if (length < XS || strcmp(path + length - XS, "XXXXXX") != 0) {
        errno = EINVAL;
        return NULL;
    }
    for (int i = 0; i < TRIES; i++) {
        fill(path + length - XS);
        if (mkdir(path, 0700) == 0)
            return path;
        if (errno != EEXIST)
            break;
    }
    memset(path + length - XS, 'X', XS);
    return NULL;
}
