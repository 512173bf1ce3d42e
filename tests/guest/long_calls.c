/*
 * Calls that go on for long: others run meanwhile, and SIGKILL ends them. Each
 * would take from seconds to minutes; the limits are a small part of that, and
 * far above what a busy host adds.
 *
 * test: timeout=200
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define MIB        (1u << 20)
#define NSEGMENTS  1024
#define LATE_MS    3000
#define BEFORE_MS  50
#define SLEEPS     5
#define AREA_PAGES 8000

static long now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static char *map(size_t nbytes, int flags)
{
    return mmap(NULL, nbytes, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

/* 2 GiB by way of one buffer. */
static void vector(int fd, const char *bytes, int writes)
{
    static struct iovec v[NSEGMENTS];
    char *p = map(2 * MIB, 0);

    if (bytes != NULL)
        memset(p, bytes[0], 2 * MIB);
    for (int i = 0; i < NSEGMENTS; i++)
        v[i] = (struct iovec){p, 2 * MIB - 4096};
    if ((writes ? writev(fd, v, NSEGMENTS) : readv(fd, v, NSEGMENTS)) < 0)
        _exit(2);
}

static void read_random(void)
{
    vector(open("/dev/urandom", O_RDONLY), NULL, 0);
}

static void write_random(void)
{
    vector(open("/dev/urandom", O_WRONLY), NULL, 1);
}

static void read_zero(void)
{
    vector(open("/dev/zero", O_RDONLY), NULL, 0);
}

static void get_random(void)
{
    (void)!getrandom(map(32 * MIB, 0), 32 * MIB, 0);
}

static void send_random(void)
{
    (void)!sendfile(open("/dev/null", O_WRONLY), open("/dev/urandom", O_RDONLY),
                    NULL, 1u << 30);
}

static int open_pty(void)
{
    int unlock = 0, number, fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    char name[32];

    ioctl(fd, TIOCSPTLCK, &unlock);
    ioctl(fd, TIOCGPTN, &number);
    snprintf(name, sizeof(name), "/dev/pts/%d", number);
    if (open(name, O_RDWR | O_NOCTTY) < 0)
        _exit(2);
    return fd;
}

static void write_pty(void)
{
    vector(open_pty(), "a", 1);
}

/* ^R on a line that is as long as it can be. */
static void reprint(void)
{
    int fd = open_pty();
    static char line[4090];

    memset(line, 'a', sizeof(line));
    (void)!write(fd, line, sizeof(line));
    vector(fd, "\x12", 1);
}

static void many_areas(void)
{
    char *p = map(AREA_PAGES * 4096u, MAP_NORESERVE);

    for (unsigned i = 0; i < AREA_PAGES; i += 2)
        if (mprotect(p + i * 4096u, 4096, PROT_READ) != 0)
            _exit(2);
}

static void read_smaps(void)
{
    static char buf[4096];
    int fd;

    many_areas();
    for (;;) {
        fd = open("/proc/self/smaps", O_RDONLY);
        (void)!read(fd, buf, sizeof(buf));
        close(fd);
    }
}

static void fork_areas(void)
{
    many_areas();
    for (;;) {
        pid_t pid = fork();

        if (pid == 0)
            _exit(0);
        waitpid(pid, NULL, 0);
    }
}

static void allocate(void)
{
    int fd = open("/tmp/long", O_RDWR | O_CREAT, 0600);

    unlink("/tmp/long");
    for (;;)
        if (fallocate(fd, 0, 0, 24 * MIB) != 0 || ftruncate(fd, 0) != 0)
            _exit(2);
}

static void populate(void)
{
    for (;;)
        munmap(map(24 * MIB, MAP_POPULATE), 24 * MIB);
}

static void send_kill(const char *name, void (*call)(void))
{
    const struct timespec span = {0, BEFORE_MS * 1000000L};
    long begin = now_ms(), slept, killed;
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        call();
        _exit(3);
    }
    for (int i = 0; i < SLEEPS; i++)
        nanosleep(&span, NULL);
    slept = now_ms() - begin;
    killed = now_ms();
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    killed = now_ms() - killed;
    printf("# %s: slept %ld ms, killed in %ld ms, status %x\n", name, slept,
           killed, (unsigned)status);
    tap_line(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, __FILE__,
             __LINE__, name);
    tap_line(slept < LATE_MS && killed < LATE_MS, __FILE__, __LINE__, name);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    send_kill("readv of /dev/urandom", read_random);
    send_kill("writev of /dev/urandom", write_random);
    send_kill("readv of /dev/zero", read_zero);
    send_kill("getrandom", get_random);
    send_kill("sendfile from /dev/urandom", send_random);
    send_kill("writev to a pty", write_pty);
    send_kill("reprint keys to a pty", reprint);
    send_kill("smaps of many areas", read_smaps);
    send_kill("fork with many areas", fork_areas);
    send_kill("fallocate and ftruncate", allocate);
    send_kill("MAP_POPULATE", populate);
    return tap_done();
}
