/*
 * Futexes with priority inheritance: each operation with good and bad words,
 * what the kernel writes into the word, priorities along a chain of owners,
 * deadlocks, owners that die, processes that share a lock, requeueing.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "raw_threads.h"
#include "tap.h"

#define FIFO 1

struct span {
    int64_t sec, nsec;
};

static volatile int lock, second, word, ready, got, result, seen, leave;

static long pi(int op, volatile void *w)
{
    return RAW4(futex_time64, w, op, 0, 0);
}

static int tid(void)
{
    return (int)RAW0(gettid);
}

/* The time in `ms` by a clock. */
static struct span in_ms(int clock, int ms)
{
    struct span t;

    RAW2(clock_gettime64, clock, &t);
    t.nsec += ms * 1000000ll;
    t.sec += t.nsec / 1000000000;
    t.nsec %= 1000000000;
    return t;
}

/* Real time for the calling thread: whether it may. */
static int be_fifo(int priority)
{
    return RAW3(sched_setscheduler, 0, FIFO, &priority) == 0;
}

/* The priority at which a thread runs, by /proc: 0 is fair. */
static int runs_at(int number)
{
    char path[64], text[512], *at;
    ssize_t n;
    int fd, priority = -1;

    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", number);
    fd = open(path, O_RDONLY);
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (n <= 0)
        return -1;
    text[n] = '\0';
    at = strrchr(text, ')');
    for (int i = 0; i < 16 && at; i++)
        at = strchr(at + 1, ' ');
    if (at)
        priority = atoi(at);
    return priority < 0 ? -priority - 1 : 0;
}

/* True if the thread runs at this priority within ten seconds. */
static int comes_to(int number, int priority)
{
    for (int i = 0; i < 5000; i++) {
        if (runs_at(number) == priority)
            return 1;
        nap(2);
    }
    printf("# it runs at %d, not %d\n", runs_at(number), priority);
    return 0;
}

/* ---- one thread ---- */

static void test_bad(void)
{
    char *base = (char *)&lock;
    void *hole =
        mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    void *constant =
        mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct span bad = {0, 1000000000};
    int ops[] = {FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_TRYLOCK_PI,
                 FUTEX_UNLOCK_PI};

    for (int i = 0; i < 4; i++) {
        EQUAL(pi(ops[i], base + 1),
              ops[i] == FUTEX_UNLOCK_PI ? -EPERM : -EINVAL);
        EQUAL(pi(ops[i], hole), -EFAULT);
        EQUAL(pi(ops[i], (void *)0xC0100000), -EFAULT);
    }
    EQUAL(pi(FUTEX_LOCK_PI, constant), -EFAULT);
    EQUAL(RAW4(futex_time64, &lock, FUTEX_LOCK_PI, 0, &bad), -EINVAL);
    EQUAL(RAW4(futex_time64, &lock, FUTEX_LOCK_PI2, 0, &bad), -EINVAL);
    EQUAL(RAW4(futex_time64, &lock, FUTEX_LOCK_PI, 0, 16), -EFAULT);
    EQUAL(pi(FUTEX_LOCK_PI | FUTEX_CLOCK_REALTIME, &lock), -ENOSYS);
    EQUAL(pi(FUTEX_UNLOCK_PI | FUTEX_CLOCK_REALTIME, &lock), -ENOSYS);
    EQUAL(lock, 0);
    EQUAL(pi(FUTEX_UNLOCK_PI, &lock), -EPERM);
    munmap(hole, 4096);
    munmap(constant, 4096);
}

static void test_alone(void)
{
    int ops[] = {FUTEX_LOCK_PI, FUTEX_LOCK_PI2, FUTEX_TRYLOCK_PI};

    for (int i = 0; i < 3; i++) {
        EQUAL(pi(ops[i], &lock), 0);
        EQUAL(lock, tid());
        EQUAL(pi(ops[i], &lock), -EDEADLK);
        EQUAL(pi(FUTEX_UNLOCK_PI, &lock), 0);
        EQUAL(lock, 0);
    }
    lock = (int)FUTEX_OWNER_DIED; /* the bit is left for the new owner */
    EQUAL(pi(FUTEX_LOCK_PI, &lock), 0);
    EQUAL(lock, tid() | (int)FUTEX_OWNER_DIED);
    EQUAL(pi(FUTEX_UNLOCK_PI, &lock), 0);
    EQUAL(lock, 0);
    lock = (int)FUTEX_WAITERS;
    EQUAL(pi(FUTEX_LOCK_PI, &lock), 0);
    EQUAL(lock, tid());
    lock = 4000000; /* no thread's number */
    EQUAL(pi(FUTEX_LOCK_PI, &lock), -ESRCH);
    lock = 4000000;
    EQUAL(pi(FUTEX_TRYLOCK_PI, &lock), -ESRCH);
    EQUAL(pi(FUTEX_UNLOCK_PI, &lock), -EPERM);
    lock = 0;
}

/* ---- waiting ---- */

static int take(void *arg)
{
    int op = (int)arg;

    add(&ready, 1);
    result = (int)RAW4(futex_time64, &lock, op, 0, 0);
    seen = lock;
    got = tid();
    while (!leave)
        nap(1);
    if (result == 0)
        pi(FUTEX_UNLOCK_PI | (op & FUTEX_PRIVATE_FLAG), &lock);
    return 0;
}

static int waits_in_kernel(void)
{
    for (int i = 0; i < 5000 && !(lock & (int)FUTEX_WAITERS); i++)
        nap(2);
    nap(5);
    return (lock & (int)FUTEX_WAITERS) != 0;
}

static void test_handover(int flag)
{
    struct raw_thread t;

    ready = got = leave = 0;
    result = 99;
    EQUAL(pi(FUTEX_LOCK_PI | flag, &lock), 0);
    thread_start(&t, take, (void *)(FUTEX_LOCK_PI | flag));
    CHECK(waits_in_kernel());
    EQUAL(lock, tid() | (int)FUTEX_WAITERS);
    EQUAL(got, 0);
    EQUAL(RAW4(futex_time64, &lock, FUTEX_WAKE | flag, 1, 0), -EINVAL);
    EQUAL(RAW6(futex_time64, &lock, FUTEX_REQUEUE | flag, 1, 1, &word, 0),
          -EINVAL);
    EQUAL(pi(FUTEX_UNLOCK_PI | flag, &lock), 0);
    CHECK(await(&got, 1));
    EQUAL(result, 0);
    EQUAL(seen, t.tid | (int)FUTEX_WAITERS);
    EQUAL(pi(FUTEX_UNLOCK_PI | flag, &lock), -EPERM);
    EQUAL(pi(FUTEX_TRYLOCK_PI | flag, &lock), -EAGAIN);
    leave = 1;
    thread_join(&t);
    EQUAL(lock, 0);
}

static int time_out(void *arg)
{
    int op = (int)arg, clock = op == FUTEX_LOCK_PI2 ? 1 : 0;
    struct span t = in_ms(clock, 30), now;

    result = (int)RAW4(futex_time64, &lock, op, 0, &t);
    RAW2(clock_gettime64, clock, &now);
    seen = now.sec > t.sec || (now.sec == t.sec && now.nsec >= t.nsec);
    return 0;
}

static void test_timeout(void)
{
    int ops[] = {FUTEX_LOCK_PI, FUTEX_LOCK_PI2,
                 FUTEX_LOCK_PI2 | FUTEX_CLOCK_REALTIME};
    struct raw_thread t;

    for (int i = 0; i < 3; i++) {
        EQUAL(pi(FUTEX_LOCK_PI, &lock), 0);
        thread_start(&t, time_out, (void *)ops[i]);
        thread_join(&t);
        EQUAL(result, -ETIMEDOUT);
        EQUAL(seen, 1);
        EQUAL(lock, tid() | (int)FUTEX_WAITERS);
        EQUAL(pi(FUTEX_UNLOCK_PI, &lock), 0);
        EQUAL(lock, 0);
    }
}

static volatile int handled;

static void handler(int signo)
{
    (void)signo;
    handled++;
}

/* A handler runs, and the call goes on, without SA_RESTART, too. */
static void test_signal(void)
{
    struct sigaction action = {.sa_handler = handler};
    struct raw_thread t;

    sigaction(SIGUSR1, &action, NULL);
    ready = got = leave = handled = 0;
    pi(FUTEX_LOCK_PI, &lock);
    thread_start(&t, take, (void *)FUTEX_LOCK_PI);
    CHECK(waits_in_kernel());
    for (int i = 1; i <= 3; i++) {
        RAW3(tgkill, getpid(), t.tid, SIGUSR1);
        CHECK(await(&handled, i));
    }
    EQUAL(got, 0);
    pi(FUTEX_UNLOCK_PI, &lock);
    CHECK(await(&got, 1));
    EQUAL(result, 0);
    leave = 1;
    thread_join(&t);
}

/* ---- deadlock ---- */

static int take_both(void *arg)
{
    (void)arg;
    pi(FUTEX_LOCK_PI, &second);
    add(&ready, 1);
    result = (int)pi(FUTEX_LOCK_PI, &lock);
    if (result == 0)
        pi(FUTEX_UNLOCK_PI, &lock);
    pi(FUTEX_UNLOCK_PI, &second);
    return 0;
}

static void test_deadlock(void)
{
    struct raw_thread t;

    ready = 0;
    pi(FUTEX_LOCK_PI, &lock);
    thread_start(&t, take_both, NULL);
    CHECK(await(&ready, 1) && waits_in_kernel());
    EQUAL(pi(FUTEX_LOCK_PI, &second), -EDEADLK);
    EQUAL(pi(FUTEX_UNLOCK_PI, &lock), 0);
    thread_join(&t);
    EQUAL(result, 0);
    EQUAL(lock, 0);
    EQUAL(second & (int)FUTEX_TID_MASK, 0);
    second = 0;
}

/* The kernel and the word must agree, and waiters be of one kind. */
static int plain_waiter(void *arg)
{
    (void)arg;
    add(&ready, 1);
    futex_call(&lock, FUTEX_WAIT, lock, NULL);
    return 0;
}

static void test_confusion(void)
{
    struct raw_thread t;
    int mine = tid();

    ready = 0;
    lock = getppid();
    thread_start(&t, plain_waiter, NULL);
    await(&ready, 1);
    nap(20);
    EQUAL(pi(FUTEX_LOCK_PI, &lock), -EINVAL);
    lock = mine;
    EQUAL(pi(FUTEX_UNLOCK_PI, &lock), -EINVAL);
    EQUAL(futex_call(&lock, FUTEX_WAKE, 1, NULL), 1);
    thread_join(&t);
    lock = 0;
    ready = got = leave = 0;
    pi(FUTEX_LOCK_PI, &lock);
    thread_start(&t, take, (void *)FUTEX_LOCK_PI);
    CHECK(waits_in_kernel());
    lock = getppid();
    EQUAL(pi(FUTEX_LOCK_PI, &lock), -EINVAL);
    EQUAL(pi(FUTEX_UNLOCK_PI, &lock), -EPERM);
    lock = mine | (int)FUTEX_WAITERS;
    EQUAL(pi(FUTEX_UNLOCK_PI, &lock), 0);
    leave = 1;
    thread_join(&t);
    EQUAL(lock, 0);
}

/* ---- owners that die ---- */

static int die_with_it(void *arg)
{
    (void)arg;
    pi(FUTEX_LOCK_PI, &lock);
    add(&ready, 1);
    while (!leave)
        nap(1);
    return 0;
}

struct robust {
    void *next;
    long offset;
    void *pending;
};
static struct {
    void *next;
    volatile int word;
} entry;

static int die_robust(void *arg)
{
    struct robust *head = arg;

    *head = (struct robust){head, 4, NULL};
    RAW2(set_robust_list, head, 12);
    pi(FUTEX_LOCK_PI, &entry.word);
    entry.next = head;
    head->next = (void *)((uintptr_t)&entry | 1);
    return 0;
}

static void test_death(void)
{
    struct raw_thread owner, heir;
    struct robust head;

    ready = leave = got = 0;
    thread_start(&owner, die_with_it, NULL);
    CHECK(await(&ready, 1));
    leave = 1;
    thread_join(&owner); /* no thread waits: its number stays */
    EQUAL(lock, owner.tid);
    EQUAL(pi(FUTEX_LOCK_PI, &lock), -ESRCH);
    lock = ready = leave = 0;
    thread_start(&owner, die_with_it, NULL);
    CHECK(await(&ready, 1));
    thread_start(&heir, take, (void *)FUTEX_LOCK_PI);
    CHECK(waits_in_kernel());
    leave = 1; /* the owner goes, and the heir is to own it first */
    thread_join(&owner);
    CHECK(await(&got, 1));
    thread_join(&heir);
    EQUAL(result, 0);
    EQUAL(seen, heir.tid | (int)(FUTEX_WAITERS | FUTEX_OWNER_DIED));
    EQUAL(lock, 0);
    entry.word = 0;
    thread_start(&owner, die_robust, &head);
    thread_join(&owner);
    EQUAL(entry.word, (int)FUTEX_OWNER_DIED);
    EQUAL(pi(FUTEX_LOCK_PI, &entry.word), 0);
    EQUAL(entry.word, tid() | (int)FUTEX_OWNER_DIED);
    pi(FUTEX_UNLOCK_PI, &entry.word);
}

/* Killed, with the lock in memory that is mapped elsewhere in each. */
static void test_processes(void)
{
    volatile int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t owner = fork(), heir;
    int status;

    if (owner == 0) {
        shared[1] = (int)pi(FUTEX_LOCK_PI, shared);
        add(&shared[2], 1);
        for (;;)
            nap(1000);
    }
    CHECK(await(&shared[2], 1));
    heir = fork();
    if (heir == 0) {
        volatile int *mine =
            mremap((void *)shared, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED,
                   (void *)0x70000000);
        mine[3] = (int)pi(FUTEX_LOCK_PI, mine);
        _exit(mine[0] == (tid() | (int)(FUTEX_WAITERS | FUTEX_OWNER_DIED)));
    }
    for (int i = 0; i < 5000 && !(shared[0] & (int)FUTEX_WAITERS); i++)
        nap(2);
    nap(10);
    EQUAL(shared[0], owner | (int)FUTEX_WAITERS);
    kill(owner, SIGKILL);
    waitpid(owner, &status, 0);
    EQUAL(waitpid(heir, &status, 0), heir);
    EQUAL(status, 1 << 8);
    EQUAL(shared[1], 0);
    EQUAL(shared[3], 0);
    EQUAL(shared[0], heir | (int)(FUTEX_WAITERS | FUTEX_OWNER_DIED));
    munmap((void *)shared, 4096);
}

/* ---- priorities ---- */

static volatile int refused, norder, order[4];

struct waiter {
    struct raw_thread t;
    volatile int *own, *want;
    int priority, result;
};

/* Owns one lock, if any, and waits for another, at a priority. */
static int link_of_chain(void *arg)
{
    struct waiter *w = arg;

    if (w->priority && !be_fifo(w->priority))
        refused = 1;
    if (w->own)
        pi(FUTEX_LOCK_PI, w->own);
    add(&ready, 1);
    w->result = (int)pi(FUTEX_LOCK_PI, w->want);
    if (w->result == 0) {
        order[add(&norder, 1) - 1] = w->priority;
        pi(FUTEX_UNLOCK_PI, w->want);
    }
    if (w->own)
        pi(FUTEX_UNLOCK_PI, w->own);
    return 0;
}

static void start(struct waiter *w, volatile int *own, volatile int *want,
                  int priority)
{
    int before = ready;

    *w = (struct waiter){.own = own, .want = want, .priority = priority};
    thread_start(&w->t, link_of_chain, w);
    await(&ready, before + 1);
}

/* main owns lock; a owns second and waits for lock; b waits for second. */
static void test_chain(void)
{
    struct waiter a, b, c;
    int me = tid(), priority = 0, policy;

    ready = norder = 0;
    pi(FUTEX_LOCK_PI, &lock);
    start(&a, &second, &lock, 3);
    CHECK(comes_to(me, 3));
    CHECK(comes_to(a.t.tid, 3));
    start(&b, NULL, &second, 20);
    CHECK(comes_to(a.t.tid, 20));
    CHECK(comes_to(me, 20));
    policy = sched_getscheduler(0); /* its own is what it was */
    EQUAL(policy, 0);
    EQUAL(RAW2(sched_getparam, 0, &priority), 0);
    EQUAL(priority, 0);
    EQUAL(RAW2(sched_getparam, a.t.tid, &priority), 0);
    EQUAL(priority, 3);
    priority = 30; /* what waits is changed */
    EQUAL(RAW2(sched_setparam, b.t.tid, &priority), 0);
    CHECK(comes_to(me, 30));
    priority = 10;
    EQUAL(RAW2(sched_setparam, b.t.tid, &priority), 0);
    CHECK(comes_to(me, 10));
    CHECK(comes_to(a.t.tid, 10));
    start(&c, NULL, &lock, 15);
    CHECK(comes_to(me, 15));
    CHECK(comes_to(a.t.tid, 10));
    pi(FUTEX_UNLOCK_PI, &lock);
    CHECK(comes_to(me, 0));
    thread_join(&a.t);
    thread_join(&b.t);
    thread_join(&c.t);
    EQUAL(order[0], 15);
    EQUAL(norder, 3);
    EQUAL(a.result | b.result | c.result, 0);
    lock = second = 0;
}

/* The highest is next, whoever came first. */
static void test_order(void)
{
    static const int priorities[] = {0, 10, 30, 20};
    struct waiter w[4];

    ready = norder = 0;
    pi(FUTEX_LOCK_PI, &lock);
    for (int i = 0; i < 4; i++) {
        start(&w[i], NULL, &lock, priorities[i]);
        nap(10);
    }
    CHECK(comes_to(tid(), 30));
    pi(FUTEX_UNLOCK_PI, &lock);
    for (int i = 0; i < 4; i++)
        thread_join(&w[i].t);
    EQUAL(order[0], 30);
    EQUAL(order[1], 20);
    EQUAL(order[2], 10);
    EQUAL(order[3], 0);
    EQUAL(lock & (int)FUTEX_TID_MASK, 0);
    lock = 0;
}

static int give_up(void *arg)
{
    struct span t = in_ms(1, 200);

    (void)arg;
    be_fifo(40);
    result = (int)RAW4(futex_time64, &lock, FUTEX_LOCK_PI2, 0, &t);
    return 0;
}

/* What was inherited goes with the one that gives up. */
static void test_give_up(void)
{
    struct raw_thread t;

    result = 0;
    pi(FUTEX_LOCK_PI, &lock);
    thread_start(&t, give_up, NULL);
    CHECK(comes_to(tid(), 40) || result == -ETIMEDOUT);
    thread_join(&t);
    EQUAL(result, -ETIMEDOUT);
    EQUAL(runs_at(tid()), 0);
    pi(FUTEX_UNLOCK_PI, &lock);
}

/* ---- inversion: on one processor, the middle one must not come first ---- */

static volatile int spun, released, spun_at_release;

static int low(void *arg)
{
    (void)arg;
    be_fifo(1);
    pi(FUTEX_LOCK_PI, &lock);
    add(&ready, 1);
    while (!leave)
        RAW0(sched_yield);
    for (volatile int i = 0; i < 3000000; i++)
        ;
    spun_at_release = spun;
    released = 1;
    pi(FUTEX_UNLOCK_PI, &lock);
    return 0;
}

static int middle(void *arg)
{
    (void)arg;
    be_fifo(2);
    for (int i = 0; i < 1000 && !released; i++) {
        for (volatile int k = 0; k < 100000; k++)
            ;
        spun++;
    }
    return 0;
}

static void test_inversion(void)
{
    struct raw_thread a, b;
    int high = 50;

    ready = leave = spun = released = 0;
    thread_start(&a, low, NULL);
    CHECK(await(&ready, 1));
    RAW3(sched_setscheduler, 0, FIFO, &high);
    leave = 1;
    thread_start(&b, middle, NULL); /* runs when this thread sleeps */
    EQUAL(pi(FUTEX_LOCK_PI, &lock), 0);
    EQUAL(spun_at_release, 0);
    EQUAL(released, 1);
    pi(FUTEX_UNLOCK_PI, &lock);
    high = 0;
    RAW3(sched_setscheduler, 0, 0, &high);
    thread_join(&a);
    thread_join(&b);
}

static void test_priorities(void)
{
    int priority = 60;

    if (sched_setscheduler(0, FIFO, (void *)&priority) != 0) {
        tap_skip("priorities", "no real time for this user");
        return;
    }
    priority = 0;
    sched_setscheduler(0, 0, (void *)&priority);
    test_chain();
    test_order();
    test_give_up();
    if (is_cairn())
        test_inversion();
}

/* ---- requeueing ---- */

static volatile int turns;

static int wait_requeue(void *arg)
{
    long r;

    (void)arg;
    add(&ready, 1);
    r = RAW6(futex_time64, &word, FUTEX_WAIT_REQUEUE_PI, 0, 0, &lock, 0);
    if (r == 0 && (lock & (int)FUTEX_TID_MASK) == tid()) {
        add(&turns, 1);
        pi(FUTEX_UNLOCK_PI, &lock);
    } else {
        result = (int)r;
    }
    return 0;
}

static long requeue(int wake, int move, int value)
{
    return RAW6(futex_time64, &word, FUTEX_CMP_REQUEUE_PI, wake, move, &lock,
                value);
}

static void test_requeue(void)
{
    struct raw_thread t[4];
    struct span soon = in_ms(1, 30);

    EQUAL(RAW6(futex_time64, &word, FUTEX_WAIT_REQUEUE_PI, 1, 0, &lock, 0),
          -EAGAIN);
    EQUAL(RAW6(futex_time64, &word, FUTEX_WAIT_REQUEUE_PI, 0, 0, &word, 0),
          -EINVAL);
    EQUAL(RAW6(futex_time64, &word, FUTEX_WAIT_REQUEUE_PI, 0, &soon, &lock, 0),
          -ETIMEDOUT);
    EQUAL(requeue(2, 1, 0), -EINVAL);
    EQUAL(requeue(1, -1, 0), -EINVAL);
    EQUAL(requeue(1, 1, 1), -EAGAIN);
    EQUAL(requeue(1, 1, 0), 0);
    EQUAL(RAW6(futex_time64, &word, FUTEX_CMP_REQUEUE_PI, 1, 1, &word, 0),
          -EINVAL);
    ready = turns = result = 0;
    for (int i = 0; i < 4; i++)
        thread_start(&t[i], wait_requeue, NULL);
    CHECK(await(&ready, 4));
    nap(50);
    EQUAL(RAW4(futex_time64, &word, FUTEX_WAKE, 1, 0), -EINVAL);
    EQUAL(RAW6(futex_time64, &word, FUTEX_CMP_REQUEUE_PI, 1, 1, &second, 0),
          -EINVAL);             /* not the lock that they named */
    EQUAL(requeue(1, 0, 0), 1); /* the lock is free: one has it at once */
    CHECK(await(&turns, 1));
    EQUAL(pi(FUTEX_LOCK_PI, &lock), 0);
    EQUAL(requeue(1, 1, 0), 2);
    nap(20);
    EQUAL(turns, 1);
    EQUAL(lock, tid() | (int)FUTEX_WAITERS);
    EQUAL(pi(FUTEX_UNLOCK_PI, &lock), 0);
    CHECK(await(&turns, 3));
    EQUAL(requeue(1, 100, 0), 1);
    CHECK(await(&turns, 4));
    for (int i = 0; i < 4; i++)
        thread_join(&t[i]);
    EQUAL(result, 0);
    EQUAL(lock & (int)FUTEX_TID_MASK, 0);
    lock = 0;
}

/* ---- many ---- */

#define THREADS 6
#define ROUNDS  2000

static volatile int counter, inside, worst;

static int fight(void *arg)
{
    unsigned seed = (unsigned)arg * 2654435761u;

    for (int i = 0; i < ROUNDS; i++) {
        int expected = 0;

        if (!__atomic_compare_exchange_n(&lock, &expected, tid(), 0,
                                         __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            pi(FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG, &lock);
        if (++inside != 1)
            worst = 1;
        counter++;
        seed = seed * 1664525 + 1013904223;
        if (seed >> 28 == 0)
            RAW0(sched_yield);
        inside--;
        expected = tid();
        if (!__atomic_compare_exchange_n(&lock, &expected, 0, 0,
                                         __ATOMIC_RELEASE, __ATOMIC_RELAXED))
            pi(FUTEX_UNLOCK_PI | FUTEX_PRIVATE_FLAG, &lock);
    }
    return 0;
}

static void test_many(void)
{
    struct raw_thread t[THREADS];

    for (int i = 0; i < THREADS; i++)
        thread_start(&t[i], fight, (void *)(i + 1));
    for (int i = 0; i < THREADS; i++)
        thread_join(&t[i]);
    EQUAL(counter, THREADS * ROUNDS);
    EQUAL(worst, 0);
    EQUAL(lock, 0);
}

int main(void)
{
    test_bad();
    test_alone();
    test_handover(0);
    test_handover(FUTEX_PRIVATE_FLAG);
    test_timeout();
    test_signal();
    test_deadlock();
    test_confusion();
    test_death();
    test_processes();
    test_priorities();
    test_requeue();
    test_many();
    return tap_done();
}
