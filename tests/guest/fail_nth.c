/*
 * Every allocation fails once: for each operation the first, the second, the
 * third ... point where the kernel asks for memory is refused, until the
 * operation gets through. Each time it returns its documented error, and all
 * memory is as before. The same for each copy from and to user memory.
 *
 * test: timeout=120
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#include <cairn/inject.h>

#ifndef SYS_inject
#    define SYS_inject 0x1001
#endif

#define TRIES 2000 /* no operation has that many points */

static long inject(unsigned nth, unsigned flags, unsigned copies)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "0"(SYS_inject), "b"(nth), "c"(flags), "d"(copies)
                     : "memory");
    return result;
}

static unsigned long free_bytes(void)
{
    struct sysinfo info;

    return sysinfo(&info) == 0 ? info.freeram : 0;
}

/* ---- operations: each returns 0 or an errno, and cleans up ---- */

static int op_map(void)
{
    char *p = mmap(NULL, 3 << 20, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return errno;
    p[0] = p[2 << 20] = 1;
    munmap(p, 3 << 20);
    return 0;
}

static int op_map_shared(void)
{
    char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return errno;
    p[0] = 1;
    munmap(p, 1 << 20);
    return 0;
}

static int op_split(void)
{
    char *p = mmap(NULL, 8 * 4096, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int error = 0;

    if (p == MAP_FAILED)
        return errno;
    if (mprotect(p + 4096, 4096, PROT_READ) != 0 ||
        munmap(p + 4 * 4096, 4096) != 0 ||
        mprotect(p + 6 * 4096, 4096, PROT_NONE) != 0)
        error = errno;
    inject(0, INJECT_OFF, 0);
    munmap(p, 8 * 4096);
    return error;
}

static int op_remap(void)
{
    char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
         *q;
    int error = 0;

    if (p == MAP_FAILED)
        return errno;
    p[0] = 7;
    q = mremap(p, 4096, 5 << 20, MREMAP_MAYMOVE);
    if (q == MAP_FAILED)
        error = errno;
    else if (q[0] != 7)
        error = EIO;
    munmap(q == MAP_FAILED ? p : q, q == MAP_FAILED ? 4096 : 5 << 20);
    return error;
}

static int op_sbrk(void)
{
    char *p = sbrk(3 << 20);

    if (p == (void *)-1)
        return errno;
    p[0] = p[(3 << 20) - 1] = 1;
    sbrk(-(3 << 20));
    return 0;
}

static int op_fork(void)
{
    pid_t pid = fork();
    int error = pid < 0 ? errno : 0;

    if (pid == 0)
        _exit(0);
    inject(0, INJECT_OFF, 0);
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return error;
}

static unsigned arm_in_child, arm_copies;

/* The child arms the injector itself, so only its exec is meant. */
static int op_exec(void)
{
    char *argv[] = {"fail_nth", "leaf", NULL}, *envp[] = {"A=b", NULL};
    pid_t pid;
    int status;

    inject(0, INJECT_OFF, 0);
    pid = fork();
    if (pid == 0) {
        inject(arm_in_child, 0, arm_copies);
        execve("/proc/self/exe", argv, envp);
        _exit(errno);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return EIO;
    inject(0, INJECT_OFF, 0);
    if (!WIFEXITED(status))
        return EIO;
    if (WEXITSTATUS(status) == 127) /* the library could not start it */
        return arm_copies != 0 ? EFAULT : ENOMEM;
    return WEXITSTATUS(status);
}

static int op_pipe(void)
{
    int ends[2], error = 0;

    if (pipe(ends) != 0)
        return errno;
    if (write(ends[1], "hello", 5) != 5)
        error = errno;
    close(ends[0]);
    close(ends[1]);
    return error;
}

static int op_open(void)
{
    int fd = open("/dev/null", O_RDWR);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int op_create(void)
{
    static char data[10000];
    int fd = open("/fail_nth.tmp", O_RDWR | O_CREAT | O_EXCL, 0600);
    int error = 0;
    ssize_t n;

    if (fd < 0)
        return errno;
    n = write(fd, data, sizeof(data));
    if (n != (ssize_t)sizeof(data))
        error = n < 0 ? errno : arm_copies ? EFAULT : ENOSPC; /* in part */
    inject(0, INJECT_OFF, 0);
    close(fd);
    unlink("/fail_nth.tmp");
    return error;
}

static int op_names(void)
{
    int error = 0;

    if (mkdir("/fail_nth.dir", 0700) != 0)
        return errno;
    if (symlink("x", "/fail_nth.dir/link") != 0 ||
        rename("/fail_nth.dir/link", "/fail_nth.dir/other") != 0)
        error = errno;
    inject(0, INJECT_OFF, 0);
    unlink("/fail_nth.dir/link");
    unlink("/fail_nth.dir/other");
    rmdir("/fail_nth.dir");
    return error;
}

static int op_stat(void)
{
    struct stat st;

    return stat("/dev/null", &st) == 0 ? 0 : errno;
}

static int op_dup(void)
{
    int fd = fcntl(0, F_DUPFD, 200);

    if (fd < 0)
        return errno;
    close(fd);
    return 0;
}

static int op_poll(void)
{
    struct pollfd fds[40];

    for (int i = 0; i < 40; i++)
        fds[i] = (struct pollfd){0, POLLOUT, 0};
    return poll(fds, 40, 0) < 0 ? errno : 0;
}

static int op_queue(void)
{
    union sigval value = {.sival_int = 1};
    sigset_t set;
    int error = 0, signo;

    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (sigqueue(getpid(), SIGRTMIN, value) != 0)
        error = errno;
    else
        sigwait(&set, &signo);
    return error;
}

static int op_writev(void)
{
    struct iovec parts[20];
    int fd = open("/dev/null", O_WRONLY), error = 0;

    if (fd < 0)
        return errno;
    for (int i = 0; i < 20; i++)
        parts[i] = (struct iovec){parts, 1};
    if (writev(fd, parts, 20) != 20)
        error = errno;
    close(fd);
    return error;
}

static int op_mincore(void)
{
    static char page[4096] __attribute__((aligned(4096)));
    unsigned char there;

    return mincore(page, 4096, &there) == 0 ? 0 : errno;
}

static int op_sigaction(void)
{
    struct sigaction sa = {.sa_handler = SIG_IGN};

    return sigaction(SIGUSR2, &sa, NULL) == 0 ? 0 : errno;
}

static int op_itimer(void)
{
    struct itimerval timer;

    return getitimer(ITIMER_REAL, &timer) == 0 ? 0 : errno;
}

struct operation {
    const char *name;
    int (*run)(void);
};

static const struct operation operations[] = {
    {"mmap", op_map},         {"mmap shared", op_map_shared},
    {"split", op_split},      {"mremap", op_remap},
    {"sbrk", op_sbrk},        {"fork", op_fork},
    {"execve", op_exec},      {"pipe", op_pipe},
    {"open", op_open},        {"create", op_create},
    {"names", op_names},      {"stat", op_stat},
    {"dup", op_dup},          {"poll", op_poll},
    {"sigqueue", op_queue},   {"writev", op_writev},
    {"mincore", op_mincore},  {"sigaction", op_sigaction},
    {"getitimer", op_itimer},
};

static int is_documented(int error)
{
    return error == ENOMEM || error == EAGAIN || error == ENOSPC ||
           error == ENFILE;
}

/* Refuse point 1, 2, 3 ... of memory until the operation gets through. */
static void fail_memory(const struct operation *op)
{
    unsigned long before;
    unsigned nth, refused = 0;
    int error = 0, wrong = 0;

    op->run(); /* what is kept for the next time is there now */
    op->run();
    before = free_bytes();
    for (nth = 1; nth < TRIES; nth++) {
        arm_in_child = nth;
        arm_copies = 0;
        inject(nth, 0, 0);
        error = op->run();
        inject(0, INJECT_OFF, 0);
        if (error == 0)
            break;
        refused++;
        if (!is_documented(error) && wrong == 0)
            wrong = error;
    }
    printf("# %s: %u points of memory\n", op->name, refused);
    tap_line(nth < TRIES && error == 0, __FILE__, __LINE__, op->name);
    EQUAL(wrong, 0);
    CHECK(free_bytes() + 16384 >= before);
}

static void fail_copies(const struct operation *op)
{
    unsigned long before = free_bytes();
    unsigned nth;
    int error = 0, wrong = 0;

    for (nth = 1; nth < TRIES; nth++) {
        arm_in_child = 0;
        arm_copies = nth;
        inject(0, 0, nth);
        error = op->run();
        inject(0, INJECT_OFF, 0);
        if (error == 0)
            break;
        if (error != EFAULT && wrong == 0)
            wrong = error;
    }
    printf("# %s: %u copies\n", op->name, nth - 1);
    tap_line(nth < TRIES && error == 0, __FILE__, __LINE__, op->name);
    EQUAL(wrong, 0);
    CHECK(free_bytes() + 16384 >= before);
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!is_cairn()) {
        printf("1..0 # SKIP Cairn's own call\n");
        return 0;
    }
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        fail_memory(&operations[i]);
        fail_copies(&operations[i]);
    }
    return tap_done();
}
