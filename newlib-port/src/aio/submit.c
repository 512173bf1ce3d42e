/*
 * What aio_read, aio_write, aio_fsync and lio_listio have in common: checking a
 * request, doing it, and telling of its end.
 */
#include "aio.h"
#include "../call.h"
#include <cairn/futex.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PRIORITY_MAX 20 /* sysconf(_SC_AIO_PRIO_DELTA_MAX) */

/* Counts requests that are over: what aio_suspend waits for. */
int __aio_completions;

int __aio_event_init(struct aio_event *told, const struct sigevent *event)
{
    told->event = *event;
    switch (event->sigev_notify) {
    case SIGEV_NONE:
        return 0;
    case SIGEV_SIGNAL: /* signal 0, of a zeroed struct, is none */
        return event->sigev_signo < 0 || event->sigev_signo > SIGRTMAX ? EINVAL
                                                                       : 0;
    case SIGEV_THREAD:
#ifdef HAS_THREADS
        return __event_call_init(&told->call, event);
#else
        return ENOTSUP;
#endif
    default:
        return EINVAL;
    }
}

void __aio_notify(const struct aio_event *told)
{
    const struct sigevent *event = &told->event;
    siginfo_t info;

#ifdef HAS_THREADS
    if (event->sigev_notify == SIGEV_THREAD)
        __event_call_run(&told->call);
#endif
    if (event->sigev_notify != SIGEV_SIGNAL || event->sigev_signo == 0)
        return;
    memset(&info, 0, sizeof(info));
    info.si_signo = event->sigev_signo;
    info.si_code = SI_ASYNCIO;
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value = event->sigev_value;
    CALL(rt_sigqueueinfo, info.si_pid, info.si_signo, &info);
}

void __aio_list_put(struct aio_list *list)
{
    if (list == NULL || __atomic_sub_fetch(&list->left, 1, __ATOMIC_ACQ_REL))
        return;
    __aio_notify(&list->event);
    free(list);
}

void __aio_publish(const struct aio_job *job, ssize_t result, int error)
{
    job->request->__result = result;
    __atomic_store_n(&job->request->__error, error, __ATOMIC_RELEASE);
}

void __aio_tell(struct aio_job *job)
{
    __atomic_add_fetch(&__aio_completions, 1, __ATOMIC_ACQ_REL);
    CALL(futex_time64, &__aio_completions, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
    __aio_notify(&job->event);
    __aio_list_put(job->list);
    free(job);
}

void __aio_complete(struct aio_job *job, ssize_t result, int error)
{
    __aio_publish(job, result, error);
    __aio_tell(job);
}

/* At the offset; where there is none, in the stream's order. */
ssize_t __aio_transfer(const struct aio_job *job)
{
    ssize_t n;

    switch (job->operation) {
    case AIO_SYNC:
        return fsync(job->fd);
    case AIO_DATASYNC:
        return fdatasync(job->fd);
    case AIO_READ:
        n = pread(job->fd, job->buf, job->nbytes, job->offset);
        return n < 0 && errno == ESPIPE ? read(job->fd, job->buf, job->nbytes)
                                        : n;
    default:
        if (fcntl(job->fd, F_GETFL) & O_APPEND)
            return write(job->fd, job->buf, job->nbytes);
        n = pwrite(job->fd, job->buf, job->nbytes, job->offset);
        return n < 0 && errno == ESPIPE ? write(job->fd, job->buf, job->nbytes)
                                        : n;
    }
}

/* EBADF for a descriptor that is none, or not open for this: else 0. */
static int check_access(int fd, enum aio_operation operation)
{
    int mode = fcntl(fd, F_GETFL);

    if (mode < 0)
        return EBADF;
    mode &= O_ACCMODE;
    if (operation == AIO_READ)
        return mode == O_WRONLY ? EBADF : 0;
    return mode == O_RDONLY ? EBADF : 0;
}

static int check(const struct aiocb *request, enum aio_operation operation)
{
    if (operation == AIO_SYNC || operation == AIO_DATASYNC)
        return check_access(request->aio_fildes, operation);
    if (request->aio_offset < 0 || request->aio_nbytes > SSIZE_MAX ||
        request->aio_reqprio < 0 || request->aio_reqprio > PRIORITY_MAX)
        return EINVAL;
    return 0;
}

/* A descriptor that is none is an error of the request. */
static int begin(struct aio_job *job)
{
    int error = check_access(job->fd, job->operation);

    job->request->__error = EINPROGRESS;
    if (error == 0)
        return __aio_queue(job);
    __aio_complete(job, -1, error);
    return 0;
}

int __aio_submit(struct aiocb *request, enum aio_operation operation,
                 struct aio_list *list)
{
    int error = check(request, operation);
    struct aio_job *job;

    if (error != 0)
        return __cairn_fail(error);
    job = calloc(1, sizeof(*job));
    if (job == NULL)
        return __cairn_fail(EAGAIN);
    *job = (struct aio_job){.request = request,
                            .list = list,
                            .operation = operation,
                            .fd = request->aio_fildes,
                            .buf = (void *)request->aio_buf,
                            .nbytes = request->aio_nbytes,
                            .offset = request->aio_offset};
    error = __aio_event_init(&job->event, &request->aio_sigevent);
    if (error == 0)
        error = begin(job);
    if (error != 0) {
        request->__error = error;
        free(job);
        return __cairn_fail(error);
    }
    return 0;
}
