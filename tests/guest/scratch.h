/*
 * A directory of a test's own to work in, on Cairn and on a host.
 */
#ifndef TESTS_GUEST_SCRATCH_H
#define TESTS_GUEST_SCRATCH_H

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_path[64];

/* Make it and go there; ends the program if that fails. */
static inline void scratch_enter(const char *name)
{
    mkdir("/tmp", 01777);
    snprintf(scratch_path, sizeof(scratch_path), "/tmp/%s.%d", name,
             (int)getpid());
    umask(0);
    if (mkdir(scratch_path, 0755) != 0 || chdir(scratch_path) != 0) {
        perror(scratch_path);
        exit(1);
    }
}

/* Leave and remove it: 0 if it was empty, as it must be. */
static inline int scratch_leave(void)
{
    if (chdir("/") != 0)
        return -1;
    return rmdir(scratch_path);
}

#endif
