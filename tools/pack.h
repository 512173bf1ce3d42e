/*
 * tools/pack.h - write an initrd: a ustar archive whose files can be mapped
 *
 * The library behind build/host/mkinitrd, also linked into cairn-run.  An
 * archive is written front to back to any stream, a pipe included:
 *
 *     struct pack *pack;
 *
 *     pack_open(out, pack_default_mtime(), &pack);
 *     pack_add_file(pack, "bin/hello", PACK_MODE_HOST, "./hello");
 *     pack_add_bytes(pack, "etc/args", 0644, args, nbytes);
 *     pack_close(pack);
 *
 * Rules for all functions:
 *
 * - They return 0 or a negative errno value.  After an error of the stream
 *   the archive is useless; pack_close() must still be called, and returns
 *   that same error.
 * - A name is the path inside the archive: any bytes but NUL, with or without
 *   a leading slash.  Empty components and "." vanish; ".." is -EINVAL, and
 *   so is a name with nothing left, where the root makes no sense.
 *   A component beyond 255 bytes, or a path beyond 4095, is -ENAMETOOLONG.
 * - Directories above a name are added by themselves, with mode 0755.  A
 *   directory that is there already is not an error and not repeated (its
 *   first mode stays); any other name given twice is -EEXIST.
 * - Owner and group are 0 and all times are those of pack_open(): equal
 *   input gives equal bytes.
 *
 * The layout that the kernel relies on is drawn at the head of pack.c.
 */
#ifndef CAIRN_TOOLS_PACK_H
#define CAIRN_TOOLS_PACK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct pack;

/*
 * Permission bits as the file on the host has them, without set-user-ID and
 * set-group-ID: in the archive everything belongs to root.
 */
#define PACK_MODE_HOST 0xffffffffu

/* 0755 for what somebody may execute, else 0644: free of the host's umask. */
#define PACK_MODE_PLAIN 0xfffffffeu

/*
 * Starts an archive on the stream OUT, which stays the caller's to close.
 * MTIME is the time of every member, in seconds since 1970, 0 to 2^33 - 1
 * (else -EINVAL).  -ENOMEM leaves *PACKP NULL.
 */
int pack_open(FILE *out, int64_t mtime, struct pack **packp);

/* Leave out, from now on, a file or link whose name a file or link has. */
void pack_keep_first(struct pack *pack);

/* Leave out, from now on, what trees have by the name NAME; NULL: nothing. */
void pack_leave_out(struct pack *pack, const char *name);

/* The time that SOURCE_DATE_EPOCH in the environment asks for, or 0. */
int64_t pack_default_mtime(void);

/* Adds a directory.  MODE: permission bits. */
int pack_add_dir(struct pack *pack, const char *name, unsigned mode);

/*
 * Adds a regular file of NBYTES bytes from memory.  DATA may be NULL when
 * NBYTES is 0.  -EFBIG beyond 8 GiB, which ustar cannot say.
 */
int pack_add_bytes(struct pack *pack, const char *name, unsigned mode,
                   const void *data, size_t nbytes);

/*
 * Adds the file HOST_PATH of this machine; symbolic links are followed.
 * What has no size of its own (a pipe, a terminal, a file of /proc) is read
 * to its end first.  MODE: permission bits or one of the two words above.
 * Errors of open() and read() come back; a file that shrinks under the
 * reader is -EIO, a directory -EISDIR.
 */
int pack_add_file(struct pack *pack, const char *name, unsigned mode,
                  const char *host_path);

/* Adds a symbolic link with the text TARGET: 1 to 4095 bytes, any. */
int pack_add_symlink(struct pack *pack, const char *name, const char *target);

/*
 * Adds everything below the directory HOST_DIR, as NAME/... ("" for the root
 * of the archive), in the order of names' bytes.  Symbolic links stay links;
 * a second name of a file is a second copy.  Sockets, pipes and devices are
 * -ENOTSUP.  MODE is PACK_MODE_HOST or PACK_MODE_PLAIN.
 */
int pack_add_tree(struct pack *pack, const char *name, unsigned mode,
                  const char *host_dir);

/*
 * Starts an archive with everything that another one has, which pack_close()
 * ended: nothing else may have been added yet.  Files that are added afterwards
 * under names that it has replace them when it is read; its directories stay.
 * -EINVAL for what is no such archive.
 */
int pack_add_archive(struct pack *pack, const char *host_path);

/*
 * Ends the archive, flushes the stream and frees PACK in every case.
 * Returns the first error that the stream had.
 */
int pack_close(struct pack *pack);

#endif
