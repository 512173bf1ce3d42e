/*
 * aio_read, aio_write: EAGAIN, EINVAL; aio_fsync: also EBADF. Without threads
 * ENOTSUP for SIGEV_THREAD. All other errors are told by aio_error.
 */
#include "aio.h"
#include "../call.h"

int aio_read(struct aiocb *request)
{
    return __aio_submit(request, AIO_READ, NULL);
}

int aio_write(struct aiocb *request)
{
    return __aio_submit(request, AIO_WRITE, NULL);
}

int aio_fsync(int operation, struct aiocb *request)
{
    if (operation != O_SYNC && operation != O_DSYNC)
        return __cairn_fail(EINVAL);
    return __aio_submit(request, operation == O_SYNC ? AIO_SYNC : AIO_DATASYNC,
                        NULL);
}
