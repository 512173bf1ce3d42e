/*
 * popen, pclose: a stream to or from a shell command.
 *
 * The open ones are in a list, since the child of a later popen must not hold
 * their ends, or their commands would never see the end of their input.
 *
 * Errors: EINVAL for another mode than "r" or "w" (with "e" behind for
 * close-on-exec), those of pipe, fork and fdopen; ECHILD from pclose for a
 * stream that popen did not make.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct command {
    struct command *next;
    FILE *stream;
    pid_t pid;
};

static struct command *commands;

/* In the child: put its end of the pipe where the command looks for it. */
static void __attribute__((noreturn)) run(const char *text, int end, int target)
{
    for (struct command *c = commands; c != NULL; c = c->next)
        close(fileno(c->stream));
    if (end == target)
        fcntl(end, F_SETFD, 0);
    else if (dup2(end, target) < 0)
        _exit(127);
    execl("/bin/sh", "sh", "-c", text, (char *)NULL);
    _exit(127);
}

FILE *popen(const char *text, const char *mode)
{
    int reads = mode[0] == 'r';
    struct command *command;
    int ends[2];
    int saved;

    if ((!reads && mode[0] != 'w') ||
        (mode[1] != '\0' && strcmp(mode + 1, "e") != 0)) {
        errno = EINVAL;
        return NULL;
    }
    command = malloc(sizeof(*command));
    if (command == NULL)
        return NULL;
    if (pipe2(ends, O_CLOEXEC) < 0)
        goto err_command;
    command->stream = fdopen(ends[!reads], reads ? "r" : "w");
    if (command->stream == NULL)
        goto err_pipe;
    command->pid = fork();
    if (command->pid == 0)
        run(text, ends[reads], reads ? STDOUT_FILENO : STDIN_FILENO);
    if (command->pid < 0)
        goto err_stream;
    close(ends[reads]);
    if (mode[1] != 'e')
        fcntl(ends[!reads], F_SETFD, 0);
    command->next = commands;
    commands = command;
    return command->stream;

err_stream:
    saved = errno;
    fclose(command->stream);
    close(ends[reads]);
    free(command);
    errno = saved;
    return NULL;
err_pipe:
    saved = errno;
    close(ends[0]);
    close(ends[1]);
    errno = saved;
err_command:
    saved = errno;
    free(command);
    errno = saved;
    return NULL;
}

int pclose(FILE *stream)
{
    struct command **link = &commands;
    struct command *command;
    int status;
    pid_t pid;

    while (*link != NULL && (*link)->stream != stream)
        link = &(*link)->next;
    command = *link;
    if (command == NULL)
        return __cairn_fail(ECHILD);
    *link = command->next;
    pid = command->pid;
    fclose(stream);
    free(command);
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return -1;
    }
    return status;
}
