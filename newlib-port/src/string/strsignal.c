/*
 * strsignal: a signal in words, those that Linux users know; newlib's has none
 * for several signals that stop a job. The text for a number that is no
 * signal's, or a real-time one's, lasts until the next such call.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char *const texts[] = {
    [SIGHUP] = "Hangup",
    [SIGINT] = "Interrupt",
    [SIGQUIT] = "Quit",
    [SIGILL] = "Illegal instruction",
    [SIGTRAP] = "Trace/breakpoint trap",
    [SIGABRT] = "Aborted",
    [SIGBUS] = "Bus error",
    [SIGFPE] = "Floating point exception",
    [SIGKILL] = "Killed",
    [SIGUSR1] = "User defined signal 1",
    [SIGSEGV] = "Segmentation fault",
    [SIGUSR2] = "User defined signal 2",
    [SIGPIPE] = "Broken pipe",
    [SIGALRM] = "Alarm clock",
    [SIGTERM] = "Terminated",
    [SIGSTKFLT] = "Stack fault",
    [SIGCHLD] = "Child exited",
    [SIGCONT] = "Continued",
    [SIGSTOP] = "Stopped (signal)",
    [SIGTSTP] = "Stopped",
    [SIGTTIN] = "Stopped (tty input)",
    [SIGTTOU] = "Stopped (tty output)",
    [SIGURG] = "Urgent I/O condition",
    [SIGXCPU] = "CPU time limit exceeded",
    [SIGXFSZ] = "File size limit exceeded",
    [SIGVTALRM] = "Virtual timer expired",
    [SIGPROF] = "Profiling timer expired",
    [SIGWINCH] = "Window changed",
    [SIGIO] = "I/O possible",
    [SIGPWR] = "Power failure",
    [SIGSYS] = "Bad system call",
};

char *strsignal(int signo)
{
    static char text[40];

    if (signo > 0 && signo < (int)(sizeof(texts) / sizeof(texts[0])))
        return (char *)texts[signo];
    if (signo >= SIGRTMIN && signo <= SIGRTMAX)
        snprintf(text, sizeof(text), "Real-time signal %d", signo - SIGRTMIN);
    else
        snprintf(text, sizeof(text), "Unknown signal %d", signo);
    return text;
}
