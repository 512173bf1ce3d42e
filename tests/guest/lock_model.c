/*
 * Locks of byte ranges and of whole files against a model: workers set, test,
 * wait for and drop locks at random, are interrupted while they wait, and are
 * killed. The model has the type of each byte for each worker; a worker whose
 * wait could end must end it, and no other.
 *
 * test: linux
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mm_test.h"
#include "scratch.h"

#define NWORKERS 6
#define NBYTES   40
#define WHOLE    NBYTES /* where the model has flock's lock */

struct order {
    enum { SET, TEST, FLOCK } what;
    int type; /* F_RDLCK, F_WRLCK, F_UNLCK */
    bool wait;
    int first, last; /* last NBYTES - 1: to the end for ever */
};

struct answer {
    int worker;
    int error;
    struct flock lock; /* of TEST */
};

static struct worker {
    pid_t pid;
    int orders;
    int types[NBYTES + 1]; /* F_UNLCK: none */
    bool waits, answered;  /* answered: that the wait is over */
    struct order order;    /* that it waits for */
} workers[NWORKERS];

static int answers[2];
static uint64_t state;
static int range_fd, whole_fd;

static int dice(int n)
{
    return (int)(tap_random(&state) % (unsigned)n);
}

/* ---- a worker ---- */

static void on_signal(int signo)
{
    (void)signo;
}

static int flock_operation(const struct order *order)
{
    static const int operations[] = {
        [F_RDLCK] = LOCK_SH, [F_WRLCK] = LOCK_EX, [F_UNLCK] = LOCK_UN};

    return operations[order->type] | (order->wait ? 0 : LOCK_NB);
}

static int obey(const struct order *order, struct flock *lock)
{
    int last = order->last == NBYTES - 1 ? -1 : order->last;
    int command = order->what == TEST ? F_GETLK
                  : order->wait       ? F_SETLKW
                                      : F_SETLK;

    if (order->what == FLOCK)
        return flock(whole_fd, flock_operation(order));
    *lock = (struct flock){.l_type = (short)order->type,
                           .l_whence = SEEK_SET,
                           .l_start = order->first,
                           .l_len = last < 0 ? 0 : last - order->first + 1};
    return fcntl(range_fd, command, lock);
}

static void work(int number, int orders)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct order order;

    sigaction(SIGUSR1, &action, NULL);
    whole_fd = open("whole", O_RDWR); /* an open file of its own */
    for (;;) {
        struct answer answer = {.worker = number};
        ssize_t got = read(orders, &order, sizeof(order));

        if (got < 0 && errno == EINTR)
            continue; /* a signal for the order before came late */
        if (got != sizeof(order))
            break;

        if (obey(&order, &answer.lock) < 0)
            answer.error = errno;
        (void)!write(answers[1], &answer, sizeof(answer));
    }
    _exit(0);
}

static bool start(int number)
{
    struct worker *w = &workers[number];
    int ends[2];

    if (pipe(ends) != 0)
        return false;
    memset(w, 0, sizeof(*w));
    for (int i = 0; i <= NBYTES; i++)
        w->types[i] = F_UNLCK;
    w->pid = fork();
    if (w->pid == 0) {
        for (int i = 0; i < NWORKERS; i++)
            if (i != number && workers[i].pid > 0)
                close(workers[i].orders);
        close(ends[1]);
        work(number, ends[0]);
    }
    close(ends[0]);
    w->orders = ends[1];
    return w->pid > 0;
}

/* ---- the model ---- */

static bool types_conflict(int a, int b)
{
    return a != F_UNLCK && b != F_UNLCK && (a == F_WRLCK || b == F_WRLCK);
}

static bool keeps_out(const struct worker *holder, const struct order *order)
{
    for (int i = order->first; i <= order->last; i++)
        if (types_conflict(holder->types[i], order->type))
            return true;
    return false;
}

static bool has_conflict(const struct worker *w, const struct order *order)
{
    for (int i = 0; i < NWORKERS; i++)
        if (&workers[i] != w && keeps_out(&workers[i], order))
            return true;
    return false;
}

/* Would the end of one wait be in the way of another's. */
static bool orders_conflict(const struct order *a, const struct order *b)
{
    return a->first <= b->last && b->first <= a->last &&
           types_conflict(a->type, b->type);
}

/* Does `from` wait, through any others, for `to`. */
static bool waits_for(int from, int to, unsigned seen)
{
    const struct worker *w = &workers[from];

    if (from == to)
        return true;
    if (!w->waits || (seen & 1u << from))
        return false;
    for (int i = 0; i < NWORKERS; i++)
        if (i != from &&
            (keeps_out(&workers[i], &w->order) ||
             (workers[i].waits &&
              orders_conflict(&workers[i].order, &w->order))) &&
            waits_for(i, to, seen | 1u << from))
            return true;
    return false;
}

static bool is_circle(int number, const struct order *order)
{
    for (int i = 0; i < NWORKERS; i++)
        if (i != number &&
            (keeps_out(&workers[i], order) ||
             (workers[i].waits && orders_conflict(&workers[i].order, order))) &&
            waits_for(i, number, 0))
            return true;
    return false;
}

static void apply(struct worker *w, const struct order *order)
{
    for (int i = order->first; i <= order->last; i++)
        w->types[i] = order->type;
}

static bool get_answer(struct answer *answer)
{
    struct pollfd ready = {.fd = answers[0], .events = POLLIN};

    return CHECK_EQ(poll(&ready, 1, 20000), 1) &&
           CHECK_EQ(read(answers[0], answer, sizeof(*answer)), sizeof(*answer));
}

static bool answers_are_over(void)
{
    struct pollfd ready = {.fd = answers[0], .events = POLLIN};

    return CHECK_EQ(poll(&ready, 1, 0), 0);
}

/* The end of a wait is told; the model has it as soon as it can be. */
static void note_end(const struct answer *answer)
{
    struct worker *w = &workers[answer->worker];
    bool more = true;

    CHECK_EQ(answer->error, 0);
    CHECK(w->waits && !w->answered);
    w->answered = true;
    while (more) {
        more = false;
        for (w = workers; w < workers + NWORKERS; w++)
            if (w->answered && !has_conflict(w, &w->order)) {
                apply(w, &w->order);
                w->waits = w->answered = false;
                more = true;
            }
    }
}

/*
 * While a wait can end, one of those that can does. Its end may let another
 * one end, whose answer can be faster.
 */
static void end_waits(void)
{
    struct answer answer;
    bool can_end = true;

    while (can_end && !tap_failed()) {
        can_end = false;
        for (struct worker *w = workers; w < workers + NWORKERS; w++)
            can_end |= w->waits && (w->answered || !has_conflict(w, &w->order));
        if (can_end && get_answer(&answer))
            note_end(&answer);
    }
}

static void check_test(const struct worker *w, const struct order *order,
                       const struct flock *lock)
{
    int first = (int)lock->l_start;
    int last = lock->l_len == 0 ? NBYTES - 1 : first + (int)lock->l_len - 1;

    if (!has_conflict(w, order)) {
        CHECK_EQ(lock->l_type, F_UNLCK);
        return;
    }
    CHECK(first <= order->last && last >= order->first);
    for (int i = 0; i < NWORKERS; i++) {
        if (workers[i].pid != lock->l_pid)
            continue;
        CHECK(types_conflict(lock->l_type, order->type));
        for (int at = first; at <= last; at++)
            CHECK_EQ(workers[i].types[at], lock->l_type);
        /* Adjoining locks of one type are one. */
        CHECK(first == 0 || workers[i].types[first - 1] != lock->l_type);
        CHECK(last == NBYTES - 1 || workers[i].types[last + 1] != lock->l_type);
        return;
    }
    tap_fail(__FILE__, __LINE__, "%d holds no lock", (int)lock->l_pid);
}

static struct order any_order(void)
{
    static const int types[] = {F_RDLCK, F_WRLCK, F_UNLCK};
    struct order order;
    int a = dice(NBYTES), b = dice(NBYTES);

    memset(&order, 0, sizeof(order));
    order.what = dice(5) == 0 ? TEST : dice(5) == 0 ? FLOCK : SET;
    order.type = types[dice(order.what == TEST ? 2 : 3)];
    order.wait = dice(2) == 0 && order.what != TEST;
    order.first = a < b ? a : b;
    order.last = dice(2) ? order.first + dice(3) : a < b ? b : a;
    if (order.last >= NBYTES)
        order.last = NBYTES - 1;
    if (order.what == FLOCK)
        order.first = order.last = WHOLE;
    return order;
}

/* Does a worker wait for a lock of the whole file. */
static bool is_waited_for(void)
{
    for (int i = 0; i < NWORKERS; i++)
        if (workers[i].waits && workers[i].order.what == FLOCK)
            return true;
    return false;
}

static void give_order(int number)
{
    struct worker *w = &workers[number];
    struct order order = any_order();
    struct answer answer;
    bool conflict;

    /* A lock that changes its type is lost first, and whoever waits for it may
     * or may not be faster. */
    if (order.what == FLOCK && w->types[WHOLE] != F_UNLCK && is_waited_for())
        order.type = F_UNLCK;
    if (order.wait && is_circle(number, &order))
        order.wait = false;
    conflict = order.type != F_UNLCK && has_conflict(w, &order);
    if (order.what == FLOCK && w->types[WHOLE] == order.type)
        conflict = false;
    CHECK_EQ(write(w->orders, &order, sizeof(order)), sizeof(order));
    if (order.what == FLOCK && w->types[WHOLE] != order.type)
        w->types[WHOLE] = F_UNLCK; /* the old one goes first */
    if (conflict && order.wait) {
        w->waits = true;
        w->order = order;
        usleep(dice(4) == 0 ? 1000 : 0); /* it may not sleep yet */
        end_waits();
        return;
    }
    if (!conflict && order.what != TEST)
        apply(w, &order);
    /* Others' waits may end before this one's answer comes. */
    while (get_answer(&answer) && answer.worker != number)
        note_end(&answer);
    if (tap_failed())
        return;
    if (order.what == TEST)
        check_test(w, &order, &answer.lock);
    else
        CHECK_EQ(answer.error, conflict ? EAGAIN : 0);
    end_waits();
}

static void interrupt(int number)
{
    struct worker *w = &workers[number];
    struct pollfd ready = {.fd = answers[0], .events = POLLIN};
    struct answer answer;

    /* Again if it did not sleep yet. */
    for (int i = 0; i < 1000 && poll(&ready, 1, 20) == 0; i++)
        kill(w->pid, SIGUSR1);
    if (!get_answer(&answer))
        return;
    CHECK_EQ(answer.worker, number);
    CHECK_EQ(answer.error, EINTR);
    w->waits = false;
    end_waits();
}

static void replace(int number)
{
    struct worker *w = &workers[number];

    kill(w->pid, SIGKILL);
    CHECK_EQ(waitpid(w->pid, NULL, 0), w->pid);
    close(w->orders);
    CHECK(start(number));
    end_waits();
}

static void step(void)
{
    int number = dice(NWORKERS);

    CHECK(answers_are_over());
    if (dice(40) == 0)
        replace(number);
    else if (!workers[number].waits)
        give_order(number);
    else if (dice(20) == 0)
        interrupt(number);
}

/* ---- circles ---- */

/* Worker i holds byte i and waits for byte i + 1; the last one may not. */
static void test_circle(void)
{
    struct order order;
    struct answer answer;

    memset(&order, 0, sizeof(order));
    order.type = F_WRLCK;
    for (int i = 0; i < NWORKERS; i++) {
        order.first = order.last = i;
        (void)!write(workers[i].orders, &order, sizeof(order));
        if (get_answer(&answer))
            CHECK_EQ(answer.error, 0);
    }
    order.wait = true;
    for (int i = 0; i < NWORKERS; i++) {
        order.first = order.last = (i + 1) % NWORKERS;
        usleep(20000);
        (void)!write(workers[i].orders, &order, sizeof(order));
    }
    if (get_answer(&answer)) {
        CHECK_EQ(answer.worker, NWORKERS - 1);
        CHECK_EQ(answer.error, EDEADLK);
    }
    order.wait = false;
    order.type = F_UNLCK;
    order.first = 0;
    order.last = NBYTES - 1;
    for (int i = NWORKERS - 1; i >= 0; i--) {
        (void)!write(workers[i].orders, &order, sizeof(order));
        /* Its own answer, and that of the one who waited for it. */
        for (int n = i > 0 ? 2 : 1; n > 0 && get_answer(&answer); n--) {
            CHECK(answer.worker == i || answer.worker == i - 1);
            CHECK_EQ(answer.error, 0);
        }
    }
    tap_end("a circle of six is found");
}

int main(void)
{
    int steps = getenv("TEST_LONG") != NULL ? 100000 : 8000, i;

    state = tap_seed(11);
    scratch_enter("locks");
    range_fd = open("range", O_CREAT | O_RDWR, 0600);
    whole_fd = open("whole", O_CREAT | O_RDWR, 0600);
    CHECK_EQ(pipe(answers), 0);
    for (i = 0; i < NWORKERS; i++)
        CHECK(start(i));
    tap_end("workers start");
    test_circle();
    for (i = 0; i < steps && !tap_failed(); i++)
        step();
    CHECK_EQ(i, steps);
    tap_end("locks are as the model has them");
    for (i = 0; i < NWORKERS; i++) {
        kill(workers[i].pid, SIGKILL);
        waitpid(workers[i].pid, NULL, 0);
    }
    unlink("range");
    unlink("whole");
    CHECK_EQ(scratch_leave(), 0);
    tap_end("nothing is left");
    return tap_done();
}
