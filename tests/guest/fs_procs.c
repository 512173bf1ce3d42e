/*
 * Files between processes: pipes and FIFOs that block, SIGPIPE, records that
 * stay whole, shared offsets, appends, locks, and programs being run.
 *
 * test: linux
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

/* The exit status of a child, or 256 + its signal. */
static int reap(pid_t pid)
{
    int status = 0;

    if (waitpid(pid, &status, 0) != pid)
        return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

/* One megabyte through a pipe, in odd pieces. */
static void test_stream(void)
{
    static unsigned char buf[9000];
    unsigned sum = 0, total = 0;
    int p[2];
    pid_t pid;

    pipe(p);
    pid = fork();
    if (pid == 0) {
        unsigned char value = 0;

        close(p[0]);
        for (unsigned sent = 0, n = 1; sent < 1000000; n = n * 5 % 8999 + 1) {
            if (n > 1000000 - sent)
                n = 1000000 - sent;
            for (unsigned i = 0; i < n; i++)
                buf[i] = value++;
            if (write(p[1], buf, n) != (ssize_t)n)
                _exit(1);
            sent += n;
        }
        _exit(7);
    }
    close(p[1]);
    for (ssize_t n; (n = read(p[0], buf, sizeof(buf))) > 0;)
        for (ssize_t i = 0; i < n; i++, total++)
            sum += buf[i] != (unsigned char)total;
    EQUAL(total, 1000000);
    EQUAL(sum, 0);
    EQUAL(reap(pid), 7);
    close(p[0]);
}

/* Four writers of 4096-byte records: none is torn. */
static void test_atomic(void)
{
    static char record[4096];
    int p[2], torn = 0, seen = 0;
    size_t have = 0;

    pipe(p);
    for (int w = 0; w < 4; w++) {
        if (fork() == 0) {
            memset(record, 'a' + w, sizeof(record));
            for (int i = 0; i < 50; i++)
                if (write(p[1], record, sizeof(record)) != sizeof(record))
                    _exit(1);
            _exit(0);
        }
    }
    close(p[1]);
    for (ssize_t n;
         (n = read(p[0], record + have, sizeof(record) - have)) > 0;) {
        have += (size_t)n;
        if (have < sizeof(record))
            continue;
        for (size_t i = 1; i < sizeof(record); i++)
            torn += record[i] != record[0];
        seen++;
        have = 0;
    }
    EQUAL(seen, 200);
    EQUAL(torn, 0);
    for (int w = 0; w < 4; w++) {
        int status = -1;

        CHECK(wait(&status) > 0 && status == 0);
    }
    close(p[0]);
}

static void test_sigpipe(void)
{
    int p[2];
    pid_t pid;

    pipe(p);
    pid = fork();
    if (pid == 0) {
        close(p[0]);
        usleep(20000);
        write(p[1], "x", 1);
        _exit(0);
    }
    close(p[0]), close(p[1]);
    EQUAL(reap(pid), 256 + SIGPIPE);
    /* A writer that sleeps in a full pipe is woken when the reader goes. */
    pipe(p);
    pid = fork();
    if (pid == 0) {
        static char big[100000];

        close(p[0]);
        write(p[1], big, sizeof(big));
        _exit(0);
    }
    close(p[1]);
    usleep(20000);
    close(p[0]);
    EQUAL(reap(pid), 256 + SIGPIPE);
}

static void test_fifo(void)
{
    char buf[8] = "";
    pid_t pid;
    int fd;

    EQUAL(mkfifo("fifo", 0600), 0);
    pid = fork();
    if (pid == 0) {
        usleep(20000);
        fd = open("fifo", O_WRONLY); /* lets the reader in */
        _exit(write(fd, "fifo", 4) == 4 ? 0 : 1);
    }
    fd = open("fifo", O_RDONLY); /* waits for the writer */
    CHECK(fd >= 0);
    EQUAL(read(fd, buf, 8), 4);
    EQUAL(read(fd, buf, 8), 0);
    EQUAL(reap(pid), 0);
    close(fd);
    unlink("fifo");
}

static void test_poll(void)
{
    struct pollfd set[2];
    int a[2], b[2];
    pid_t pid;
    char c;

    pipe(a), pipe(b);
    pid = fork();
    if (pid == 0) {
        usleep(30000);
        write(b[1], "x", 1);
        read(a[0], &c, 1);
        _exit(0);
    }
    close(b[1]);
    set[0] = (struct pollfd){.fd = a[0], .events = POLLIN};
    set[1] = (struct pollfd){.fd = b[0], .events = POLLIN};
    EQUAL(poll(set, 2, 5000), 1);
    EQUAL(set[1].revents & POLLIN, POLLIN);
    read(b[0], &c, 1);
    write(a[1], "y", 1);
    EQUAL(poll(set, 2, 5000) > 0, 1); /* the child's end of b goes */
    EQUAL(reap(pid), 0);
    set[0].fd = -1;
    EQUAL(poll(set, 2, 5000), 1);
    EQUAL(set[1].revents, POLLHUP);
    close(a[0]), close(a[1]), close(b[0]);
}

/* A signal ends a read that sleeps. */
static void nothing(int signo)
{
    (void)signo;
}

static void test_interrupt(void)
{
    struct sigaction action;
    int p[2];
    char c;

    memset(&action, 0, sizeof(action));
    action.sa_handler = nothing;
    sigaction(SIGALRM, &action, NULL);
    pipe(p);
    alarm(1);
    FAILS(read(p[0], &c, 1), EINTR);
    action.sa_handler = SIG_DFL;
    sigaction(SIGALRM, &action, NULL);
    close(p[0]), close(p[1]);
}

/* Parent and child share an offset; appends do not overwrite each other. */
static void test_shared_offset(void)
{
    static char line[16];
    int fd = open("shared", O_RDWR | O_CREAT, 0644), bad = 0;
    pid_t pid = fork();

    for (int i = 0; i < 100; i++) {
        snprintf(line, sizeof(line), "%c%06d\n", pid == 0 ? 'c' : 'p', i);
        write(fd, line, 8);
    }
    if (pid == 0)
        _exit(0);
    EQUAL(reap(pid), 0);
    EQUAL(lseek(fd, 0, SEEK_CUR), 1600);
    for (int i = 0; i < 200; i++) {
        pread(fd, line, 8, i * 8);
        bad += line[7] != '\n' || (line[0] != 'c' && line[0] != 'p');
    }
    EQUAL(bad, 0);
    close(fd);
    unlink("shared");
}

static void test_flock(void)
{
    int fd = open("lock", O_RDWR | O_CREAT, 0644), n = 0;
    pid_t children[4];
    int result = 0;

    for (int c = 0; c < 4; c++) {
        children[c] = fork();
        if (children[c] == 0) {
            fd = open("lock", O_RDWR);
            for (int i = 0; i < 25; i++) {
                flock(fd, LOCK_EX);
                n = 0;
                pread(fd, &n, sizeof(n), 0);
                if (i % 5 == 0)
                    usleep(1000);
                n++;
                pwrite(fd, &n, sizeof(n), 0);
                flock(fd, LOCK_UN);
            }
            _exit(0);
        }
    }
    for (int c = 0; c < 4; c++)
        result |= reap(children[c]);
    EQUAL(result, 0);
    pread(fd, &n, sizeof(n), 0);
    EQUAL(n, 100);
    close(fd);
    unlink("lock");
}

/* Locks of a process: the other one sees, waits, and finds a circle. */
static int lock(int fd, int command, int type, off_t start)
{
    struct flock l = {.l_type = (short)type,
                      .l_whence = SEEK_SET,
                      .l_start = start,
                      .l_len = 1};

    return fcntl(fd, command, &l);
}

static void test_deadlock(void)
{
    int fd = open("dead", O_RDWR | O_CREAT, 0644), mine, theirs;
    pid_t pid;
    int p[2];
    char c;

    pipe(p);
    EQUAL(lock(fd, F_SETLK, F_WRLCK, 0), 0);
    pid = fork();
    if (pid == 0) {
        if (lock(fd, F_SETLK, F_WRLCK, 0) == 0)
            _exit(1); /* locks are not inherited */
        lock(fd, F_SETLK, F_WRLCK, 1);
        write(p[1], "x", 1);
        theirs = lock(fd, F_SETLKW, F_WRLCK, 0);
        _exit(theirs == 0 ? 0 : errno == EDEADLK ? 2 : 3);
    }
    read(p[0], &c, 1);
    usleep(50000);
    mine = lock(fd, F_SETLKW, F_WRLCK, 1);
    EQUAL(mine, -1);
    EQUAL(errno, EDEADLK);
    EQUAL(lock(fd, F_SETLK, F_UNLCK, 0), 0);
    EQUAL(reap(pid), 0);
    EQUAL(lock(fd, F_SETLK, F_WRLCK, 1), 0); /* gone with the child */
    close(fd), close(p[0]), close(p[1]);
    unlink("dead");
}

/* A program that runs is not written; a file that is written does not run. */
static void test_busy_text(void)
{
    char *const none[] = {(char *)"busy", NULL};
    int fd, ready[2];
    pid_t pid;
    char c;

    FAILS(open("/proc/self/exe", O_WRONLY), ETXTBSY);
    FAILS(truncate("/proc/self/exe", 0), ETXTBSY);
    pipe(ready);
    pid = fork(); /* the child runs the same file */
    if (pid == 0) {
        close(ready[1]);
        read(ready[0], &c, 1);
        _exit(open("/proc/self/exe", O_RDWR) < 0 && errno == ETXTBSY ? 0 : 1);
    }
    close(ready[0]), close(ready[1]);
    EQUAL(reap(pid), 0);
    FAILS(open("/proc/self/exe", O_RDWR), ETXTBSY);
    fd = open("busy", O_WRONLY | O_CREAT, 0755);
    FAILS(execve("busy", none, none + 1), ETXTBSY);
    close(fd);
    FAILS(execve("busy", none, none + 1), ENOEXEC);
    EQUAL(close(open("busy", O_WRONLY)), 0); /* nothing holds it any more */
    unlink("busy");
}

/* Copies this program to `path`. */
static void copy_self(const char *path)
{
    static char buf[65536];
    int from = open("/proc/self/exe", O_RDONLY);
    int to = open(path, O_WRONLY | O_CREAT, 0755);

    for (ssize_t n; (n = read(from, buf, sizeof(buf))) > 0;)
        write(to, buf, (size_t)n);
    close(from), close(to);
}

/* What main does when it is run as a set-user-id program. */
static int show_ids(void)
{
    return getuid() == 500 && geteuid() == 1234 && getgid() == 600 &&
                   getegid() == 600
               ? 0
               : 1;
}

static void test_set_user_id(void)
{
    char *const args[] = {(char *)"suid", (char *)"ids", NULL};
    pid_t pid;

    if (!is_cairn() || getuid() != 0) {
        tap_skip("set-user-id programs", "a host may not allow them");
        return;
    }
    copy_self("suid");
    chown("suid", 1234, 0);
    chmod("suid", 04755);
    pid = fork();
    if (pid == 0) {
        if (setgid(600) != 0 || setuid(500) != 0)
            _exit(2);
        execve("suid", args, args + 2);
        _exit(3);
    }
    EQUAL(reap(pid), 0);
    chmod("suid", 04700); /* others may not run it at all */
    pid = fork();
    if (pid == 0) {
        setuid(500);
        execve("suid", args, args + 2);
        _exit(errno == EACCES ? 0 : 3);
    }
    EQUAL(reap(pid), 0);
    unlink("suid");
}

/* Inside of another root nothing leads out of it. */
static int look_around(void)
{
    struct stat root, up, inside;
    char path[64];

    if (chroot("jail") != 0 || chdir("/") != 0)
        return 2;
    if (stat("/", &root) != 0 || stat("..", &up) != 0 ||
        stat("/../../..", &inside) != 0)
        return 3;
    if (root.st_ino != up.st_ino || root.st_ino != inside.st_ino)
        return 4;
    if (stat("/file", &inside) != 0 || stat("link", &up) != 0 ||
        inside.st_ino != up.st_ino) /* the link is absolute */
        return 5;
    if (getcwd(path, sizeof(path)) == NULL || strcmp(path, "/") != 0)
        return 6;
    if (open("/tmp", O_RDONLY) >= 0 || errno != ENOENT)
        return 7;
    if (seteuid(1) != 0 || chroot(".") == 0 || errno != EPERM)
        return 8;
    return chroot("closed") != 0 && errno == EACCES ? 0 : 9;
}

static void test_chroot(void)
{
    pid_t pid;

    if (getuid() != 0) {
        tap_skip("chroot", "needs root");
        return;
    }
    mkdir("jail", 0755);
    mkdir("jail/closed", 0700);
    close(open("jail/file", O_WRONLY | O_CREAT, 0644));
    symlink("/file", "jail/link");
    FAILS(chroot("jail/file"), ENOTDIR);
    FAILS(chroot("none"), ENOENT);
    pid = fork();
    if (pid == 0)
        _exit(look_around());
    EQUAL(reap(pid), 0);
    unlink("jail/link"), unlink("jail/file");
    rmdir("jail/closed"), rmdir("jail");
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "ids") == 0)
        return show_ids();
    setvbuf(stdout, NULL, _IONBF, 0);
    scratch_enter("fs_procs");
    test_stream();
    test_atomic();
    test_sigpipe();
    test_fifo();
    test_poll();
    test_interrupt();
    test_shared_offset();
    test_flock();
    test_deadlock();
    test_busy_text();
    test_set_user_id();
    test_chroot();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
