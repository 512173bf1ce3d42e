/*
 * thread.h - SIGEV_THREAD: a function that is called in a thread of its own when
 * a timer rings, a message comes, or a request is over.
 *
 * For timers and queues the kernel tells by a signal that is kept for this, sent
 * to a thread that does nothing but wait for it, and makes the others.
 */
#ifndef EVENT_THREAD_H
#define EVENT_THREAD_H

#if __has_include(<pthread.h>)
#    define HAS_THREADS 1
#    include <pthread.h>
#    include <semaphore.h>
#    include <signal.h>

#    define EVENT_SIGNAL \
        32 /* the first of the two that sigfillset leaves out */

/* What is to be called, and how. */
struct __event_call {
    void (*function)(union sigval);
    union sigval value;
    pthread_attr_t attr;
    sigset_t mask; /* of who asked for it */
};

/* Take over what an event says: 0, or an error number. */
int __event_call_init(struct __event_call *call, const struct sigevent *event);

/* Make a thread that calls it. */
void __event_call_run(const struct __event_call *call);

struct __event_thread {
    struct __event_call call;
    sem_t ready;
    int tid;
    int id;            /* of the timer, or -1 */
    int once;          /* it ends after the first time */
    volatile int over; /* it is to end */
};

/* Start one that waits: NULL with errno EAGAIN, EINVAL or ENOMEM. */
struct __event_thread *__event_thread_start(const struct sigevent *event,
                                            int once);

/* End it; it frees what it has. */
void __event_thread_end(struct __event_thread *t);
#endif

#endif
