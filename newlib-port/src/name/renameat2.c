/*
 * renameat2: those of renameat; EEXIST with RENAME_NOREPLACE, EINVAL for flags.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <stdio.h>

int renameat2(int old_fd, const char *old, int new_fd, const char *new,
              unsigned flags)
{
    return (int)RESULT(CALL(renameat2, old_fd, old, new_fd, new, flags));
}
