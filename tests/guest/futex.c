/*
 * Futexes: each operation with good and bad words, wake-ups in order, time-outs
 * of both clocks, words that processes share, signals, robust lists.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "raw_threads.h"
#include "tap.h"

#define MANY 8

static volatile int word, other, ready, woken, order[MANY];

static long futex6(volatile void *a, int op, long v, long t, volatile void *b,
                   unsigned v3)
{
    return RAW6(futex_time64, a, op, v, t, b, v3);
}

struct span {
    int64_t sec, nsec;
};

/* ---- bad calls ---- */

static void test_bad(void)
{
    struct span bad[] = {{-1, 0}, {0, -1}, {0, 1000000000}}, zero = {0, 0};
    char *base = (char *)&word;
    void *hole =
        mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    word = 7;
    EQUAL(futex_call(&word, FUTEX_WAIT, 6, NULL), -EAGAIN);
    EQUAL(futex_call(base + 1, FUTEX_WAIT, 6, NULL), -EINVAL);
    EQUAL(futex_call(base + 2, FUTEX_WAKE, 1, NULL), -EINVAL);
    EQUAL(futex_call((void *)16, FUTEX_WAIT, 0, NULL), -EFAULT);
    EQUAL(futex_call(hole, FUTEX_WAIT, 0, NULL), -EFAULT);
    EQUAL(futex_call((void *)0xC0100000, FUTEX_WAIT, 0, NULL), -EFAULT);
    EQUAL(futex_call((void *)0xC0100000, FUTEX_WAKE, 1, NULL), -EFAULT);
    EQUAL(futex_call((void *)0xFFFFFFFC, FUTEX_WAKE, 1, NULL), -EFAULT);
    EQUAL(futex_call((void *)16, FUTEX_WAKE, 1, NULL), -EFAULT);
    EQUAL(futex_call((void *)16, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL), 0);
    for (int i = 0; i < 3; i++)
        EQUAL(futex_call(&word, FUTEX_WAIT, 7, &bad[i]), -EINVAL);
    EQUAL(futex_call(&word, FUTEX_WAIT, 7, (void *)16), -EFAULT);
    EQUAL(futex_call(&word, FUTEX_WAIT, 7, &zero), -ETIMEDOUT);
    EQUAL(futex_call(&word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 7, &zero),
          -ENOSYS);
    EQUAL(futex_call(&word, 77, 0, NULL), -ENOSYS);
    EQUAL(futex6(&word, FUTEX_WAIT_BITSET, 7, 0, NULL, 0), -EINVAL);
    EQUAL(futex6(&word, FUTEX_WAKE_BITSET, 7, 0, NULL, 0), -EINVAL);
    EQUAL(futex6(&word, FUTEX_REQUEUE, -1, 1, &other, 0), -EINVAL);
    EQUAL(futex6(&word, FUTEX_REQUEUE, 1, -1, &other, 0), -EINVAL);
    EQUAL(futex6(&word, FUTEX_CMP_REQUEUE, 1, 1, &other, 8), -EAGAIN);
    EQUAL(futex6(&word, FUTEX_CMP_REQUEUE, 1, 1, &other, 7), 0);
    EQUAL(futex6(&word, FUTEX_CMP_REQUEUE, 1, 1, base + 1, 7), -EINVAL);
    EQUAL(futex6(&word, FUTEX_WAKE_OP, 1, 1, hole, 0), -EFAULT);
    EQUAL(futex6(&word, FUTEX_WAKE_OP, 1, 1, &other, FUTEX_OP(7, 1, 0, 0)),
          -ENOSYS);
    EQUAL(RAW2(set_robust_list, 16, 11), -EINVAL);
    EQUAL(RAW3(get_robust_list, 4000000, &other, &other), -ESRCH);
    munmap(hole, 4096);
}

/* ---- waiting and waking ---- */

static int waiter(void *arg)
{
    int n = (int)arg;

    add(&ready, 1);
    if (futex6(&word, FUTEX_WAIT_BITSET, word, 0, NULL, 1u << n) == 0)
        order[add(&woken, 1) - 1] = n;
    return 0;
}

/* Start waiters, each when the one before it sleeps. */
static void start_waiters(struct raw_thread *t, int n)
{
    ready = woken = 0;
    for (int i = 0; i < n; i++) {
        thread_start(&t[i], waiter, (void *)i);
        await(&ready, i + 1);
        nap(2);
    }
}

static void test_order(void)
{
    struct raw_thread t[MANY];

    start_waiters(t, MANY);
    EQUAL(futex_call(&word, FUTEX_WAKE, 2, NULL), 2);
    CHECK(await(&woken, 2));
    EQUAL(futex6(&word, FUTEX_WAKE_BITSET, 9, 0, NULL, 1u << 6), 1);
    CHECK(await(&woken, 3));
    EQUAL(order[2], 6);
    EQUAL(futex6(&word, FUTEX_WAKE_BITSET, 9, 0, NULL, 1u << 6), 0);
    EQUAL(futex_call(&word, FUTEX_WAKE, 100, NULL), MANY - 3);
    for (int i = 0; i < MANY; i++)
        thread_join(&t[i]);
    EQUAL(woken, MANY);
    EQUAL(order[0] + order[1], 1); /* the first two, on any processors */
    EQUAL(futex_call(&word, FUTEX_WAKE, 1, NULL), 0);
}

/* Those of real time are woken first, by priority. */
static volatile int refused;

static int rt_waiter(void *arg)
{
    int priority = (int)arg;

    if (RAW3(sched_setscheduler, 0, 1 /* SCHED_FIFO */, &priority) != 0)
        refused = 1;
    add(&ready, 1);
    if (!refused && futex_call(&word, FUTEX_WAIT, word, NULL) == 0)
        order[add(&woken, 1) - 1] = priority;
    return 0;
}

static void test_priority(void)
{
    static const int priorities[] = {10, 30, 20};
    struct raw_thread t[3];

    ready = woken = refused = 0;
    for (int i = 0; i < 3; i++) {
        thread_start(&t[i], rt_waiter, (void *)priorities[i]);
        await(&ready, i + 1);
        nap(5);
    }
    for (int i = 0; i < 3 && !refused; i++) {
        futex_call(&word, FUTEX_WAKE, 1, NULL);
        await(&woken, i + 1);
    }
    if (refused)
        futex_call(&word, FUTEX_WAKE, 3, NULL);
    for (int i = 0; i < 3; i++)
        thread_join(&t[i]);
    if (refused)
        tap_skip("order of priorities", "no real time for this user");
    else
        EQUAL(order[0] * 10000 + order[1] * 100 + order[2], 302010);
}

static void test_requeue(void)
{
    struct raw_thread t[MANY];

    start_waiters(t, MANY);
    EQUAL(futex6(&word, FUTEX_CMP_REQUEUE, 1, 3, &other, word), 4);
    CHECK(await(&woken, 1));
    nap(5);
    EQUAL(woken, 1);
    EQUAL(futex6(&word, FUTEX_REQUEUE, 0, 2, &other, 0), 2);
    EQUAL(futex_call(&other, FUTEX_WAKE, 100, NULL), 5);
    EQUAL(futex_call(&word, FUTEX_WAKE, 100, NULL), MANY - 6);
    for (int i = 0; i < MANY; i++)
        thread_join(&t[i]);
    EQUAL(woken, MANY);
}

static void test_wake_op(void)
{
    struct raw_thread t[2];
    static const struct {
        unsigned op;
        int before, after;
    } cases[] = {
        {FUTEX_OP(FUTEX_OP_SET, 5, FUTEX_OP_CMP_EQ, 0), 9, 5},
        {FUTEX_OP(FUTEX_OP_ADD, 5, FUTEX_OP_CMP_EQ, 0), 9, 14},
        {FUTEX_OP(FUTEX_OP_ADD, -1, FUTEX_OP_CMP_EQ, 0), 9, 8},
        {FUTEX_OP(FUTEX_OP_OR, 6, FUTEX_OP_CMP_EQ, 0), 9, 15},
        {FUTEX_OP(FUTEX_OP_ANDN, 1, FUTEX_OP_CMP_EQ, 0), 9, 8},
        {FUTEX_OP(FUTEX_OP_XOR, 3, FUTEX_OP_CMP_EQ, 0), 9, 10},
        {FUTEX_OP(FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 7, 0, 0), 9, 128},
    };

    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        other = cases[i].before;
        EQUAL(futex6(&word, FUTEX_WAKE_OP, 1, 1, &other, cases[i].op), 0);
        EQUAL(other, cases[i].after);
    }
    start_waiters(t, 2);
    other = -5;
    EQUAL(futex6(&other, FUTEX_WAKE_OP, 1, 1, &word,
                 FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_GT, 100)),
          0);
    EQUAL(futex6(&other, FUTEX_WAKE_OP, 1, 1, &word,
                 FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_LE, 100)),
          1);
    EQUAL(futex6(&word, FUTEX_WAKE_OP, 1, 1, &other,
                 FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_LT, -4)),
          1);
    for (int i = 0; i < 2; i++)
        thread_join(&t[i]);
}

/* ---- time ---- */

static int64_t now_ns(int id)
{
    struct timespec ts;

    clock_gettime(id, &ts);
    return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

/* Milliseconds that the call takes, which must time out; else -1. */
static long timed(int op, int id, int ms)
{
    int64_t begin = now_ns(CLOCK_MONOTONIC), end = now_ns(id);
    struct span ts;

    end = op == FUTEX_WAIT ? ms * 1000000ll : end + ms * 1000000ll;
    ts = (struct span){end / 1000000000, end % 1000000000};
    word = 1;
    if (futex6(&word, op, 1, (long)&ts, NULL, 1) != -ETIMEDOUT)
        return -1;
    return (now_ns(CLOCK_MONOTONIC) - begin) / 1000000;
}

static void test_time(void)
{
    struct span long_ago = {1, 0};

    CHECK(timed(FUTEX_WAIT, CLOCK_MONOTONIC, 30) >= 30);
    CHECK(timed(FUTEX_WAIT_BITSET, CLOCK_MONOTONIC, 30) >= 30);
    CHECK(timed(FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, CLOCK_REALTIME, 30) >=
          29);
    EQUAL(futex6(&word, FUTEX_WAIT_BITSET, 1, (long)&long_ago, NULL, 1),
          -ETIMEDOUT);
    EQUAL(futex6(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1,
                 (long)&long_ago, NULL, 1),
          -ETIMEDOUT);
}

/* The call with the 32-bit time. */
static void test_narrow(void)
{
    int32_t ts[2] = {0, 20000000};
    int64_t begin = now_ns(CLOCK_MONOTONIC);

    word = 1;
    EQUAL(RAW4(futex, &word, FUTEX_WAIT, 1, ts), -ETIMEDOUT);
    CHECK(now_ns(CLOCK_MONOTONIC) - begin >= 20000000);
    EQUAL(RAW4(futex, &word, FUTEX_WAIT, 2, ts), -EAGAIN);
    EQUAL(RAW4(futex, &word, FUTEX_WAKE, 1, 0), 0);
}

/* ---- signals ---- */

static volatile int nsignals;

static void on_signal(int signo)
{
    (void)signo;
    nsignals++;
}

static void handle(int flags)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags};

    sigaction(SIGUSR1, &action, NULL);
}

/* Sends SIGUSR1 to the first thread, later wakes it. */
static int disturb(void *arg)
{
    nap(20);
    RAW3(tgkill, RAW0(getpid), RAW0(getpid), SIGUSR1);
    nap(20);
    if (arg)
        futex_call(&word, FUTEX_WAKE, 1, NULL);
    return 0;
}

static void test_signals(void)
{
    struct raw_thread t;
    struct span ts = {5, 0};

    word = 0;
    handle(0);
    thread_start(&t, disturb, NULL);
    EQUAL(futex_call(&word, FUTEX_WAIT, 0, NULL), -EINTR);
    thread_join(&t);
    handle(SA_RESTART);
    thread_start(&t, disturb, "wake");
    EQUAL(futex_call(&word, FUTEX_WAIT, 0, NULL), 0);
    thread_join(&t);
    thread_start(&t, disturb, NULL);
    EQUAL(futex_call(&word, FUTEX_WAIT, 0, &ts), -EINTR);
    thread_join(&t);
    EQUAL(nsignals, 3);
}

/* Stopped and continued, a wait with a span goes on to its own end. */
static void test_stopped(void)
{
    int status, pid = fork();

    if (pid == 0) {
        struct span ts = {0, 150000000};
        int64_t begin = now_ns(CLOCK_MONOTONIC);
        long error = futex_call(&word, FUTEX_WAIT, word, &ts);
        int64_t took = now_ns(CLOCK_MONOTONIC) - begin;

        _exit(error == -ETIMEDOUT && took >= 150000000 ? 0 : 1);
    }
    nap(30);
    kill(pid, SIGSTOP);
    EQUAL(waitpid(pid, &status, WUNTRACED), pid);
    kill(pid, SIGCONT);
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, 0);
}

/* ---- between processes ---- */

static void test_shared(void)
{
    volatile int *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    volatile int *view = mremap((void *)page, 0, 8192, MREMAP_MAYMOVE);
    int status, pid, n = 0;

    CHECK(view != MAP_FAILED && view != page);
    pid = fork();
    if (pid == 0) {
        page[1025] = 1;
        _exit(futex_call(&page[1025], FUTEX_WAIT, 1, NULL) ? 1 : 0);
    }
    await(&page[1025], 1);
    nap(10);
    EQUAL(futex_call(&page[1024], FUTEX_WAKE, 9, NULL), 0);
    EQUAL(futex_call(&view[1], FUTEX_WAKE, 9, NULL), 0);
    for (int i = 0; i < 1000 && n == 0; i++) {
        n = futex_call(&view[1025], FUTEX_WAKE, 9, NULL);
        nap(1);
    }
    EQUAL(n, 1);
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, 0);
    /* Private memory is another's after a fork. */
    word = 3;
    pid = fork();
    if (pid == 0)
        _exit(futex_call(&word, FUTEX_WAIT, 3, &(struct span){0, 100000000}) ==
                      -ETIMEDOUT
                  ? 0
                  : 1);
    nap(30);
    EQUAL(futex_call(&word, FUTEX_WAKE, 9, NULL), 0);
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, 0);
    munmap((void *)page, 8192);
    munmap((void *)view, 8192);
}

/* A mapping goes while a thread waits on a word in it. */
static volatile int *gone_page;

static int wait_on_page(void *arg)
{
    (void)arg;
    ready = 1;
    return futex_call(gone_page, FUTEX_WAIT, 0, &(struct span){0, 100000000}) ==
           -ETIMEDOUT;
}

static void test_unmapped(void)
{
    struct raw_thread t;

    gone_page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ready = 0;
    thread_start(&t, wait_on_page, NULL);
    await(&ready, 1);
    nap(10);
    munmap((void *)gone_page, 4096);
    EQUAL(futex_call(gone_page, FUTEX_WAKE, 1, NULL), -EFAULT);
    thread_join(&t);
    CHECK(1);
}

/* ---- a lock of all threads ---- */

static volatile int lock_word, total;

static void lock(void)
{
    int c = 0;

    if (__atomic_compare_exchange_n(&lock_word, &c, 1, 0, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST))
        return;
    while (__atomic_exchange_n(&lock_word, 2, __ATOMIC_SEQ_CST) != 0)
        futex_call(&lock_word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 2, NULL);
}

static void unlock(void)
{
    if (__atomic_exchange_n(&lock_word, 0, __ATOMIC_SEQ_CST) == 2)
        futex_call(&lock_word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL);
}

static int count_locked(void *arg)
{
    (void)arg;
    for (int i = 0; i < 3000; i++) {
        int seen;

        lock();
        seen = total;
        if (i % 16 == 0)
            RAW0(sched_yield);
        total = seen + 1;
        unlock();
    }
    return 0;
}

static void test_lock(void)
{
    struct raw_thread t[MANY];

    for (int i = 0; i < MANY; i++)
        thread_start(&t[i], count_locked, NULL);
    for (int i = 0; i < MANY; i++)
        thread_join(&t[i]);
    EQUAL(total, MANY * 3000);
}

/* ---- robust lists ---- */

struct robust {
    struct robust *next;
    int state;
};

struct robust_head {
    struct robust *first;
    long offset;
    struct robust *pending;
};

static struct robust locks[3];
static struct robust_head head;

static int die_with_locks(void *arg)
{
    int tid = RAW0(gettid);

    for (int i = 0; i < 3; i++) {
        locks[i].state = tid;
        locks[i].next = i < 2 ? &locks[i + 1] : (struct robust *)(void *)&head;
    }
    locks[1].state = tid | (int)FUTEX_WAITERS;
    locks[2].state = 1; /* not ours */
    head.first = &locks[0];
    head.offset = offsetof(struct robust, state);
    head.pending = arg;
    if (RAW2(set_robust_list, &head, sizeof(head)) != 0)
        locks[2].state = 55;
    ready = 1;
    nap(30);
    return 0;
}

static void test_robust(void)
{
    struct robust *seen;
    struct raw_thread t;
    int size;

    ready = 0;
    thread_start(&t, die_with_locks, NULL);
    await(&ready, 1);
    EQUAL(RAW3(get_robust_list, t.tid, &seen, &size), 0);
    CHECK((void *)seen == &head && size == sizeof(head));
    EQUAL(futex_call(&locks[1].state, FUTEX_WAIT, locks[1].state,
                     &(struct span){5, 0}),
          0);
    thread_join(&t);
    EQUAL(locks[0].state, (int)FUTEX_OWNER_DIED);
    EQUAL(locks[1].state, (int)(FUTEX_OWNER_DIED | FUTEX_WAITERS));
    EQUAL(locks[2].state, 1);
}

/* Lists that lead nowhere, in a circle, or over a bad address. */
static int die_badly(void *arg)
{
    static struct robust circle = {&circle, 0};
    static struct robust_head around = {&circle, 4, NULL},
                              nowhere = {(void *)16, 4, (void *)20},
                              odd = {(void *)((char *)&circle + 2), 1, NULL};
    void *lists[] = {&around, &nowhere, &odd, (void *)0xC0100000, (void *)1};

    RAW2(set_robust_list, lists[(int)arg], sizeof(head));
    return 0;
}

static void test_bad_robust(void)
{
    for (int i = 0; i < 5; i++) {
        struct raw_thread t;

        thread_start(&t, die_badly, (void *)i);
        thread_join(&t);
    }
    CHECK(1);
}

/* The owner is killed by a signal that ends the process. */
static void test_robust_killed(void)
{
    struct shared {
        struct robust_head head;
        struct robust lock;
    } *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
                -1, 0);
    int status, pid = fork();

    if (pid == 0) {
        s->head = (struct robust_head){&s->lock, 4, NULL};
        s->lock.next = (struct robust *)(void *)&s->head;
        RAW2(set_robust_list, &s->head, sizeof(s->head));
        s->lock.state = (int)(RAW0(gettid) | FUTEX_WAITERS);
        for (;;)
            pause();
    }
    for (int i = 0; i < 10000 && s->lock.state == 0; i++)
        nap(1);
    kill(pid, SIGKILL);
    if (s->lock.state != (int)(FUTEX_OWNER_DIED | FUTEX_WAITERS))
        futex_call(&s->lock.state, FUTEX_WAIT, pid | (int)FUTEX_WAITERS,
                   &(struct span){5, 0});
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, SIGKILL);
    EQUAL(s->lock.state, (int)(FUTEX_OWNER_DIED | FUTEX_WAITERS));
    munmap(s, 4096);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    test_bad();
    test_order();
    test_priority();
    test_requeue();
    test_wake_op();
    test_time();
    test_narrow();
    test_signals();
    test_stopped();
    test_shared();
    test_unmapped();
    test_lock();
    test_robust();
    test_bad_robust();
    test_robust_killed();
    return tap_done();
}
