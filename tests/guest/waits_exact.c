/*
 * Every call that waits for at most some time, in a machine whose time counts
 * instructions: it ends within 0.1 ms of what was asked, and never early, alone
 * and beside threads that never sleep.
 *
 * test: icount timeout=300
 */
#define _GNU_SOURCE
#include <cairn/syscall.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/sem.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#include "mm_test.h"

#define MS          1000000ll
#define SECOND      (1000 * MS)
#define LATE_MAX    100000
#define FUTEX_WAIT  0
#define FUTEX_UNTIL 9 /* FUTEX_WAIT_BITSET: until a time */

static long long now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static struct timespec span(long long ns)
{
    return (struct timespec){ns / SECOND, (long)(ns % SECOND)};
}

static struct timespec until(clockid_t clock, long long ns)
{
    return span(now(clock) + ns);
}

/* ---- the waits; each returns whether it said that time was up ---- */

static sem_t semaphore;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static mtx_t plain;
static cnd_t signal_of_plain;
static mqd_t empty, full;
static int set, epoll_fd, timer_fd;
static uint32_t word;
static sigset_t alarm_set;
static timer_t timer;

static bool wait_sem(long long ns)
{
    struct timespec t = until(CLOCK_REALTIME, ns);

    return sem_timedwait(&semaphore, &t) == -1 && errno == ETIMEDOUT;
}

static bool wait_mutex(long long ns)
{
    struct timespec t = until(CLOCK_REALTIME, ns);

    return pthread_mutex_timedlock(&mutex, &t) == ETIMEDOUT;
}

static bool wait_condition(long long ns)
{
    struct timespec t = until(CLOCK_REALTIME, ns);

    return pthread_cond_timedwait(&condition, &mutex, &t) == ETIMEDOUT;
}

/* The main thread has it for reading. */
static bool wait_rwlock(long long ns)
{
    struct timespec t = until(CLOCK_REALTIME, ns);

    return pthread_rwlock_timedwrlock(&rwlock, &t) == ETIMEDOUT;
}

static bool wait_mtx(long long ns)
{
    struct timespec t = until(CLOCK_REALTIME, ns);

    return mtx_timedlock(&plain, &t) == thrd_timedout;
}

static bool wait_cnd(long long ns)
{
    struct timespec t = until(CLOCK_REALTIME, ns);

    return cnd_timedwait(&signal_of_plain, &plain, &t) == thrd_timedout;
}

static bool wait_thrd(long long ns)
{
    struct timespec t = span(ns);

    return thrd_sleep(&t, NULL) == 0;
}

static bool wait_futex(long long ns)
{
    struct timespec t = span(ns);

    return syscall(__NR_futex_time64, &word, FUTEX_WAIT, 0,
                   (int64_t[]){t.tv_sec, t.tv_nsec}, NULL, 0) == -1 &&
           errno == ETIMEDOUT;
}

static bool wait_futex_until(long long ns)
{
    struct timespec t = until(CLOCK_MONOTONIC, ns);

    return syscall(__NR_futex_time64, &word, FUTEX_UNTIL, 0,
                   (int64_t[]){t.tv_sec, t.tv_nsec}, NULL, ~0u) == -1 &&
           errno == ETIMEDOUT;
}

static bool wait_receive(long long ns)
{
    struct timespec t = until(CLOCK_REALTIME, ns);
    char text[8];

    return mq_timedreceive(empty, text, sizeof(text), NULL, &t) == -1 &&
           errno == ETIMEDOUT;
}

static bool wait_send(long long ns)
{
    struct timespec t = until(CLOCK_REALTIME, ns);

    return mq_timedsend(full, "x", 1, 0, &t) == -1 && errno == ETIMEDOUT;
}

static bool wait_semop(long long ns)
{
    struct timespec t = span(ns);
    struct sembuf down = {0, -1, 0};

    return semtimedop(set, &down, 1, &t) == -1 && errno == EAGAIN;
}

static bool wait_signal(long long ns)
{
    struct timespec t = span(ns);

    return sigtimedwait(&alarm_set, NULL, &t) == -1 && errno == EAGAIN;
}

static bool wait_epoll(long long ns)
{
    struct epoll_event event;

    return epoll_wait(epoll_fd, &event, 1, (int)(ns / MS)) == 0;
}

static bool wait_timer_file(long long ns)
{
    struct itimerspec when = {{0, 0}, span(ns)};
    uint64_t count = 0;

    return timerfd_settime(timer_fd, 0, &when, NULL) == 0 &&
           read(timer_fd, &count, sizeof(count)) == sizeof(count) && count == 1;
}

static bool wait_timer_file_until(long long ns)
{
    struct itimerspec when = {{0, 0}, until(CLOCK_MONOTONIC, ns)};
    uint64_t count = 0;

    return timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &when, NULL) == 0 &&
           read(timer_fd, &count, sizeof(count)) == sizeof(count) && count == 1;
}

static bool wait_timer(long long ns)
{
    struct itimerspec when = {{0, 0}, span(ns)};
    int signo;

    return timer_settime(timer, 0, &when, NULL) == 0 &&
           sigwait(&alarm_set, &signo) == 0 && signo == SIGALRM;
}

static bool wait_itimer(long long ns)
{
    struct itimerval when = {{0, 0}, {ns / SECOND, ns % SECOND / 1000}};
    int signo;

    return setitimer(ITIMER_REAL, &when, NULL) == 0 &&
           sigwait(&alarm_set, &signo) == 0;
}

static const struct kind {
    const char *name;
    bool (*wait)(long long ns);
} kinds[] = {
    {"sem_timedwait", wait_sem},
    {"pthread_mutex_timedlock", wait_mutex},
    {"pthread_cond_timedwait", wait_condition},
    {"pthread_rwlock_timedwrlock", wait_rwlock},
    {"mtx_timedlock", wait_mtx},
    {"cnd_timedwait", wait_cnd},
    {"thrd_sleep", wait_thrd},
    {"futex, relative", wait_futex},
    {"futex, absolute", wait_futex_until},
    {"mq_timedreceive", wait_receive},
    {"mq_timedsend", wait_send},
    {"semtimedop", wait_semop},
    {"sigtimedwait", wait_signal},
    {"epoll_wait", wait_epoll},
    {"timerfd, relative", wait_timer_file},
    {"timerfd, absolute", wait_timer_file_until},
    {"timer_create", wait_timer},
    {"setitimer", wait_itimer},
};

static void prepare(void)
{
    struct mq_attr attr = {.mq_maxmsg = 1, .mq_msgsize = 8};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIGALRM};

    sigemptyset(&alarm_set);
    sigaddset(&alarm_set, SIGALRM);
    sigprocmask(SIG_BLOCK, &alarm_set, NULL);
    CHECK_EQ(sem_init(&semaphore, 0, 0), 0);
    CHECK_EQ(pthread_mutex_lock(&mutex), 0);
    CHECK_EQ(mtx_init(&plain, mtx_timed), thrd_success);
    CHECK_EQ(mtx_lock(&plain), thrd_success);
    CHECK_EQ(cnd_init(&signal_of_plain), thrd_success);
    empty = mq_open("/empty", O_CREAT | O_RDWR, 0600, &attr);
    full = mq_open("/full", O_CREAT | O_RDWR, 0600, &attr);
    CHECK_EQ(mq_send(full, "x", 1, 0), 0);
    set = semget(IPC_PRIVATE, 1, 0600);
    epoll_fd = epoll_create1(0);
    timer_fd = timerfd_create(CLOCK_MONOTONIC, 0);
    CHECK(set >= 0 && epoll_fd >= 0 && timer_fd >= 0);
    CHECK_EQ(timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
}

static void *hold_rwlock(void *arg)
{
    pthread_rwlock_rdlock(&rwlock);
    sem_post(arg);
    pause();
    return NULL;
}

/* A thread holds it for as long as the program runs. */
static void have_rwlock_held(void)
{
    pthread_t thread;
    sem_t held;

    sem_init(&held, 0, 0);
    CHECK_EQ(pthread_create(&thread, NULL, hold_rwlock, &held), 0);
    sem_wait(&held);
}

static void *never_sleep(void *arg)
{
    for (;;)
        continue;
    return arg;
}

static void test_kind(const struct kind *kind, int nbusy)
{
    static const long long spans[] = {1 * MS, 2 * MS, 10 * MS, 34 * MS};
    char name[80];

    for (unsigned i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        long long begin = now(CLOCK_MONOTONIC), late;
        bool said = kind->wait(spans[i]);

        late = now(CLOCK_MONOTONIC) - begin - spans[i];
        CHECK(said);
        if (!CHECK(late >= 0 && late <= LATE_MAX))
            printf("# %lld ms: %lld ns late\n", spans[i] / MS, late);
    }
    snprintf(name, sizeof(name), "%s, beside %d busy threads", kind->name,
             nbusy);
    tap_end(name);
}

int main(void)
{
    static const int beside[] = {0, 1, 2, 7};
    int nbusy = 0;
    pthread_t thread;

    prepare();
    have_rwlock_held();
    for (int i = 0; i < 4; i++) {
        for (int more = 0; more < beside[i]; more++, nbusy++)
            CHECK_EQ(pthread_create(&thread, NULL, never_sleep, NULL), 0);
        for (unsigned k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
            test_kind(&kinds[k], nbusy);
    }
    semctl(set, 0, IPC_RMID);
    mq_unlink("/empty");
    mq_unlink("/full");
    return tap_done();
}
