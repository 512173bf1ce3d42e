/*
 * system: run a shell command.
 *
 * While it runs, this process ignores the keys that interrupt, and a SIGCHLD
 * handler does not steal the status.  With a null pointer: whether there is a
 * shell.  Errors: those of fork (ENOSYS where it is missing) and waitpid.
 */
#include "../call.h"
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SHELL "/bin/sh"

struct saved {
    struct sigaction interrupt;
    struct sigaction quit;
    sigset_t mask;
};

static void quiet_signals(struct saved *saved)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigset_t block;

    sigemptyset(&block);
    sigaddset(&block, SIGCHLD);
    sigaction(SIGINT, &ignore, &saved->interrupt);
    sigaction(SIGQUIT, &ignore, &saved->quit);
    sigprocmask(SIG_BLOCK, &block, &saved->mask);
}

static void restore_signals(const struct saved *saved)
{
    sigaction(SIGINT, &saved->interrupt, NULL);
    sigaction(SIGQUIT, &saved->quit, NULL);
    sigprocmask(SIG_SETMASK, &saved->mask, NULL);
}

static int wait_for(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return status;
}

static int run(const char *command)
{
    struct saved saved;
    pid_t pid;
    int status;

    quiet_signals(&saved);
    pid = fork();
    if (pid == 0) {
        restore_signals(&saved);
        execl(SHELL, "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    status = pid < 0 ? -1 : wait_for(pid);
    restore_signals(&saved);
    return status;
}

int _system_r(struct _reent *reent, const char *command)
{
    (void)reent;
    if (command == NULL)
        return access(SHELL, X_OK) == 0;
    return run(command);
}

int system(const char *command)
{
    return _system_r(_REENT, command);
}
