/*
 * tools/cairn-run/main.c - run one program in a fresh Cairn
 *
 *      stdin  --+                                   +-- the program, in Cairn,
 *      stdout <-+-- cairn-run <--socket--> QEMU <---+   in QEMU
 *      stderr <-+
 *
 * The program, its arguments and its environment travel in an archive that
 * QEMU loads as the initrd (image.c); input, output and the exit status travel
 * as frames on a virtio-serial port (relay.c). Nothing is left on disk, the
 * terminal is set back, and QEMU dies with this process, however that ends.
 */
#define _GNU_SOURCE
#include "cairn-run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Seconds, for a program without terminal; with one, a person ends it. */
#define DEFAULT_TIMEOUT 60

static void vcomplain(const char *text, va_list ap)
{
    char *line;

    if (vasprintf(&line, text, ap) < 0)
        return;
    fprintf(stderr, "cairn-run: %s%s\n", line, terminal_is_raw() ? "\r" : "");
    free(line);
}

void complain(const char *text, ...)
{
    va_list ap;

    va_start(ap, text);
    vcomplain(text, ap);
    va_end(ap);
}

void die(int status, const char *text, ...)
{
    va_list ap;

    va_start(ap, text);
    vcomplain(text, ap);
    va_end(ap);
    exit(status);
}

void *must_alloc(size_t nbytes)
{
    void *p = malloc(nbytes);

    if (p == NULL)
        die(STATUS_FAILED, "out of memory");
    return p;
}

void *must_resize(void *p, size_t nbytes)
{
    p = realloc(p, nbytes);
    if (p == NULL)
        die(STATUS_FAILED, "out of memory");
    return p;
}

char *format(const char *text, ...)
{
    va_list ap;
    char *s;

    va_start(ap, text);
    if (vasprintf(&s, text, ap) < 0)
        die(STATUS_FAILED, "out of memory");
    va_end(ap);
    return s;
}

/*
 * A standard stream that is closed must not become some socket of ours. What
 * it becomes fails with EBADF, as the closed one would.
 */
static void fill_closed_streams(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (fcntl(fd, F_GETFD) < 0)
            (void)!open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY);
}

/* Ends as the signal would have ended us. */
static int die_by(int signo)
{
    struct rlimit no_core = {0, 0};
    sigset_t set;

    setrlimit(RLIMIT_CORE, &no_core);
    signal(signo, SIG_DFL);
    raise(signo);
    sigemptyset(&set);
    sigaddset(&set, signo);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    return STATUS_BY_SIGNAL + signo;
}

/* A key of the terminal ends the whole job, of which we are the terminal. */
static int die_with_job(int signo)
{
    signal(signo, SIG_IGN);
    kill(0, signo);
    return die_by(signo);
}

static void show_messages(const struct machine *machine)
{
    char *text = machine_messages(machine);

    fputs(text, stderr);
    free(text);
}

static int exit_status(int wait_status)
{
    if (WIFSIGNALED(wait_status))
        return STATUS_BY_SIGNAL + WTERMSIG(wait_status);
    return WEXITSTATUS(wait_status);
}

/* What to do about a loader that is not there, in words. */
static void advise(const struct options *options, const struct result *result)
{
    if (result->status == ENOENT && options->sysroot == NULL)
        complain("take it and the libraries along with --sysroot DIR, where "
                 "DIR holds a Linux system for i386, or link the program "
                 "with -static");
}

/* What exec's error makes a shell exit with. */
static int refused(const struct options *options, const struct result *result)
{
    if (result->reason != NULL && *result->reason != '\0') {
        complain("%s: %s: %s", options->argv[0], strerror(result->status),
                 result->reason);
        advise(options, result);
    } else {
        complain("%s: %s", options->argv[0], strerror(result->status));
    }
    return result->status == ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_RUN;
}

static int failed(const struct machine *machine, const struct result *result)
{
    fwrite(result->log, 1, result->nlog, stderr);
    show_messages(machine);
    if (result->reason != NULL)
        complain("%s", result->reason);
    complain("Cairn has failed; what it said is above");
    return STATUS_FAILED;
}

static int finish(const struct machine *machine, const struct options *options,
                  const struct result *result)
{
    switch (result->outcome) {
    case OUTCOME_EXITED:
        shell_tell_missing(result);
        if (WIFSIGNALED(result->status) && result->key != 0 &&
            WTERMSIG(result->status) == result->key)
            return die_with_job(result->key);
        if (WIFSIGNALED(result->status) &&
            (options->backtrace || isatty(STDERR_FILENO)))
            crash_show(options, result);
        return exit_status(result->status);
    case OUTCOME_REFUSED:
        return result->status == 0 ? failed(machine, result)
                                   : refused(options, result);
    case OUTCOME_TIMEOUT:
        complain("%s: no end after %g s", options->argv[0], options->timeout);
        return STATUS_TIMEOUT;
    case OUTCOME_SIGNAL:
        return die_by(result->status);
    case OUTCOME_LEFT:
        complain("%s: left by ^] ^] ^]", options->argv[0]);
        return STATUS_BY_SIGNAL + SIGHUP;
    case OUTCOME_SILENT:
    case OUTCOME_FAILED:
        break;
    }
    return failed(machine, result);
}

/* Runs the machine to its end; QEMU's sandbox is used where there is one. */
void run_machine(const struct options *options, struct machine *machine,
                 struct result *result)
{
    int image = image_make(options);

    machine_start(machine, options, image, true);
    relay_run(machine, options, result);
    machine_kill(machine);
    if (result->outcome != OUTCOME_SILENT || !machine_lacks_sandbox(machine))
        return;
    machine_start(machine, options, image, false);
    relay_run(machine, options, result);
    machine_kill(machine);
}

int main(int argc, char **argv)
{
    struct options options;
    struct machine machine;
    struct result result;
    int status;

    fill_closed_streams();
    options_read(argc, argv, &options);
    if (options.lab.sweep != NULL)
        return sweep(&options);
    if (options.lab.malloc_depth > 0)
        probes_find(&options, true);
    else if (options.lab.explains && !options.has_image)
        probes_find(&options, false);
    if (options.gdb != GDB_NONE && options.terminal == TERMINAL_AS_HERE)
        options.terminal = TERMINAL_NEVER; /* it is gdb's */
    terminal_find(options.terminal);
    if (options.timeout < 0)
        options.timeout = terminal_streams() != 0 ? 0 : DEFAULT_TIMEOUT;
    lab_begin(&options);
    run_machine(&options, &machine, &result);
    lab_end(&options);
    if (debugger_end(&status) && result.outcome != OUTCOME_EXITED)
        return exit_status(status);
    return finish(&machine, &options, &result);
}
