/*
 * poll, ppoll, select and pselect.
 *
 * All are one loop: ask every file, joining its queues the first time round;
 * if nothing holds, sleep until a queue is woken, leave all queues, and ask
 * again. The user's arrays are copied in once and out once.
 */
#include <cairn/poll.h>
#include <cairn/time.h>
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/poll.h"
#include "fs/poll_set.h"
#include "lib/bits.h"
#include "lib/checkpoint.h"
#include "lib/string.h"
#include "lib/units.h"
#include "mm/kmalloc.h"
#include "proc/process.h"
#include "proc/signal.h"
#include "sched/thread.h"
#include "sys/restart.h"
#include "sys/sys.h"
#include "sys/sys_path.h"

/* What poll always tells, asked or not. */
#define ALWAYS (POLLERR | POLLHUP | POLLNVAL)

/* ---- timeouts ---- */

/* The moment `ns` from now; WAITQ_FOREVER if it is too far to say. */
static uint64_t deadline_in(uint64_t ns)
{
    uint64_t now = clock_monotonic_ns();

    return ns > WAITQ_FOREVER - now ? WAITQ_FOREVER : now + ns;
}

/* A time span of the user's: -EINVAL, or 0 with the deadline. */
static int deadline_of(int64_t sec, int64_t fraction, uint64_t per_fraction,
                       uint64_t *deadline)
{
    if (sec < 0 || fraction < 0 ||
        (uint64_t)fraction >= NS_PER_S / per_fraction)
        return -EINVAL;
    if (sec == 0 && fraction == 0)
        *deadline = 0;
    else if ((uint64_t)sec >= WAITQ_FOREVER / NS_PER_S)
        *deadline = WAITQ_FOREVER;
    else
        *deadline = deadline_in((uint64_t)sec * NS_PER_S +
                                (uint64_t)fraction * per_fraction);
    return 0;
}

/* A struct timespec at `address`, wide or narrow; 0 means for ever. */
static int get_deadline(uaddr_t address, bool wide, uint64_t *deadline)
{
    struct __cairn_timespec64 span;
    struct __cairn_timespec32 narrow;

    *deadline = WAITQ_FOREVER;
    if (address == 0)
        return 0;
    if (wide) {
        if (copy_from_user(&span, address, sizeof(span)) < 0)
            return -EFAULT;
        return deadline_of(span.tv_sec, (int32_t)span.tv_nsec, 1, deadline);
    }
    if (copy_from_user(&narrow, address, sizeof(narrow)) < 0)
        return -EFAULT;
    return deadline_of(narrow.tv_sec, narrow.tv_nsec, 1, deadline);
}

/* What is left until a deadline, in nanoseconds. */
static uint64_t time_left(uint64_t deadline)
{
    uint64_t now = clock_monotonic_ns();

    return deadline > now ? deadline - now : 0;
}

/*
 * Tell the user what is left of a time span. A call that is made again waits
 * for that (as Linux: a stop does not count); where it cannot be written, which
 * is not an error, until the deadline.
 */
static void put_left(uaddr_t address, bool wide, uint64_t deadline, long result)
{
    int error;
    uint64_t left = time_left(deadline);
    struct __cairn_timespec64 span = {(int64_t)(left / NS_PER_S),
                                      (int64_t)(left % NS_PER_S)};
    struct __cairn_timespec32 narrow = {(int32_t)span.tv_sec,
                                        (int32_t)span.tv_nsec};

    if (address == 0 || deadline == WAITQ_FOREVER)
        return;
    error = wide ? copy_to_user(address, &span, sizeof(span))
                 : copy_to_user(address, &narrow, sizeof(narrow));
    if (error)
        restart_end(result, deadline);
}

#define MANY 256 /* files between two chances for others */
#define FEW  16  /* files whose array lies on the stack */

/* ---- the loop ---- */

/*
 * Ask one file; joins its queues if `set` is not NULL. The file may be closed
 * by another thread while this one sleeps, so its queues must not outlive the
 * sleep: `held`, all NULL before, keeps the reference until then.
 */
static short ask(struct pollfd *p, struct poll_set *set, struct file **held)
{
    struct fdtable *files = current_process()->files;
    struct file *file =
        set != NULL ? fdtable_file(files, p->fd) : fdtable_peek(files, p->fd);
    unsigned events;

    if (set != NULL)
        *held = file;
    if (file == NULL)
        return POLLNVAL;
    if (file->mode & FILE_PATH)
        return POLLNVAL;
    events = file_poll(file, set);
    return (short)(events & ((unsigned)p->events | ALWAYS));
}

static void let_go(struct file **held, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        if (held[i] != NULL)
            file_put(held[i]);
        held[i] = NULL;
        if (i % MANY == MANY - 1)
            checkpoint();
    }
}

/*
 * Ask all: how many have something to tell. No queue is joined after that.
 * `held` may be NULL if `set` is.
 */
static int ask_all(struct pollfd *fds, uint32_t n, struct poll_set *set,
                   struct file **held)
{
    int found = 0;

    for (uint32_t i = 0; i < n; i++) {
        fds[i].revents = 0;
        if (fds[i].fd >= 0)
            fds[i].revents =
                ask(&fds[i], found > 0 ? NULL : set, held + (set ? i : 0));
        found += fds[i].revents != 0;
        if (i % MANY == MANY - 1)
            checkpoint();
    }
    return found;
}

/* How many of `fds` are ready, waiting until the deadline, which is not 0. */
static int poll_files(struct pollfd *fds, uint32_t n, uint64_t deadline,
                      struct file **held)
{
    struct poll_set set;
    int found, error = 0;

    poll_set_init(&set);
    for (;;) {
        found = ask_all(fds, n, deadline != 0 ? &set : NULL, held);
        if (found == 0 && deadline != 0 && error == 0)
            error = poll_set_sleep(&set, deadline);
        else
            deadline = 0;
        poll_set_clear(&set);
        let_go(held, n);
        if (deadline == 0 || error == -ENOMEM)
            break;
    }
    if (found > 0 || error == -ETIMEDOUT)
        return found;
    return error;
}

/* The same, with memory for what is held; a deadline of 0 means now. */
static int wait_for_files(struct pollfd *fds, uint32_t n, uint64_t deadline)
{
    struct file **held;
    int found;

    sys_may_sleep();
    if (deadline == 0)
        return ask_all(fds, n, NULL, NULL);
    held = kzalloc((n > 0 ? n : 1) * sizeof(*held));
    if (held == NULL)
        return -ENOMEM;
    found = poll_files(fds, n, deadline, held);
    kfree(held);
    return found;
}

/* ---- poll ---- */

/* Tell the user what was found. */
static int put_events(uaddr_t address, const struct pollfd *fds, uint32_t n)
{
    for (uint32_t i = 0, part; i < n; i += part) {
        part = n - i < MANY ? n - i : MANY;
        if (put_user_halves(address + i * sizeof(*fds) +
                                offsetof(struct pollfd, revents),
                            &fds[i].revents, part, sizeof(*fds)) < 0)
            return -EFAULT;
        checkpoint();
    }
    return 0;
}

static long do_poll(uaddr_t address, uint32_t n, uint64_t deadline)
{
    struct pollfd few[FEW], *fds = few;
    int found;

    if (n > user_nofile() || n > FDTABLE_MAX)
        return -EINVAL;
    if (n > FEW)
        fds = kmalloc(n * sizeof(*fds));
    if (fds == NULL)
        return -ENOMEM;
    found = copy_from_user(fds, address, n * sizeof(*fds));
    if (found == 0)
        found = wait_for_files(fds, n, deadline);
    if (found >= 0 && put_events(address, fds, n) < 0)
        found = -EFAULT;
    if (fds != few)
        kfree(fds);
    return found;
}

SYSCALL_DEFINE(poll, uaddr_t fds, uint32_t n, int32_t timeout_ms)
{
    uint64_t deadline = WAITQ_FOREVER;
    long result;

    if (timeout_ms == 0)
        deadline = 0;
    else if (timeout_ms > 0)
        deadline = deadline_in((uint64_t)timeout_ms * NS_PER_MS);
    deadline = restart_deadline(deadline);
    result = do_poll(fds, n, deadline);
    restart_end(result, deadline);
    return result;
}

/* The signal mask for the time of a call. */
struct call_mask {
    bool given;
    uint64_t set;
};

/* Read it at `address`; 0 leaves the mask as it is. -EINVAL, -EFAULT. */
static int get_mask(uaddr_t address, uint32_t size, struct call_mask *mask)
{
    mask->given = address != 0;
    if (!mask->given)
        return 0;
    if (size != sizeof(mask->set))
        return -EINVAL;
    return copy_from_user(&mask->set, address, sizeof(mask->set));
}

static void begin_mask(const struct call_mask *mask)
{
    if (mask->given)
        signal_mask_begin(mask->set);
}

static void end_mask(const struct call_mask *mask, long result)
{
    if (mask->given)
        signal_mask_end(result);
}

static long do_ppoll(uaddr_t fds, uint32_t n, uaddr_t timeout, uaddr_t mask,
                     uint32_t mask_size, bool wide)
{
    struct call_mask call_mask;
    uint64_t deadline;
    long result = get_deadline(timeout, wide, &deadline);

    if (result == 0)
        result = get_mask(mask, mask_size, &call_mask);
    if (result < 0)
        return result;
    deadline = restart_deadline(deadline);
    begin_mask(&call_mask);
    result = do_poll(fds, n, deadline);
    end_mask(&call_mask, result);
    put_left(timeout, wide, deadline, result);
    return result;
}

SYSCALL_DEFINE(ppoll, uaddr_t fds, uint32_t n, uaddr_t timeout, uaddr_t mask,
               uint32_t mask_size)
{
    return do_ppoll(fds, n, timeout, mask, mask_size, false);
}

SYSCALL_DEFINE(ppoll_time64, uaddr_t fds, uint32_t n, uaddr_t timeout,
               uaddr_t mask, uint32_t mask_size)
{
    return do_ppoll(fds, n, timeout, mask, mask_size, true);
}

/* ---- select ---- */

#define SET_READ   0
#define SET_WRITE  1
#define SET_EXCEPT 2
#define NSETS      3

static const short set_events[NSETS] = {
    POLLIN | POLLRDNORM | POLLRDBAND | POLLHUP | POLLERR,
    POLLOUT | POLLWRNORM | POLLWRBAND | POLLERR,
    POLLPRI,
};

/* The three sets of a select call: bits by descriptor, in one allocation. */
struct select_sets {
    uaddr_t user[NSETS];    /* 0: not given */
    uint32_t *bits[NSETS];  /* what is asked */
    uint32_t *ready[NSETS]; /* what is answered */
    uint32_t nwords;        /* of each */
};

static int get_sets(struct select_sets *sets, uint32_t n)
{
    uint32_t *words;

    sets->nwords = (n + 31) / 32;
    words = kzalloc((sets->nwords + 1) * 2 * NSETS * sizeof(*words));
    if (words == NULL)
        return -ENOMEM;
    for (int i = 0; i < NSETS; i++) {
        sets->bits[i] = words + (size_t)i * sets->nwords;
        sets->ready[i] = sets->bits[i] + (size_t)NSETS * sets->nwords;
        if (sets->user[i] != 0 &&
            copy_from_user(sets->bits[i], sets->user[i],
                           sets->nwords * sizeof(*words)) < 0) {
            kfree(words);
            return -EFAULT;
        }
    }
    return 0;
}

static int put_sets(const struct select_sets *sets)
{
    for (int i = 0; i < NSETS; i++)
        if (sets->user[i] != 0 &&
            copy_to_user(sets->user[i], sets->ready[i],
                         sets->nwords * sizeof(uint32_t)) < 0)
            return -EFAULT;
    return 0;
}

/* The bits of a word that are in any set and below `n`. */
static uint32_t asked_word(const struct select_sets *sets, uint32_t word,
                           uint32_t n)
{
    uint32_t any = sets->bits[SET_READ][word] | sets->bits[SET_WRITE][word] |
                   sets->bits[SET_EXCEPT][word];
    uint32_t left = n - word * 32;

    return left >= 32 ? any : any & ((1u << left) - 1);
}

/* How many descriptors the sets ask about. */
static uint32_t count_files(const struct select_sets *sets, uint32_t n)
{
    uint32_t used = 0;

    for (uint32_t word = 0; word < sets->nwords; word++)
        for (uint32_t any = asked_word(sets, word, n); any != 0; any &= any - 1)
            used++;
    return used;
}

/* Events that the sets ask of a descriptor, which is `bit` of `word`. */
static short events_of(const struct select_sets *sets, uint32_t word,
                       uint32_t bit)
{
    short events = 0;

    for (int i = 0; i < NSETS; i++)
        if (sets->bits[i][word] & bit)
            events |= set_events[i];
    return events;
}

/* The descriptors of the sets as an array for poll. */
static void list_files(const struct select_sets *sets, uint32_t n,
                       struct pollfd *fds)
{
    for (uint32_t word = 0; word < sets->nwords; word++) {
        uint32_t any = asked_word(sets, word, n);

        for (; any != 0; any &= any - 1) {
            uint32_t at = bits_lowest32(any);

            *fds++ = (struct pollfd){(int)(word * 32 + at),
                                     events_of(sets, word, 1u << at), 0};
        }
        if (word % MANY == MANY - 1)
            checkpoint();
    }
}

/* Answer for one descriptor: how many of its bits are ready. */
static int note_file(struct select_sets *sets, const struct pollfd *p)
{
    uint32_t word = (uint32_t)p->fd / 32, bit = 1u << ((uint32_t)p->fd % 32);
    int found = 0;

    for (int set = 0; set < NSETS; set++) {
        if (!(sets->bits[set][word] & bit) || !(p->revents & set_events[set]))
            continue;
        sets->ready[set][word] |= bit;
        found++;
    }
    return found;
}

/* Answer for all that were asked: how many bits, or -EBADF. */
static int note_ready(struct select_sets *sets, const struct pollfd *fds,
                      uint32_t used)
{
    int found = 0;

    for (uint32_t i = 0; i < used; i++) {
        if (fds[i].revents & POLLNVAL)
            return -EBADF;
        if (fds[i].revents != 0)
            found += note_file(sets, &fds[i]);
        if (i % MANY == MANY - 1)
            checkpoint();
    }
    return found;
}

static int select_files(struct select_sets *sets, uint32_t n, uint64_t deadline)
{
    uint32_t used = count_files(sets, n);
    struct pollfd few[FEW], *fds = few;
    int found;

    if (used > FEW)
        fds = kmalloc(used * sizeof(*fds));
    if (fds == NULL)
        return -ENOMEM;
    list_files(sets, n, fds);
    found = wait_for_files(fds, used, deadline);
    if (found > 0)
        found = note_ready(sets, fds, used);
    if (fds != few)
        kfree(fds);
    return found;
}

static long do_select(int n, uaddr_t in, uaddr_t out, uaddr_t except,
                      uint64_t deadline)
{
    struct select_sets sets = {.user = {in, out, except}};
    int found;

    if (n < 0)
        return -EINVAL;
    if ((uint32_t)n > FDTABLE_MAX)
        n = (int)FDTABLE_MAX;
    found = get_sets(&sets, (uint32_t)n);
    if (found < 0)
        return found;
    found = select_files(&sets, (uint32_t)n, deadline);
    if (found >= 0 && put_sets(&sets) < 0)
        found = -EFAULT;
    kfree(sets.bits[0]);
    return found;
}

SYSCALL_DEFINE(_newselect, int n, uaddr_t in, uaddr_t out, uaddr_t except,
               uaddr_t timeout)
{
    struct __cairn_timeval32 span;
    uint64_t deadline = WAITQ_FOREVER, left;
    int64_t sec;
    long result;

    if (timeout != 0) {
        if (copy_from_user(&span, timeout, sizeof(span)) < 0)
            return -EFAULT;
        if (span.tv_sec < 0 || span.tv_usec < 0)
            return -EINVAL;
        /* Linux takes more microseconds than a second has. */
        sec = (int64_t)span.tv_sec + span.tv_usec / (int32_t)US_PER_S;
        result = deadline_of(sec, span.tv_usec % (int32_t)US_PER_S, NS_PER_US,
                             &deadline);
        if (result < 0)
            return result;
    }
    deadline = restart_deadline(deadline);
    result = do_select(n, in, out, except, deadline);
    if (timeout != 0) {
        left = time_left(deadline);
        span.tv_sec = (int32_t)(left / NS_PER_S);
        span.tv_usec = (int32_t)(left % NS_PER_S / NS_PER_US);
        if (copy_to_user(timeout, &span, sizeof(span)) != 0)
            restart_end(result, deadline);
    }
    return result;
}

/* The last argument of pselect6 points to a mask's address and size. */
static long do_pselect(int n, uaddr_t in, uaddr_t out, uaddr_t except,
                       uaddr_t timeout, uaddr_t mask, bool wide)
{
    uint32_t pair[2] = {0, 0};
    struct call_mask call_mask;
    uint64_t deadline;
    long result = get_deadline(timeout, wide, &deadline);

    if (result == 0 && mask != 0)
        result = copy_from_user(pair, mask, sizeof(pair));
    if (result == 0)
        result = get_mask(pair[0], pair[1], &call_mask);
    if (result < 0)
        return result;
    deadline = restart_deadline(deadline);
    begin_mask(&call_mask);
    result = do_select(n, in, out, except, deadline);
    end_mask(&call_mask, result);
    put_left(timeout, wide, deadline, result);
    return result;
}

SYSCALL_DEFINE(pselect6, int n, uaddr_t in, uaddr_t out, uaddr_t except,
               uaddr_t timeout, uaddr_t mask)
{
    return do_pselect(n, in, out, except, timeout, mask, false);
}

SYSCALL_DEFINE(pselect6_time64, int n, uaddr_t in, uaddr_t out, uaddr_t except,
               uaddr_t timeout, uaddr_t mask)
{
    return do_pselect(n, in, out, except, timeout, mask, true);
}
