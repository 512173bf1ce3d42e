/*
 * readv and writev.
 */
#ifndef _CAIRN_UIO_H
#define _CAIRN_UIO_H

#include <cairn/types.h>

/* One buffer of a vector, as POSIX names it. */
struct iovec {
    void *iov_base;
    __cairn_size iov_len;
};

/* Most buffers in one call. */
#define __CAIRN_IOV_MAX 1024

#endif
