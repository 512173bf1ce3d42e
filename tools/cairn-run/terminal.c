/*
 * tools/cairn-run/terminal.c - the terminal that the program's one is shown on
 *
 * The program's terminal is in Cairn, with a line discipline of its own. Ours
 * is a wire meanwhile: raw, every key goes to Cairn. It is set back whenever
 * this process stops or ends, also by a signal, and is left alone while this
 * process is in the background.
 *
 * It is opened once more, so that O_NONBLOCK is ours alone: the standard
 * streams are shared with others.
 */
#define _GNU_SOURCE
#include "cairn-run.h"

#include "dev/channel_proto.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define ROWS    24 /* of a terminal that does not say */
#define COLUMNS 80

static struct {
    unsigned streams; /* bit n: stream n of the program is the terminal */
    int input, output;
    bool is_real;              /* the host has one, too */
    volatile sig_atomic_t raw; /* it is set to raw by us */
    struct termios before;     /* and was so */
    struct termios described;  /* what Cairn was told */
} terminal = {.input = -1, .output = -1};

/* ---- finding it ---- */

static int find_stream(void)
{
    for (int fd = 0; fd < 3; fd++)
        if (isatty(fd))
            return fd;
    return -1;
}

/* A stream that is shared may be read only; then another one is written to. */
static int writable_stream(int otherwise)
{
    for (int fd = 0; fd < 3; fd++)
        if (isatty(fd) && (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY)
            return fd;
    return otherwise;
}

static void open_again(int stream)
{
    char path[32];
    int fd;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", stream);
    fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    terminal.input = fd >= 0 ? fd : stream;
    terminal.output = fd >= 0 ? fd : writable_stream(stream);
}

static unsigned wanted_streams(enum terminal_option option)
{
    unsigned streams = 0;

    if (option == TERMINAL_NEVER)
        return 0;
    if (option == TERMINAL_ALWAYS)
        return 7;
    if (!isatty(0) && !isatty(1))
        return 0;
    for (int fd = 0; fd < 3; fd++)
        streams |= (unsigned)isatty(fd) << fd;
    return streams;
}

void terminal_find(enum terminal_option option)
{
    int stream = find_stream();

    terminal.streams = wanted_streams(option);
    if (terminal.streams == 0)
        return;
    terminal.is_real = stream >= 0;
    if (terminal.is_real) {
        open_again(stream);
    } else {
        terminal.input = 0;
        terminal.output = 1;
    }
}

unsigned terminal_streams(void)
{
    return terminal.streams;
}

int terminal_input(void)
{
    return terminal.input;
}

int terminal_output(void)
{
    return terminal.output;
}

bool terminal_is_real(void)
{
    return terminal.is_real;
}

/* ---- its modes ---- */

/* Where there is no job control, nobody else wants it. */
static bool is_foreground(void)
{
    pid_t group = tcgetpgrp(terminal.input);

    return group < 0 || group == getpgrp();
}

/* Also called in handlers of signals. */
void terminal_restore(void)
{
    int error = errno;

    if (terminal.raw) {
        terminal.raw = false;
        if (is_foreground())
            tcsetattr(terminal.input, TCSANOW, &terminal.before);
    }
    errno = error;
}

bool terminal_take(void)
{
    struct termios raw;

    if (!terminal.is_real || terminal.raw)
        return true;
    if (!is_foreground() || tcgetattr(terminal.input, &terminal.before) != 0)
        return false;
    raw = terminal.before;
    cfmakeraw(&raw);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    terminal.raw = true;
    tcsetattr(terminal.input, TCSANOW, &raw);
    return true;
}

bool terminal_is_raw(void)
{
    return terminal.raw;
}

/* A signal that ends this process finds the terminal as it was. */
static void end_by(int signo)
{
    terminal_restore();
    signal(signo, SIG_DFL);
    raise(signo);
}

void terminal_guard(void)
{
    static const int deadly[] = {
        SIGILL,  SIGTRAP, SIGABRT, SIGBUS,    SIGFPE,    SIGSEGV,
        SIGSYS,  SIGUSR1, SIGUSR2, SIGALRM,   SIGPOLL,   SIGPROF,
        SIGXCPU, SIGXFSZ, SIGPWR,  SIGSTKFLT, SIGVTALRM,
    };
    struct sigaction action = {.sa_handler = end_by,
                               .sa_flags = (int)SA_RESETHAND};

    if (!terminal.is_real)
        return;
    atexit(terminal_restore);
    for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
        struct sigaction before;

        sigaction(deadly[i], NULL, &before);
        if (before.sa_handler == SIG_DFL)
            sigaction(deadly[i], &action, NULL);
    }
}

/* Stop by the default action of a signal that is blocked and caught. */
static void stop_by(int signo)
{
    struct sigaction action = {.sa_handler = SIG_DFL}, before;
    sigset_t set, old;

    sigemptyset(&set);
    sigaddset(&set, signo);
    sigaction(signo, &action, &before);
    kill(0, signo);
    sigprocmask(SIG_UNBLOCK, &set, &old); /* it stops here */
    sigprocmask(SIG_SETMASK, &old, NULL);
    sigaction(signo, &before, NULL);
}

void terminal_stop(int signo)
{
    static const struct timespec at_once = {0, 0};
    sigset_t set;

    terminal_restore();
    if (signo == SIGTSTP)
        stop_by(SIGTSTP); /* the key stops the whole job */
    else
        raise(SIGSTOP);
    sigemptyset(&set);
    sigaddset(&set, SIGCONT);
    (void)sigtimedwait(&set, NULL, &at_once);
}

/* ---- telling Cairn ---- */

void terminal_put_window(unsigned char *p)
{
    struct winsize size = {.ws_row = ROWS, .ws_col = COLUMNS};

    if (terminal.is_real)
        ioctl(terminal.input, TIOCGWINSZ, &size);
    channel_put32(p, size.ws_row);
    channel_put32(p + 4, size.ws_col);
    channel_put32(p + 8, size.ws_xpixel);
    channel_put32(p + 12, size.ws_ypixel);
}

static const struct termios sane = {
    .c_iflag = ICRNL | IXON | IMAXBEL | IUTF8,
    .c_oflag = OPOST | ONLCR,
    .c_cflag = B38400 | CS8 | CREAD | HUPCL,
    .c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE | IEXTEN,
    .c_cc = {[VINTR] = 'C' & 0x1F,
             [VQUIT] = '\\' & 0x1F,
             [VERASE] = 0x7F,
             [VKILL] = 'U' & 0x1F,
             [VEOF] = 'D' & 0x1F,
             [VMIN] = 1,
             [VSTART] = 'Q' & 0x1F,
             [VSTOP] = 'S' & 0x1F,
             [VSUSP] = 'Z' & 0x1F,
             [VREPRINT] = 'R' & 0x1F,
             [VDISCARD] = 'O' & 0x1F,
             [VWERASE] = 'W' & 0x1F,
             [VLNEXT] = 'V' & 0x1F},
};

void terminal_put_welcome(unsigned char *welcome)
{
    struct termios *modes = &terminal.described;
    unsigned char *p = welcome + CHANNEL_AT_MODES;

    channel_put32(welcome + CHANNEL_AT_TERMINAL, terminal.streams);
    terminal_put_window(welcome + CHANNEL_AT_WINDOW);
    if (terminal.raw)
        *modes = terminal.before;
    else if (!terminal.is_real || tcgetattr(terminal.input, modes) != 0)
        *modes = sane;
    channel_put32(p, modes->c_iflag);
    channel_put32(p + 4, modes->c_oflag);
    channel_put32(p + 8, modes->c_cflag);
    channel_put32(p + 12, modes->c_lflag);
    memcpy(welcome + CHANNEL_AT_KEYS, modes->c_cc, CHANNEL_NKEYS);
}

int terminal_signal_key(unsigned char c)
{
    if (c == terminal.described.c_cc[VINTR])
        return SIGINT;
    return c == terminal.described.c_cc[VQUIT] ? SIGQUIT : 0;
}
