/*
 * Where the bytes of a read go to or those of a write come from: one buffer or
 * a vector of them, in user space or in the kernel.
 *
 * A uio is a cursor: each copy moves it forward, and `resid` tells what is
 * left. A user address that faults ends the transfer: the copy is short, and
 * `fault` is set, so that the caller returns what was done so far, or -EFAULT
 * if that is nothing (uio_result).
 */
#ifndef FS_UIO_H
#define FS_UIO_H

#include <cairn/errno.h>
#include "lib/types.h"
#include "arch/i386/ucopy.h"

/* No call moves more than this, as in Linux: INT_MAX rounded down to a page. */
#define UIO_MAX 0x7ffff000u

/* As user space lays it out (struct iovec of i386). */
struct uio_segment {
    uaddr_t base;
    uint32_t nbytes;
};

struct uio {
    size_t resid;  /* bytes still to move */
    size_t first;  /* bytes left of the current buffer */
    uaddr_t user;  /* where they are, if in user space */
    char *kernel;  /* where they are if not NULL: in the kernel */
    bool fault;    /* a user address was bad */
    bool nonblock; /* O_NONBLOCK for this one call */
    bool broken;   /* a pipe without readers: SIGPIPE, whatever was moved */
    bool unused;   /* the four are set at once */
    const struct uio_segment *next; /* the buffers after the current one */
    uint64_t size_limit; /* RLIMIT_FSIZE for writes; UINT64_MAX: none */
};

/* One user buffer; `nbytes` beyond UIO_MAX are left out. */
static inline void uio_init_user(struct uio *uio, uaddr_t base, size_t nbytes)
{
    uio->resid = nbytes < UIO_MAX ? nbytes : UIO_MAX;
    uio->first = uio->resid;
    uio->user = base;
    uio->kernel = NULL;
    uio->fault = false;
    uio->nonblock = false;
    uio->broken = false;
    uio->unused = false;
    uio->next = NULL;
    uio->size_limit = UINT64_MAX;
}

/* One buffer of the kernel's. */
static inline void uio_init_kernel(struct uio *uio, void *base, size_t nbytes)
{
    uio_init_user(uio, 0, nbytes);
    uio->kernel = base;
}

/*
 * A vector of `n` user buffers (at least one) that the caller has copied in;
 * it must live as long as the uio. Lengths are summed up to UIO_MAX.
 */
void uio_init_vector(struct uio *uio, const struct uio_segment *vector,
                     size_t n);

/*
 * Move up to `nbytes` bytes, but never more than resid: from the uio to `dst`,
 * from `src` to the uio, zeros to the uio. Return how many were moved: fewer
 * than both only after a fault. May bring user pages in; never sleeps.
 */
size_t uio_copy_in(struct uio *uio, void *dst, size_t nbytes) must_check;
size_t uio_copy_out(struct uio *uio, const void *src, size_t nbytes) must_check;
size_t uio_zero_out(struct uio *uio, size_t nbytes) must_check;

/* Skip bytes as if they had been moved; at most resid. */
void uio_skip(struct uio *uio, size_t nbytes);

/*
 * What a call that moved `done` bytes and then met `error` (0 or -errno)
 * returns: bytes if there are any, else the error, else -EFAULT after a
 * fault, else 0.
 */
static inline ssize_t uio_result(const struct uio *uio, size_t done, int error)
{
    if (done > 0)
        return (ssize_t)done;
    if (error < 0)
        return error;
    return uio->fault ? -EFAULT : 0;
}

#endif
