/*
 * Threads by clone: what they share, their numbers, how they and their process
 * end, exec with many threads, stop and continue, limits.
 *
 * test: linux
 */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "raw_threads.h"
#include "tap.h"

#define MANY 8

static const char *program;
static volatile int word, ready, stop, counts[MANY];

/* ---- what a thread is ---- */

struct seen {
    int pid, tid, parent_tid, fd;
    struct raw_thread *self;
};

static int look_around(void *arg)
{
    struct seen *s = arg;

    s->pid = RAW0(getpid);
    s->tid = RAW0(gettid);
    s->parent_tid = s->self->tid;
    s->fd = RAW2(open, "/", O_RDONLY);
    RAW1(chdir, "/tmp");
    RAW1(umask, 027);
    word = 5;
    return 0;
}

static void test_sharing(void)
{
    struct raw_thread t;
    struct seen s = {.self = &t};
    char cwd[100];
    mode_t mask = umask(022);

    CHECK(chdir("/") == 0);
    EQUAL(thread_start(&t, look_around, &s), 0);
    thread_join(&t);
    EQUAL(s.pid, getpid());
    CHECK(s.tid > 0 && s.tid != getpid());
    EQUAL(s.tid, t.tid);
    EQUAL(s.parent_tid, s.tid);
    EQUAL(word, 5);
    CHECK(s.fd >= 0 && close(s.fd) == 0);
    CHECK(getcwd(cwd, sizeof(cwd)) && strcmp(cwd, "/tmp") == 0);
    EQUAL(umask(mask), 027);
    EQUAL(RAW3(tgkill, getpid(), s.tid, 0), -ESRCH);
    EQUAL(RAW0(gettid), getpid());
    FAILS(waitpid(-1, NULL, __WALL), ECHILD);
}

static int clear_only(void *arg)
{
    (void)arg;
    return 0;
}

static void test_flags(void)
{
    static char stack[8192];
    char *top = stack + sizeof(stack);
    static const unsigned bad[] = {
        CLONE_THREAD,
        CLONE_THREAD | CLONE_VM,
        CLONE_THREAD | CLONE_SIGHAND,
        CLONE_SIGHAND,
        CLONE_THREAD | CLONE_SIGHAND | CLONE_FILES | CLONE_FS,
        CLONE_VM | CLONE_FS | CLONE_NEWNS,
    };
    struct user_desc tls = {.entry_number = 99};

    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        EQUAL(raw_clone(bad[i], top, clear_only, NULL, NULL, NULL, NULL),
              -EINVAL);
    EQUAL(raw_clone(THREAD_FLAGS | CLONE_SETTLS, top, clear_only, NULL, NULL,
                    &tls, NULL),
          -EINVAL);
    EQUAL(raw_clone(THREAD_FLAGS | CLONE_SETTLS, top, clear_only, NULL, NULL,
                    (struct user_desc *)16, NULL),
          -EFAULT);
}

/* ---- thread-local segments ---- */

static int read_gs(void *arg)
{
    int value;

    __asm__("movl %%gs:0, %0" : "=r"(value));
    *(int *)arg = value;
    return 0;
}

static int gs_number(void)
{
    uint32_t gs;

    __asm__("movl %%gs, %0" : "=r"(gs));
    return (int)(gs >> 3);
}

static void test_tls(void)
{
    struct raw_thread threads[3];
    int block[3] = {111, 222, 333}, got[3] = {0}, mine;

    read_gs(&mine);
    for (int i = 0; i < 3; i++) {
        struct user_desc d = {gs_number(), (uint32_t)&block[i], 0xFFFFF,
                              USER_DESC_SEG_32BIT | USER_DESC_LIMIT_IN_PAGES |
                                  USER_DESC_USEABLE};
        struct raw_thread *t = &threads[i];

        t->stack = mmap(NULL, THREAD_STACK, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        t->gone = 1;
        CHECK(raw_clone(THREAD_FLAGS | CLONE_SETTLS, t->stack + THREAD_STACK,
                        read_gs, &got[i], &t->tid, &d, &t->gone) > 0);
    }
    for (int i = 0; i < 3; i++)
        thread_join(&threads[i]);
    EQUAL(got[0], 111);
    EQUAL(got[1], 222);
    EQUAL(got[2], 333);
    read_gs(&got[0]);
    EQUAL(got[0], mine);
}

/* ---- ends ---- */

/* Run fn in a child: the status that wait reports. */
static int status_of(void (*fn)(void))
{
    int status = -1, pid = fork();

    if (pid == 0) {
        fn();
        _exit(99);
    }
    EQUAL(waitpid(pid, &status, 0), pid);
    return status;
}

static int wait_for_ever(void *arg)
{
    (void)arg;
    add(&ready, 1);
    for (;;)
        RAW2(rt_sigsuspend, &(uint64_t){0}, 8);
    return 0;
}

static int spin(void *arg)
{
    volatile int *count = arg;

    add(&ready, 1);
    for (;;)
        ++*count;
    return 0;
}

static int read_pipe(void *arg)
{
    static int fds[2];
    char c;

    (void)arg;
    RAW1(pipe, fds);
    add(&ready, 1);
    RAW3(read, fds[0], &c, 1);
    return 0;
}

static int wait_futex(void *arg)
{
    static int never;

    (void)arg;
    add(&ready, 1);
    futex_call(&never, FUTEX_WAIT, 0, NULL);
    return 0;
}

static struct raw_thread crowd[MANY];

/* One thread of each kind, all of them running. */
static void make_crowd(void)
{
    static int (*const kinds[])(void *) = {wait_for_ever, spin, read_pipe,
                                           wait_futex};

    ready = 0;
    for (int i = 0; i < MANY; i++)
        thread_start(&crowd[i], kinds[i % 4], (void *)&counts[i]);
    await(&ready, MANY);
}

static int end_group(void *arg)
{
    RAW1(exit_group, (long)arg);
    return 0;
}

static void crowd_exits(void)
{
    struct raw_thread t;

    make_crowd();
    thread_start(&t, end_group, (void *)7);
    for (;;)
        pause();
}

static void leader_exits_group(void)
{
    make_crowd();
    RAW1(exit_group, 8);
}

static int slow_exit(void *arg)
{
    nap(30);
    return (int)arg;
}

static void leader_leaves(void)
{
    struct raw_thread t;

    thread_start(&t, slow_exit, (void *)9);
    RAW1(exit, 3);
}

static void leader_stays(void)
{
    struct raw_thread t;

    thread_start(&t, slow_exit, (void *)9);
    thread_join(&t);
    RAW1(exit, 4);
}

static void crowd_is_killed(void)
{
    make_crowd();
    RAW2(kill, getpid(), SIGKILL);
    nap(10000);
}

static int kill_self(void *arg)
{
    RAW3(tgkill, RAW0(getpid), RAW0(gettid), arg);
    return 0;
}

static void thread_is_killed(void)
{
    struct raw_thread t;

    make_crowd();
    thread_start(&t, kill_self, (void *)SIGKILL);
    nap(10000);
}

static void thread_is_terminated(void)
{
    struct raw_thread t;

    make_crowd();
    thread_start(&t, kill_self, (void *)SIGTERM);
    nap(10000);
}

static int fault(void *arg)
{
    *(volatile int *)arg = 1;
    return 0;
}

static void thread_faults(void)
{
    struct raw_thread t;

    make_crowd();
    thread_start(&t, fault, (void *)8);
    nap(10000);
}

static volatile int nchild;

static void on_child(int signo)
{
    (void)signo;
    nchild++;
}

static void test_ends(void)
{
    int status;

    signal(SIGCHLD, on_child);
    EQUAL(status_of(crowd_exits), 7 << 8);
    EQUAL(nchild, 1);
    EQUAL(status_of(leader_exits_group), 8 << 8);
    EQUAL(status_of(leader_leaves), 9 << 8);
    EQUAL(status_of(leader_stays), 4 << 8);
    EQUAL(status_of(crowd_is_killed), SIGKILL);
    EQUAL(status_of(thread_is_killed), SIGKILL);
    EQUAL(status_of(thread_is_terminated), SIGTERM);
    status = status_of(thread_faults);
    EQUAL(status & 0x7F, SIGSEGV);
    EQUAL(nchild, 8);
    signal(SIGCHLD, SIG_DFL);
}

/* The process is there as long as one thread is. */
static void test_leader_gone(void)
{
    int fds[2], status = -1, pid;
    char c;

    CHECK(pipe(fds) == 0);
    pid = fork();
    if (pid == 0) {
        struct raw_thread t;

        close(fds[0]);
        thread_start(&t, wait_for_ever, NULL);
        await(&ready, 1);
        RAW3(write, fds[1], "x", 1);
        RAW1(exit, 6);
    }
    close(fds[1]);
    EQUAL(read(fds[0], &c, 1), 1);
    nap(20);
    EQUAL(waitpid(pid, &status, WNOHANG), 0);
    EQUAL(kill(pid, 0), 0);
    EQUAL(RAW3(tgkill, pid, pid, 0), 0);
    CHECK(getpgid(pid) == getpgrp());
    kill(pid, SIGTERM);
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, SIGTERM);
    EQUAL(read(fds[0], &c, 1), 0);
    close(fds[0]);
}

/* ---- exec ---- */

static int exec_self(void *arg)
{
    const char *argv[] = {program, "again", arg, NULL};
    const char *envp[] = {NULL};

    RAW3(execve, program, argv, envp);
    return 1;
}

static char pid_text[20];

static void exec_by_thread(void)
{
    struct raw_thread t;

    snprintf(pid_text, sizeof(pid_text), "%d", (int)getpid());
    make_crowd();
    thread_start(&t, exec_self, pid_text);
    nap(5000);
}

static void exec_by_leader(void)
{
    snprintf(pid_text, sizeof(pid_text), "%d", (int)getpid());
    make_crowd();
    exec_self(pid_text);
}

static void exec_without_leader(void)
{
    struct raw_thread t;

    snprintf(pid_text, sizeof(pid_text), "%d", (int)getpid());
    make_crowd();
    thread_start(&t, exec_self, pid_text);
    RAW1(exit, 1);
}

static void exec_by_all(void)
{
    struct raw_thread t[MANY];

    snprintf(pid_text, sizeof(pid_text), "%d", (int)getpid());
    for (int i = 0; i < MANY; i++)
        thread_start(&t[i], exec_self, pid_text);
    nap(5000);
}

static void exec_fails(void)
{
    static const char *const none[] = {NULL};

    make_crowd();
    if (RAW3(execve, "/does/not/exist", none, none) != -ENOENT)
        _exit(1);
    for (int i = 0; i < MANY; i++)
        if (RAW3(tgkill, getpid(), crowd[i].tid, 0) != 0)
            _exit(2);
    _exit(43);
}

/* The program that was executed. */
static int again(const char *pid)
{
    if (atoi(pid) != getpid() || RAW0(gettid) != getpid())
        return 1;
    return 42;
}

static void test_exec(void)
{
    EQUAL(status_of(exec_by_thread), 42 << 8);
    EQUAL(status_of(exec_by_leader), 42 << 8);
    if (is_cairn()) /* some other kernels wait for the leader for ever */
        EQUAL(status_of(exec_without_leader), 42 << 8);
    EQUAL(status_of(exec_by_all), 42 << 8);
    EQUAL(status_of(exec_fails), 43 << 8);
}

/* ---- stop and continue ---- */

static int count_slowly(void *arg)
{
    volatile int *count = arg;

    for (;;) {
        ++*count;
        RAW0(sched_yield);
    }
    return 0;
}

static void test_stop(void)
{
    volatile int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int status, pid = fork(), before[4], same = 1, more = 1;

    if (pid == 0) {
        struct raw_thread t[4];

        for (int i = 0; i < 4; i++)
            thread_start(&t[i], count_slowly, (void *)&shared[i]);
        for (;;)
            pause();
    }
    for (int i = 0; i < 4; i++)
        CHECK(await(&shared[i], 1));
    kill(pid, SIGSTOP);
    EQUAL(waitpid(pid, &status, WUNTRACED), pid);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    EQUAL(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
    for (int i = 0; i < 4; i++)
        before[i] = shared[i];
    nap(30);
    for (int i = 0; i < 4; i++)
        same &= before[i] == shared[i];
    CHECK(same);
    kill(pid, SIGCONT);
    EQUAL(waitpid(pid, &status, WCONTINUED), pid);
    CHECK(WIFCONTINUED(status));
    for (int i = 0; i < 4; i++)
        more &= await(&shared[i], before[i] + 1);
    CHECK(more);
    kill(pid, SIGSTOP);
    EQUAL(waitpid(pid, &status, WUNTRACED), pid);
    kill(pid, SIGKILL);
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, SIGKILL);
    munmap((void *)shared, 4096);
}

/* ---- fork and vfork by threads ---- */

static int fork_child(void *arg)
{
    int status = 0, pid = RAW0(fork);

    if (pid == 0) {
        /* The only thread of its process. */
        RAW1(exit, RAW0(gettid) == RAW0(getpid) ? 11 : 1);
    }
    RAW4(wait4, pid, &status, 0, 0);
    *(int *)arg = status;
    return 0;
}

static int vfork_child(void *arg)
{
    static const char *const argv[] = {"true", "again", "0", NULL};
    static const char *const envp[] = {NULL};
    int status = 0, pid = RAW0(vfork);

    if (pid == 0) {
        RAW3(execve, program, argv, envp);
        RAW1(exit, 77);
    }
    RAW4(wait4, pid, &status, 0, 0);
    *(int *)arg = status;
    return 0;
}

static void test_forks(void)
{
    struct raw_thread t[MANY];
    int status[MANY] = {0};

    for (int i = 0; i < MANY; i++)
        thread_start(&t[i], i % 2 ? fork_child : vfork_child, &status[i]);
    for (int i = 0; i < MANY; i++)
        thread_join(&t[i]);
    for (int i = 0; i < MANY; i++)
        EQUAL(status[i], i % 2 ? 11 << 8 : 1 << 8);
}

/* ---- processes that share ---- */

static int share(void *arg)
{
    (void)arg;
    word = RAW0(getpid);
    RAW1(close, ready);
    RAW1(chdir, "/");
    return 21;
}

static void test_sharing_processes(void)
{
    static char stack[16384];
    unsigned flags = CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD;
    int status = 0;
    char cwd[100];
    long pid;

    CHECK(chdir("/tmp") == 0);
    ready = open("/", O_RDONLY);
    pid =
        raw_clone(flags, stack + sizeof(stack), share, NULL, NULL, NULL, NULL);
    CHECK(pid > 0);
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, 21 << 8);
    EQUAL(word, pid);
    FAILS(close(ready), EBADF);
    CHECK(getcwd(cwd, sizeof(cwd)) && strcmp(cwd, "/") == 0);
}

/* ---- clone3 ---- */

static void test_clone3(void)
{
    struct __cairn_clone_args args[2] = {{.exit_signal = SIGCHLD}};
    int status = 0;
    long pid;

    EQUAL(RAW2(clone3, args, 8), -EINVAL);
    EQUAL(RAW2(clone3, args, 5000), -E2BIG);
    EQUAL(RAW2(clone3, 16, sizeof(args[0])), -EFAULT);
    args[1].stack = 1;
    EQUAL(RAW2(clone3, args, sizeof(args)), -E2BIG);
    args[1].stack = 0;
    args[0].set_tid = 1; /* a list of no pids */
    EQUAL(RAW2(clone3, args, sizeof(args)), -EINVAL);
    args[0].set_tid = 0;
    args[0].exit_signal = 65;
    EQUAL(RAW2(clone3, args, sizeof(args[0])), -EINVAL);
    args[0].exit_signal = SIGCHLD;
    args[0].stack = 4096;
    EQUAL(RAW2(clone3, args, sizeof(args[0])), -EINVAL);
    args[0].stack = 0;
    args[0].flags = CLONE_THREAD;
    EQUAL(RAW2(clone3, args, sizeof(args[0])), -EINVAL);
    args[0].flags = 0;
    pid = RAW2(clone3, args, sizeof(args));
    if (pid == 0)
        _exit(12);
    CHECK(pid > 0);
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, 12 << 8);
}

/* ---- limits ---- */

static int limited(void)
{
    struct rlimit limit = {6, 6};
    struct raw_thread t[10];
    int n = 0;
    long error = 0;

    if (setrlimit(RLIMIT_NPROC, &limit) != 0 || setuid(54321) != 0)
        return 1;
    while (n < 10 && (error = thread_start(&t[n], wait_for_ever, NULL)) == 0)
        n++;
    return n == 5 && error == -EAGAIN ? 0 : 100 + n;
}

static void test_limit(void)
{
    int status = 0, pid;

    if (geteuid() != 0) {
        tap_skip("limit", "not root");
        return;
    }
    pid = fork();
    if (pid == 0)
        RAW1(exit_group, limited());
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, 0);
}

/* ---- the rest ---- */

static int sleep_until_stopped(void *arg)
{
    (void)arg;
    while (!stop)
        nap(1);
    return 0;
}

static void test_small_calls(void)
{
    struct raw_thread t;
    uint32_t cpu_number = 99, node = 99, mask[32] = {0};
    struct rusage usage;
    long n;

    EQUAL(thread_start(&t, sleep_until_stopped, NULL), 0);
    EQUAL(RAW3(getcpu, &cpu_number, &node, 0), 0);
    CHECK(cpu_number < 4096 && node < 64);
    EQUAL(RAW3(getcpu, 0, 0, 0), 0);
    CHECK(RAW3(membarrier, 0, 0, 0) > 0);
    EQUAL(RAW3(membarrier, 1, 0, 0), 0);
    EQUAL(RAW3(membarrier, 3, 0, 0), -EINVAL);
    EQUAL(RAW3(membarrier, 0, 77, 0), -EINVAL);
    n = RAW3(sched_getaffinity, t.tid, sizeof(mask), mask);
    CHECK(n > 0);
    EQUAL(RAW3(sched_setaffinity, t.tid, sizeof(mask), mask), 0);
    EQUAL(RAW1(sched_getscheduler, t.tid), 0);
    EQUAL(RAW2(setpriority, 9, t.tid), -EINVAL);
    EQUAL(getrusage(RUSAGE_THREAD, &usage), 0);
    EQUAL(RAW3(sched_getaffinity, 4000000, sizeof(mask), mask), -ESRCH);
    stop = 1;
    thread_join(&t);
}

/* ---- /proc/PID/task ---- */

static int count_entries(const char *path)
{
    DIR *dir = opendir(path);
    int n = 0;

    while (dir != NULL && readdir(dir) != NULL)
        n++;
    if (dir != NULL)
        closedir(dir);
    return n;
}

static void test_proc(void)
{
    struct raw_thread t[3];
    char path[64], text[512] = "", tail[32];
    int fd, before = count_entries("/proc/self/task");

    stop = 0;
    for (int i = 0; i < 3; i++)
        thread_start(&t[i], sleep_until_stopped, NULL);
    EQUAL(before, 3);
    EQUAL(count_entries("/proc/self/task"), 6);
    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", t[1].tid);
    fd = open(path, O_RDONLY);
    CHECK(read(fd, text, sizeof(text) - 1) > 10);
    EQUAL(atoi(text), t[1].tid);
    snprintf(path, sizeof(path), "/proc/self/task/%d/status", t[2].tid);
    close(fd);
    fd = open(path, O_RDONLY);
    CHECK(read(fd, text, sizeof(text) - 1) > 10);
    snprintf(tail, sizeof(tail), "\nTgid:\t%d\n", (int)getpid());
    CHECK(strstr(text, tail) != NULL);
    stop = 1;
    for (int i = 0; i < 3; i++)
        thread_join(&t[i]);
    lseek(fd, 0, SEEK_SET);
    FAILS(read(fd, text, sizeof(text)), ESRCH);
    close(fd);
    FAILS(open(path, O_RDONLY), ENOENT);
    EQUAL(count_entries("/proc/self/task"), 3);
}

/* Many threads come and go. */
static void test_many(void)
{
    struct raw_thread t[50];
    int good = 1;

    stop = 1;
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 50; i++)
            good &= thread_start(&t[i], sleep_until_stopped, NULL) == 0;
        for (int i = 0; i < 50; i++)
            thread_join(&t[i]);
    }
    CHECK(good);
}

int main(int argc, char **argv)
{
    program = "/proc/self/exe";
    if (argc > 2 && strcmp(argv[1], "again") == 0)
        return again(argv[2]);
    setvbuf(stdout, NULL, _IONBF, 0);
    test_sharing();
    test_flags();
    test_tls();
    test_ends();
    test_leader_gone();
    test_exec();
    test_stop();
    test_forks();
    test_sharing_processes();
    test_clone3();
    test_limit();
    test_small_calls();
    test_proc();
    test_many();
    return tap_done();
}
