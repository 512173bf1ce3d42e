/*
 * Calls that go on for long: others run meanwhile, and SIGKILL ends them. Each
 * would take from a tenth of a second to minutes. Time counts instructions, 8
 * ns for each: a sleep beside it is late by less than 1,000,000 of them, and
 * after SIGKILL less than 5,000,000 pass until the process is gone with all
 * that it had, 5 ms at 1 GHz.
 *
 * test: icount timeout=300
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define MIB        (1u << 20)
#define NSEGMENTS  1024
#define LATE_US    8000
#define END_US     40000
#define BEFORE_MS  15
#define SLEEPS     5
#define AREA_PAGES 8000

static long now_us(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (long)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
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

/* A file of 16 MiB; the name goes at once. */
static int file_of(size_t nbytes)
{
    int fd = open("/tmp/long", O_RDWR | O_CREAT, 0600);

    unlink("/tmp/long");
    if (fallocate(fd, 0, 0, (off_t)nbytes) != 0)
        _exit(2);
    return fd;
}

static void write_file(void)
{
    char *p = map(16 * MIB, 0);
    int fd = file_of(16 * MIB);

    for (;;)
        if (pwrite(fd, p, 16 * MIB, 0) != 16 * MIB)
            _exit(2);
}

static void read_file(void)
{
    char *p = map(8 * MIB, 0);
    int fd = file_of(16 * MIB);

    for (;;)
        if (pread(fd, p, 8 * MIB, 0) != 8 * MIB)
            _exit(2);
}

static void send_file(void)
{
    int in = file_of(16 * MIB), out = open("/dev/null", O_WRONLY);

    for (;;) {
        off_t at = 0;

        if (sendfile(out, in, &at, 16 * MIB) != 16 * MIB)
            _exit(2);
    }
}

/* A file of 2^43 bytes that has one page in each power of two. */
static void search_hole(void)
{
    int fd = file_of(4096);

    for (;;) {
        for (int i = 12; i < 43; i++)
            (void)!pwrite(fd, "x", 1, 1ll << i);
        (void)!pread(fd, map(8 * MIB, MAP_NORESERVE), 8 * MIB, 0);
        if (ftruncate(fd, 4096) != 0)
            _exit(2);
    }
}

static void sync_mapping(void)
{
    int fd = file_of(16 * MIB);
    char *p = mmap(NULL, 16 * MIB, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_POPULATE, fd, 0);

    for (;;)
        if (msync(p, 16 * MIB, MS_SYNC) != 0)
            _exit(2);
}

static void protect(void)
{
    char *p = map(24 * MIB, MAP_POPULATE);

    for (;;) {
        mprotect(p, 24 * MIB, PROT_READ);
        mprotect(p, 24 * MIB, PROT_READ | PROT_WRITE);
    }
}

static void fork_pages(void)
{
    char *p = map(16 * MIB, MAP_POPULATE);

    for (;;) {
        pid_t pid = fork();

        if (pid == 0)
            _exit(0);
        waitpid(pid, NULL, 0);
        p[0]++;
    }
}

static void move(void)
{
    char *p = map(24 * MIB, MAP_POPULATE), *q = (char *)0x30000000;

    for (;;) {
        q = mremap(p, 24 * MIB, 24 * MIB, MREMAP_MAYMOVE | MREMAP_FIXED, q);
        if (q == MAP_FAILED)
            _exit(2);
        p = q;
        q = p == (char *)0x30000000 ? (char *)0x38001000 : (char *)0x30000000;
    }
}

static void in_core(void)
{
    static unsigned char vector[6144];
    char *p = map(24 * MIB, MAP_POPULATE);

    for (;;)
        if (mincore(p, 24 * MIB, vector) != 0)
            _exit(2);
}

static void change_areas(void)
{
    char *p;

    many_areas();
    for (;;) {
        p = map(AREA_PAGES * 4096u, MAP_NORESERVE);
        for (unsigned i = 0; i < AREA_PAGES; i += 2)
            mprotect(p + i * 4096u, 4096, PROT_READ);
        munmap(p, AREA_PAGES * 4096u);
    }
}

static struct pollfd *descriptors(unsigned n)
{
    struct rlimit most = {n + 10, n + 10};
    struct pollfd *fds = (struct pollfd *)map(n * sizeof(*fds), 0);
    int pipe_fds[2];

    setrlimit(RLIMIT_NOFILE, &most);
    if (pipe(pipe_fds) != 0)
        _exit(2);
    for (unsigned i = 0; i < n; i++)
        fds[i] = (struct pollfd){dup(pipe_fds[0]), POLLIN, 0};
    return fds;
}

static void poll_many(void)
{
    struct pollfd *fds = descriptors(20000);

    for (;;)
        if (poll(fds, 20000, 0) != 0)
            _exit(2);
}

static void fork_descriptors(void)
{
    descriptors(20000);
    for (;;) {
        pid_t pid = fork();

        if (pid == 0)
            _exit(0);
        waitpid(pid, NULL, 0);
    }
}

static void lock_ranges(void)
{
    int fd = file_of(4096);

    for (;;) {
        for (int i = 0; i < 2000; i++) {
            struct flock l = {.l_type = F_WRLCK, .l_start = i * 2, .l_len = 1};

            if (fcntl(fd, F_SETLK, &l) != 0)
                _exit(2);
        }
        struct flock all = {.l_type = F_UNLCK};

        if (fcntl(fd, F_SETLK, &all) != 0)
            _exit(2);
    }
}

static void read_directory(void)
{
    mkdir("/tmp/many", 0700);
    if (chdir("/tmp/many") != 0)
        _exit(2);
    for (int i = 0; i < 1000; i++) {
        char name[16];

        snprintf(name, sizeof(name), "%d", i);
        close(open(name, O_CREAT | O_WRONLY, 0600));
    }
    for (;;) {
        static char buf[65536];
        int fd = open(".", O_RDONLY | O_DIRECTORY);

        while (syscall(SYS_getdents64, fd, buf, sizeof(buf)) > 0)
            continue;
        close(fd);
    }
}

static void exec_words(void)
{
    static char *words[30001];

    for (int i = 0; i < 30000; i++)
        words[i] = "a word of a program that is not there";
    for (;;)
        execv("/proc/self/maps", words);
}

static void pipe_bytes(void)
{
    char *p = map(MIB, 0);
    int fds[2];

    if (pipe(fds) != 0)
        _exit(2);
    fcntl(fds[1], F_SETPIPE_SZ, MIB);
    fcntl(fds[1], F_SETFL, O_NONBLOCK);
    for (;;) {
        (void)!write(fds[1], p, MIB);
        (void)!read(fds[0], p, MIB);
    }
}

static void queue_signals(void)
{
    union sigval v = {0};
    sigset_t set;

    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (;;) {
        while (sigqueue(getpid(), SIGRTMIN, v) == 0)
            continue;
        signal(SIGRTMIN, SIG_IGN);
        signal(SIGRTMIN, SIG_DFL);
    }
}

static void send_kill(const char *name, void (*call)(void))
{
    const struct timespec span = {0, BEFORE_MS * 1000000L};
    long begin, late = 0, killed;
    pid_t pid = fork();
    int status = 0;

    if (pid == 0) {
        call();
        _exit(3);
    }
    for (int i = 0; i < SLEEPS; i++) {
        begin = now_us();
        nanosleep(&span, NULL);
        begin = now_us() - begin - BEFORE_MS * 1000;
        late = begin > late ? begin : late;
    }
    killed = now_us();
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    killed = now_us() - killed;
    printf("# %s: late by %ld us, killed in %ld us, status %x\n", name, late,
           killed, (unsigned)status);
    tap_line(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, __FILE__,
             __LINE__, name);
    tap_line(late < LATE_US, __FILE__, __LINE__, name);
    tap_line(killed < END_US, __FILE__, __LINE__, name);
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
    send_kill("write to a file", write_file);
    send_kill("read from a file", read_file);
    send_kill("sendfile from a file", send_file);
    send_kill("holes of a file", search_hole);
    send_kill("msync", sync_mapping);
    send_kill("mprotect", protect);
    send_kill("fork with many pages", fork_pages);
    send_kill("mremap", move);
    send_kill("mincore", in_core);
    send_kill("munmap of many areas", change_areas);
    send_kill("poll", poll_many);
    send_kill("fork with many descriptors", fork_descriptors);
    send_kill("many locks", lock_ranges);
    send_kill("getdents", read_directory);
    send_kill("exec with many words", exec_words);
    send_kill("a full pipe", pipe_bytes);
    send_kill("queued signals", queue_signals);
    return tap_done();
}
