/*
 * The map behind /dev/kcov. Interrupts that come meanwhile count for the
 * thread too; what they touch is soon all known.
 *
 * The compiler calls __sanitizer_cov_trace_pc at the start of each basic block
 * (GCC, -fsanitize-coverage=trace-pc). This file has no such calls itself.
 */
#include "dev/kcov.h"

#include <cairn/stat.h>

#include "fs/devfs.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/uio.h"
#include "lib/string.h"
#include "sched/thread.h"

#define KCOV_UNIT  2u
#define KCOV_BYTES 65536u

/* As /dev/kcov of a system that calls this kcov has none. */
#define KCOV_MAJOR 240u

extern char kernel_text_start[];

static uint8_t map[KCOV_BYTES];
static const struct thread *covered;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    uintptr_t bit;

    if (current != covered)
        return;
    bit = (uintptr_t)__builtin_return_address(0) - (uintptr_t)kernel_text_start;
    bit /= KCOV_UNIT;
    if (bit < KCOV_BYTES * 8)
        map[bit / 8] |= (uint8_t)(1u << bit % 8);
}

static ssize_t kcov_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    size_t done;

    (void)file, (void)pos;
    covered = NULL;
    done = uio_copy_out(uio, map,
                        uio->resid < sizeof(map) ? uio->resid : sizeof(map));
    memset(map, 0, sizeof(map));
    return uio_result(uio, done, 0);
}

static ssize_t kcov_write(struct file *file, struct uio *uio, uint64_t *pos)
{
    (void)file, (void)pos;
    covered = current;
    return (ssize_t)uio->resid;
}

static const struct file_ops kcov_ops = {.read = kcov_read,
                                         .write = kcov_write};

int kcov_init(void)
{
    return devfs_register("kcov", S_IFCHR | 0600, inode_makedev(KCOV_MAJOR, 0),
                          &kcov_ops, NULL);
}
