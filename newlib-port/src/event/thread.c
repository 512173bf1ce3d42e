/*
 * The threads of SIGEV_THREAD.
 */
#include "thread.h"

#ifdef HAS_THREADS

#    include "../call.h"
#    include <cairn/signal.h>
#    include <stdlib.h>
#    include <string.h>
#    include <unistd.h>

#    define SET_BYTES __CAIRN_SIGSET_BYTES

int __event_call_init(struct __event_call *call, const struct sigevent *event)
{
    const pthread_attr_t *attr = event->sigev_notify_attributes;

    if (event->sigev_notify_function == NULL)
        return EINVAL;
    call->function = event->sigev_notify_function;
    call->value = event->sigev_value;
    if (attr != NULL)
        call->attr = *attr;
    else
        pthread_attr_init(&call->attr);
    pthread_attr_setdetachstate(&call->attr, PTHREAD_CREATE_DETACHED);
    CALL(rt_sigprocmask, SIG_BLOCK, NULL, &call->mask, SET_BYTES);
    return 0;
}

static void *call_function(void *arg)
{
    struct __event_call *copy = arg, call = *copy;

    free(copy);
    CALL(rt_sigprocmask, SIG_SETMASK, &call.mask, NULL, SET_BYTES);
    call.function(call.value);
    return NULL;
}

void __event_call_run(const struct __event_call *call)
{
    struct __event_call *copy = malloc(sizeof(*copy));
    pthread_t thread;

    if (copy == NULL)
        return;
    *copy = *call;
    if (pthread_create(&thread, &call->attr, call_function, copy) != 0)
        free(copy);
}

/* Everything is blocked, also what the C library keeps for itself. */
static void block_all(sigset_t *before)
{
    sigset_t all;

    memset(&all, 0xFF, sizeof(all));
    CALL(rt_sigprocmask, SIG_SETMASK, &all, before, SET_BYTES);
}

static void *wait_for_events(void *arg)
{
    struct __event_thread *t = arg;
    sigset_t set = {{0, 0}};
    siginfo_t info;
    int once = t->once;

    set.__bits[(EVENT_SIGNAL - 1) / 32] = 1ul << (EVENT_SIGNAL - 1) % 32;
    t->tid = (int)CALL(gettid);
    sem_post(&t->ready);
    do {
        while (CALL(rt_sigtimedwait_time64, &set, &info, NULL, SET_BYTES) < 0)
            continue;
        if (!t->over && (info.si_code == SI_TIMER || info.si_code == SI_MESGQ))
            __event_call_run(&t->call);
    } while (!t->over && !once);
    if (t->id >= 0)
        CALL(timer_delete, t->id);
    sem_destroy(&t->ready);
    free(t);
    return NULL;
}

/* Make the thread, with all signals blocked from its start. */
static int make_thread(struct __event_thread *t)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t before;
    int error;

    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    block_all(&before);
    error = pthread_create(&thread, &attr, wait_for_events, t);
    if (error == 0)
        while (sem_wait(&t->ready) < 0)
            continue;
    CALL(rt_sigprocmask, SIG_SETMASK, &before, NULL, SET_BYTES);
    return error;
}

struct __event_thread *__event_thread_start(const struct sigevent *event,
                                            int once)
{
    struct __event_thread *t = calloc(1, sizeof(*t));
    int error;

    if (t == NULL)
        return NULL;
    t->id = -1;
    t->once = once;
    sem_init(&t->ready, 0, 0);
    error = __event_call_init(&t->call, event);
    if (error == 0)
        error = make_thread(t);
    if (error != 0) {
        sem_destroy(&t->ready);
        free(t);
        errno = error;
        return NULL;
    }
    return t;
}

void __event_thread_end(struct __event_thread *t)
{
    int tid = t->tid;

    t->over = 1;
    CALL(tgkill, getpid(), tid, EVENT_SIGNAL);
}

#else
typedef int no_threads;
#endif
