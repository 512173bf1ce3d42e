/*
 * Everything at once for a while: processes that fork, exec, map, write files,
 * talk through pipes, signal each other and die, in an order that a seed
 * gives. Each checks what it sees; at the end the kernel's counts must be as
 * before. `make soak SECONDS=600 SEED=1` runs it for longer.
 *
 * test: timeout=100
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { WORKERS = 8 };

static uint32_t state;
static char *self;

/* xorshift32 */
static uint32_t next(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}

static uint32_t below(uint32_t n)
{
    return next() % n;
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int is_shortage(void)
{
    return errno == ENOMEM || errno == EAGAIN || errno == ENOSPC ||
           errno == ENFILE || errno == EMFILE || errno == EINTR;
}

/* ---- what a worker does; each returns 1 unless something is wrong ---- */

static int do_memory(void)
{
    size_t npages = 1 + below(64), n = npages * 4096;
    unsigned char tag = (unsigned char)next(), *p;
    int good = 1;

    p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
             0);
    if (p == MAP_FAILED)
        return is_shortage();
    for (size_t i = 0; i < n; i += 4096) {
        good &= p[i] == 0 && p[i + 4095] == 0;
        p[i] = tag;
    }
    if (npages > 2 && munmap(p + 4096, 4096) != 0 && !is_shortage())
        good = 0;
    good &= p[0] == tag && p[n - 4096] == tag;
    return (munmap(p, n) == 0 || is_shortage()) && good;
}

static int do_heap(void)
{
    size_t n = 1 + below(100000);
    char *p = malloc(n);

    if (!p)
        return is_shortage();
    memset(p, 'h', n);
    if (p[0] != 'h' || p[n - 1] != 'h')
        return 0;
    free(p);
    return 1;
}

static int do_exec(void)
{
    char *argv[] = {self, "leaf", NULL}, *envp[] = {NULL};
    pid_t pid = fork();
    int status;

    if (pid < 0)
        return is_shortage();
    if (pid == 0) {
        execve("/proc/self/exe", argv, envp);
        _exit(8);
    }
    while (waitpid(pid, &status, 0) != pid)
        if (errno != EINTR)
            return 0;
    /* 127: the library found no memory to start the program with. */
    if (status == 7 << 8 || status == 8 << 8 || status == 127 << 8)
        return 1;
    printf("# exec: status %#x\n", (unsigned)status);
    return 0;
}

static int do_fork(void)
{
    volatile int mine = (int)next();
    int copy = mine;
    pid_t pid = fork();
    int status;

    if (pid < 0)
        return is_shortage();
    if (pid == 0) {
        int same = mine == copy;

        mine = 0;
        _exit(same ? 5 : 6);
    }
    while (waitpid(pid, &status, 0) != pid)
        if (errno != EINTR)
            return 0;
    return status == 5 << 8 && mine == copy;
}

static int do_pipe(void)
{
    uint32_t sent = next(), got = 0;
    int ends[2], good;

    if (pipe(ends) != 0)
        return is_shortage();
    good = write(ends[1], &sent, sizeof(sent)) == sizeof(sent);
    if (good)
        good = read(ends[0], &got, sizeof(got)) == sizeof(got) && got == sent;
    else
        good = is_shortage();
    close(ends[0]);
    close(ends[1]);
    return good;
}

static int do_file(void)
{
    char name[40], other[40], data[5000], back[5000];
    size_t n = 1 + below(sizeof(data));
    int fd, good = 1;
    ssize_t written;

    snprintf(name, sizeof(name), "/soak.%d.%u", getpid(), below(8));
    snprintf(other, sizeof(other), "/soak.%d.%u", getpid(), below(8));
    fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0)
        return is_shortage();
    memset(data, (int)next(), n);
    written = write(fd, data, n);
    if (written < 0)
        good = is_shortage();
    else
        good = pread(fd, back, (size_t)written, 0) == written &&
               memcmp(data, back, (size_t)written) == 0;
    close(fd);
    if (rename(name, other) != 0)
        good &= is_shortage();
    if (below(2) == 0)
        unlink(other);
    return good;
}

static volatile sig_atomic_t signals;

static void on_signal(int signo)
{
    (void)signo;
    signals++;
}

static int do_signal(void)
{
    int before = signals;

    if (kill(getpid(), SIGUSR1) != 0)
        return 0;
    return signals > before;
}

static int do_sleep(void)
{
    usleep(below(3000));
    return 1;
}

/* Signal a brother; he may be gone. */
static int do_brother(const pid_t *pids)
{
    pid_t pid = pids[below(WORKERS)];

    if (pid > 0)
        kill(pid, SIGUSR1);
    return 1;
}

static int (*const actions[])(void) = {
    do_memory, do_heap, do_exec, do_fork, do_pipe, do_file, do_signal, do_sleep,
};

static int step(const pid_t *pids)
{
    size_t n = sizeof(actions) / sizeof(actions[0]);
    uint32_t which = below((uint32_t)n + 1);

    errno = 0;
    if (which == n ? do_brother(pids) : actions[which]())
        return 1;
    printf("# action %u went wrong, errno %d\n", (unsigned)which, errno);
    return 0;
}

static void clean_files(void)
{
    char name[40];

    for (unsigned i = 0; i < 8; i++) {
        snprintf(name, sizeof(name), "/soak.%d.%u", getpid(), i);
        unlink(name);
    }
}

static void work(uint32_t seed, double end, const pid_t *pids)
{
    int good = 1;

    state = seed;
    signal(SIGUSR1, on_signal);
    while (good && now() < end)
        good = step(pids);
    clean_files();
    _exit(good ? 0 : 1);
}

static unsigned long free_bytes(void)
{
    struct sysinfo info;

    return sysinfo(&info) == 0 ? info.freeram : 0;
}

/*
 * One round of all workers: how many of them saw something wrong. A worker's
 * number may be another process's once it is waited for, which a signal to it
 * would end: so they know the numbers of this round only, and none is waited
 * for before all have ended.
 */
static int round_of(uint32_t seed, double seconds)
{
    static pid_t pids[WORKERS];
    double end = now() + seconds;
    int bad = 0, status;
    siginfo_t info;

    memset(pids, 0, sizeof(pids));
    signal(SIGUSR1, SIG_IGN);
    for (int i = 0; i < WORKERS; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            work(seed * 2654435761u + (uint32_t)i * 40503u + 1, end, pids);
    }
    for (int i = 0; i < WORKERS; i++)
        waitid(P_PID, (id_t)pids[i], &info, WEXITED | WNOWAIT);
    for (int i = 0; i < WORKERS; i++)
        if (waitpid(pids[i], &status, 0) != pids[i] || status != 0)
            bad++;
    return bad;
}

static double number(const char *name, double otherwise)
{
    const char *text = getenv(name);

    return text && *text ? atof(text) : otherwise;
}

int main(int argc, char **argv)
{
    double seconds = number("SECONDS", getenv("TEST_LONG") ? 60 : 5);
    uint32_t seed = (uint32_t)number("SEED", 1);
    unsigned long before, after;

    self = argv[0];
    if (argc > 1)
        return 7;
    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("# %g seconds, seed %u: make soak SECONDS=%g SEED=%u\n", seconds,
           seed, seconds, seed);
    EQUAL(round_of(seed, 1), 0);
    before = free_bytes();
    EQUAL(round_of(seed + 1, seconds), 0);
    after = free_bytes();
    CHECK(after + 65536 >= before);
    printf("# free before %lu, after %lu\n", before, after);
    return tap_done();
}
