/*
 * /proc: the state of the kernel and of its processes as files to read.
 */
#ifndef PROC_PROCFS_H
#define PROC_PROCFS_H

#include "lib/compiler.h"

struct memmap;

/*
 * What /proc/memmap shows: the finished map with everything laid over it. It
 * is not copied and must stay.
 */
void procfs_set_memmap(const struct memmap *map);

/* That map, or NULL. */
const struct memmap *procfs_memory_map(void);

/* Make the file system and mount it on /proc, once there is a root. -ENOMEM. */
int procfs_init(void) must_check;

#endif
