/*
 * Descriptor tables: which numbers of a process name which open files.
 *
 * A table is counted, since threads share it; fork copies it. It grows as
 * needed up to the limit that the caller passes (RLIMIT_NOFILE). The lowest
 * free number is found through a bitmap.
 */
#ifndef FS_FDTABLE_H
#define FS_FDTABLE_H

#include "lib/types.h"

struct fdtable;
struct file;

/* No table is larger than this, whatever the limit says. */
#define FDTABLE_MAX 262144u

/* An empty table, one reference: -ENOMEM. */
int fdtable_create(struct fdtable **out) must_check;

/* A copy for fork that shares the files: -ENOMEM. */
int fdtable_copy(struct fdtable *table, struct fdtable **out) must_check;

struct fdtable *fdtable_get(struct fdtable *table);

/* Drop a reference; the last one closes all. May sleep. */
void fdtable_put(struct fdtable *table);

/*
 * The file of a descriptor with a reference for the caller (file_put), or
 * NULL: -EBADF.
 */
struct file *fdtable_file(struct fdtable *table, int fd) must_check;

/*
 * The same without a reference. Valid until the caller sleeps: another thread
 * may close the descriptor then.
 */
struct file *fdtable_peek(struct fdtable *table, int fd) must_check;

/*
 * Reserve the lowest free number >= `min` and < `limit`: the number, -EMFILE,
 * or -ENOMEM. Until fdtable_install or fdtable_release it looks closed.
 */
int fdtable_reserve(struct fdtable *table, int min, uint64_t limit) must_check;

/* Fill a reserved number; takes over the caller's reference to `file`. */
void fdtable_install(struct fdtable *table, int fd, struct file *file,
                     bool cloexec);

/* Give a reserved number back. */
void fdtable_release(struct fdtable *table, int fd);

/*
 * Reserve and install in one step: the number, or -errno with the caller's
 * reference to `file` dropped.
 */
int fdtable_add(struct fdtable *table, struct file *file, uint64_t limit,
                bool cloexec) must_check;

/*
 * Put `file` (a reference is taken) at exactly `fd`, closing what was there:
 * dup2, dup3. -EBADF (fd outside the limit), -EBUSY (reserved by a call under
 * way), -ENOMEM.
 */
int fdtable_replace(struct fdtable *table, int fd, struct file *file,
                    uint64_t limit, bool cloexec) must_check;

/* Close: 0 or -EBADF. May sleep. */
int fdtable_close(struct fdtable *table, int fd) must_check;

/* The close-on-exec flag: 0, 1 or -EBADF; 0 or -EBADF. */
int fdtable_cloexec(struct fdtable *table, int fd) must_check;
int fdtable_set_cloexec(struct fdtable *table, int fd, bool on) must_check;

/*
 * What exec does: if the table is shared, replace it by an own copy (-ENOMEM
 * with nothing changed); later, past the point of no return, close what is
 * marked close-on-exec.
 */
int fdtable_unshare(struct fdtable **table) must_check;
void fdtable_close_exec(struct fdtable *table);

/* The lowest open number >= fd, or -1: for /proc, fork checks, close_range. */
int fdtable_next(struct fdtable *table, int fd) must_check;

/* How many references there are. */
uint32_t fdtable_refs(const struct fdtable *table);

#endif
