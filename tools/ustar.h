/*
 * tools/ustar.h - the form of a ustar archive (POSIX.1-2017, pax)
 */
#ifndef CAIRN_TOOLS_USTAR_H
#define CAIRN_TOOLS_USTAR_H

#include <stddef.h>
#include <sys/types.h>

#define USTAR_BLOCK 512u

struct ustar_header {
    char name[100];
    char mode[8];
    char uid[8];
    char gid[8];
    char size[12];
    char mtime[12];
    char checksum[8];
    char type;
    char link[100];
    char magic[8]; /* "ustar", NUL, "00": magic and version in one */
    char owner[32];
    char group[32];
    char devmajor[8];
    char devminor[8];
    char prefix[155];
    char unused[12];
};

_Static_assert(sizeof(struct ustar_header) == USTAR_BLOCK,
               "a header is one block");

/*
 * Walks an archive in memory and calls visit(context, name) for each of its
 * directories, until that returns something else than 0, which is returned.
 * Else the number of bytes before the blocks of zeros that end the archive, or
 * -EINVAL if it is broken.
 */
ssize_t ustar_scan(const char *bytes, size_t nbytes,
                   int (*visit)(void *context, const char *name),
                   void *context);

#endif
