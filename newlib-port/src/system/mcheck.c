/*
 * mcheck and its kin, over the checks that Cairn's allocator makes anyway: every
 * free is tested for a block that exists, and malloc_check() walks the heap.
 */
#define _GNU_SOURCE
#include <cairn/malloc.h>
#include <errno.h>
#include <fcntl.h>
#include <mcheck.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void (*handler)(enum mcheck_status);

/* Walk the heap; report damage to the program's function, or end. */
static enum mcheck_status check(void)
{
    const char *fault = malloc_check();

    if (fault == NULL)
        return MCHECK_OK;
    if (handler != NULL) {
        handler(MCHECK_HEAD);
    } else {
        fprintf(stderr, "mcheck: %s\n", fault);
        abort();
    }
    return MCHECK_HEAD;
}

int mcheck(void (*function)(enum mcheck_status))
{
    handler = function;
    return 0;
}

int mcheck_pedantic(void (*function)(enum mcheck_status))
{
    return mcheck(function);
}

void mcheck_check_all(void)
{
    check();
}

/* A block that is not in use has no usable size. */
enum mcheck_status mprobe(void *block)
{
    enum mcheck_status status = check();

    if (status != MCHECK_OK || block == NULL)
        return status;
    return malloc_usable_size(block) > 0 ? MCHECK_OK : MCHECK_FREE;
}

/* ---- mtrace: a line for each operation, in the file that MALLOC_TRACE names */

static int trace_fd = -1;

static void write_line(const char *what, void *block, size_t nbytes, void *old)
{
    int saved = errno;

    if (strcmp(what, "free") == 0)
        dprintf(trace_fd, "- %p\n", old != NULL ? old : block);
    else if (old != NULL)
        dprintf(trace_fd, "< %p\n> %p %#zx\n", old, block, nbytes);
    else
        dprintf(trace_fd, "+ %p %#zx\n", block, nbytes);
    errno = saved;
}

void mtrace(void)
{
    const char *path = secure_getenv("MALLOC_TRACE");

    if (path == NULL || trace_fd >= 0)
        return;
    trace_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (trace_fd < 0)
        return;
    dprintf(trace_fd, "= Start\n");
    malloc_set_trace(write_line);
}

void muntrace(void)
{
    if (trace_fd < 0)
        return;
    malloc_set_trace(NULL);
    dprintf(trace_fd, "= End\n");
    close(trace_fd);
    trace_fd = -1;
}
