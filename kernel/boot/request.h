/*
 * What cairn-run asks for: /.cairn/run of the initrd, in memory.
 */
#ifndef BOOT_REQUEST_H
#define BOOT_REQUEST_H

#include "fs/path.h"
#include "lib/types.h"
#include "proc/runfile.h"

struct request {
    struct runfile run; /* its strings lie in the two blocks below */
    char *bytes;
    char **strings;
};

/*
 * Read and parse the file. -ENOENT without one, -E2BIG (more than fits),
 * -ENOMEM, -EINVAL (the log says what is wrong with it), or an error of
 * reading; then nothing has to be freed.
 */
int request_read(const struct fs_caller *caller,
                 struct request *request) must_check;

/* Give the memory back; the strings are gone. */
void request_free(struct request *request);

#endif
