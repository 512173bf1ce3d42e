/*
 * Read tar archives: POSIX ustar, pax headers, and GNU long names.
 *
 * The archive is hostile until proven otherwise: each header's checksum,
 * numbers, name and extent are checked before a member is shown, and the first
 * bad member ends the walk with an error that says what is wrong and where.
 * Members that were shown before it stay valid.
 *
 * Pure: memory comes from the caller, bytes through a function it gives.
 */
#ifndef FS_TAR_H
#define FS_TAR_H

#include <stddef.h>
#include <stdint.h>

#include "lib/compiler.h"

#define TAR_BLOCK    512
#define TAR_NAME_MAX 4095 /* what a path may have, without its NUL */

enum tar_type {
    TAR_REGULAR,
    TAR_HARDLINK,
    TAR_SYMLINK,
    TAR_CHAR,
    TAR_BLOCKDEV,
    TAR_DIRECTORY,
    TAR_FIFO,
};

/* What can be wrong with an archive. */
enum tar_error {
    TAR_OK,
    TAR_EREAD,      /* the reader failed */
    TAR_ETRUNCATED, /* ends inside a header or a member's data */
    TAR_ENOEND,     /* ends without the block of zeros that marks the end */
    TAR_EMAGIC,     /* not a ustar header */
    TAR_ECHECKSUM,  /* the header's checksum is wrong */
    TAR_ENUMBER,    /* a number field is no number or does not fit */
    TAR_ETYPE,      /* an unknown type of member */
    TAR_ENAME,      /* an empty name, or one with .. or a NUL in it */
    TAR_ENAMELONG,  /* a name or link of more than TAR_NAME_MAX bytes */
    TAR_ELINK,      /* a link that points nowhere, or has data */
    TAR_EEXTENDED,  /* a broken pax or GNU header, or one for no member */
    TAR_ESPARSE,    /* a sparse file, which is not understood */
    TAR_NERRORS
};

/*
 * Read exactly `nbytes` at `offset` of the archive into `buf`; the range lies
 * inside the archive. Return 0 or -errno.
 */
typedef int tar_read_fn(void *context, uint64_t offset, void *buf,
                        size_t nbytes);

/* One member. All of it is set. */
struct tar_entry {
    enum tar_type type;
    uint32_t mode; /* permission bits only: at most 07777 */
    uint32_t uid;  /* (uid and gid: as in the archive) */
    uint32_t gid;
    uint32_t major; /* of a device, else 0 */
    uint32_t minor;
    int64_t mtime;   /* seconds since 1970 */
    uint64_t size;   /* of a regular file's data, else 0 */
    uint64_t offset; /* of the data in the archive */
    uint64_t header; /* where the member's first header starts */

    /*
     * The path, relative to the root, parts joined by one slash: no slash at
     * either end, no "." or "..". The root itself is the empty string.
     */
    char name[TAR_NAME_MAX + 1];

    /* A symbolic link's text as it stands; a hard link's path like name. */
    char link[TAR_NAME_MAX + 1];
};

/* What extended headers say, for one member or for all that follow. */
struct tar_override {
    unsigned set; /* which of these are in force */
    uint32_t uid;
    uint32_t gid;
    int64_t mtime;
    uint64_t size;
};

struct tar {
    tar_read_fn *read;
    void *context;
    uint64_t nbytes;            /* of the archive */
    uint64_t position;          /* of the next header, or of the bad one */
    enum tar_error error;       /* why the walk ended */
    int result;                 /* what tar_next returned then */
    struct tar_override global; /* from pax global headers */
    unsigned char block[TAR_BLOCK];
};

/* Start a walk over an archive of `nbytes` bytes. Cannot fail. */
void tar_init(struct tar *tar, tar_read_fn *read, void *context,
              uint64_t nbytes);

/*
 * Read the next member. Return 1 with *entry set; 0 at the end, which is a
 * block of zeros; or a negative error, and then
 * tar->error and tar->position say more and every further call returns the
 * same: -EIO or the reader's own error, -EINVAL for a broken archive,
 * -ENAMETOOLONG, -EOVERFLOW for sizes and numbers that do not fit, -ENOTSUP
 * for what is valid and not understood. On 0 and errors *entry is undefined.
 */
int tar_next(struct tar *tar, struct tar_entry *entry) must_check;

/* A sentence part for the log; any value may be given. */
const char *tar_error_string(enum tar_error error);

#endif
