/*
 * Calls that go on for long, for the record of the kernel's longest stretches
 * (kernel/arch/i386/latency.h). `make bench` runs it in a kernel that measures,
 * as the first program, and prints the longest stretch of each kind.
 *
 *     stretches [NAME...]     all operations, or these, each in a child
 *
 * NAME may also be in the environment, as ONLY.
 *
 * It prints "stretch NAME THREAD IRQS", in instructions, for each, and with
 * VERBOSE in the environment where they began and ended.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#ifndef SEEK_HOLE
#    define SEEK_HOLE 4
#endif
#ifndef FALLOC_FL_PUNCH_HOLE
#    define FALLOC_FL_KEEP_SIZE  1
#    define FALLOC_FL_PUNCH_HOLE 2
#endif
#define MIB (1u << 20)

static void check(int good, const char *what)
{
    if (good)
        return;
    printf("stretch: %s: %s\n", what, strerror(errno));
    _exit(1);
}

static char *map(size_t nbytes, int flags)
{
    char *p = mmap(NULL, nbytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

    check(p != MAP_FAILED, "mmap");
    return p;
}

static void vector(const char *path, int flags, int writes)
{
    static struct iovec v[1024];
    char *p = map(65536, 0);
    int fd = open(path, flags);

    check(fd >= 0, path);
    for (int i = 0; i < 1024; i++)
        v[i] = (struct iovec){p, 65536};
    check((writes ? writev(fd, v, 1024) : readv(fd, v, 1024)) > 0, path);
}

static void readv_random(void)
{
    vector("/dev/urandom", O_RDONLY, 0);
}

static void writev_random(void)
{
    vector("/dev/urandom", O_WRONLY, 1);
}

static void readv_zero(void)
{
    vector("/dev/zero", O_RDONLY, 0);
}

static void writev_null(void)
{
    vector("/dev/null", O_WRONLY, 1);
}

static void send_random(void)
{
    int in = open("/dev/urandom", O_RDONLY), out = open("/dev/null", O_WRONLY);

    check(sendfile(out, in, NULL, 8 * MIB) > 0, "sendfile");
}

static void get_random(void)
{
    check(getrandom(map(4 * MIB, 0), 4 * MIB, 0) > 0, "getrandom");
}

/* `n` areas of one page that do not join. */
static char *many_areas(unsigned n)
{
    char *p = map((size_t)n * 4096, MAP_NORESERVE);

    for (unsigned i = 0; i < n; i += 2)
        check(mprotect(p + (size_t)i * 4096, 4096, PROT_READ) == 0, "mprotect");
    return p;
}

static void read_all(const char *path)
{
    static char buf[65536];
    int fd = open(path, O_RDONLY);

    check(fd >= 0, path);
    while (read(fd, buf, sizeof(buf)) > 0)
        continue;
    close(fd);
}

static void smaps(void)
{
    many_areas(20000);
    read_all("/proc/self/smaps");
    read_all("/proc/self/maps");
}

static void fork_areas(void)
{
    pid_t pid;

    many_areas(260000);
    pid = fork();
    check(pid >= 0, "fork");
    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
}

static void unmap_areas(void)
{
    char *p = many_areas(260000);

    check(mprotect(p, 260000u * 4096, PROT_READ) == 0, "mprotect");
    p = many_areas(260000);
    check(munmap(p, 260000u * 4096) == 0, "munmap");
}

static void populate(void)
{
    char *p = map(256 * MIB, MAP_POPULATE);

    check(munmap(p, 256 * MIB) == 0, "munmap");
}

/* Pages of its own, in two processes, whose tables are shared. */
static void big_space(void)
{
    size_t nbytes = 256 * MIB;
    char *p = map(nbytes, 0);
    pid_t pid;

    for (size_t i = 0; i < nbytes; i += 4096)
        p[i] = 1;
    check(mprotect(p, nbytes, PROT_READ) == 0, "mprotect");
    check(mprotect(p, nbytes, PROT_READ | PROT_WRITE) == 0, "mprotect");
    pid = fork();
    if (pid == 0) {
        madvise(p, nbytes / 2 + 4096, MADV_DONTNEED);
        mprotect(p, nbytes, PROT_READ);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    p = mremap(p, nbytes, nbytes, MREMAP_MAYMOVE | MREMAP_FIXED,
               (char *)0x20000000);
    check(p != MAP_FAILED, "mremap");
    mincore(p, nbytes, (unsigned char *)map(65536, 0));
    madvise(p, nbytes, MADV_DONTNEED);
}

/* Areas that have as many pages each as a page table holds, less one. */
static void areas_of_pages(void)
{
    size_t each = 2 * MIB;
    char *p = map(128 * each, 0);

    for (size_t i = 0; i < 128 * each; i += 4096)
        p[i] = 1;
    for (unsigned i = 0; i < 128; i++)
        check(mprotect(p + i * each, 4096, PROT_READ) == 0, "mprotect");
    check(mprotect(p, 128 * each, PROT_READ) == 0, "mprotect");
    for (unsigned i = 0; i < 128; i++)
        check(mprotect(p + i * each, 4096, PROT_NONE) == 0, "mprotect");
    check(madvise(p, 64 * each, MADV_DONTNEED) == 0, "madvise");
    /* the others go with the process */
}

static void touch_and_exit(void)
{
    char *p = map(256 * MIB, 0);

    for (size_t i = 0; i < 256 * MIB; i += 4096)
        p[i] = 1;
}

static void heap(void)
{
    char *p = sbrk(256 * MIB);

    check(p != (char *)-1, "sbrk");
    for (size_t i = 0; i < 256 * MIB; i += 4096)
        p[i] = 1;
    check(brk(p) == 0, "brk");
}

static int temp_file(void)
{
    int fd = open("/tmp/latency", O_RDWR | O_CREAT | O_TRUNC, 0600);

    check(fd >= 0, "open");
    unlink("/tmp/latency");
    return fd;
}

static void allocate(void)
{
    int fd = temp_file();
    off_t size = 256 * MIB;

    check(fallocate(fd, 0, 0, size) == 0, "fallocate");
    check(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096,
                    size / 2) == 0,
          "punch");
    check(ftruncate(fd, 0) == 0, "ftruncate");
}

static void write_file(void)
{
    char *p = map(128 * MIB, 0);
    int fd = temp_file();

    check(write(fd, p, 128 * MIB) == 128 * MIB, "write");
    check(pread(fd, p, 128 * MIB, 0) == 128 * MIB, "read");
    close(fd);
}

static void sparse(void)
{
    int fd = temp_file();

    check(ftruncate(fd, 1ll << 43) == 0, "ftruncate");
    for (int i = 0; i < 43; i++)
        check(pwrite(fd, "x", 1, 1ll << i) == 1, "pwrite");
    check(lseek(fd, 0, SEEK_HOLE) >= 0, "lseek");
    check(pread(fd, map(256 * MIB, 0), 256 * MIB, 0) > 0, "pread");
    check(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
                    1ll << 43) == 0,
          "punch");
    check(ftruncate(fd, 0) == 0, "ftruncate");
}

static void map_file(void)
{
    int fd = temp_file();
    char *p;

    check(ftruncate(fd, 128 * MIB) == 0, "ftruncate");
    p = mmap(NULL, 128 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE,
             fd, 0);
    check(p != MAP_FAILED, "mmap");
    msync(p, 128 * MIB, MS_SYNC);
    check(ftruncate(fd, 0) == 0, "ftruncate");
}

/* A page of a file that somebody maps, and many areas that do not. */
static void truncate_mapped(void)
{
    int fd = temp_file();
    char *p;

    check(ftruncate(fd, 8192) == 0, "ftruncate");
    many_areas(200000);
    p = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    p[4096] = 1;
    check(ftruncate(fd, 4096) == 0, "ftruncate");
}

static void shared_memory(void)
{
    char *p = mmap(NULL, 128 * MIB, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

    check(p != MAP_FAILED, "mmap");
    munmap(p, 128 * MIB);
}

static int open_pty(struct termios *t)
{
    int unlock = 0, number, slave, fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    char name[32];

    check(fd >= 0, "ptmx");
    ioctl(fd, TIOCSPTLCK, &unlock);
    ioctl(fd, TIOCGPTN, &number);
    snprintf(name, sizeof(name), "/dev/pts/%d", number);
    slave = open(name, O_RDWR | O_NOCTTY);
    check(slave >= 0, name);
    tcgetattr(slave, t);
    return fd;
}

static void pty_line(void)
{
    struct termios t;
    int fd = open_pty(&t);
    char *p = map(4 * MIB, 0);

    memset(p, 'a', 4 * MIB);
    check(write(fd, p, 4 * MIB) == 4 * MIB, "write");
}

/* Keys that go over the whole line, again and again. */
static void pty_keys(void)
{
    static const char keys[] = {0x12, 0x15, 0x17, 0x7F};
    struct termios t;
    int fd = open_pty(&t);
    static char line[4090], many[20000];

    fcntl(fd, F_SETFL, O_NONBLOCK);
    for (unsigned k = 0; k < sizeof(keys); k++) {
        for (int tabs = 0; tabs < 2; tabs++) {
            memset(line, tabs ? '\t' : 'a', sizeof(line));
            (void)!write(fd, line, sizeof(line));
            memset(many, keys[k], sizeof(many));
            (void)!write(fd, many, keys[k] == 0x15 ? 1 : sizeof(many));
        }
    }
}

static void names(void)
{
    char name[64];

    mkdir("/tmp/names", 0700);
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "/tmp/names/%d", i);
        mkdir(name, 0700);
    }
    DIR *dir = opendir("/tmp/names");
    while (readdir(dir))
        continue;
    closedir(dir);
    for (int i = 0; i < 5000; i++) {
        snprintf(name, sizeof(name), "/tmp/names/%d", i);
        rmdir(name);
    }
    rmdir("/tmp/names");
}

static void deep(void)
{
    check(chdir("/tmp") == 0, "chdir");
    for (int i = 0; i < 2000; i++) {
        check(mkdir("d", 0700) == 0, "mkdir");
        check(chdir("d") == 0, "chdir");
    }
    for (int i = 0; i < 2000; i++) {
        check(chdir("..") == 0, "chdir");
        check(rmdir("d") == 0, "rmdir");
    }
}

static void descriptors(void)
{
    struct rlimit many = {65536, 65536};
    struct pollfd *fds = calloc(60000, sizeof(*fds));

    setrlimit(RLIMIT_NOFILE, &many);
    for (int i = 0; i < 60000; i++) {
        fds[i].fd = dup(1);
        fds[i].events = POLLIN;
        if (fds[i].fd < 0)
            break;
    }
    poll(fds, 60000, 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    waitpid(pid, NULL, 0);
}

static void pipes(void)
{
    int fds[2];
    char *p = map(4 * MIB, 0);

    check(pipe(fds) == 0, "pipe");
    fcntl(fds[1], F_SETPIPE_SZ, MIB);
    fcntl(fds[1], F_SETFL, O_NONBLOCK);
    for (int i = 0; i < 10; i++) {
        (void)!write(fds[1], p, 4 * MIB);
        (void)!read(fds[0], p, 4 * MIB);
    }
}

static void zombies(void)
{
    setpgid(0, 0);
    for (volatile int n = 0; n < 32800; n++) {
        pid_t pid = vfork();

        if (pid == 0)
            _exit(0);
        if (pid < 0)
            break;
    }
    for (int i = 0; i < 20; i++)
        if (fork() == 0)
            _exit(0);
    kill(-getpgrp(), 0);
    DIR *dir = opendir("/proc");
    while (readdir(dir))
        continue;
    closedir(dir);
}

static void signals(void)
{
    union sigval v = {0};
    sigset_t set;

    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int i = 0; i < 100000; i++)
        if (sigqueue(getpid(), SIGRTMIN + i % 20, v) != 0)
            break;
    struct sigaction sa = {.sa_handler = SIG_IGN};
    for (int i = 0; i < 20; i++)
        sigaction(SIGRTMIN + i, &sa, NULL);
}

static void locks(void)
{
    int fd = temp_file();

    for (int i = 0; i < 3000; i++) {
        struct flock l = {.l_type = F_WRLCK, .l_start = i * 2, .l_len = 1};

        if (fcntl(fd, F_SETLK, &l) != 0)
            break;
    }
    struct flock all = {.l_type = F_UNLCK};
    fcntl(fd, F_SETLK, &all);
}

/* `n` children of a group of their own that run `call`; the group. */
static pid_t children(int n, void (*call)(int), int arg)
{
    pid_t group = 0, pid;

    for (int i = 0; i < n; i++) {
        pid = fork();
        check(pid >= 0, "fork");
        if (pid == 0) {
            setpgid(0, group);
            call(arg);
            _exit(0);
        }
        setpgid(pid, group);
        if (group == 0)
            group = pid;
    }
    return group;
}

static void sleep_on(int arg)
{
    (void)arg;
    for (;;)
        pause();
}

static void reap(void)
{
    while (wait(NULL) > 0)
        continue;
}

static void kill_group(void)
{
    pid_t group = children(3000, sleep_on, 0);

    kill(-group, SIGTERM);
    reap();
}

/* A key at the terminal whose foreground group has many members. */
static void interrupt_key(void)
{
    struct termios t;
    int master;
    pid_t group;

    setsid();
    signal(SIGTTOU, SIG_IGN);
    master = open_pty(&t);
    ioctl(master + 1, TIOCSCTTY, 0);
    group = children(3000, sleep_on, 0);
    check(tcsetpgrp(master + 1, group) == 0, "tcsetpgrp");
    check(write(master, "\3", 1) == 1, "write");
    reap();
}

static void lock_shared(int fd)
{
    struct flock l = {.l_type = F_RDLCK, .l_len = 10};

    check(fcntl(fd, F_SETLKW, &l) == 0, "F_SETLKW");
}

/* Many wait for a lock; all have it at once. */
static void lock_waiters(void)
{
    int fd = temp_file();
    struct flock l = {.l_type = F_WRLCK, .l_len = 10};

    check(fcntl(fd, F_SETLK, &l) == 0, "F_SETLK");
    children(3000, lock_shared, fd);
    l.l_type = F_UNLCK;
    check(fcntl(fd, F_SETLK, &l) == 0, "F_SETLK");
    reap();
}

static void exec_args(void)
{
    char **args = calloc(40000, sizeof(char *));
    pid_t pid;

    for (int i = 0; i < 30000; i++)
        args[i] = "/bin/latency-absent";
    pid = fork();
    if (pid == 0) {
        execv("/bin/bench", args);
        execv("/bin/absent", args);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

/* Ten strings that are as long as they may be, and many empty ones. */
static void exec_strings(void)
{
    char **args = calloc(40000, sizeof(char *));
    char *text = malloc(131072);
    pid_t pid;

    memset(text, 'x', 131071);
    text[131071] = '\0';
    args[0] = args[1] = "nothing";
    for (int i = 2; i < 30000; i++)
        args[i] = i < 12 ? text : "";
    pid = fork();
    if (pid == 0) {
        execv("/bin/stretches", args);
        perror("exec");
        _exit(0);
    }
    waitpid(pid, NULL, 0);
}

static void proc_files(void)
{
    static const char *const files[] = {"/proc/frames",  "/proc/slabs",
                                        "/proc/commit",  "/proc/memmap",
                                        "/proc/meminfo", "/proc/stat",
                                        "/proc/mounts",  "/proc/vmstat"};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        read_all(files[i]);
}

static void screen(void)
{
    int fd = open("/dev/tty1", O_RDWR | O_NOCTTY);
    char *p = map(65536, 0);

    check(fd >= 0, "tty1");
    for (int i = 0; i < 65536; i++)
        p[i] = "\n\nabc\033[J\033[2J\033[1000L\033[1000@"[i % 27];
    (void)!write(fd, p, 65536);
}

static const struct {
    const char *name;
    void (*run)(void);
} operations[] = {
    {"readv-random", readv_random},
    {"writev-random", writev_random},
    {"readv-zero", readv_zero},
    {"writev-null", writev_null},
    {"send-random", send_random},
    {"getrandom", get_random},
    {"smaps", smaps},
    {"fork-areas", fork_areas},
    {"unmap-areas", unmap_areas},
    {"populate", populate},
    {"big-space", big_space},
    {"areas-of-pages", areas_of_pages},
    {"touch-exit", touch_and_exit},
    {"brk", heap},
    {"allocate", allocate},
    {"write-file", write_file},
    {"sparse", sparse},
    {"map-file", map_file},
    {"truncate-mapped", truncate_mapped},
    {"shared-memory", shared_memory},
    {"pty-line", pty_line},
    {"pty-keys", pty_keys},
    {"names", names},
    {"deep", deep},
    {"descriptors", descriptors},
    {"pipes", pipes},
    {"zombies", zombies},
    {"signals", signals},
    {"locks", locks},
    {"lock-waiters", lock_waiters},
    {"kill-group", kill_group},
    {"interrupt-key", interrupt_key},
    {"exec-args", exec_args},
    {"exec-strings", exec_strings},
    {"proc-files", proc_files},
    {"screen", screen},
};

/* What the kernel has recorded since this was last asked. */
static void read_record(char *text, size_t size)
{
    int fd = open("/proc/latency", O_RDONLY);
    ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);

    text[n > 0 ? n : 0] = '\0';
    close(fd);
}

static unsigned long long value_of(const char *text, const char *key)
{
    const char *at = strstr(text, key);

    return at ? strtoull(at + strlen(key), NULL, 10) : 0;
}

static void report(const char *name)
{
    static char text[8192];

    read_record(text, sizeof(text));
    printf("stretch %s %llu %llu\n", name, value_of(text, "thread "),
           value_of(text, "irqs "));
    if (getenv("VERBOSE"))
        printf("%s", text);
}

static int is_wanted(const char *name, int argc, char **argv)
{
    const char *only = getenv("ONLY");

    if (only)
        return strcmp(only, name) == 0;
    if (argc <= 1)
        return 1;
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], name) == 0)
            return 1;
    return 0;
}

static void run(int i)
{
    static char text[8192];
    pid_t pid;
    int status = -1;

    fflush(stdout);
    read_record(text, sizeof(text));
    pid = fork();
    if (pid == 0) {
        operations[i].run();
        fflush(stdout);
        _exit(0);
    }
    waitpid(pid, &status, 0);
    if (status != 0)
        printf("stretch: %s ended with status %x\n", operations[i].name,
               (unsigned)status);
    report(operations[i].name);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "nothing") == 0)
        return 0; /* this is exec_strings */
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        if (is_wanted(operations[i].name, argc, argv))
            run((int)i);
    printf("bench done\n");
    return 0;
}
