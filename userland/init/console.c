/*
 * One console: starting its shell, and what to do when that has ended.
 *
 * Whether the shell could be executed is told by a pipe that exec closes:
 *
 *      init ---- fork ---- setsid, open the console, exec ----> shell
 *        read <------------------ errno, if any of that failed
 */
#define _GNU_SOURCE /* pipe2() */
#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* A shell that is killed before that many seconds have passed has failed. */
#define YOUNG 2

/* Failures in a row; each makes the wait for the next shell a second longer. */
#define MAX_FAILURES 5

time_t now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec;
}

static const char *shell_path(void)
{
    const char *path = getenv("shell");

    if (path != NULL && *path == '/')
        return path;
    return access("/bin/ash", X_OK) == 0 ? "/bin/ash" : "/bin/sh";
}

static bool is_screen(const char *console)
{
    return strncmp(console, "tty", 3) == 0 && console[3] != 'S';
}

/*
 * The type of terminal. Who started the machine knows the one on the main line;
 * a serial line may end at any, and what all of them understand is vt102. A
 * name that programs would not find here is of no use.
 */
static const char *terminal_type(const struct console *console)
{
    const char *type = getenv("term");
    char path[128];

    if (is_screen(console->name))
        return "linux";
    if (!console->is_main || type == NULL || *type == '\0' ||
        strchr(type, '/') != NULL)
        return "vt102";
    snprintf(path, sizeof(path), "/usr/share/terminfo/%c/%s", *type, type);
    return access(path, R_OK) == 0 ? type : "vt102";
}

/* Whatever the shell before has made of the terminal, this one can read. */
static void make_sane(int fd)
{
    struct termios termios;

    if (tcgetattr(fd, &termios) != 0)
        return;
    termios.c_iflag = ICRNL | IXON | IMAXBEL | IUTF8;
    termios.c_oflag = OPOST | ONLCR;
    termios.c_lflag =
        ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
    tcsetattr(fd, TCSANOW, &termios);
}

/* In the child: the console becomes its terminal and its streams. */
static int take_terminal(const char *name)
{
    char path[64];
    int fd;

    snprintf(path, sizeof(path), "/dev/%s", name);
    setsid();
    fd = open(path, O_RDWR);
    if (fd < 0)
        return -1;
    make_sane(fd);
    for (int i = 0; i < 3; i++)
        dup2(fd, i);
    if (fd > 2)
        close(fd);
    return 0;
}

static void set_environment(const struct console *console, const char *shell)
{
    setenv("TERM", terminal_type(console), 1);
    setenv("HOME", access("/root", X_OK) == 0 ? "/root" : "/", 1);
    setenv("SHELL", shell, 1);
    setenv("USER", "root", 1);
    setenv("LOGNAME", "root", 1);
    unsetenv("shell");
    unsetenv("term");
    if (chdir(getenv("HOME")) != 0)
        (void)!chdir("/");
}

/* In the child: become a login shell, by a name that begins with '-'. */
static _Noreturn void become_shell(const struct console *console, int report)
{
    const char *path = shell_path();
    const char *slash = strrchr(path, '/');
    char name[64];
    sigset_t none;
    int error;

    signal(SIGHUP, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (take_terminal(console->name) == 0) {
        snprintf(name, sizeof(name), "-%s", slash + 1);
        path = strdup(path);
        set_environment(console, path);
        execl(path, name, (char *)NULL);
    }
    error = errno;
    (void)!write(report, &error, sizeof(error));
    _exit(127);
}

/* Waits until the child has become a shell: 0, or its errno. */
static int await_exec(int report)
{
    int error;

    return read(report, &error, sizeof(error)) == sizeof(error) ? error : 0;
}

static int start(struct console *console)
{
    int report[2], error;

    if (pipe2(report, O_CLOEXEC) != 0)
        return errno;
    console->shell = fork();
    if (console->shell == 0)
        become_shell(console, report[1]);
    error = console->shell < 0 ? errno : 0;
    close(report[1]);
    if (error == 0) {
        error = await_exec(report[0]);
        if (error != 0)
            waitpid(console->shell, NULL, 0);
    }
    close(report[0]);
    if (error != 0)
        console->shell = 0;
    return error;
}

/* A shell failed: the next one waits, and there may be none. */
static void count_failure(struct console *console)
{
    console->started = now() + console->failures;
    console->failures++;
    if (console->failures == MAX_FAILURES) {
        say("/dev/%s: %u shells have failed: given up", console->name,
            MAX_FAILURES);
        console->given_up = true;
    }
}

void console_start(struct console *console)
{
    int error;

    console->started = now();
    error = start(console);
    if (error == 0)
        return;
    say("/dev/%s: %s: %s", console->name, shell_path(), strerror(error));
    /* Of memory and processes there may be more later. */
    if (error == ENOMEM || error == EAGAIN)
        count_failure(console);
    else
        console->given_up = true;
}

bool console_ended(struct console *console, int status)
{
    bool was_young = now() - console->started < YOUNG;

    console->shell = 0;
    if (WIFEXITED(status) && console->is_main)
        return true;
    if (WIFSIGNALED(status))
        say("/dev/%s: the shell was ended by signal %d", console->name,
            WTERMSIG(status));
    if (was_young) {
        count_failure(console);
    } else {
        console->failures = 0;
        console->started = now();
    }
    return false;
}
