/*
 * lio_listio: EAGAIN, EINTR, EINVAL; EIO if one of the requests has failed, of
 * which aio_error then tells why.
 */
#include "aio.h"
#include "../call.h"
#include <stdlib.h>

#define LIST_MAX 1024 /* sysconf(_SC_AIO_LISTIO_MAX) */

/* Begin one of the list: whether it could be. */
static int submit_one(struct aiocb *request, struct aio_list *list)
{
    int error;

    if (request == NULL || request->aio_lio_opcode == LIO_NOP)
        return 1;
    if (list != NULL)
        __atomic_add_fetch(&list->left, 1, __ATOMIC_ACQ_REL);
    if (request->aio_lio_opcode == LIO_READ)
        error = __aio_submit(request, AIO_READ, list);
    else if (request->aio_lio_opcode == LIO_WRITE)
        error = __aio_submit(request, AIO_WRITE, list);
    else
        error = __cairn_fail(EINVAL);
    if (error == 0)
        return 1;
    request->__result = -1;
    request->__error = errno;
    __aio_list_put(list);
    return 0;
}

/* Wait for all: 0, EINTR, EIO. */
static int wait_for_all(struct aiocb *const list[], int n)
{
    int good = 1;

    for (int i = 0; i < n; i++) {
        const struct aiocb *one[] = {list[i]};

        if (list[i] == NULL || list[i]->aio_lio_opcode == LIO_NOP)
            continue;
        if (aio_suspend(one, 1, NULL) < 0)
            return EINTR;
        good &= aio_error(list[i]) == 0;
    }
    return good ? 0 : EIO;
}

static int begin_all(struct aiocb *const list[], int n,
                     const struct sigevent *event)
{
    struct aio_list *told = NULL;
    int good = 1, error;

    if (event != NULL) {
        told = calloc(1, sizeof(*told));
        if (told == NULL)
            return EAGAIN;
        told->left = 1;
        error = __aio_event_init(&told->event, event);
        if (error != 0) {
            free(told);
            return error;
        }
    }
    for (int i = 0; i < n; i++)
        good &= submit_one(list[i], told);
    __aio_list_put(told);
    return good ? 0 : EIO;
}

int lio_listio(int mode, struct aiocb *restrict const list[restrict], int n,
               struct sigevent *restrict event)
{
    struct aiocb *const *all = (struct aiocb *const *)list;
    int error, failed;

    if ((mode != LIO_WAIT && mode != LIO_NOWAIT) || n < 0 || n > LIST_MAX)
        return __cairn_fail(EINVAL);
    error = begin_all(all, n, mode == LIO_NOWAIT ? event : NULL);
    if (mode == LIO_WAIT && (error == 0 || error == EIO)) {
        failed = wait_for_all(all, n);
        error = failed == EINTR || error == 0 ? failed : error;
    }
    return error == 0 ? 0 : __cairn_fail(error);
}
