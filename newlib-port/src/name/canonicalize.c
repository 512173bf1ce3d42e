/*
 * canonicalize_file_name: realpath with a buffer of its own.
 */
#define _GNU_SOURCE
#include <stdlib.h>

char *canonicalize_file_name(const char *path)
{
    return realpath(path, NULL);
}
