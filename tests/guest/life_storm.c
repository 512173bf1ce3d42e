/*
 * Processes that do anything to each other's things at random: descriptors,
 * names, mounts, mappings and memory they share, terminals, groups, programs
 * and /proc, with a signal every few milliseconds that ends what sleeps. No
 * call is expected to work. The machine must live, and when all of them have
 * been killed everything must have come back.
 *
 *      life_storm [STEPS [WORKERS [SEED [LIVES [user]]]]]
 *
 * With "user" they have no privilege, and some of the things are root's: files,
 * a terminal, and the process that reads from it. Afterwards these are as they
 * were, and all that was typed has been read.
 *
 * Only on Cairn: it mounts, kills and replaces what it finds.
 *
 * test: timeout=200
 * test: run="-m 16M" name=small timeout=200
 * test: args="1000 6 1 6 user" name=user timeout=200
 * test: long name=more-user args="3000 8 3 300 user" timeout=900
 * test: long name=more args="3000 8 3 300" timeout=900
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

#include <cairn/syscall.h>

#define PAGE    4096
#define NPAGES  64
#define NFDS    20 /* descriptors 10 to 29 */
#define FIRST   10
#define MAX_PID 12

static uint64_t state;
static char *arena;
static pid_t *others; /* all workers, in shared memory */
static char self[64];
static int is_user; /* the workers have no privilege */

static uint32_t dice(uint32_t n)
{
    uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ z >> 31) % n);
}

static long call(long number, long a, long b, long c, long d, long e)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                     : "memory");
    return result;
}

static int any_fd(void)
{
    return FIRST + (int)dice(NFDS);
}

static char *any_page(void)
{
    return arena + dice(NPAGES) * PAGE;
}

static char *any_place(void)
{
    return arena + dice(NPAGES * PAGE);
}

static size_t any_length(void)
{
    static const uint32_t lengths[] = {1, 100, 4096, 5000, 20000};

    return dice(lengths[dice(5)]) + 1;
}

static long any_offset(void)
{
    return (long)dice(dice(4) == 0 ? 600000 : 20000);
}

/* One of few names, in one of few folders; two may be in use at a time. */
static const char *any_name(void)
{
    static char names[2][40];
    static unsigned next;
    char *name = names[next++ % 2];
    static const char *const folders[] = {"",       "",    "d0/",      "d1/",
                                          "d0/d1/", "../", "d1/../d0/"};

    snprintf(name, sizeof(names[0]), "%s%c%u", folders[dice(7)],
             dice(3) == 0 ? 'd' : 'f', dice(4));
    if (strncmp(name, "../", 3) == 0)
        strcpy(name, dice(2) ? "." : "d0");
    if (is_user && dice(6) == 0)
        strcpy(name, dice(3) == 0   ? "root"
                     : dice(2) == 0 ? "root/f"
                                    : "secret");
    return name;
}

/* ---- descriptors ---- */

/* A new descriptor goes to a place of ours, over what was there. */
static void keep(int fd)
{
    if (fd < 0)
        return;
    dup2(fd, any_fd());
    if (fd >= 3 && (fd < FIRST || fd >= FIRST + NFDS))
        close(fd);
}

static void op_open(void)
{
    static const int flags[] = {O_CREAT,    O_TRUNC,     O_APPEND, O_EXCL,
                                O_NONBLOCK, O_DIRECTORY, O_PATH,   O_CLOEXEC,
                                O_NOFOLLOW, O_CREAT,     O_CREAT};
    int all = O_NONBLOCK | (int)dice(3);

    for (int i = 0; i < 11; i++)
        all |= dice(5) == 0 ? flags[i] : 0;
    keep(open(any_name(), all, 0700));
}

static void op_open_blocking(void)
{
    keep(open(any_name(), (int)dice(3)));
}

static void op_nameless(void)
{
    keep(open(any_name(), O_TMPFILE | O_RDWR, 0700));
    keep((int)call(__NR_memfd_create, (long)"storm", 0, 0, 0, 0));
}

static void op_device(void)
{
    static const char *const devices[] = {"/dev/zero",    "/dev/null",
                                          "/dev/urandom", "/dev/console",
                                          "/dev/tty",     "/dev/ptmx"};

    keep(
        open(devices[dice(6)], O_RDWR | O_NONBLOCK | (dice(2) ? O_NOCTTY : 0)));
}

static void op_close(void)
{
    if (dice(10) == 0)
        call(__NR_close_range, any_fd(), any_fd(), (long)dice(2) * 4, 0, 0);
    else
        close(any_fd());
}

static void op_dup(void)
{
    if (dice(2))
        dup2(any_fd(), any_fd());
    else
        keep(dup(any_fd()));
}

static void op_pipe(void)
{
    int ends[2];

    if (pipe2(ends, dice(2) ? O_NONBLOCK : 0) == 0) {
        keep(ends[0]);
        keep(ends[1]);
    }
}

static void op_fcntl(void)
{
    int fd = any_fd();

    switch (dice(5)) {
    case 0:
        fcntl(fd, F_SETPIPE_SZ, (int)(PAGE << dice(6)));
        break;
    case 1:
        fcntl(fd, F_SETFL,
              dice(3) == 0 ? 0 : O_NONBLOCK | (dice(2) ? O_APPEND : 0));
        break;
    case 2:
        fcntl(fd, F_SETFD, (int)dice(2));
        break;
    case 3:
        keep(fcntl(fd, F_DUPFD, FIRST));
        break;
    default:
        ioctl(fd, FIONREAD, any_place());
    }
}

static void op_lock(void)
{
    static const short types[] = {F_RDLCK, F_WRLCK, F_UNLCK};
    struct flock l = {.l_type = types[dice(3)],
                      .l_whence = SEEK_SET,
                      .l_start = (long)dice(100),
                      .l_len = (long)dice(50)};

    if (dice(2))
        fcntl(any_fd(), dice(2) ? F_SETLK : F_SETLKW, &l);
    else
        flock(any_fd(), (dice(2)   ? LOCK_EX
                         : dice(2) ? LOCK_SH
                                   : LOCK_UN) |
                            (dice(2) ? LOCK_NB : 0));
}

/* ---- bytes ---- */

static void op_read(void)
{
    struct iovec two[2] = {{any_place(), any_length()},
                           {any_place(), any_length()}};

    switch (dice(3)) {
    case 0:
        (void)!read(any_fd(), any_place(), any_length());
        break;
    case 1:
        (void)!pread(any_fd(), any_place(), any_length(), any_offset());
        break;
    default:
        (void)!readv(any_fd(), two, 2);
    }
}

static void op_write(void)
{
    struct iovec two[2] = {{any_place(), any_length()},
                           {any_place(), any_length()}};

    switch (dice(3)) {
    case 0:
        (void)!write(any_fd(), any_place(), any_length());
        break;
    case 1:
        (void)!pwrite(any_fd(), any_place(), any_length(), any_offset());
        break;
    default:
        (void)!writev(any_fd(), two, 2);
    }
}

static void op_send(void)
{
    int64_t from = any_offset(), to = any_offset();

    if (dice(2))
        (void)!sendfile(any_fd(), any_fd(), NULL, any_length());
    else
        call(__NR_copy_file_range, any_fd(), (long)(dice(2) ? &from : NULL),
             any_fd(), (long)(dice(2) ? &to : NULL), (long)any_length());
}

static void op_size(void)
{
    switch (dice(3)) {
    case 0:
        (void)!ftruncate(any_fd(), any_offset());
        break;
    case 1:
        (void)!truncate(any_name(), any_offset());
        break;
    default:
        call(__NR_fallocate, any_fd(), (long)dice(4), any_offset(), 0,
             (long)any_length());
    }
}

static void op_poll(void)
{
    struct pollfd p[6];

    for (int i = 0; i < 6; i++)
        p[i] = (struct pollfd){any_fd(), POLLIN | POLLOUT, 0};
    poll(p, 6, (int)dice(3));
}

/* ---- memory ---- */

static void op_map(void)
{
    static const int prots[] = {PROT_NONE, PROT_READ, PROT_READ | PROT_WRITE,
                                PROT_READ | PROT_WRITE};
    int flags = MAP_FIXED | (dice(2) ? MAP_SHARED : MAP_PRIVATE) |
                (dice(2) ? MAP_ANONYMOUS : 0) | (dice(8) ? 0 : MAP_NORESERVE) |
                (dice(8) ? 0 : MAP_POPULATE);

    mmap(any_page(), (dice(8) + 1) * PAGE, prots[dice(4)], flags,
         flags & MAP_ANONYMOUS ? -1 : any_fd(), (long)dice(8) * PAGE);
}

static void op_remap(void)
{
    static const int all[] = {MREMAP_MAYMOVE, MREMAP_FIXED, MREMAP_DONTUNMAP};
    int flags = MREMAP_MAYMOVE;
    char *p, *from = any_page();

    for (int i = 1; i < 3; i++)
        flags |= dice(2) ? all[i] : 0;
    p = mremap(from, dice(5) * PAGE, (dice(5) + 1) * PAGE, flags, any_page());
    if (p != MAP_FAILED && (p < arena || p >= arena + NPAGES * PAGE))
        munmap(p, 5 * PAGE);
}

static void op_unmap(void)
{
    if (dice(2))
        munmap(any_page(), (dice(6) + 1) * PAGE);
    else if (dice(2))
        mprotect(any_page(), (dice(6) + 1) * PAGE, (int)dice(4));
    else
        madvise(any_page(), (dice(6) + 1) * PAGE, MADV_DONTNEED);
}

/* Touch by a system call, so that a bad page is no signal. */
static void op_touch(void)
{
    int fd = open("/dev/zero", O_RDONLY);

    (void)!read(fd, any_place(), 8);
    close(fd);
}

/* ---- names ---- */

static void op_name(void)
{
    const char *a = any_name(), *b = any_name();

    switch (dice(11)) {
    case 0:
        mkdir(a, 0700);
        break;
    case 1:
        rmdir(a);
        break;
    case 2:
        unlink(a);
        break;
    case 3:
        link(a, b);
        break;
    case 4:
        rename(a, b);
        break;
    case 5:
        call(__NR_renameat2, AT_FDCWD, (long)a, AT_FDCWD, (long)b, 2);
        break;
    case 6:
        symlink(a, b);
        break;
    case 7:
        mkfifo(a, 0600);
        break;
    case 8:
        symlink(self, a);
        break;
    case 9: {
        char path[40];

        snprintf(path, sizeof(path), "/proc/self/fd/%d", any_fd());
        linkat(AT_FDCWD, path, AT_FDCWD, a, AT_SYMLINK_FOLLOW);
        break;
    }
    default:
        chmod(a, 0777);
    }
}

static void op_place(void)
{
    switch (dice(4)) {
    case 0:
        (void)!chdir(any_name());
        break;
    case 1:
        (void)!fchdir(any_fd());
        break;
    default:
        (void)!chdir(scratch_path);
    }
}

static void op_mount(void)
{
    if (dice(2))
        mount("storm", any_name(), "tmpfs", dice(2) ? MS_NOEXEC : 0, NULL);
    else
        umount(any_name());
}

/* ---- terminals ---- */

static void op_pty(void)
{
    int number, unlock = 0, slave,
                master = open("/dev/ptmx", O_RDWR | O_NONBLOCK);
    char name[40];

    if (master < 0)
        return;
    ioctl(master, TIOCGPTN, &number);
    ioctl(master, TIOCSPTLCK, &unlock);
    snprintf(name, sizeof(name), "/dev/pts/%d", number);
    if (dice(4) == 0)
        setsid();
    slave = open(name, O_RDWR | O_NONBLOCK | (dice(2) ? O_NOCTTY : 0));
    if (dice(2))
        (void)!write(master, "one line\n\003two\n", 14);
    keep(master);
    keep(slave);
}

static void op_terminal(void)
{
    struct termios t;
    int fd = any_fd(), number = (int)getpid();

    switch (dice(8)) {
    case 0:
        if (tcgetattr(fd, &t) == 0) {
            t.c_lflag ^= ICANON;
            tcsetattr(fd, dice(2) ? TCSANOW : TCSAFLUSH, &t);
        }
        break;
    case 1:
        ioctl(fd, TIOCSCTTY, 0);
        break;
    case 2:
        ioctl(fd, TIOCNOTTY);
        break;
    case 3:
        ioctl(fd, TIOCSPGRP, &number);
        break;
    case 4:
        tcdrain(fd);
        break;
    case 5:
        tcflow(fd, (int)dice(4));
        break;
    case 6:
        setpgid(0, dice(2) ? 0 : others[dice(MAX_PID)]);
        break;
    default:
        setsid();
    }
}

/* ---- processes ---- */

static void op_kill(void)
{
    static const int signals[] = {SIGCONT, SIGSTOP, SIGUSR1, SIGKILL,
                                  SIGHUP,  SIGTTIN, SIGCONT, SIGCONT};
    pid_t pid = others[dice(MAX_PID)];

    if (pid > 0)
        kill(pid, signals[dice(dice(20) == 0 ? 8 : 3)]);
}

static void op_fork(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        for (int i = (int)dice(30); i > 0; i--)
            op_touch(), op_unmap(), op_close();
        _exit(0);
    }
    if (pid > 0 && dice(2))
        waitpid(pid, NULL, dice(2) ? WNOHANG : 0);
}

static void op_exec(void)
{
    char *argv[] = {"life_storm", "leaf", NULL}, *envp[] = {NULL};
    const char *name = dice(2) ? "/proc/self/exe" : any_name();
    pid_t pid = vfork();

    if (pid == 0) {
        execve(name, argv, envp);
        _exit(1);
    }
    if (pid > 0)
        waitpid(pid, NULL, 0);
}

/* A child in the same memory, on a stack of its own, that takes it apart. */
static char other_stack[16384] __attribute__((aligned(16)));
static volatile int other_runs;

static void beside(void)
{
    for (int i = 0; i < 20; i++) {
        call(__NR_munmap, (long)(arena + (i * 7 % NPAGES) * PAGE), PAGE * 3, 0,
             0, 0);
        call(__NR_mremap, (long)(arena + (i * 11 % NPAGES) * PAGE), PAGE,
             2 * PAGE, 1, 0);
        call(__NR_sched_yield, 0, 0, 0, 0, 0);
        call(__NR_mprotect, (long)(arena + (i * 5 % NPAGES) * PAGE), PAGE, 1, 0,
             0);
    }
    other_runs = 0;
    call(__NR_exit_group, 0, 0, 0, 0, 0);
}

static pid_t start_beside(void)
{
    long pid;

    __asm__ volatile("int $0x80\n\t"
                     "testl %%eax, %%eax\n\t"
                     "jnz 1f\n\t"
                     "call *%%esi\n"
                     "1:"
                     : "=a"(pid)
                     : "a"(__NR_clone), "b"(0x4100 | SIGCHLD), /* VM, VFORK */
                       "c"(other_stack + sizeof(other_stack)), "d"(0),
                       "S"(beside), "D"(0)
                     : "memory");
    return (pid_t)pid;
}

static void op_beside(void)
{
    pid_t pid;

    if (other_runs)
        return;
    other_runs = 1;
    pid = start_beside();
    if (pid < 0 || (dice(3) == 0 && kill(pid, SIGKILL) == 0))
        other_runs = 0;
}

static void op_wait(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
}

static void op_proc(void)
{
    static const char *const files[] = {"maps", "smaps", "exe",     "environ",
                                        "stat", "cwd",   "cmdline", "status"};
    pid_t pid = others[dice(MAX_PID)];
    char path[64], text[200];

    if (dice(2))
        snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, files[dice(8)]);
    else
        snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)pid, any_fd());
    (void)!readlink(path, text, sizeof(text));
    keep(open(path, O_RDWR | O_NONBLOCK));
    keep(open(path, O_RDONLY | O_NONBLOCK));
    (void)!read(any_fd(), any_place(), any_length());
}

/* Some call soon finds no memory, or an address that faults. */
static void op_inject(void)
{
    if (dice(4) == 0)
        call(__NR_inject, (long)dice(30) + 1, 0, (long)dice(50), 0, 0);
}

static void (*const ops[])(void) = {
    op_inject, op_open,   op_open,     op_open_blocking, op_nameless, op_device,
    op_close,  op_close,  op_dup,      op_pipe,          op_fcntl,    op_lock,
    op_read,   op_read,   op_write,    op_write,         op_send,     op_size,
    op_poll,   op_map,    op_map,      op_map,           op_remap,    op_remap,
    op_unmap,  op_touch,  op_name,     op_name,          op_name,     op_place,
    op_mount,  op_pty,    op_terminal, op_terminal,      op_kill,     op_fork,
    op_exec,   op_beside, op_wait,     op_proc,
};

#define NOPS (sizeof(ops) / sizeof(ops[0]))

static void on_alarm(int signo)
{
    (void)signo;
}

static void work(int steps)
{
    /* Soon, and later again for a sleep that began only then. */
    const struct itimerval soon = {{0, 100000}, {0, 3000}};
    struct sigaction interrupt = {.sa_handler = on_alarm};

    sigaction(SIGALRM, &interrupt, NULL);
    sigaction(SIGUSR1, &interrupt, NULL);
    sigaction(SIGHUP, &interrupt, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGQUIT, SIG_IGN);
    arena = mmap(NULL, (NPAGES + 16) * PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    while (steps-- > 0) {
        setitimer(ITIMER_REAL, &soon, NULL);
        ops[dice(NOPS)]();
    }
}

/* ---- the one that watches ---- */

static int start_worker(int i, int steps)
{
    pid_t pid = fork();

    if (pid == 0) {
        state = state * 31 + (uint64_t)i;
        if (is_user && (setgid(1000) != 0 || setuid(1000) != 0))
            _exit(1);
        work(steps);
        _exit(0);
    }
    others[i] = pid > 0 ? pid : 0;
    return pid > 0;
}

/* Unmount what is mounted below the folder: how much. */
static int unmount_all(void)
{
    char line[256], place[200];
    FILE *mounts = fopen("/proc/mounts", "r");
    int n = 0;

    while (mounts != NULL && fgets(line, sizeof(line), mounts) != NULL)
        if (sscanf(line, "%*s %199s", place) == 1 &&
            strncmp(place, scratch_path, strlen(scratch_path)) == 0)
            n += umount(place) == 0;
    if (mounts != NULL)
        fclose(mounts);
    return n;
}

static int remove_one(const char *path, const struct stat *st, int type,
                      struct FTW *at)
{
    (void)st, (void)at;
    if (strcmp(path, ".") == 0)
        return 0;
    return type == FTW_DP ? rmdir(path) : unlink(path);
}

/* ---- what is root's ---- */

#define LINES 50

static int typing, echoed; /* a master, and what the reader has read */
static pid_t reader;

/* A file of root's that others may read, and one that they may not. */
static void put_file(const char *name, const char *text, mode_t mode)
{
    int fd = open(name, O_CREAT | O_WRONLY, mode);

    if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
        perror(name);
    close(fd);
}

static int is_as_it_was(const char *name, const char *text, mode_t mode)
{
    char now[32] = "";
    struct stat st;
    int fd = open(name, O_RDONLY | O_NOFOLLOW);
    ssize_t n = read(fd, now, sizeof(now) - 1);
    int good = n == (ssize_t)strlen(text) &&
               memcmp(now, text, (size_t)n) == 0 && fstat(fd, &st) == 0 &&
               st.st_mode == (S_IFREG | mode) && st.st_uid == 0 &&
               st.st_gid == 0;

    close(fd);
    return good;
}

/* In a session of its own: read lines, and tell of each. */
static _Noreturn void read_lines(const char *terminal, int out)
{
    char line[32];
    int fd;
    ssize_t n;

    setsid();
    fd = open(terminal, O_RDWR);
    while ((n = read(fd, line, sizeof(line))) > 0)
        if (write(out, line, (size_t)n) != n)
            _exit(1);
    _exit(0);
}

static void make_roots(void)
{
    int number, unlock = 0, ends[2];
    char name[40];

    typing = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    ioctl(typing, TIOCGPTN, &number);
    ioctl(typing, TIOCSPTLCK, &unlock);
    snprintf(name, sizeof(name), "/dev/pts/%d", number);
    if (pipe(ends) != 0)
        perror("pipe");
    reader = fork();
    if (reader == 0)
        read_lines(name, ends[1]);
    close(ends[1]);
    echoed = ends[0];
    fcntl(typing, F_SETFD, FD_CLOEXEC);
    fcntl(echoed, F_SETFD, FD_CLOEXEC);
    umask(022);
    put_file("secret", "secret", 0600);
    mkdir("root", 0755);
    put_file("root/f", "for all to see", 0644);
    umask(0);
    chmod(".", 01777);
    others[MAX_PID - 1] = reader;
    others[MAX_PID - 2] = getpid();
}

/* Type a line; it must come to the reader as it is. */
static int type_line(int n)
{
    char line[32], got[32] = "";
    size_t length = (size_t)snprintf(line, sizeof(line), "line %d\n", n);
    struct pollfd p = {echoed, POLLIN, 0};
    size_t done = 0;

    if (write(typing, line, length) != (ssize_t)length)
        return 0;
    while (done < length && poll(&p, 1, 30000) == 1) {
        ssize_t part = read(echoed, got + done, sizeof(got) - 1 - done);

        if (part <= 0)
            break;
        done += (size_t)part;
    }
    (void)!ioctl(typing, TCFLSH, TCOFLUSH);
    return strcmp(line, got) == 0;
}

static void check_roots(int nlines, int nread)
{
    struct stat st;

    EQUAL(nread, nlines);
    EQUAL(kill(reader, 0), 0);
    CHECK(is_as_it_was("secret", "secret", 0600));
    CHECK(is_as_it_was("root/f", "for all to see", 0644));
    EQUAL(stat("root", &st), 0);
    EQUAL(st.st_mode, S_IFDIR | 0755);
    EQUAL(st.st_nlink, 2);
    CHECK(stat("/dev/null", &st) == 0 && st.st_uid == 0 &&
          st.st_mode == (S_IFCHR | 0666));
    close(typing);
    close(echoed);
}

int main(int argc, char **argv)
{
    int nlines = 0, nread = 0;
    int steps = argc > 1 ? atoi(argv[1]) : 800;
    int nworkers = argc > 2 ? atoi(argv[2]) : 6;
    int lives = argc > 4 ? atoi(argv[4]) : 6;
    int started = 0, ended = 0, crashed = 0, status;

    if (argc > 1 && strcmp(argv[1], "leaf") == 0)
        return 0;
    state = argc > 3 ? strtoull(argv[3], NULL, 0) : 1;
    if (nworkers > MAX_PID - 2)
        nworkers = MAX_PID - 2;
    scratch_enter("life_storm");
    snprintf(self, sizeof(self), "/proc/%d/exe", (int)getpid());
    others = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    mkdir("d0", 0777), mkdir("d1", 0777), mkdir("d0/d1", 0777);
    signal(SIGHUP, SIG_IGN);
    is_user = argc > 5;
    if (is_user)
        make_roots();
    for (int i = 0; i < nworkers; i++)
        started += start_worker(i, steps);
    CHECK(started > 0);
    /* Most are killed early. Each has successors. */
    while (started < nworkers * lives) {
        for (int i = 0; i < nworkers; i++) {
            if (others[i] != 0) {
                kill(others[i], SIGCONT);
                if (waitpid(others[i], &status, WNOHANG) != others[i])
                    continue;
                ended += WIFEXITED(status);
                crashed += WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV;
            }
            started += start_worker(i, steps);
        }
        usleep(3000);
        if (is_user && nlines < LINES)
            nread += type_line(nlines++);
    }
    call(__NR_inject, 0, 2, 0, 0, 0); /* INJECT_OFF */
    if (is_user)
        check_roots(nlines, nread);
    printf("# %d workers, %d came to their end, %d crashed\n", started, ended,
           crashed);
    /* What they left behind: stopped, sleeping, in other sessions. */
    while (kill(-1, SIGKILL) == 0) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            continue;
        usleep(1000);
    }
    while (unmount_all() > 0)
        continue;
    EQUAL(nftw(".", remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
