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
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"




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

/* What the interpreter is called with: own arg inner arg outer last. */
static int role(int argc, char **argv)
{
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

int main(int argc, char **argv)
{
    if (argc > 1)
        return role(argc, argv);
    setvbuf(stdout, NULL, _IOLBF, 0);
    test_nested_scripts();
    test_stop_taken_back();
    return tap_done();
}
