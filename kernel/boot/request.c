/*
 * Reading cairn-run's control file. The parser is proc/runfile.c.
 */
#include "boot/request.h"

#include <cairn/errno.h>
#include <cairn/fcntl.h>

#include "fs/file.h"
#include "lib/log.h"
#include "mm/kmalloc.h"

#define MAX_BYTES 0x001FFFFFu

static int read_all(struct file *file, struct request *request, size_t *nbytes)
{
    ssize_t n;

    if (file->inode->size > MAX_BYTES)
        return -E2BIG;
    *nbytes = (size_t)file->inode->size;
    request->bytes = kmalloc(*nbytes + 1);
    if (!request->bytes)
        return -ENOMEM;
    n = file_read_at(file, request->bytes, *nbytes, 0);
    if (n >= 0 && (size_t)n < *nbytes)
        return -EIO;
    return n < 0 ? (int)n : 0;
}

static int parse(struct request *request, size_t nbytes)
{
    size_t nstrings = runfile_count_strings(request->bytes, nbytes);
    const char *wrong;

    request->strings = kmalloc(nstrings * sizeof(*request->strings));
    if (!request->strings)
        return -ENOMEM;
    wrong = runfile_parse(request->bytes, nbytes, request->strings, nstrings,
                          &request->run);
    if (!wrong)
        return 0;
    klog(LOG_ERR, "%s: %s", RUNFILE_PATH, wrong);
    return -EINVAL;
}

int request_read(const struct fs_caller *caller, struct request *request)
{
    struct file *file;
    size_t nbytes;
    int error = path_open(caller, NULL, RUNFILE_PATH, O_RDONLY, 0, &file);

    *request = (struct request){0};
    if (error)
        return error;
    error = read_all(file, request, &nbytes);
    file_put(file);
    if (!error)
        error = parse(request, nbytes);
    if (error)
        request_free(request);
    return error;
}

void request_free(struct request *request)
{
    kfree(request->bytes);
    kfree(request->strings);
    *request = (struct request){0};
}
