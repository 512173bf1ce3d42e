/*
 * The queues of requests, and aio_cancel, which looks into them.
 *
 * aio_cancel: EBADF; EINVAL for a request of another descriptor.
 */
#include "aio.h"
#include "../call.h"
#include <stdlib.h>

#ifdef HAS_THREADS

/* The requests of one descriptor that read, or that write. */
struct queue {
    struct queue *next;
    int fd;
    int writes;
    struct aio_job *first, **last;
    const struct aiocb *running;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct queue *queues;

/* A child of fork has no threads, and so no requests. */
static void before_fork(void)
{
    pthread_mutex_lock(&lock);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&lock);
}

static void after_fork_child(void)
{
    queues = NULL;
    pthread_mutex_unlock(&lock);
}

static void set_up(void)
{
    pthread_atfork(before_fork, after_fork, after_fork_child);
}

static void drop_queue(struct queue *queue)
{
    struct queue **link = &queues;

    while (*link != queue)
        link = &(*link)->next;
    *link = queue->next;
    free(queue);
}

static struct aio_job *take_first(struct queue *queue)
{
    struct aio_job *job = queue->first;

    queue->first = job->next;
    if (queue->first == NULL)
        queue->last = &queue->first;
    return job;
}

/* The thread of a queue: it ends when there is no request left. */
static void *work(void *arg)
{
    struct queue *queue = arg;

    pthread_mutex_lock(&lock);
    while (queue->first != NULL) {
        struct aio_job *job = take_first(queue);
        ssize_t result;

        queue->running = job->request;
        pthread_mutex_unlock(&lock);
        result = __aio_transfer(job);
        pthread_mutex_lock(&lock);
        queue->running = NULL; /* aio_cancel sees both or neither */
        __aio_publish(job, result, result < 0 ? errno : 0);
        pthread_mutex_unlock(&lock);
        __aio_tell(job);
        pthread_mutex_lock(&lock);
    }
    drop_queue(queue);
    pthread_mutex_unlock(&lock);
    return NULL;
}

static int start_thread(struct queue *queue)
{
    sigset_t all, before;
    pthread_attr_t attr;
    pthread_t thread;
    int error;

    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&thread, &attr, work, queue);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static struct queue *find(int fd, int writes)
{
    struct queue *queue = queues;

    while (queue != NULL && (queue->fd != fd || queue->writes != writes))
        queue = queue->next;
    return queue;
}

/* A queue with one job, and its thread. */
static int make_queue(struct aio_job *job, int writes)
{
    struct queue *queue = calloc(1, sizeof(*queue));

    if (queue == NULL)
        return EAGAIN;
    queue->fd = job->fd;
    queue->writes = writes;
    queue->first = job;
    queue->last = &job->next;
    queue->next = queues;
    queues = queue;
    if (start_thread(queue) != 0) {
        drop_queue(queue);
        return EAGAIN;
    }
    return 0;
}

int __aio_queue(struct aio_job *job)
{
    int writes = job->operation != AIO_READ, error = 0;
    struct queue *queue;

    pthread_once(&once, set_up);
    pthread_mutex_lock(&lock);
    queue = find(job->fd, writes);
    if (queue != NULL) {
        *queue->last = job;
        queue->last = &job->next;
    } else {
        error = make_queue(job, writes);
    }
    pthread_mutex_unlock(&lock);
    return error;
}

/* Take a request, or all, out of a queue: a chain of jobs. */
static struct aio_job *take_out(struct queue *queue,
                                const struct aiocb *request)
{
    struct aio_job **link = &queue->first, *taken = NULL;

    while (*link != NULL) {
        struct aio_job *job = *link;

        if (request == NULL || job->request == request) {
            *link = job->next;
            job->next = taken;
            taken = job;
        } else {
            link = &job->next;
        }
    }
    queue->last = link;
    return taken;
}

/* Cancel in one queue: 0, or the bits of what was found. */
#    define FOUND_WAITING 1
#    define FOUND_RUNNING 2
static int cancel(int fd, int writes, const struct aiocb *request)
{
    struct aio_job *jobs = NULL, *next;
    struct queue *queue;
    int found = 0;

    pthread_mutex_lock(&lock);
    queue = find(fd, writes);
    if (queue != NULL) {
        jobs = take_out(queue, request);
        if (queue->running != NULL &&
            (request == NULL || queue->running == request))
            found = FOUND_RUNNING;
    }
    pthread_mutex_unlock(&lock);
    for (; jobs != NULL; jobs = next) {
        next = jobs->next;
        __aio_complete(jobs, -1, ECANCELED);
        found |= FOUND_WAITING;
    }
    return found;
}

int aio_cancel(int fd, struct aiocb *request)
{
    int found;

    if (fcntl(fd, F_GETFL) < 0)
        return -1;
    if (request != NULL && request->aio_fildes != fd)
        return __cairn_fail(EINVAL);
    found = cancel(fd, 0, request) | cancel(fd, 1, request);
    if (found & FOUND_RUNNING)
        return AIO_NOTCANCELED;
    return found & FOUND_WAITING ? AIO_CANCELED : AIO_ALLDONE;
}

#else

int __aio_queue(struct aio_job *job)
{
    int saved = errno;
    ssize_t result = __aio_transfer(job);

    __aio_complete(job, result, result < 0 ? errno : 0);
    errno = saved;
    return 0;
}

int aio_cancel(int fd, struct aiocb *request)
{
    if (fcntl(fd, F_GETFL) < 0)
        return -1;
    if (request != NULL && request->aio_fildes != fd)
        return __cairn_fail(EINVAL);
    return AIO_ALLDONE;
}

#endif
