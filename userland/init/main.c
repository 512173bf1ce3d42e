/*
 * What init waits for. All signals are blocked, and taken one by one where
 * nothing else is going on:
 *
 *      SIGCHLD            a shell has ended, or stopped
 *      SIGTERM, SIGUSR2   switch off: what poweroff sends
 *      SIGUSR1            halt
 *      SIGINT             reboot; Ctrl-Alt-Del too
 */
#include "init.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_CONSOLES 8

static struct console consoles[MAX_CONSOLES];
static size_t nconsoles;

void say(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    fputs("init: ", stderr);
    vfprintf(stderr, format, ap);
    fputc('\n', stderr);
    va_end(ap);
}

static void add_console(const char *name)
{
    char path[64];

    if (nconsoles == MAX_CONSOLES)
        return;
    snprintf(path, sizeof(path), "/dev/%s", name);
    if (access(path, R_OK | W_OK) != 0)
        return;
    snprintf(consoles[nconsoles].name, sizeof(consoles[0].name), "%s", name);
    consoles[nconsoles].is_main = nconsoles == 0;
    nconsoles++;
}

/* A machine whose only terminal is the screen has it by both names. */
static void find_consoles(void)
{
    const char *words = getenv("consoles");
    char *names = strdup(words != NULL ? words : "console,tty1");

    if (names == NULL)
        return;
    for (char *name = strtok(names, ","); name; name = strtok(NULL, ","))
        add_console(name);
    free(names);
    unsetenv("consoles");
}

/*
 * The kernel makes the console the terminal of the first program. That must
 * become the shell's: so init leaves it, and ignores the SIGHUP of doing so.
 */
static void leave_terminal(void)
{
    signal(SIGHUP, SIG_IGN);
    ioctl(STDIN_FILENO, TIOCNOTTY);
}

/* Starts the shells whose time has come; how many seconds until the next. */
static time_t start_shells(void)
{
    time_t wait = 3600;

    for (size_t i = 0; i < nconsoles; i++) {
        struct console *console = &consoles[i];

        if (console->shell == 0 && !console->given_up &&
            console->started <= now())
            console_start(console);
        if (console->shell == 0 && !console->given_up &&
            console->started - now() < wait)
            wait = console->started - now();
    }
    return wait;
}

static bool any_left(void)
{
    for (size_t i = 0; i < nconsoles; i++)
        if (!consoles[i].given_up)
            return true;
    return false;
}

void hang_up_shells(void)
{
    for (size_t i = 0; i < nconsoles; i++)
        if (consoles[i].shell > 0)
            kill(consoles[i].shell, SIGHUP);
}

/* Takes note of every shell that has ended. */
static void reap_shells(void)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < nconsoles; i++)
            if (consoles[i].shell == pid && console_ended(&consoles[i], status))
                shut_down(ENDING_OFF);
}

static void act_on(int signo)
{
    switch (signo) {
    case SIGTERM:
    case SIGUSR2:
        shut_down(ENDING_OFF);
    case SIGUSR1:
        shut_down(ENDING_HALT);
    case SIGINT:
        shut_down(ENDING_REBOOT);
    }
}

static _Noreturn void run(void)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (;;) {
        struct timespec wait = {.tv_sec = start_shells()};

        if (!any_left()) {
            say("there is no shell to go on with");
            shut_down(ENDING_FAILED);
        }
        act_on(sigtimedwait(&all, NULL, &wait));
        reap_shells();
    }
}

int main(void)
{
    if (getppid() != 1) {
        fputs("init: the kernel starts it; see poweroff and reboot\n", stderr);
        return 2;
    }
    reboot(RB_DISABLE_CAD);
    find_consoles();
    leave_terminal();
    run();
}
