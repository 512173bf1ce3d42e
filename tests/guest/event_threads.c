/*
 * SIGEV_THREAD: timers and message queues that call a function in a thread of
 * its own; what deleting and taking back do to it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "proc_read.h"
#include "tap.h"

static sem_t called;
static pthread_t main_thread, caller;
static volatile int value, ncalls;

static void on_event(union sigval v)
{
    value = v.sival_int;
    caller = pthread_self();
    __atomic_add_fetch(&ncalls, 1, __ATOMIC_SEQ_CST);
    sem_post(&called);
}

static void on_event_exit(union sigval v)
{
    on_event(v);
    pthread_exit(NULL);
}

static struct sigevent event_of(void (*function)(union sigval), int number)
{
    struct sigevent event = {.sigev_notify = SIGEV_THREAD,
                             .sigev_value.sival_int = number};

    event.sigev_notify_function = function;
    return event;
}

/* Wait for a call, for 10 s at most. */
static int wait_call(void)
{
    struct timespec limit;

    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 10;
    return sem_timedwait(&called, &limit);
}

static int threads(void)
{
    return (int)proc_value_in(proc_read("/proc/self/status"), "Threads");
}

/* Threads end soon after they were told to. */
static int only_one_left(void)
{
    for (int i = 0; i < 5000 && threads() != 1; i++)
        usleep(1000);
    return threads() == 1;
}

static void test_timer(void)
{
    struct itimerspec once = {.it_value = {0, 1000000}}, left,
                      often = {{0, 1000000}, {0, 1000000}};
    struct sigevent event = event_of(on_event, 5);
    timer_t timer;

    EQUAL(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
    EQUAL(timer_gettime(timer, &left), 0);
    EQUAL(left.it_value.tv_nsec, 0);
    EQUAL(timer_settime(timer, 0, &once, NULL), 0);
    EQUAL(wait_call(), 0);
    EQUAL(value, 5);
    CHECK(!pthread_equal(caller, main_thread));
    EQUAL(timer_settime(timer, 0, &often, NULL), 0);
    for (int i = 0; i < 20; i++)
        if (wait_call() != 0)
            break;
    CHECK(ncalls >= 21);
    CHECK(timer_getoverrun(timer) >= 0);
    EQUAL(timer_delete(timer), 0);
    CHECK(only_one_left());
}

/* The function may end its thread, and delete the timer of another. */
static void test_exit(void)
{
    struct itimerspec often = {{0, 1000000}, {0, 1000000}};
    struct sigevent event = event_of(on_event_exit, 6);
    timer_t timer;

    EQUAL(timer_create(CLOCK_REALTIME, &event, &timer), 0);
    EQUAL(timer_settime(timer, 0, &often, NULL), 0);
    for (int i = 0; i < 5; i++)
        EQUAL(wait_call(), 0);
    EQUAL(timer_delete(timer), 0);
    CHECK(only_one_left());
    event = event_of(NULL, 1);
    FAILS(timer_create(CLOCK_REALTIME, &event, &timer), EINVAL);
    event = event_of(on_event, 1);
    FAILS(timer_create(99, &event, &timer), EINVAL);
    CHECK(only_one_left());
}

static void test_queue(void)
{
    struct mq_attr attr = {.mq_maxmsg = 4, .mq_msgsize = 8};
    struct sigevent event = event_of(on_event, 9);
    mqd_t q = mq_open("/event_threads", O_CREAT | O_RDWR, 0600, &attr);
    char text[8];

    while (sem_trywait(&called) == 0)
        continue;
    ncalls = 0;
    EQUAL(mq_notify(q, &event), 0);
    FAILS(mq_notify(q, &event), EBUSY);
    EQUAL(mq_send(q, "x", 1, 0), 0);
    EQUAL(wait_call(), 0);
    EQUAL(value, 9);
    CHECK(only_one_left());
    mq_receive(q, text, 8, NULL);
    /* Taken back: nobody is called, and no thread stays. */
    EQUAL(mq_notify(q, &event), 0);
    EQUAL(mq_notify(q, NULL), 0);
    CHECK(only_one_left());
    EQUAL(mq_notify(q, &event), 0);
    EQUAL(mq_close(q), 0);
    CHECK(only_one_left());
    EQUAL(ncalls, 1);
    EQUAL(mq_unlink("/event_threads"), 0);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    sem_init(&called, 0, 0);
    main_thread = pthread_self();
    test_timer();
    test_exit();
    test_queue();
    return tap_done();
}
