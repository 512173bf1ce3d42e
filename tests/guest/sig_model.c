/*
 * Random signals against a model: sent to the process or to the thread, plain
 * or queued with a value, blocked, taken by sigtimedwait, forgotten, or let in
 * so that handlers run. The model knows which are pending, what is known of
 * them, and in which order handlers start, as on Linux.
 *
 * TEST_SEED repeats a run.
 *
 * test: linux
 */
#include <signal.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define NR_tgkill 270
#define NR_gettid 224
#define QUEUE_MAX 400 /* below what one process may queue */
#define LOG_MAX   4096

static const int signals[] = {SIGUSR1, SIGUSR2, SIGALRM, SIGURG, SIGWINCH,
                              SIGTERM, 34,      35,      50,     64};
#define NSIGNALS (sizeof(signals) / sizeof(signals[0]))
#define FIRST_RT 32

struct sent {
    int signo, code, value;
};

/* What is pending: of the thread [0] and of the process [1], oldest first. */
static struct sent queues[2][QUEUE_MAX];
static unsigned lengths[2];
static uint64_t blocked; /* bit n - 1 */

static struct sent seen[LOG_MAX], wanted[LOG_MAX];
static unsigned nseen, nwanted;
static uint32_t state;

static uint32_t chance(uint32_t n)
{
    state = state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(state >> 8) * n >> 24);
}

static uint64_t bit(int signo)
{
    return 1ull << (signo - 1);
}

/* ---- the model ---- */

static int is_pending(unsigned which, int signo)
{
    for (unsigned i = 0; i < lengths[which]; i++)
        if (queues[which][i].signo == signo)
            return 1;
    return 0;
}

static void model_send(unsigned which, struct sent sent)
{
    if (sent.signo < FIRST_RT && is_pending(which, sent.signo))
        return;
    queues[which][lengths[which]++] = sent;
}

/* The first of the lowest signal of a mask: the thread's before the others. */
static int model_take(uint64_t mask, struct sent *sent)
{
    for (unsigned which = 0; which < 2; which++) {
        int best = -1;

        for (unsigned i = 0; i < lengths[which]; i++) {
            const struct sent *s = &queues[which][i];

            if ((mask & bit(s->signo)) &&
                (best < 0 || s->signo < queues[which][best].signo))
                best = (int)i;
        }
        if (best < 0)
            continue;
        *sent = queues[which][best];
        lengths[which]--;
        memmove(&queues[which][best], &queues[which][best + 1],
                (lengths[which] - (unsigned)best) * sizeof(*sent));
        return sent->signo;
    }
    return 0;
}

static void model_forget(int signo)
{
    struct sent old;

    for (unsigned which = 0; which < 2; which++)
        while (is_pending(which, signo)) {
            uint64_t keep = bit(signo);

            if (!model_take(keep, &old))
                return;
        }
}

/*
 * Frames are made for all that may come in, the last one's handler runs first;
 * when it returns its mask is back, and more may come.
 */
static void model_deliver(void)
{
    struct {
        struct sent sent;
        uint64_t before;
    } frames[NSIGNALS];
    unsigned n = 0;

    do {
        struct sent sent;

        while (model_take(~blocked, &sent)) {
            frames[n].sent = sent;
            frames[n++].before = blocked;
            blocked |= bit(sent.signo);
        }
        if (n == 0)
            return;
        n--;
        if (nwanted < LOG_MAX)
            wanted[nwanted++] = frames[n].sent;
        blocked = frames[n].before;
    } while (1);
}

/* ---- the kernel ---- */

static void on_info(int signo, siginfo_t *info, void *context)
{
    (void)context;
    if (nseen < LOG_MAX)
        seen[nseen++] =
            (struct sent){signo, info->si_code,
                          info->si_code == SI_QUEUE ? info->si_value.sival_int
                                                    : 0};
}

static void install(int signo, int ignore)
{
    struct sigaction sa = {.sa_flags = SA_SIGINFO};

    sa.sa_sigaction = on_info;
    if (ignore) {
        sa.sa_flags = 0;
        sa.sa_handler = SIG_IGN;
    }
    sigemptyset(&sa.sa_mask);
    sigaction(signo, &sa, NULL);
}

static sigset_t set_of(uint64_t mask)
{
    sigset_t set;

    sigemptyset(&set);
    for (unsigned i = 0; i < NSIGNALS; i++)
        if (mask & bit(signals[i]))
            sigaddset(&set, signals[i]);
    return set;
}

static void block(uint64_t mask)
{
    sigset_t set = set_of(mask);

    blocked = mask;
    sigprocmask(SIG_SETMASK, &set, NULL);
}

static uint64_t some(void)
{
    uint64_t mask = 0;

    for (unsigned i = 0; i < NSIGNALS; i++)
        if (chance(3) == 0)
            mask |= bit(signals[i]);
    return mask;
}

static uint64_t all(void)
{
    uint64_t mask = 0;

    for (unsigned i = 0; i < NSIGNALS; i++)
        mask |= bit(signals[i]);
    return mask;
}

static long tgkill_self(int signo)
{
    static long me;
    long result, tid;

    if (!me)
        __asm__ volatile("int $0x80" : "=a"(me) : "0"((long)NR_gettid));
    tid = me;
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "0"((long)NR_tgkill), "b"((long)getpid()), "c"(tid),
                       "d"((long)signo)
                     : "memory");
    return result;
}

/* ---- steps: 0 if the kernel and the model agree ---- */

static int step_send(void)
{
    int signo = signals[chance(NSIGNALS)];
    union sigval value = {.sival_int = (int)chance(1000)};

    if (lengths[0] + lengths[1] >= QUEUE_MAX / 2)
        return 0;
    switch (chance(3)) {
    case 0:
        model_send(1, (struct sent){signo, SI_USER, 0});
        return kill(getpid(), signo) != 0;
    case 1:
        model_send(0, (struct sent){signo, SI_TKILL, 0});
        return tgkill_self(signo) != 0;
    default:
        model_send(1, (struct sent){signo, SI_QUEUE, value.sival_int});
        return sigqueue(getpid(), signo, value) != 0;
    }
}

static int step_take(void)
{
    uint64_t mask = some();
    sigset_t set = set_of(mask);
    struct timespec none = {0, 0};
    struct sent sent = {0, 0, 0};
    siginfo_t info;
    int model = model_take(mask, &sent);
    int real = sigtimedwait(&set, &info, &none);

    if (sent.code == SI_TKILL) /* so the C library tells it */
        sent.code = SI_USER;
    if (model == 0)
        return real != -1 || errno != EAGAIN;
    return real != model || info.si_code != sent.code ||
           (sent.code == SI_QUEUE && info.si_value.sival_int != sent.value);
}

static int step_let_in(void)
{
    nseen = nwanted = 0;
    block(all() & ~some());
    model_deliver();
    block(all());
    return nseen != nwanted ||
           memcmp(seen, wanted, nseen * sizeof(seen[0])) != 0;
}

static int step_forget(void)
{
    int signo = signals[chance(NSIGNALS)];

    install(signo, 1);
    model_forget(signo);
    install(signo, 0);
    return 0;
}

static int step_pending(void)
{
    sigset_t set;

    sigpending(&set);
    for (unsigned i = 0; i < NSIGNALS; i++)
        if (sigismember(&set, signals[i]) !=
            (is_pending(0, signals[i]) || is_pending(1, signals[i])))
            return 1;
    return 0;
}

static int step(void)
{
    switch (chance(16)) {
    case 0:
        return step_let_in();
    case 1:
        return step_forget();
    case 2:
    case 3:
        return step_pending();
    case 4:
    case 5:
    case 6:
        return step_take();
    default:
        return step_send();
    }
}

int main(void)
{
    const char *seed = getenv("TEST_SEED");
    unsigned long steps = getenv("TEST_LONG") ? 2000000 : 100000, i;

    setvbuf(stdout, NULL, _IOLBF, 0);
    state = seed ? (uint32_t)strtoul(seed, NULL, 10) : 1;
    printf("# TEST_SEED=%u\n", state);
    for (i = 0; i < NSIGNALS; i++)
        install(signals[i], 0);
    block(all());
    for (i = 0; i < steps && step() == 0; i++)
        ;
    EQUAL(i, steps);
    while (lengths[0] + lengths[1] > 0)
        step_let_in();
    return tap_done();
}
