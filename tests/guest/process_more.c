/*
 * Corners of processes and their signals: nested scripts, job control and its
 * information, groups without a parent, vfork, and limits.
 *
 * test: linux
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static volatile sig_atomic_t count;
static siginfo_t last_info;

static void on_info(int signo, siginfo_t *info, void *context)
{
    (void)signo;
    (void)context;
    last_info = *info;
    count++;
}

static void handle_info(int signo, int flags)
{
    struct sigaction sa;

    memset(&sa, 0, sizeof(sa));
    sa.sa_sigaction = on_info;
    sa.sa_flags = flags | SA_SIGINFO;
    EQUAL(sigaction(signo, &sa, NULL), 0);
}

/* Sleep until the handler has run again. */
static void await(int before)
{
    for (int i = 0; i < 1000 && count == before; i++)
        usleep(5000);
    EQUAL(count, before + 1);
}

/* The exit status of a child, or 256 + the signal that ended it. */
static int status_of(pid_t pid)
{
    int status = -1;

    EQUAL(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

/* ---- scripts ---- */

static void write_script(const char *path, const char *interpreter)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0700);

    EQUAL(write(fd, "#!", 2), 2);
    EQUAL(write(fd, interpreter, strlen(interpreter)),
          (ssize_t)strlen(interpreter));
    EQUAL(write(fd, " arg\n", 5), 5);
    close(fd);
}

/* A script whose interpreter is a script: each adds itself and one argument. */
static void test_nested_scripts(void)
{
    char own[256], outer[64], inner[64];
    char *argv[] = {"gone", "last", NULL}, *none[] = {NULL};
    ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
    pid_t pid;

    CHECK(n > 0);
    own[n > 0 ? n : 0] = '\0';
    snprintf(inner, sizeof(inner), "/tmp/inner-%d", (int)getpid());
    snprintf(outer, sizeof(outer), "/tmp/outer-%d", (int)getpid());
    write_script(inner, own);
    write_script(outer, inner);
    pid = fork();
    if (pid == 0) {
        execve(outer, argv, none);
        _exit(100);
    }
    EQUAL(status_of(pid), 33);
    unlink(inner);
    unlink(outer);
}

/* The end of a long line is cut off, but never a name. */
static void test_long_script_line(void)
{
    char own[600], script[64];
    char *argv[] = {"gone", NULL}, *none[] = {NULL};
    ssize_t n = readlink("/proc/self/exe", own, 250);
    pid_t pid;

    CHECK(n > 0 && n < 200);
    memset(own + n, 'a', 320);
    own[n] = ' ';
    own[n + 320] = '\0';
    snprintf(script, sizeof(script), "/tmp/long-%d", (int)getpid());
    write_script(script, own);
    pid = fork();
    if (pid == 0) {
        execve(script, argv, none);
        _exit(100);
    }
    EQUAL(status_of(pid), 34);
    own[n] = 'a';
    write_script(script, own);
    FAILS(execve(script, argv, none), ENOEXEC);
    memset(own, ' ', 300);
    write_script(script, own);
    FAILS(execve(script, argv, none), ENOEXEC);
    unlink(script);
}

/* ---- programs that are not as this one is ---- */

/* A copy of this program whose bytes can be changed; *n: its length. */
static unsigned char *read_self(size_t *n)
{
    int fd = open("/proc/self/exe", O_RDONLY);
    struct stat st;
    unsigned char *bytes;

    fstat(fd, &st);
    *n = (size_t)st.st_size;
    bytes = mmap(NULL, *n + 8192, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EQUAL(read(fd, bytes, *n), (ssize_t)*n);
    close(fd);
    return bytes;
}

/* The errno of an attempt to run the bytes, or 1000 + the exit status. */
static int try_to_run(const unsigned char *bytes, size_t n)
{
    char *argv[] = {"changed", "exit", "12", NULL}, *none[] = {NULL};
    int fd = open("changed", O_WRONLY | O_CREAT | O_TRUNC, 0700);
    pid_t pid;
    int status;

    EQUAL(write(fd, bytes, n), (ssize_t)n);
    close(fd);
    pid = fork();
    if (pid == 0) {
        execve("changed", argv, none);
        _exit(errno);
    }
    status = status_of(pid);
    unlink("changed");
    return status;
}

#define PHDR_BYTES 32

/* Turn the last program header into one for an interpreter of that name. */
static size_t add_interpreter(unsigned char *bytes, size_t n, const char *name)
{
    uint16_t *phnum = (uint16_t *)(bytes + 44);
    uint32_t *phoff = (uint32_t *)(bytes + 28);
    uint32_t phdr[8] = {
        3, (uint32_t)n, 0, 0, strlen(name) + 1, strlen(name) + 1, 4, 1};

    memcpy(bytes + *phoff + (*phnum - 1) * PHDR_BYTES, phdr, sizeof(phdr));
    memcpy(bytes + n, name, strlen(name) + 1);
    return n + strlen(name) + 1;
}

/* Copy the program headers to the end of the file, with many that are empty. */
static size_t add_headers(unsigned char *bytes, size_t n, unsigned wanted)
{
    uint16_t *phnum = (uint16_t *)(bytes + 44);
    uint32_t *phoff = (uint32_t *)(bytes + 28);

    memset(bytes + n, 0, wanted * PHDR_BYTES);
    memcpy(bytes + n, bytes + *phoff, *phnum * PHDR_BYTES);
    *phoff = (uint32_t)n;
    *phnum = (uint16_t)wanted;
    return n + wanted * PHDR_BYTES;
}

static void test_other_programs(void)
{
    size_t n;
    unsigned char *bytes = read_self(&n);

    EQUAL(try_to_run(bytes, n), 12);
    /* It runs; whether it finds its thread-local data there is its affair. */
    CHECK(try_to_run(bytes, add_headers(bytes, n, 91)) != ENOEXEC);
    munmap(bytes, n + 8192);
    bytes = read_self(&n);
    EQUAL(try_to_run(bytes, add_interpreter(bytes, n, "/no/ld.so")), ENOENT);
    EQUAL(try_to_run(bytes, add_interpreter(bytes, n, "/dev/null")), EACCES);
    munmap(bytes, n + 8192);
}

/* What the interpreter is called with: own arg inner arg outer last. */
static int role(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "exit") == 0)
        return atoi(argv[2]);
    if (argc == 3 && strncmp(argv[2], "/tmp/long-", 10) ==
                         0) /* own aaa... script: what 255 bytes leave of it */
        return 3 + strlen(argv[0]) + strlen(argv[1]) == 255 &&
                       strspn(argv[1], "a") == strlen(argv[1])
                   ? 34
                   : 35;
    return argc == 6 && strcmp(argv[1], "arg") == 0 &&
                   strncmp(argv[2], "/tmp/inner-", 11) == 0 &&
                   strcmp(argv[3], "arg") == 0 &&
                   strncmp(argv[4], "/tmp/outer-", 11) == 0 &&
                   strcmp(argv[5], "last") == 0
               ? 33
               : 1;
}

/* ---- stopping ---- */

/* SIGCONT takes back a stop that waits, with all that is known of it. */
static void test_stop_taken_back(void)
{
    struct timespec now = {0, 0};
    siginfo_t info;
    sigset_t set, old;

    sigemptyset(&set);
    sigaddset(&set, SIGTSTP);
    sigaddset(&set, SIGCONT);
    EQUAL(sigprocmask(SIG_BLOCK, &set, &old), 0);
    EQUAL(kill(getpid(), SIGTSTP), 0);
    EQUAL(kill(getpid(), SIGCONT), 0);
    EQUAL(kill(getpid(), SIGTSTP), 0);
    EQUAL(sigtimedwait(&set, &info, &now), SIGTSTP);
    EQUAL(info.si_pid, getpid());
    FAILS(sigtimedwait(&set, &info, &now), EAGAIN);
    EQUAL(sigprocmask(SIG_SETMASK, &old, NULL), 0);
}

/* SIGCHLD says what has become of a child that stops and goes on. */
static void test_job_info(void)
{
    pid_t pid;

    count = 0;
    handle_info(SIGCHLD, 0);
    pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    EQUAL(kill(pid, SIGSTOP), 0);
    await(0);
    EQUAL(last_info.si_code, CLD_STOPPED);
    EQUAL(last_info.si_pid, pid);
    EQUAL(last_info.si_status, SIGSTOP);
    EQUAL(kill(pid, SIGCONT), 0);
    await(1);
    EQUAL(last_info.si_code, CLD_CONTINUED);
    EQUAL(last_info.si_pid, pid);
    EQUAL(kill(pid, SIGKILL), 0);
    await(2);
    EQUAL(last_info.si_code, CLD_KILLED);
    EQUAL(status_of(pid), 256 + SIGKILL);
    signal(SIGCHLD, SIG_DFL);
}

static int report_end;

static void on_hangup(int signo)
{
    (void)!write(report_end, signo == SIGHUP ? "h" : "c", 1);
}

/* In a group of its own: stop, and say which signals came. */
static void run_member(int ready)
{
    setpgid(0, 0);
    signal(SIGHUP, on_hangup);
    signal(SIGCONT, on_hangup);
    (void)!write(ready, "r", 1);
    raise(SIGSTOP);
    _exit(0);
}

/*
 * Make a stopped member, and end. The session is new, so that the member's
 * next parent is in another one on any host: process 1 of a container may
 * share the session that the test was started in.
 */
static void run_shell(void)
{
    int ends[2], status;
    char c;
    pid_t pid;

    setsid();
    if (pipe(ends) != 0)
        _exit(1);
    pid = fork();
    if (pid == 0)
        run_member(ends[1]);
    _exit(read(ends[0], &c, 1) == 1 &&
                  waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status)
              ? 0
              : 1);
}

/* A stopped group whose last parent in the session ends is let go. */
static void test_orphaned_group(void)
{
    char got[3] = {0};
    int ends[2];
    pid_t pid;

    EQUAL(pipe(ends), 0);
    report_end = ends[1];
    pid = fork();
    if (pid == 0)
        run_shell();
    EQUAL(status_of(pid), 0);
    close(ends[1]);
    EQUAL(read(ends[0], got, 1), 1);
    EQUAL(read(ends[0], got + 1, 1), 1);
    CHECK(strchr(got, 'h') && strchr(got, 'c'));
    EQUAL(read(ends[0], got, 1), 0);
    close(ends[0]);
}

/* The terminal's stop signals do nothing to an orphaned group. */
static void test_orphan_goes_on(void)
{
    pid_t pid = fork();

    if (pid == 0) {
        setsid();
        raise(SIGTSTP);
        raise(SIGTTIN);
        raise(SIGTTOU);
        _exit(7);
    }
    EQUAL(status_of(pid), 7);
}

/* SA_NOCLDWAIT: a signal, but nothing to wait for. */
static void test_no_zombies(void)
{
    int status;
    pid_t pid;

    count = 0;
    handle_info(SIGCHLD, SA_NOCLDWAIT);
    pid = fork();
    if (pid == 0)
        _exit(3);
    await(0);
    EQUAL(last_info.si_pid, pid);
    FAILS(waitpid(pid, &status, 0), ECHILD);
    signal(SIGCHLD, SIG_DFL);
}

/* Being stopped does not make a sleep longer. */
static void test_sleep_goes_on(void)
{
    struct timespec start, end, second = {1, 0};
    long long ms;
    pid_t pid;

    clock_gettime(CLOCK_MONOTONIC, &start);
    pid = fork();
    if (pid == 0)
        _exit(nanosleep(&second, NULL) == 0 ? 4 : 5);
    usleep(300000);
    EQUAL(kill(pid, SIGSTOP), 0);
    usleep(500000);
    EQUAL(kill(pid, SIGCONT), 0);
    EQUAL(status_of(pid), 4);
    clock_gettime(CLOCK_MONOTONIC, &end);
    ms = (end.tv_sec - start.tv_sec) * 1000ll +
         (end.tv_nsec - start.tv_nsec) / 1000000;
    printf("# %lld ms\n", ms);
    CHECK(ms >= 1000 && ms < 1600);
}

/* ---- vfork ---- */

/* A limit is of the process, not of the memory that a vfork shares. */
static void test_vfork_limits(void)
{
    struct rlimit none = {4096, RLIM_INFINITY};
    void *p;
    pid_t pid = vfork();

    if (pid == 0)
        _exit(setrlimit(RLIMIT_AS, &none));
    EQUAL(status_of(pid), 0);
    p = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
             -1, 0);
    CHECK(p != MAP_FAILED);
    munmap(p, 65536);
}

/* SIGKILL ends a process although its vfork's child holds it. */
static void test_vfork_killed(void)
{
    int ends[2], status = 0;
    pid_t pid, child = 0, ended = 0;

    EQUAL(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        if (vfork() == 0) {
            pid_t me = getpid();

            (void)!write(ends[1], &me, sizeof(me));
            for (;;)
                pause();
        }
        _exit(1);
    }
    EQUAL(read(ends[0], &child, sizeof(child)), sizeof(child));
    EQUAL(kill(pid, SIGKILL), 0);
    for (int i = 0; i < 400 && ended == 0; i++) {
        usleep(5000);
        ended = waitpid(pid, &status, WNOHANG);
    }
    EQUAL(ended, pid);
    EQUAL(WTERMSIG(status), SIGKILL);
    EQUAL(kill(child, SIGKILL), 0);
    if (ended != pid)
        waitpid(pid, &status, 0);
    close(ends[0]);
    close(ends[1]);
}

/* More processes at once than one page table has kernel stacks for. */
static void test_crowd(void)
{
    enum { CROWD = 150 };
    int ends[2], n = 0;
    char c;

    EQUAL(pipe(ends), 0);
    for (int i = 0; i < CROWD; i++) {
        pid_t pid = fork();

        if (pid == 0) {
            close(ends[1]);
            _exit((int)read(ends[0], &c, 1));
        }
        n += pid > 0;
    }
    EQUAL(n, CROWD);
    close(ends[1]);
    for (int status; waitpid(-1, &status, 0) > 0; n--)
        if (status != 0)
            break;
    EQUAL(n, 0);
    close(ends[0]);
}

/* ---- limits ---- */

/* errno of an exec with that many strings of 50 KiB and that stack limit. */
static int exec_strings(unsigned n, rlim_t stack)
{
    static char text[50 * 1024];
    struct rlimit limit = {stack, RLIM_INFINITY};
    char *argv[20] = {"me"}, *none[] = {NULL};
    pid_t pid;

    memset(text, 'x', sizeof(text) - 1);
    for (unsigned i = 1; i <= n; i++)
        argv[i] = text;
    pid = fork();
    if (pid == 0) {
        if (setrlimit(RLIMIT_STACK, &limit) != 0)
            _exit(200);
        execve("/proc/self/exe", argv, none);
        _exit(errno);
    }
    return status_of(pid);
}

/* All strings: a quarter of the stack, but not below 128 KiB. */
static void test_exec_limit(void)
{
    EQUAL(exec_strings(4, 1024 * 1024), 1);
    EQUAL(exec_strings(6, 1024 * 1024), E2BIG);
    EQUAL(exec_strings(2, 256 * 1024), 1);
    EQUAL(exec_strings(3, 256 * 1024), E2BIG);
    EQUAL(exec_strings(2, 64 * 1024), E2BIG);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return role(argc, argv);
    setvbuf(stdout, NULL, _IOLBF, 0);
    test_nested_scripts();
    test_long_script_line();
    if (is_cairn())
        test_other_programs();
    test_stop_taken_back();
    test_job_info();
    test_orphaned_group();
    test_orphan_goes_on();
    test_no_zombies();
    test_sleep_goes_on();
    test_vfork_limits();
    test_vfork_killed();
    test_crowd();
    test_exec_limit();
    return tap_done();
}
