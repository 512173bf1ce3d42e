/*
 * fork, vfork, exec and wait: what a child inherits, how it ends, and how its
 * parent learns of it.
 *
 * test: linux
 */
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

static int status_of(pid_t pid)
{
    int status = -1;

    EQUAL(waitpid(pid, &status, 0), pid);
    return status;
}

static void test_exit_status(void)
{
    static const int codes[] = {0, 1, 42, 255, 256, -1};

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        pid_t pid = fork();
        int status;

        if (pid == 0)
            _exit(codes[i]);
        status = status_of(pid);
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == (codes[i] & 255));
    }
}

static int shared_on_purpose;

static void test_memory_is_copied(void)
{
    char *heap = malloc(10000), *map;
    pid_t pid;
    int status;

    map = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
               -1, 0);
    CHECK(map != MAP_FAILED);
    memset(heap, 'p', 10000);
    shared_on_purpose = 1;
    pid = fork();
    if (pid == 0) {
        int good = heap[0] == 'p' && heap[9999] == 'p';

        memset(heap, 'c', 10000);
        shared_on_purpose = 2;
        map[4096] = 'c';
        _exit(good ? 7 : 8);
    }
    status = status_of(pid);
    EQUAL(WEXITSTATUS(status), 7);
    CHECK(heap[0] == 'p' && heap[9999] == 'p');
    EQUAL(shared_on_purpose, 1);
    CHECK(map[4096] == 'c');
    EQUAL(munmap(map, 8192), 0);
    free(heap);
}

static void test_ids(void)
{
    pid_t me = getpid(), pid = fork();
    int status;

    if (pid == 0)
        _exit(getppid() == me && getpid() != me && getpgrp() == getpgid(me)
                  ? 0
                  : 1);
    status = status_of(pid);
    EQUAL(WEXITSTATUS(status), 0);
}

static void test_vfork(void)
{
    volatile int seen = 0;
    pid_t pid = vfork();
    int status;

    if (pid == 0) {
        seen = 5;
        _exit(9);
    }
    EQUAL(seen, 5);
    status = status_of(pid);
    EQUAL(WEXITSTATUS(status), 9);
}

static void test_wait_errors(void)
{
    pid_t pid;
    int status;

    FAILS(wait(&status), ECHILD);
    FAILS(waitpid(getpid(), &status, 0), ECHILD);
    FAILS(waitpid(-1, &status, 0x40), EINVAL);
    pid = fork();
    if (pid == 0)
        pause();
    EQUAL(waitpid(pid, &status, WNOHANG), 0);
    EQUAL(kill(pid, SIGKILL), 0);
    status = status_of(pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    FAILS(waitpid(pid, &status, 0), ECHILD);
    FAILS(kill(pid, 0), ESRCH);
}

static void test_waitid(void)
{
    pid_t pid = fork();
    siginfo_t info;

    if (pid == 0)
        _exit(33);
    memset(&info, 0, sizeof(info));
    EQUAL(waitid(P_PID, pid, &info, WEXITED | WNOWAIT), 0);
    CHECK(info.si_pid == pid && info.si_code == CLD_EXITED);
    EQUAL(info.si_status, 33);
    EQUAL(waitid(P_ALL, 0, &info, WEXITED), 0);
    EQUAL(info.si_pid, pid);
    FAILS(waitid(P_ALL, 0, &info, WEXITED), ECHILD);
    FAILS(waitid(P_ALL, 0, &info, 0), EINVAL);
    FAILS(waitid(77, 0, &info, WEXITED), EINVAL);
}

static void test_stop_and_continue(void)
{
    pid_t pid = fork();
    int status;

    if (pid == 0)
        for (;;)
            pause();
    EQUAL(kill(pid, SIGSTOP), 0);
    EQUAL(waitpid(pid, &status, WUNTRACED), pid);
    CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    EQUAL(kill(pid, SIGCONT), 0);
    EQUAL(waitpid(pid, &status, WCONTINUED), pid);
    CHECK(WIFCONTINUED(status));
    EQUAL(kill(pid, SIGSTOP), 0);
    EQUAL(waitpid(pid, &status, WUNTRACED), pid);
    EQUAL(kill(pid, SIGKILL), 0);
    EQUAL(waitpid(pid, &status, 0), pid);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* A grandchild whose parent ends belongs to somebody else at once. */
static void test_orphan(void)
{
    int ends[2], status;
    pid_t pid, adopter = 0;

    EQUAL(pipe(ends), 0);
    pid = fork();
    if (pid == 0) {
        pid_t parent = getpid();

        if (fork() == 0) {
            pid_t now;

            while ((now = getppid()) == parent)
                usleep(1000);
            (void)!write(ends[1], &now, sizeof(now));
        }
        _exit(0);
    }
    close(ends[1]);
    status = status_of(pid);
    EQUAL(WEXITSTATUS(status), 0);
    EQUAL(read(ends[0], &adopter, sizeof(adopter)), sizeof(adopter));
    CHECK(adopter != pid && adopter > 0);
    close(ends[0]);
}

/* Run this program again in another role; its status. */
static int run_self(char *const argv[], char *const envp[])
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        execve("/proc/self/exe", argv, envp);
        _exit(100);
    }
    status = status_of(pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_exec(void)
{
    char *plain[] = {"me", "role-args", "", "two words", NULL};
    char *env[] = {"KEY=value", "EMPTY=", NULL};
    char *none[] = {NULL};
    char *missing[] = {"x", NULL};
    char **volatile bad = (char **)8;
    int kept = open("/dev/null", O_RDONLY);
    int closed = open("/dev/null", O_RDONLY | O_CLOEXEC);
    char kept_text[12], closed_text[12];
    char *fds[] = {"me", "role-fds", kept_text, closed_text, NULL};

    EQUAL(run_self(plain, env), 21);
    snprintf(kept_text, sizeof(kept_text), "%d", kept);
    snprintf(closed_text, sizeof(closed_text), "%d", closed);
    EQUAL(run_self(fds, none), 22);
    close(kept);
    close(closed);
    FAILS(execve("/nowhere", missing, none), ENOENT);
    FAILS(execve("/dev/null", missing, none), EACCES);
    FAILS(execve("/dev", missing, none), EACCES);
    FAILS(execve("/dev/null/x", missing, none), ENOTDIR);
    FAILS(execve((char *)bad, missing, none), EFAULT);
    FAILS(execve("/proc/self/exe", bad, none), EFAULT);
}

static void test_exec_too_big(void)
{
    size_t n = 200 * 1024;
    char *big = malloc(n + 1);
    char *argv[] = {"me", big, NULL}, *none[] = {NULL};

    memset(big, 'x', n);
    big[n] = '\0';
    FAILS(execve("/proc/self/exe", argv, none), E2BIG);
    free(big);
}

static int role(int argc, char **argv)
{
    if (strcmp(argv[1], "role-args") == 0)
        return argc == 4 && argv[2][0] == '\0' &&
                       strcmp(argv[3], "two words") == 0 &&
                       strcmp(getenv("KEY"), "value") == 0 &&
                       getenv("EMPTY")[0] == '\0' && !getenv("HOME")
                   ? 21
                   : 1;
    if (strcmp(argv[1], "role-fds") == 0)
        return fcntl(atoi(argv[2]), F_GETFD) == 0 &&
                       fcntl(atoi(argv[3]), F_GETFD) == -1 && errno == EBADF
                   ? 22
                   : 1;
    return 2;
}

static void test_groups(void)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        if (setpgid(0, 0) != 0 || getpgrp() != getpid())
            _exit(1);
        if (setsid() != -1 || errno != EPERM)
            _exit(2);
        _exit(0);
    }
    status = status_of(pid);
    EQUAL(WEXITSTATUS(status), 0);
    pid = fork();
    if (pid == 0)
        _exit(setsid() == getpid() && getsid(0) == getpid() &&
                      getpgrp() == getpid()
                  ? 0
                  : 1);
    status = status_of(pid);
    EQUAL(WEXITSTATUS(status), 0);
    FAILS(setpgid(0, -1), EINVAL);
    FAILS(getpgid(99999999), ESRCH);
    FAILS(getsid(99999999), ESRCH);
}

static void test_many_children(void)
{
    enum { N = 50 };
    pid_t pids[N];
    int sum = 0, status;

    for (int i = 0; i < N; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit(i);
    }
    for (int i = N - 1; i >= 0; i--) {
        if (waitpid(pids[i], &status, 0) == pids[i])
            sum += WEXITSTATUS(status);
    }
    EQUAL(sum, N * (N - 1) / 2);
    FAILS(wait(&status), ECHILD);
}

static void test_ignored_children(void)
{
    pid_t pid;
    int status;

    signal(SIGCHLD, SIG_IGN);
    pid = fork();
    if (pid == 0)
        _exit(1);
    FAILS(waitpid(pid, &status, 0), ECHILD);
    signal(SIGCHLD, SIG_DFL);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return role(argc, argv);
    setvbuf(stdout, NULL, _IOLBF, 0);
    test_exit_status();
    test_memory_is_copied();
    test_ids();
    test_vfork();
    test_wait_errors();
    test_waitid();
    test_stop_and_continue();
    test_orphan();
    test_exec();
    test_exec_too_big();
    test_groups();
    test_many_children();
    test_ignored_children();
    return tap_done();
}
