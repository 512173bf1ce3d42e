/*
 * Memory and files under threads that map, unmap, fork, fault and close at
 * once. Each thread has a part of a common range in which it does as it likes,
 * and checks what it finds there; big mappings make the calls long enough for
 * the others to come in between.
 *
 * test: linux timeout=300
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "raw_threads.h"
#include "tap.h"

#define MANY   8
#define PAGE   4096u
#define PART   (8u << 20)
#define ROUNDS 60

static char *range;
static volatile int stop, wrong, started;
static int file;

static unsigned next(unsigned *seed)
{
    *seed = *seed * 1103515245 + 12345;
    return *seed >> 8;
}

static void bad(int line)
{
    if (wrong == 0)
        wrong = line;
}
#define EXPECT(condition)  \
    do {                   \
        if (!(condition))  \
            bad(__LINE__); \
    } while (0)

static long map(char *at, unsigned n, int prot, int flags, int fd)
{
    return RAW6(mmap2, at, n, prot, flags | MAP_FIXED, fd, 0);
}

/* The same, which may find memory short. */
static int try_map(char *at, unsigned n, int flags, int fd)
{
    long result = map(at, n, PROT_READ | PROT_WRITE, flags, fd);

    EXPECT(result == (long)at || result == -ENOMEM);
    return result == (long)at;
}

/* Write a mark into every sixteenth page and read it back. */
static void fill(char *at, unsigned n, char mark)
{
    for (unsigned i = 0; i < n; i += 16 * PAGE)
        at[i] = mark;
    RAW0(sched_yield);
    for (unsigned i = 0; i < n; i += 16 * PAGE)
        EXPECT(at[i] == mark);
    if (n > 3 * PAGE)
        EXPECT(at[3 * PAGE] == 0);
}

static void fork_once(char *at, char mark)
{
    int status = -1, pid = RAW0(fork);

    if (pid == 0) {
        int good = *at == mark;

        *at = 1;
        RAW1(exit_group, good ? 0 : 1);
    }
    if (pid < 0)
        return; /* memory is short: a failure, not a fault */
    RAW4(wait4, pid, &status, 0, 0);
    EXPECT(status == 0);
    EXPECT(*at == mark);
}

static void one_step(char *part, unsigned *seed, char mark)
{
    unsigned n = (next(seed) % (PART / PAGE / 2) + 4) * PAGE;
    char *at = part + next(seed) % (PART / PAGE / 2) * PAGE;
    int anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
    uint32_t old;

    if (n > (unsigned)(part + PART - at))
        n = part + PART - at;
    if (!try_map(at, n, anonymous, -1))
        return;
    fill(at, n, mark);
    switch (next(seed) % 8) {
    case 0:
        EXPECT(RAW3(mprotect, at, n, PROT_READ) == 0);
        EXPECT(*at == mark);
        EXPECT(RAW3(mprotect, at, n / 2 / PAGE * PAGE,
                    PROT_READ | PROT_WRITE) == 0);
        break;
    case 1:
        EXPECT(RAW3(madvise, at, n, MADV_DONTNEED) == 0);
        EXPECT(*at == 0);
        break;
    case 2:
        fork_once(at, mark);
        break;
    case 3:
        if (!try_map(at, n, MAP_PRIVATE, file))
            break;
        EXPECT(*at == 'F');
        *at = mark;
        EXPECT(*at == mark);
        break;
    case 4:
        if (try_map(at, n, MAP_SHARED | MAP_ANONYMOUS, -1))
            fill(at, n, mark);
        break;
    case 5:
        old =
            RAW5(mremap, at, n, n, MREMAP_MAYMOVE | MREMAP_FIXED, part + PART);
        if (old == (uint32_t)-ENOMEM)
            break;
        EXPECT(old == (uint32_t)(part + PART));
        EXPECT(part[PART] == mark);
        EXPECT(RAW2(munmap, part + PART, n) == 0);
        EXPECT(map(at, n, PROT_NONE, anonymous, -1) == (long)at);
        break;
    case 6:
        EXPECT(RAW1(sbrk, 0) != 0 || 1);
        EXPECT((uint32_t)RAW1(brk, 0) > 0x10000);
        break;
    default:
        EXPECT(RAW2(munmap, at, n) == 0);
        EXPECT(map(at, n, PROT_NONE, anonymous, -1) == (long)at);
    }
}

static int mapper(void *arg)
{
    int number = (int)arg;
    unsigned seed = number * 31 + 7;

    while (!stop) /* no stack must be mapped where a part has a hole */
        nap(1);
    for (int i = 0; i < ROUNDS && !wrong; i++)
        one_step(range + number * 2 * PART, &seed, (char)(number + 'a'));
    return 0;
}

static void test_maps(void)
{
    struct raw_thread t[MANY];
    char name[] = "/tmp/thread_memory";

    file = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    unlink(name);
    CHECK(ftruncate(file, PART) == 0);
    CHECK(pwrite(file, "F", 1, 0) == 1);
    range = mmap(NULL, MANY * 2 * PART, PROT_NONE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(range != MAP_FAILED);
    stop = 0;
    for (int i = 0; i < MANY; i++)
        EQUAL(thread_start(&t[i], mapper, (void *)i), 0);
    stop = 1;
    for (int i = 0; i < MANY; i++)
        thread_join(&t[i]);
    EQUAL(wrong, 0);
    EQUAL(munmap(range, MANY * 2 * PART), 0);
    close(file);
}

/* ---- one place, many threads ---- */

static char *place;

/*
 * All map, unmap and touch the same pages: what they touch may be gone, and a
 * fault says so; nothing else may happen.
 */
static int scramble(void *arg)
{
    unsigned seed = (int)arg * 77 + 5;

    while (!stop) /* later stacks must not be where others unmap */
        nap(1);
    for (int i = 0; i < 300; i++) {
        unsigned n = next(&seed) % 600 + 1;
        char *at = place + next(&seed) % 600 * PAGE;
        int fds[2], prot = next(&seed) % 2 ? PROT_READ | PROT_WRITE : PROT_READ;
        char bytes[64];

        switch (next(&seed) % 7) {
        case 0:
            map(at, n * PAGE, prot, MAP_PRIVATE | MAP_ANONYMOUS, -1);
            break;
        case 1:
            map(at, n * PAGE, prot, MAP_SHARED | MAP_ANONYMOUS, -1);
            break;
        case 2:
            RAW2(munmap, at, n * PAGE);
            break;
        case 3:
            RAW3(mprotect, at, n * PAGE, prot);
            break;
        case 4:
            RAW5(mremap, at, n * PAGE, n * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
                 place + next(&seed) % 600 * PAGE);
            break;
        case 5: /* copies of the kernel that may fault in the middle */
            if (RAW1(pipe, fds) == 0) {
                RAW3(write, fds[1], at - 32, 64);
                RAW3(write, fds[1], bytes, 32);
                RAW3(read, fds[0], at - 16, 32);
                RAW1(close, fds[0]);
                RAW1(close, fds[1]);
            }
            break;
        default:
            RAW3(madvise, at, n * PAGE, MADV_DONTNEED);
        }
    }
    return 0;
}

static void test_scramble(void)
{
    struct raw_thread t[MANY];

    place = mmap(NULL, 1300 * PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stop = 0;
    for (int i = 0; i < MANY; i++)
        thread_start(&t[i], scramble, (void *)i);
    stop = 1;
    for (int i = 0; i < MANY; i++)
        thread_join(&t[i]);
    EQUAL(munmap(place, 1300 * PAGE), 0);
}

/* ---- a fault waits for what another thread does ---- */

static int big_moves(void *arg)
{
    char *a = arg, *b = a + (32u << 20);

    await(&started, 2); /* no stack must be mapped where `a` is a hole */
    for (int i = 0; i < 6; i++) {
        RAW5(mremap, a, 16u << 20, 16u << 20, MREMAP_MAYMOVE | MREMAP_FIXED, b);
        RAW5(mremap, b, 16u << 20, 16u << 20, MREMAP_MAYMOVE | MREMAP_FIXED, a);
    }
    stop = 1;
    return 0;
}

static volatile int faults;

static void on_fault(int signo)
{
    (void)signo;
    faults++;
    RAW0(sched_yield);
    nap(1);
}

/* Every byte that can be read is the one that was written. */
static int read_moving(void *arg)
{
    volatile char *a = arg;
    unsigned seed = 3;

    add(&started, 1);
    while (!stop) {
        unsigned at = next(&seed) % 4096 * PAGE;

        EXPECT(a[at] == (char)(at >> 12));
    }
    return 0;
}

static void test_moves(void)
{
    struct raw_thread t[3];
    struct sigaction action = {.sa_handler = on_fault, .sa_flags = 0};
    char *a = mmap(NULL, 64u << 20, PROT_NONE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    CHECK(a != MAP_FAILED);
    mmap(a, 16u << 20, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    for (unsigned at = 0; at < 16u << 20; at += PAGE)
        a[at] = (char)(at >> 12);
    sigaction(SIGSEGV, &action, NULL);
    stop = started = wrong = 0;
    thread_start(&t[0], big_moves, a);
    thread_start(&t[1], read_moving, a);
    thread_start(&t[2], read_moving, a);
    for (int i = 0; i < 3; i++)
        thread_join(&t[i]);
    EQUAL(wrong, 0);
    signal(SIGSEGV, SIG_DFL);
    munmap(a, 64u << 20);
}

/* ---- the heap ---- */

static int break_mover(void *arg)
{
    unsigned seed = (int)arg;

    for (int i = 0; i < 200; i++) {
        uint32_t now = RAW1(brk, 0);

        RAW1(brk, now + next(&seed) % 64 * PAGE);
        RAW1(brk, now);
    }
    return 0;
}

static void test_break(void)
{
    struct raw_thread t[MANY];
    uint32_t before = RAW1(brk, 0);

    for (int i = 0; i < MANY; i++)
        thread_start(&t[i], break_mover, (void *)i);
    for (int i = 0; i < MANY; i++)
        thread_join(&t[i]);
    RAW1(brk, before);
    EQUAL((uint32_t)RAW1(brk, 0), before);
}

/* ---- descriptors ---- */

static volatile int pipe_fds[2];

static int read_closed(void *arg)
{
    char c = 0;

    add(&started, 1);
    *(volatile int *)arg = RAW3(read, pipe_fds[0], &c, 1);
    return 0;
}

/* Closed in the middle of a read, the file lives on until the read ends. */
static void test_close(void)
{
    struct raw_thread t;
    volatile int got = -99;
    int fds[2];

    CHECK(pipe(fds) == 0);
    pipe_fds[0] = fds[0];
    started = 0;
    thread_start(&t, read_closed, (void *)&got);
    await(&started, 1);
    nap(10);
    EQUAL(close(fds[0]), 0);
    EQUAL(write(fds[1], "x", 1), 1);
    thread_join(&t);
    EQUAL(got, 1);
    close(fds[1]);
}

static int juggle(void *arg)
{
    unsigned seed = (int)arg * 3 + 1;
    char buf[16];
    int64_t offset;

    for (int i = 0; i < 500; i++) {
        int fd = 10 + next(&seed) % 8;

        switch (next(&seed) % 10) {
        case 0:
            RAW1(close, fd);
            break;
        case 1:
            RAW2(dup2, file, fd);
            break;
        case 2:
            RAW2(dup2, fd, 10 + next(&seed) % 8);
            break;
        case 3:
            RAW3(read, fd, buf, sizeof(buf));
            break;
        case 4:
            RAW3(write, fd, buf, sizeof(buf));
            break;
        case 5:
            RAW5(_llseek, fd, 0, next(&seed) % 4096, &offset, SEEK_SET);
            break;
        case 6:
            RAW3(fcntl64, fd, F_DUPFD, 10);
            RAW1(close, 18 + next(&seed) % 8);
            break;
        case 7:
            RAW2(fchmod, fd, 0600);
            break;
        case 8:
            RAW2(ftruncate, fd, next(&seed) % 8192);
            break;
        default:
            RAW3(close_range, 12, 14, 0);
        }
    }
    return 0;
}

static void test_juggle(void)
{
    struct raw_thread t[MANY];
    char name[] = "/tmp/thread_memory";

    file = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    unlink(name);
    for (int i = 0; i < MANY; i++)
        thread_start(&t[i], juggle, (void *)i);
    for (int i = 0; i < MANY; i++)
        thread_join(&t[i]);
    for (int fd = 10; fd < 64; fd++)
        close(fd);
    EQUAL(fcntl(file, F_GETFD), 0);
    close(file);
}

/* A lock that was waited for by fcntl while its descriptor was closed. */
static volatile int lock_result;

static int wait_for_lock(void *arg)
{
    struct flock64_ {
        short type, whence;
        int64_t start, len;
        int pid;
    } __attribute__((packed, aligned(4))) lock = {F_WRLCK, SEEK_SET, 0, 0, 0};

    add(&started, 1);
    lock_result = RAW3(fcntl64, (int)arg, 14, &lock);
    return 0;
}

static void test_lock(void)
{
    char name[] = "/tmp/thread_lock";
    int fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600), status, pid, fds[2];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    struct raw_thread t;
    char c;

    CHECK(pipe(fds) == 0);
    pid = fork();
    if (pid == 0) {
        fcntl(fd, F_SETLK, &lock);
        RAW3(write, fds[1], "x", 1);
        nap(100);
        _exit(0);
    }
    CHECK(read(fds[0], &c, 1) == 1);
    started = 0;
    thread_start(&t, wait_for_lock, (void *)fd);
    await(&started, 1);
    nap(20);
    close(fd);
    waitpid(pid, &status, 0);
    thread_join(&t);
    fd = open(name, O_RDWR);
    pid = fork();
    if (pid == 0)
        _exit(fcntl(fd, F_SETLK, &lock) == 0 ? 0 : 1);
    waitpid(pid, &status, 0);
    EQUAL(status, 0);
    close(fd);
    close(fds[0]);
    close(fds[1]);
    unlink(name);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    test_maps();
    test_scramble();
    test_moves();
    test_break();
    test_close();
    test_juggle();
    test_lock();
    return tap_done();
}
