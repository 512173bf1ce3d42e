/*
 * aio_error, aio_return. The error is what another thread sets last.
 */
#include <aio.h>

int aio_error(const struct aiocb *request)
{
    return __atomic_load_n(&request->__error, __ATOMIC_ACQUIRE);
}

ssize_t aio_return(struct aiocb *request)
{
    return request->__result;
}
