/*
 * aio.h - asynchronous requests.
 *
 * Each file has two threads at most, while it has requests: one does what reads,
 * the other what writes and synchronises, in the order in which they were made.
 * A request's error and result are in its struct.
 *
 * Where the library has no threads, a request is done when it is made.
 */
#ifndef AIO_PRIVATE_H
#define AIO_PRIVATE_H

#include "../event/thread.h"
#include <aio.h>

enum aio_operation { AIO_READ, AIO_WRITE, AIO_SYNC, AIO_DATASYNC };

/* What is to be told, and how. */
struct aio_event {
    struct sigevent event;
#ifdef HAS_THREADS
    struct __event_call call; /* of SIGEV_THREAD */
#endif
};

/* The requests of a lio_listio that tells when all are over. */
struct aio_list {
    struct aio_event event;
    int left; /* counts the call itself */
};

/* A request that waits or is under way: a copy of all that it says. */
struct aio_job {
    struct aio_job *next;
    struct aiocb *request;
    struct aio_list *list;
    struct aio_event event;
    enum aio_operation operation;
    int fd;
    void *buf;
    size_t nbytes;
    off_t offset;
};

/* Take over an event: 0, or an error number. */
int __aio_event_init(struct aio_event *told, const struct sigevent *event);

void __aio_notify(const struct aio_event *told);

/* Do a job now: its result, with errno. */
ssize_t __aio_transfer(const struct aio_job *job);

/* Set the request's result. The request is the program's again at once. */
void __aio_publish(const struct aio_job *job, ssize_t result, int error);

/* Tell of a published result by wake-up and notification. Free the job. */
void __aio_tell(struct aio_job *job);

/* Publish a result and tell of it. */
void __aio_complete(struct aio_job *job, ssize_t result, int error);

/* One request of a list less; the last one tells. NULL is no list. */
void __aio_list_put(struct aio_list *list);

/* Begin a request: 0, or -1 with errno if there could be none. */
int __aio_submit(struct aiocb *request, enum aio_operation operation,
                 struct aio_list *list);

/* Have a job done: 0, or an error number. */
int __aio_queue(struct aio_job *job);

#endif
