/*
 * dir.h - what a DIR is: a descriptor and a buffer of getdents64's entries.
 *
 *   buffer: | consumed | next entry ... | free |
 *           0          next             filled
 */
#ifndef DIR_H
#define DIR_H

#include <dirent.h>

#define DIR_BUFFER_BYTES 4096

struct __cairn_dir {
    int fd;
    size_t next;    /* of the entry that readdir returns next */
    size_t filled;  /* bytes of the buffer in use */
    off_t position; /* what seekdir needs to come back here */
    char buffer[DIR_BUFFER_BYTES] __attribute__((aligned(8)));
};

#endif
