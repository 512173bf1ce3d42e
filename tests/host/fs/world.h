/*
 * What the file room needs around it on the host: the memory room over the
 * machine of arrays (tests/host/mm), user memory that is an array too, a clock
 * that stands still, and a scheduler in which nobody else ever runs.
 */
#ifndef TESTS_HOST_FS_WORLD_H
#define TESTS_HOST_FS_WORLD_H

#include "fs/file.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "mm/machine.h"
#include "lib/types.h"

/* User memory: WORLD_USER_BYTES bytes that a program sees at WORLD_USER. */
#define WORLD_USER       0x10000000u
#define WORLD_USER_BYTES 0x40000u
extern uint8_t world_user[WORLD_USER_BYTES];

/* Memory, and an empty root. Once per program. */
void world_start(void);

/* The root file system, and root's view of it. */
extern struct fs *world_fs;
extern struct fs_caller world_caller;
extern struct creds world_creds;

/* Open by path: the file, or NULL with *error. */
struct file *world_open(const char *path, uint32_t flags, int *error);

/* Read or write user memory at `offset` of it: as the file says. */
ssize_t world_read(struct file *file, uint32_t offset, size_t nbytes);
ssize_t world_write(struct file *file, uint32_t offset, size_t nbytes);

/* The clock. */
void world_set_time(uint64_t ns);

/* How often somebody wanted to sleep; he is told -EINTR. */
extern unsigned world_sleeps;

/* Everything that can be checked: CHECKs that it is sound. */
void world_check(void);

/*
 * Run `operation` with its first allocation failing, then the second, and so
 * on until none fails: its results are 0 or -errno. After each failure that
 * it reports, memory must be as before. Returns the number of points.
 */
unsigned world_fail_each(int (*operation)(void *), void *context);

#endif
