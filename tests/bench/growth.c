/*
 * Counts the instructions of operations beside many other things of their
 * kind: waiters, processes, locks, mappings, descriptors, mounts.
 *
 * The same static program is the first program of Cairn and of Linux, as
 * bench.c, and counts by the time stamp counter under QEMU's -icount. Each
 * operation is measured at two sizes; the best of some rounds is printed as
 * "bench NAME-N INSTRUCTIONS", per unit of work. An operation that fails
 * prints why. only=NAME on the kernel's command line leaves the others out.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <mqueue.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sem.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cairn/syscall.h>

#define PAGE   4096
#define ROUNDS 3

static inline uint64_t rdtsc(void)
{
    uint64_t value;

    __asm__ volatile("rdtsc" : "=A"(value));
    return value;
}

static const char *self;
static char buffer[64 * 1024];

/* The call failed: say which, and give the operation up. */
static const char *failure;

static bool must(long result, const char *call)
{
    static char text[100];

    if (result != -1)
        return true;
    snprintf(text, sizeof(text), "%s: %s", call, strerror(errno));
    failure = text;
    return false;
}

#define MUST(call) must((long)(call), #call)

/* ---- crowds of processes ---- */

static int crowd_size;
static pid_t crowd_group, crowd_first;

/* Let all others run until they sleep. */
static void settle(int n)
{
    usleep(20000 + 1000 * (unsigned)n);
}

static void sleeper(int i)
{
    (void)i;
    for (;;)
        pause();
}

/* N children in one group of their own, each in body(i). */
static void crowd_begin(int n, void (*body)(int))
{
    crowd_group = 0;
    crowd_size = 0;
    for (int i = 0; i < n; i++) {
        pid_t pid = fork();

        if (pid == 0) {
            setpgid(0, crowd_group);
            body(i);
            _exit(0);
        }
        if (!MUST(pid))
            break;
        if (crowd_group == 0)
            crowd_first = crowd_group = pid;
        setpgid(pid, crowd_group);
        crowd_size++;
    }
    settle(n);
}

static void crowd_end(int n)
{
    (void)n;
    if (crowd_size > 0)
        kill(-crowd_group, SIGKILL);
    for (; crowd_size > 0; crowd_size--)
        waitpid(-crowd_group, NULL, 0);
}

static void crowd_of_sleepers(int n)
{
    crowd_begin(n, sleeper);
}

static long run_fork_beside(int n)
{
    (void)n;
    for (int i = 0; i < 20; i++) {
        pid_t pid = fork();

        if (pid == 0)
            _exit(0);
        MUST(waitpid(pid, NULL, 0));
    }
    return 20;
}

static long run_kill_0(int n)
{
    (void)n;
    for (int i = 0; i < 100; i++)
        MUST(kill(crowd_first, 0));
    return 100;
}

static long run_waitpid(int n)
{
    (void)n;
    for (int i = 0; i < 100; i++)
        MUST(waitpid(crowd_first, NULL, WNOHANG));
    return 100;
}

/* Per member. The crowd is there again for the next round. */
static long run_kill_group(int n)
{
    crowd_end(n);
    return n;
}

/* ---- /proc ---- */

static int proc_fd;

static long run_getdents(int n)
{
    long got, entries = 0;

    (void)n;
    MUST(lseek(proc_fd, 0, SEEK_SET));
    while ((got = syscall(__NR_getdents64, proc_fd, buffer, 512)) > 0)
        for (long at = 0; at < got; entries++)
            at += *(unsigned short *)(buffer + at + 16);
    return entries;
}

static void open_proc(int n)
{
    crowd_of_sleepers(n);
    proc_fd = open("/proc", O_RDONLY | O_DIRECTORY);
    MUST(proc_fd);
}

static void close_proc(int n)
{
    close(proc_fd);
    crowd_end(n);
}

static long read_file(const char *path)
{
    int fd = open(path, O_RDONLY);

    if (!MUST(fd))
        return 1;
    while (read(fd, buffer, sizeof(buffer)) > 0)
        ;
    close(fd);
    return 1;
}

static long run_loadavg(int n)
{
    (void)n;
    return read_file("/proc/loadavg");
}

static long run_proc_stat(int n)
{
    (void)n;
    return read_file("/proc/self/stat");
}

/* N areas that cannot be joined. */
static char *area_base;

static void make_areas(int n)
{
    area_base = mmap(NULL, (size_t)n * 2 * PAGE, PROT_READ,
                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(area_base);
    for (int i = 0; i < n; i++)
        MUST(mprotect(area_base + i * 2 * PAGE, PAGE, PROT_NONE));
}

static void drop_areas(int n)
{
    munmap(area_base, (size_t)n * 2 * PAGE);
}

static long run_proc_maps(int n)
{
    read_file("/proc/self/maps");
    return 2 * n;
}

/* A page comes and goes. */
static long run_mmap(int n)
{
    (void)n;
    for (int i = 0; i < 50; i++) {
        char *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (!MUST(p))
            break;
        *p = 1;
        munmap(p, PAGE);
    }
    return 50;
}

/* An area becomes three, and one again. */
static long run_mprotect(int n)
{
    char *p = area_base + (n - 1) * 2 * PAGE + PAGE;

    for (int i = 0; i < 50; i++) {
        MUST(mprotect(p, PAGE, PROT_NONE));
        MUST(mprotect(p, PAGE, PROT_READ));
    }
    return 50;
}

/* ---- pipes ---- */

static int there[2], back[2];

static void echo_byte(int i)
{
    char c;

    (void)i;
    while (read(there[0], &c, 1) == 1)
        (void)!write(back[1], &c, 1);
}

static void make_readers(int n)
{
    MUST(pipe(there));
    MUST(pipe(back));
    crowd_begin(n, echo_byte);
}

static void drop_readers(int n)
{
    crowd_end(n);
    close(there[0]);
    close(there[1]);
    close(back[0]);
    close(back[1]);
}

/* A byte for each reader; per reader. */
static long run_readers(int n)
{
    for (int i = 0; i < n; i++)
        MUST(write(there[1], buffer, 1));
    for (int got = 0; got < n;) {
        long bytes = read(back[0], buffer, sizeof(buffer));

        if (!MUST(bytes))
            break;
        got += (int)bytes;
    }
    return n;
}

static int *fds;

/* N pipes are open; a further one comes and goes. */
static void make_pipes(int n)
{
    fds = calloc((size_t)n, 2 * sizeof(int));
    for (int i = 0; i < n; i++)
        MUST(pipe(fds + 2 * i));
}

static void drop_pipes(int n)
{
    for (int i = 0; i < 2 * n; i++)
        close(fds[i]);
    free(fds);
}

static long run_pipe(int n)
{
    int ends[2];

    (void)n;
    for (int i = 0; i < 50; i++) {
        MUST(pipe(ends));
        close(ends[0]);
        close(ends[1]);
    }
    return 50;
}

static long run_poll(int n)
{
    struct pollfd *set = calloc((size_t)n, sizeof(*set));

    for (int i = 0; i < n; i++)
        set[i] = (struct pollfd){.fd = fds[2 * i], .events = POLLIN};
    for (int i = 0; i < 10; i++)
        MUST(poll(set, (nfds_t)n, 0));
    free(set);
    return 10 * n;
}

/* Raw, since the number of descriptors is above FD_SETSIZE. */
static long run_select(int n)
{
    static unsigned long set[200], want[200];
    struct timeval zero = {0, 0};

    memset(want, 0, sizeof(want));
    for (int i = 0; i < n; i++)
        want[fds[2 * i] / 32] |= 1ul << fds[2 * i] % 32;
    for (int i = 0; i < 10; i++) {
        memcpy(set, want, sizeof(set));
        MUST(syscall(__NR__newselect, fds[2 * n - 2] + 1, set, NULL, NULL,
                     &zero));
    }
    return 10 * n;
}

/* ---- locks ---- */

static int lock_fd, other_fd;

static struct flock lock_of(int type, int start, int length)
{
    return (struct flock){.l_type = (short)type,
                          .l_whence = SEEK_SET,
                          .l_start = start,
                          .l_len = length};
}

static void wait_for_lock(int i)
{
    struct flock lock = lock_of(F_WRLCK, i, 1);

    fcntl(other_fd, F_SETLKW, &lock);
}

static void open_locks(void)
{
    lock_fd = open("/tmp/lock", O_CREAT | O_RDWR, 0600);
    other_fd = open("/tmp/other", O_CREAT | O_RDWR, 0600);
    MUST(lock_fd);
    MUST(other_fd);
}

static void make_lock_waiters(int n)
{
    struct flock all = lock_of(F_WRLCK, 0, 0);

    open_locks();
    MUST(fcntl(other_fd, F_SETLK, &all));
    crowd_begin(n, wait_for_lock);
}

static void drop_lock_waiters(int n)
{
    crowd_end(n);
    close(lock_fd);
    close(other_fd);
}

static long run_lock(int n)
{
    struct flock lock = lock_of(F_WRLCK, 0, 0), unlock = lock_of(F_UNLCK, 0, 0);

    (void)n;
    for (int i = 0; i < 50; i++) {
        MUST(fcntl(lock_fd, F_SETLK, &lock));
        MUST(fcntl(lock_fd, F_SETLK, &unlock));
    }
    return 50;
}

static void make_locks(int n)
{
    (void)n;
    open_locks();
}

static void drop_locks(int n)
{
    (void)n;
    close(lock_fd);
    close(other_fd);
}

/* Locks of one byte each, every `step` bytes; per lock. */
static long set_locks(int n, int step)
{
    struct flock unlock = lock_of(F_UNLCK, 0, 0);

    for (int i = 0; i < n; i++) {
        struct flock lock = lock_of(F_WRLCK, i * step, 1);

        MUST(fcntl(lock_fd, F_SETLK, &lock));
    }
    MUST(fcntl(lock_fd, F_SETLK, &unlock));
    return n;
}

static long run_locks_adjoining(int n)
{
    return set_locks(n, 1);
}

static long run_locks_apart(int n)
{
    return set_locks(n, 2);
}

/* ---- memory ---- */

static char *map_from, *map_to;
static int map_fd;

static void make_moving(int n)
{
    size_t size = (size_t)n * PAGE;

    map_to = mmap(NULL, 2 * size + (8 << 20), PROT_NONE,
                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    MUST(map_to);
    map_to += -(uintptr_t)map_to & ((4 << 20) - 1);
    map_from = mmap(NULL, size + (4 << 20), PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(map_from);
    map_from += -(uintptr_t)map_from & ((4 << 20) - 1);
    memset(map_from, 1, size);
}

static void drop_moving(int n)
{
    munmap(map_from, (size_t)n * PAGE);
    munmap(map_to, (size_t)n * PAGE);
}

/* The whole call; back and forth. */
static long run_mremap(int n)
{
    size_t size = (size_t)n * PAGE;
    char *to = map_to, *from = map_from;

    MUST(mremap(from, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to));
    map_from = to;
    map_to = from;
    return 1;
}

static void make_file(int n)
{
    map_fd = open("/tmp/file", O_CREAT | O_RDWR | O_TRUNC, 0600);
    MUST(map_fd);
    for (int i = 0; i < n; i++)
        MUST(write(map_fd, buffer, PAGE));
}

static void drop_file(int n)
{
    (void)n;
    ftruncate(map_fd, 0);
    close(map_fd);
}

/* The call alone. */
static long run_mmap_file(int n)
{
    for (int i = 0; i < 5; i++) {
        char *p = mmap(NULL, (size_t)n * PAGE, PROT_READ | PROT_WRITE,
                       MAP_SHARED, map_fd, 0);

        MUST(p);
        munmap(p, (size_t)n * PAGE);
    }
    return 5;
}

/* Pages that are read, then written: both accesses. */
static long run_shared_pages(int n)
{
    volatile char *p = mmap(NULL, (size_t)n * PAGE, PROT_READ | PROT_WRITE,
                            MAP_SHARED, map_fd, 0);

    if (!MUST((void *)p))
        return 1;
    for (int i = 0; i < n; i++)
        p[i * PAGE] = (char)(p[i * PAGE] + 1);
    munmap((void *)p, (size_t)n * PAGE);
    return n;
}

static long run_mincore(int n)
{
    static unsigned char present[16384];

    MUST(mincore(map_from, (size_t)n * PAGE, present));
    return n;
}

static long run_getrandom(int n)
{
    MUST(getrandom(buffer, (size_t)n, 0));
    return 1;
}

/* ---- terminals ---- */

static int master, slave;

static int open_pty(int *other)
{
    int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY), zero = 0;
    unsigned number = 0;
    char path[32];

    if (!MUST(fd))
        return -1;
    MUST(ioctl(fd, TIOCSPTLCK, &zero));
    MUST(ioctl(fd, TIOCGPTN, &number));
    snprintf(path, sizeof(path), "/dev/pts/%u", number);
    if (other != NULL)
        MUST(*other = open(path, O_RDWR | O_NOCTTY));
    return fd;
}

static void make_pty(int n)
{
    struct termios raw;

    (void)n;
    master = open_pty(&slave);
    MUST(tcgetattr(slave, &raw));
    cfmakeraw(&raw);
    MUST(tcsetattr(slave, TCSANOW, &raw));
}

static void drop_pty(int n)
{
    (void)n;
    close(slave);
    close(master);
}

/* N bytes from one end to the other; per byte. */
static long carry(int from, int to, int n)
{
    for (int done = 0; done < n;) {
        long sent = write(from, buffer, (size_t)(n - done)), got;

        if (!MUST(sent))
            break;
        for (; sent > 0; sent -= got, done += (int)got) {
            got = read(to, buffer, (size_t)sent);
            if (!MUST(got) || got == 0)
                return n;
        }
    }
    return n;
}

static long run_pty_input(int n)
{
    return carry(master, slave, n);
}

static long run_pty_output(int n)
{
    return carry(slave, master, n);
}

/* N terminals are open; a further one comes and goes. */
static void make_ptys(int n)
{
    fds = calloc((size_t)n, sizeof(int));
    for (int i = 0; i < n; i++)
        fds[i] = open_pty(NULL);
}

static void drop_ptys(int n)
{
    for (int i = 0; i < n; i++)
        close(fds[i]);
    free(fds);
}

static long run_open_pty(int n)
{
    (void)n;
    for (int i = 0; i < 5; i++)
        close(open_pty(NULL));
    return 5;
}

/* ---- programs ---- */

/* fork, exec with N strings of 60 bytes, and the end. */
static long exec_with(int nargs, int nenv)
{
    static char text[61];
    char **argv = calloc((size_t)nargs + 3, sizeof(char *));
    char **envp = calloc((size_t)nenv + 1, sizeof(char *));
    pid_t pid;

    memset(text, 'x', 60);
    argv[0] = (char *)self;
    argv[1] = (char *)"exit";
    for (int i = 0; i < nargs; i++)
        argv[i + 2] = text;
    for (int i = 0; i < nenv; i++)
        envp[i] = text;
    pid = fork();
    if (pid == 0) {
        execve(self, argv, envp);
        _exit(1);
    }
    MUST(waitpid(pid, NULL, 0));
    free(argv);
    free(envp);
    return 1;
}

static long run_exec_args(int n)
{
    return exec_with(n, 0);
}

static long run_exec_env(int n)
{
    return exec_with(0, n);
}

/* Descriptor N was used once. */
static void use_descriptor(int n)
{
    MUST(dup2(0, n));
    close(n);
}

/* ---- names ---- */

static void name_mount(char *path, int i)
{
    snprintf(path, 40, "/tmp/m%d", i);
}

/* N file systems are mounted; a further one comes and goes. */
static void make_mounts(int n)
{
    char path[40];

    for (int i = 0; i < n; i++) {
        name_mount(path, i);
        mkdir(path, 0755);
        MUST(mount("none", path, "tmpfs", 0, NULL));
    }
    mkdir("/tmp/more", 0755);
}

static void drop_mounts(int n)
{
    char path[40];

    for (int i = 0; i < n; i++) {
        name_mount(path, i);
        umount(path);
        rmdir(path);
    }
}

static long run_mount(int n)
{
    (void)n;
    for (int i = 0; i < 5; i++) {
        MUST(mount("none", "/tmp/more", "tmpfs", 0, NULL));
        MUST(umount("/tmp/more"));
    }
    return 5;
}

/* A file below one of N mounts. */
static long run_stat_mounted(int n)
{
    struct stat st;
    char path[40];

    name_mount(path, n - 1);
    for (int i = 0; i < 50; i++)
        MUST(stat(path, &st));
    return 50;
}

/* A directory with N names: a name comes and goes. */
static void make_names(int n)
{
    char path[40];

    mkdir("/tmp/names", 0755);
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "/tmp/names/%d", i);
        close(open(path, O_CREAT | O_WRONLY, 0600));
    }
}

static void drop_names(int n)
{
    char path[40];

    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "/tmp/names/%d", i);
        unlink(path);
    }
    rmdir("/tmp/names");
}

static long run_create(int n)
{
    (void)n;
    for (int i = 0; i < 20; i++) {
        close(open("/tmp/names/new", O_CREAT | O_WRONLY, 0600));
        MUST(unlink("/tmp/names/new"));
    }
    return 20;
}

/* A path of N parts, each of 3 bytes; per part. */
static char long_path[PAGE];

static void make_path(int n)
{
    strcpy(long_path, "/tmp");
    for (int i = 0; i < n; i++) {
        strcat(long_path, "/ab");
        mkdir(long_path, 0755);
    }
}

static void drop_path(int n)
{
    for (int i = 0; i < n; i++) {
        rmdir(long_path);
        *strrchr(long_path, '/') = '\0';
    }
}

static long run_stat_path(int n)
{
    struct stat st;

    for (int i = 0; i < 10; i++)
        MUST(stat(long_path, &st));
    return 10 * n;
}

/* A name of N bytes; per call. */
static void make_name(int n)
{
    strcpy(long_path, "/tmp/");
    memset(long_path + 5, 'n', (size_t)n);
    long_path[5 + n] = '\0';
    close(open(long_path, O_CREAT | O_WRONLY, 0600));
}

static void drop_name(int n)
{
    (void)n;
    unlink(long_path);
}

static long run_stat_name(int n)
{
    return run_stat_path(n) / n;
}

/* ---- signals ---- */

/* N signals are sent, then taken; per signal. */
static long run_signals(int n)
{
    sigset_t set, old;
    siginfo_t info;
    struct timespec zero = {0, 0};

    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, &old);
    for (int i = 0; i < n; i++)
        MUST(sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = i}));
    for (int i = 0; i < n; i++)
        MUST(sigtimedwait(&set, &info, &zero));
    sigprocmask(SIG_SETMASK, &old, NULL);
    return n;
}

/* ---- timers ---- */

static timer_t *timers;

static void arm(timer_t timer, int seconds)
{
    struct itimerspec when = {{0, 0}, {seconds, 0}};

    MUST(timer_settime(timer, 0, &when, NULL));
}

static void make_timer(timer_t *timer)
{
    struct sigevent event = {.sigev_notify = SIGEV_NONE};

    MUST(timer_create(CLOCK_MONOTONIC, &event, timer));
}

/* N timers of the process run, the next one ends in 1,000 seconds. */
static void make_timers(int n)
{
    timers = calloc((size_t)n, sizeof(*timers));
    for (int i = 0; i < n; i++) {
        make_timer(&timers[i]);
        arm(timers[i], 1000 + i);
    }
}

static void drop_timers(int n)
{
    for (int i = 0; i < n; i++)
        timer_delete(timers[i]);
    free(timers);
}

/* One that ends after all others is set. */
static long run_timer(int n)
{
    for (int i = 0; i < 50; i++)
        arm(timers[n / 2], 5000 + i);
    return 50;
}

static long run_timer_create(int n)
{
    timer_t timer;

    (void)n;
    for (int i = 0; i < 20; i++) {
        make_timer(&timer);
        timer_delete(timer);
    }
    return 20;
}

static void make_timer_files(int n)
{
    struct itimerspec when = {{0, 0}, {1000, 0}};

    fds = calloc((size_t)n, sizeof(int));
    for (int i = 0; i < n; i++) {
        fds[i] = timerfd_create(CLOCK_MONOTONIC, 0);
        when.it_value.tv_sec = 1000 + i;
        MUST(timerfd_settime(fds[i], 0, &when, NULL));
    }
}

static void drop_files(int n)
{
    for (int i = 0; i < n; i++)
        close(fds[i]);
    free(fds);
}

static long run_timer_file(int n)
{
    struct itimerspec when = {{0, 0}, {9000, 0}};

    for (int i = 0; i < 50; i++)
        MUST(timerfd_settime(fds[n / 2], 0, &when, NULL));
    return 50;
}

/* ---- epoll ---- */

static int epoll_fd;

static void watch(int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

    MUST(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event));
}

/* N pipes are watched, but for the last, which has a byte. */
static void make_watches(int n)
{
    make_pipes(n);
    epoll_fd = epoll_create1(0);
    for (int i = 0; i < n - 1; i++)
        watch(fds[2 * i]);
    MUST(write(fds[2 * n - 1], "x", 1));
}

static void drop_watches(int n)
{
    close(epoll_fd);
    drop_pipes(n);
}

static long run_epoll_ctl(int n)
{
    for (int i = 0; i < 50; i++) {
        watch(fds[2 * n - 2]);
        MUST(epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fds[2 * n - 2], NULL));
    }
    return 50;
}

static long run_epoll_wait(int n)
{
    struct epoll_event events[8];

    watch(fds[2 * n - 2]);
    for (int i = 0; i < 50; i++)
        MUST(epoll_wait(epoll_fd, events, 8, 0));
    MUST(epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fds[2 * n - 2], NULL));
    return 50;
}

/* ---- messages and semaphores ---- */

static mqd_t *queues;

static mqd_t open_queue(int i)
{
    struct mq_attr attr = {.mq_maxmsg = 2, .mq_msgsize = 16};
    char name[20];

    snprintf(name, sizeof(name), "/q%d", i);
    return mq_open(name, O_CREAT | O_RDWR, 0600, &attr);
}

static void drop_queue(mqd_t queue, int i)
{
    char name[20];

    snprintf(name, sizeof(name), "/q%d", i);
    mq_close(queue);
    mq_unlink(name);
}

static void make_queues(int n)
{
    queues = calloc((size_t)n, sizeof(*queues));
    for (int i = 0; i < n; i++) {
        queues[i] = open_queue(i);
        MUST(queues[i]);
    }
}

static void drop_queues(int n)
{
    for (int i = 0; i < n; i++)
        drop_queue(queues[i], i);
    free(queues);
}

static long run_mq_open(int n)
{
    for (int i = 0; i < 20; i++) {
        mqd_t queue = open_queue(n);

        MUST(queue);
        drop_queue(queue, n);
    }
    return 20;
}

#define KEY 0x4000

/* N sets of semaphores, and as many queues of messages, have keys. */
static void make_sysv(int n)
{
    for (int i = 0; i < n; i++) {
        MUST(semget(KEY + i, 1, IPC_CREAT | 0600));
        MUST(msgget(KEY + i, IPC_CREAT | 0600));
    }
}

static void drop_sysv(int n)
{
    for (int i = 0; i < n; i++) {
        semctl(semget(KEY + i, 1, 0), 0, IPC_RMID);
        msgctl(msgget(KEY + i, 0), IPC_RMID, NULL);
    }
}

static long run_semget(int n)
{
    for (int i = 0; i < 50; i++)
        MUST(semget(KEY + n - 1, 1, 0));
    return 50;
}

static long run_sem_create(int n)
{
    for (int i = 0; i < 20; i++)
        MUST(semctl(semget(KEY + n, 1, IPC_CREAT | 0600), 0, IPC_RMID));
    return 20;
}

static long run_msgget(int n)
{
    for (int i = 0; i < 50; i++)
        MUST(msgget(KEY + n - 1, 0));
    return 50;
}

static long run_semop(int n)
{
    int set = semget(KEY + n - 1, 1, 0);
    struct sembuf up = {0, 1, 0}, down = {0, -1, 0};

    for (int i = 0; i < 50; i++) {
        MUST(semop(set, &up, 1));
        MUST(semop(set, &down, 1));
    }
    return 50;
}

/* ---- threads ---- */

static pthread_t *threads;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

static void *pass_gate(void *arg)
{
    pthread_mutex_lock(&gate);
    pthread_mutex_unlock(&gate);
    return arg;
}

static void *pass(void *arg)
{
    return arg;
}

static bool start(pthread_t *thread, void *(*body)(void *))
{
    pthread_attr_t attr;
    int error;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 16384);
    error = pthread_create(thread, &attr, body, NULL);
    errno = error;
    return MUST(error == 0 ? 0 : -1);
}

/* N threads wait for one lock. */
static void make_threads(int n)
{
    threads = calloc((size_t)n, sizeof(*threads));
    pthread_mutex_lock(&gate);
    for (int i = 0; i < n && start(&threads[i], pass_gate); i++)
        ;
    settle(n);
}

static void drop_threads(int n)
{
    pthread_mutex_unlock(&gate);
    for (int i = 0; i < n; i++)
        pthread_join(threads[i], NULL);
    free(threads);
}

static long run_thread(int n)
{
    pthread_t thread;

    (void)n;
    for (int i = 0; i < 20 && start(&thread, pass); i++)
        pthread_join(thread, NULL);
    return 20;
}

/* A signal to one of them that has another's number. */
static long run_tgkill(int n)
{
    (void)n;
    for (int i = 0; i < 50; i++)
        MUST(syscall(__NR_tgkill, getpid(), getpid(), 0));
    return 50;
}

static void take_signal(int signo)
{
    (void)signo;
}

static long run_signal_process(int n)
{
    (void)n;
    signal(SIGUSR1, take_signal);
    for (int i = 0; i < 20; i++)
        MUST(kill(getpid(), SIGUSR1));
    return 20;
}

/* A wake-up for a word that nobody waits for. */
static long run_futex_wake(int n)
{
    static int word;

    (void)n;
    for (int i = 0; i < 50; i++)
        MUST(syscall(__NR_futex, &word, 1, 1, NULL, NULL, 0));
    return 50;
}

/* ---- users ---- */

static gid_t groups[32];

/* The file is of the last of N groups. */
static void join_groups(int n)
{
    for (int i = 0; i < n; i++)
        groups[i] = (gid_t)(1000 + i);
    fds = calloc(1, sizeof(int));
    fds[0] = open("/tmp/grouped", O_CREAT | O_RDWR, 0070);
    MUST(fchown(fds[0], 77, groups[n - 1]));
    MUST(fchmod(fds[0], 0060));
    MUST(setgroups((size_t)n, groups));
    MUST(seteuid(1234));
}

static void leave_groups(int n)
{
    (void)n;
    MUST(seteuid(0));
    MUST(setgroups(0, groups));
    unlink("/tmp/grouped");
    drop_files(1);
}

static long run_groups(int n)
{
    (void)n;
    for (int i = 0; i < 50; i++) {
        int fd = open("/tmp/grouped", O_RDONLY);

        MUST(fd);
        close(fd);
    }
    return 50;
}

/* ---- measuring ---- */

static const struct operation {
    const char *name;
    int few, many;
    long (*run)(int n); /* how many units were done */
    void (*prepare)(int n), (*finish)(int n);
    bool anew; /* prepare before each round */
} operations[] = {
    {"fork-beside", 10, 1000, run_fork_beside, crowd_of_sleepers, crowd_end, 0},
    {"kill-0", 10, 1000, run_kill_0, crowd_of_sleepers, crowd_end, 0},
    {"waitpid", 10, 1000, run_waitpid, crowd_of_sleepers, crowd_end, 0},
    {"kill-group", 10, 1000, run_kill_group, crowd_of_sleepers, NULL, 1},
    {"getdents-proc", 10, 1000, run_getdents, open_proc, close_proc, 0},
    {"loadavg", 10, 1000, run_loadavg, crowd_of_sleepers, crowd_end, 0},
    {"proc-stat", 10, 1000, run_proc_stat, crowd_of_sleepers, crowd_end, 0},
    {"proc-maps", 10, 1000, run_proc_maps, make_areas, drop_areas, 0},
    {"mmap", 10, 1000, run_mmap, make_areas, drop_areas, 0},
    {"mprotect", 10, 1000, run_mprotect, make_areas, drop_areas, 0},
    {"lock", 10, 1000, run_lock, make_lock_waiters, drop_lock_waiters, 0},
    {"locks-adjoining", 10, 1000, run_locks_adjoining, make_locks, drop_locks,
     0},
    {"locks-apart", 10, 1000, run_locks_apart, make_locks, drop_locks, 0},
    {"readers", 10, 1000, run_readers, make_readers, drop_readers, 0},
    {"pipe", 10, 1000, run_pipe, make_pipes, drop_pipes, 0},
    {"poll", 10, 1000, run_poll, make_pipes, drop_pipes, 0},
    {"select", 10, 1000, run_select, make_pipes, drop_pipes, 0},
    {"mremap", 64, 16384, run_mremap, make_moving, drop_moving, 0},
    {"mmap-file", 64, 4096, run_mmap_file, make_file, drop_file, 0},
    {"shared-pages", 64, 4096, run_shared_pages, make_file, drop_file, 0},
    {"mincore", 64, 4096, run_mincore, make_moving, drop_moving, 0},
    {"getrandom", 16, 4096, run_getrandom, NULL, NULL, 0},
    {"pty-input", 10, 1000, run_pty_input, make_pty, drop_pty, 0},
    {"pty-output", 10, 1000, run_pty_output, make_pty, drop_pty, 0},
    {"open-pty", 2, 50, run_open_pty, make_ptys, drop_ptys, 0},
    {"exec-args", 10, 1000, run_exec_args, NULL, NULL, 0},
    {"exec-env", 10, 1000, run_exec_env, NULL, NULL, 0},
    {"mount", 10, 500, run_mount, make_mounts, drop_mounts, 0},
    {"stat-mounted", 10, 500, run_stat_mounted, make_mounts, drop_mounts, 0},
    {"create", 10, 10000, run_create, make_names, drop_names, 0},
    {"stat-path", 10, 1000, run_stat_path, make_path, drop_path, 0},
    {"stat-name", 10, 250, run_stat_name, make_name, drop_name, 0},
    {"signals", 10, 1000, run_signals, NULL, NULL, 0},
    {"timer", 10, 1000, run_timer, make_timers, drop_timers, 0},
    {"timer-create", 10, 1000, run_timer_create, make_timers, drop_timers, 0},
    {"timer-file", 10, 1000, run_timer_file, make_timer_files, drop_files, 0},
    {"epoll-ctl", 10, 1000, run_epoll_ctl, make_watches, drop_watches, 0},
    {"epoll-wait", 10, 1000, run_epoll_wait, make_watches, drop_watches, 0},
    {"mq-open", 10, 1000, run_mq_open, make_queues, drop_queues, 0},
    {"semget", 10, 1000, run_semget, make_sysv, drop_sysv, 0},
    {"sem-create", 10, 1000, run_sem_create, make_sysv, drop_sysv, 0},
    {"semop", 10, 1000, run_semop, make_sysv, drop_sysv, 0},
    {"msgget", 10, 1000, run_msgget, make_sysv, drop_sysv, 0},
    {"thread", 10, 1000, run_thread, make_threads, drop_threads, 0},
    {"tgkill", 10, 1000, run_tgkill, make_threads, drop_threads, 0},
    {"signal-threads", 10, 1000, run_signal_process, make_threads, drop_threads,
     0},
    {"futex-wake", 10, 1000, run_futex_wake, make_threads, drop_threads, 0},
    {"groups", 10, 32, run_groups, join_groups, leave_groups, 0},
    /* The last: the table of descriptors stays large. */
    {"fork-descriptor", 60, 60000, run_fork_beside, use_descriptor, NULL, 0},
};

static uint64_t measure_round(const struct operation *op, int n)
{
    uint64_t begin;
    long units;

    if (op->anew && op->prepare != NULL)
        op->prepare(n);
    begin = rdtsc();
    units = op->run(n);
    return (rdtsc() - begin) / (uint64_t)units;
}

static void measure(const struct operation *op, int n)
{
    uint64_t best = UINT64_MAX;

    failure = NULL;
    if (!op->anew && op->prepare != NULL)
        op->prepare(n);
    for (int round = 0; round < ROUNDS && failure == NULL; round++) {
        uint64_t took = measure_round(op, n);

        best = took < best ? took : best;
    }
    if (failure != NULL)
        printf("bench %s-%d failed, %s\n", op->name, n, failure);
    else
        printf("bench %s-%d %llu\n", op->name, n, (unsigned long long)best);
    fflush(stdout);
    if (op->finish != NULL)
        op->finish(n);
}

/* What Linux's initramfs does not have; in Cairn all is there. */
static void make_place(void)
{
    struct rlimit files = {100000, 100000}, signals = {5000, 5000};
    struct rlimit queued = {RLIM_INFINITY, RLIM_INFINITY};

    mkdir("/tmp", 01777);
    mkdir("/proc", 0755);
    mkdir("/dev/pts", 0755);
    if (access("/proc/self", F_OK) != 0)
        mount("proc", "/proc", "proc", 0, NULL);
    if (access("/dev/pts/ptmx", F_OK) != 0)
        mount("devpts", "/dev/pts", "devpts", 0, "ptmxmode=666");
    if (access("/dev/ptmx", F_OK) != 0)
        symlink("pts/ptmx", "/dev/ptmx");
    setrlimit(RLIMIT_NOFILE, &files);
    setrlimit(RLIMIT_SIGPENDING, &signals);
    setrlimit(RLIMIT_MSGQUEUE, &queued);
}

int main(int argc, char **argv)
{
    const char *only = getenv("only");

    if (argc > 1 && strcmp(argv[1], "exit") == 0)
        return 0;
    self = argv[0];
    make_place();
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        const struct operation *op = &operations[i];

        if (only != NULL && strcmp(only, op->name) != 0)
            continue;
        measure(op, op->few);
        measure(op, op->many);
    }
    printf("bench done\n");
    fflush(stdout);
    if (getpid() == 1) /* Linux: its first program must not end by itself */
        syscall(__NR_reboot, 0xfee1dead, 672274793, 0x01234567, NULL);
    return 0;
}
