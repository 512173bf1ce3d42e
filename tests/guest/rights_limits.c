/*
 * One user cannot use up what others need: the default limits, and for each
 * thing that there is only so much of an attempt to take all of it. Meanwhile
 * root can start a program, make a file, open a terminal and end the culprit
 * (docs/security.md, docs/abi.md).
 *
 * test: run="-m 24M" timeout=300
 * test: run="-m 128M" timeout=500 name=large long
 */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/syscall.h>

#include "rights.h"
#include "scratch.h"

static char self[64];
static int failed; /* errno of what ended a filler */
static int report_fd;

/* ---- what root must be able to do ---- */

static int start_program(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        execl(self, "ping", "ping", NULL);
        _exit(1);
    }
    return pid > 0 && status_of(pid) == 7;
}

static int make_a_file(void)
{
    int fd = open("/tmp/root's", O_RDWR | O_CREAT | O_EXCL, 0600);
    int good = fd >= 0 && write(fd, "some bytes", 10) == 10;

    close(fd);
    unlink("/tmp/root's");
    return good;
}

static int open_terminal(void)
{
    int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);

    close(fd);
    return fd >= 0;
}

static int make_pipe(void)
{
    int fds[2];

    if (pipe(fds) != 0)
        return 0;
    if (write(fds[1], "x", 1) != 1)
        return 0;
    close(fds[0]), close(fds[1]);
    return 1;
}

/* ---- a user who takes all of something ---- */

static void no_limit_of_files(void)
{
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Each returns how many it got, and sets `failed`. */

static int take_memory(void)
{
    size_t size = 1 << 20;
    int n = 0;

    while (size >= 4096) {
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (p == MAP_FAILED) {
            failed = errno;
            size /= 2;
        } else {
            memset(p, 1, size);
            n++;
        }
    }
    return n;
}

static int take_shared_memory(void)
{
    size_t size = 1 << 20;
    int n = 0;

    while (size >= 4096) {
        void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

        if (p == MAP_FAILED) {
            failed = errno;
            size /= 2;
        } else {
            n++;
        }
    }
    return n;
}

static int take_processes(void)
{
    pid_t pid;
    int n = 0;

    while ((pid = fork()) >= 0) {
        if (pid == 0) {
            pause();
            _exit(0);
        }
        n++;
    }
    failed = errno;
    return n;
}

static int take_zombies(void)
{
    volatile int n = 0;
    pid_t pid;

    while ((pid = vfork()) >= 0) {
        if (pid == 0)
            _exit(0);
        n++;
    }
    failed = errno;
    return n;
}

static int take_disk(void)
{
    static char block[65536];
    int fd = open("full", O_WRONLY | O_CREAT, 0600), n = 0;
    size_t size = sizeof(block);

    while (size > 0) {
        if (write(fd, block, size) > 0) {
            n++;
        } else {
            failed = errno;
            size /= 2;
        }
    }
    return n;
}

static char long_text[4001];

static int take_symlinks(void)
{
    char name[20];
    int n = 0;

    for (;; n++) {
        snprintf(name, sizeof(name), "l%d", n);
        if (symlink(long_text, name) != 0)
            break;
    }
    failed = errno;
    return n;
}

static int take_directories(void)
{
    char name[20];
    int n = 0;

    for (;; n++) {
        if (n % 30000 == 0) {
            snprintf(name, sizeof(name), "d%d", n);
            if (mkdir(name, 0700) != 0 || chdir(name) != 0)
                break;
        }
        snprintf(name, sizeof(name), "%d", n);
        if (mkdir(name, 0700) != 0)
            break;
    }
    failed = errno;
    return n;
}

static int take_names(void)
{
    char name[256], base[20];
    int n = 0;

    memset(name, 'n', 240);
    for (;; n++) {
        if (n % 60000 == 0) {
            snprintf(base, sizeof(base), "base%d", n);
            close(open(base, O_WRONLY | O_CREAT, 0600));
        }
        snprintf(name + 240, 16, "%d", n);
        if (link(base, name) != 0)
            break;
    }
    failed = errno;
    return n;
}

static int take_locks(void)
{
    int fd = open("locked", O_RDWR | O_CREAT, 0600), n = 0;
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 1};

    for (;; n++) {
        lock.l_start = (off_t)n * 2;
        if (n == 20000 || fcntl(fd, F_SETLK, &lock) != 0)
            break;
    }
    failed = n == 20000 ? ENOLCK : errno;
    return n;
}

static int take_pipes(void)
{
    static char block[4096];
    int fds[2], n = 0;

    no_limit_of_files();
    for (;; n++) {
        if (pipe2(fds, O_NONBLOCK) != 0)
            break;
        while (write(fds[1], block, sizeof(block)) > 0)
            ;
        if (errno != EAGAIN)
            break;
    }
    failed = errno;
    return n;
}

static int take_terminals(void)
{
    int n = 0;

    no_limit_of_files();
    while (open("/dev/ptmx", O_RDWR | O_NOCTTY) >= 0)
        n++;
    failed = errno;
    return n;
}

static int take_nameless(void)
{
    int n = 0;

    no_limit_of_files();
    while (open(".", O_RDWR | O_TMPFILE, 0600) >= 0)
        n++;
    failed = errno;
    return n;
}

/* In many processes, each with as many as it may have. */
static int take_descriptors(void)
{
    int n = 0;

    no_limit_of_files();
    while (open("/dev/null", O_RDONLY) >= 0)
        ;
    while (fork() >= 0)
        n++;
    failed = errno;
    return n;
}

static int take_signals(void)
{
    union sigval value = {.sival_int = 1};
    sigset_t all;
    pid_t pid;
    int n = 0;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (int child = 0; child < 8; child++) {
        pid = fork();
        if (pid == 0) {
            pause();
            _exit(0);
        }
        for (int i = 0; i < 4000 && sigqueue(pid, SIGRTMIN, value) == 0; i++)
            n++;
        failed = errno;
    }
    return n;
}

struct attempt {
    const char *what;
    int (*take)(void);
    int error;  /* how it ends; 0: in any way */
    int others; /* other users can start programs too */
};

static const struct attempt attempts[] = {
    {"memory", take_memory, ENOMEM, 0},
    {"shared memory", take_shared_memory, ENOMEM, 0},
    {"processes", take_processes, 0, 0},
    {"zombies", take_zombies, EAGAIN, 1},
    {"disk space", take_disk, ENOSPC, 1},
    {"symbolic links", take_symlinks, ENOSPC, 1},
    {"directories", take_directories, ENOSPC, 1},
    {"names", take_names, ENOSPC, 1},
    {"locks", take_locks, ENOLCK, 1},
    {"pipes", take_pipes, 0, 0},
    {"terminals", take_terminals, ENOSPC, 1},
    {"files without names", take_nameless, 0, 1},
    {"descriptors", take_descriptors, 0, 0},
    {"signals", take_signals, EAGAIN, 1},
};

struct outcome {
    int n, error;
};

/* The user's process: takes all, tells, and keeps it until it is killed. */
static void run_attempt(const struct attempt *a)
{
    struct outcome outcome;
    pid_t me = getpid();

    signal(SIGHUP, SIG_DFL);
    setpgid(0, 0);
    become(USER);
    outcome.n = a->take();
    outcome.error = failed;
    if (getpid() != me) /* one of its children */
        pause();
    if (write(report_fd, &outcome, sizeof(outcome)) == sizeof(outcome))
        for (;;)
            pause();
    _exit(1);
}

static int user_program(void)
{
    return start_program() ? 0 : 1;
}

static void say(int good, const char *what, const char *who)
{
    char text[100];

    snprintf(text, sizeof(text), "all %s taken: %s", what, who);
    tap_line(good, __FILE__, __LINE__, text);
}

static void clean(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        /* Names below are many: remove them without a list. */
        execl(self, "clean", "clean", scratch_path, NULL);
        _exit(1);
    }
    if (status_of(pid) != 0)
        printf("# not clean\n");
}

static void try_to_take(const struct attempt *a)
{
    struct outcome outcome = {0, 0};
    int fds[2];
    pid_t pid;

    if (pipe(fds) != 0)
        _exit(98);
    report_fd = fds[1];
    fflush(stdout);
    pid = fork();
    if (pid == 0)
        run_attempt(a);
    close(fds[1]);
    say(read(fds[0], &outcome, sizeof(outcome)) == sizeof(outcome), a->what,
        "it ends");
    printf("# %d, errno %d\n", outcome.n, outcome.error);
    if (a->error != 0)
        say(outcome.error == a->error, a->what, "with the right error");
    say(outcome.n > 0, a->what, "some");
    say(start_program(), a->what, "root starts a program");
    say(make_a_file(), a->what, "root makes a file");
    say(open_terminal(), a->what, "root opens a terminal");
    say(make_pipe(), a->what, "root makes a pipe");
    if (a->others)
        say(run_as(OTHER, user_program) == 0, a->what,
            "another user starts one");
    say(kill(-pid, SIGKILL) == 0, a->what, "root ends it");
    say(status_of(pid) == 256 + SIGKILL, a->what, "it has ended");
    close(fds[0]);
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    clean();
}

/* ---- the default limits ---- */

static rlim_t hard_limit(int which)
{
    struct rlimit limit;

    getrlimit(which, &limit);
    return limit.rlim_cur == limit.rlim_max ? limit.rlim_max : 0;
}

static void test_defaults(void)
{
    struct sysinfo info;
    unsigned long long frames;
    rlim_t n;

    sysinfo(&info);
    frames = (unsigned long long)info.totalram * info.mem_unit / 4096;
    n = frames / 32 < 2048 ? frames / 32 : 2048;
    EQUAL(hard_limit(RLIMIT_NPROC), n);
    EQUAL(hard_limit(RLIMIT_SIGPENDING), n);
    n = frames * 512 < 8 << 20 ? frames * 512 : 8 << 20;
    EQUAL(hard_limit(RLIMIT_MEMLOCK), n);
}

static int lock_memory(void)
{
    struct rlimit limit;
    size_t size = 16 << 10;
    char *p = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    limit.rlim_cur = limit.rlim_max = 8192;
    setrlimit(RLIMIT_MEMLOCK, &limit);
    if (mlock(p, 8192) != 0 || ERROR_OF(mlock(p + 1, 8192)) != ENOMEM ||
        ERROR_OF(mlock(p, size)) != ENOMEM)
        return 1;
    if (ERROR_OF(mlockall(MCL_CURRENT)) != ENOMEM)
        return 2;
    limit.rlim_cur = limit.rlim_max = 0;
    setrlimit(RLIMIT_MEMLOCK, &limit);
    if (ERROR_OF(mlock(p, 1)) != EPERM)
        return 3;
    return munlock(p, size) == 0 ? 0 : 4;
}

static volatile void *fault_address;

static void on_fault(int signo, siginfo_t *info, void *context)
{
    (void)signo, (void)context;
    fault_address = info->si_addr;
    _exit(fault_address == (void *)0x1234 ? 0 : 5);
}

/* What a fault tells does not depend on what else is queued. */
static int fault_when_full(void)
{
    struct sigaction action = {.sa_sigaction = on_fault,
                               .sa_flags = SA_SIGINFO};
    union sigval value = {.sival_int = 1};
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    while (sigqueue(getpid(), SIGRTMIN, value) == 0)
        continue;
    if (errno != EAGAIN)
        return 1;
    sigaction(SIGSEGV, &action, NULL);
    *(volatile char *)0x1234 = 1;
    return 2;
}

static int many_children(void)
{
    struct rlimit limit = {3, 3};
    pid_t pids[3];
    int fds[2];

    if (setrlimit(RLIMIT_NPROC, &limit) != 0 || pipe(fds) != 0)
        return 1;
    for (int i = 0; i < 2; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            char byte;

            close(fds[1]);
            (void)!read(fds[0], &byte, 1);
            _exit(0);
        }
    }
    if (ERROR_OF(fork()) != EAGAIN || ERROR_OF(vfork()) != EAGAIN)
        return 2;
    close(fds[1]);
    if (status_of(pids[0]) != 0 || status_of(pids[1]) != 0)
        return 3;
    return start_program() ? 0 : 4;
}

/* Root who becomes a user that has all its processes may not exec. */
static void test_becoming(void)
{
    struct rlimit limit = {1, RLIM_INFINITY};
    pid_t first, pid;

    fflush(stdout);
    first = fork();
    if (first == 0) {
        become(USER);
        pause();
        _exit(0);
    }
    usleep(50000);
    pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_NPROC, &limit);
        become(USER);
        execl(self, "ping", "ping", NULL);
        _exit(errno == EAGAIN ? 3 : 4);
    }
    EQUAL(status_of(pid), 3);
    kill(first, SIGKILL);
    EQUAL(status_of(first), 256 + SIGKILL);
    pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_NPROC, &limit);
        become(USER);
        execl(self, "ping", "ping", NULL);
        _exit(4);
    }
    EQUAL(status_of(pid), 7);
}

/* ---- removing what was made ---- */

#include <dirent.h>

static int remove_names(const char *path)
{
    struct dirent *entry;
    DIR *dir;

    if (chdir(path) != 0)
        return 1;
    dir = opendir(".");
    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (unlink(entry->d_name) != 0 && rmdir(entry->d_name) != 0 &&
            (remove_names(entry->d_name) != 0 || rmdir(entry->d_name) != 0))
            return 1;
    }
    closedir(dir);
    return chdir("..") != 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "ping") == 0)
        return 7;
    if (argc > 2 && strcmp(argv[1], "clean") == 0)
        return remove_names(argv[2]);
    snprintf(self, sizeof(self), "/proc/self/exe");
    memset(long_text, 'x', sizeof(long_text) - 1);
    scratch_enter("rights_limits");
    chmod(".", 0777);
    test_defaults();
    EQUAL(run_as(USER, lock_memory), 0);
    EQUAL(run_as(USER, many_children), 0);
    EQUAL(run_as(USER, fault_when_full), 0);
    test_becoming();
    for (unsigned i = 0; i < sizeof(attempts) / sizeof(attempts[0]); i++)
        try_to_take(&attempts[i]);
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
