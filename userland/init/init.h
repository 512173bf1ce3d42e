/*
 * init - a shell on each console, and an orderly end of the machine
 *
 *      main.c       what it waits for: ended shells, signals, time to restart
 *      console.c    one console and its shell
 *      shutdown.c   asking all programs to end, making them, switching off
 *
 * Init is the first program. It is not pid 1: that is the kernel's own, which
 * adopts and reaps orphans, passes on to init the signals that pid 1 is sent,
 * and ends the machine when init ends. So all that init waits for are its own
 * children, the shells.
 *
 * Words of the kernel's command line reach init as its environment:
 *
 *      consoles=console,tty1   names in /dev; those that are missing are left
 *                              out. This is the default.
 *      shell=/bin/ash          what runs on them
 *      term=xterm              the terminal on the first one's line
 *
 * All other variables are passed on to the shells.
 */
#ifndef INIT_H
#define INIT_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

/* How the machine ends. */
enum ending {
    ENDING_OFF,
    ENDING_FAILED, /* off too, but with a status that says so */
    ENDING_HALT,
    ENDING_REBOOT,
};

struct console {
    char name[32];     /* in /dev */
    bool is_main;      /* the machine ends when its shell does */
    bool given_up;     /* no shell runs there any more */
    unsigned failures; /* shells that were killed young, in a row */
    pid_t shell;       /* its process, and session; 0: none */
    time_t started;    /* when the shell was started, or will be if it is 0 */
};

/* ---- main.c ---- */

/* One line on the console, beginning with "init: ". */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Tells the shells that their terminals are gone. */
void hang_up_shells(void);

/* ---- console.c ---- */

/* Seconds since the start of the machine. */
time_t now(void);

/*
 * Starts a shell in a session of its own, with the console as its terminal.
 * Where that fails, a line says why, and the console is given up.
 */
void console_start(struct console *console);

/*
 * The shell has ended; `status` is waitpid's. True if that is the end of the
 * machine: the main console's shell has ended by itself. Else a new one is to
 * be started at console->started, unless too many have failed.
 */
bool console_ended(struct console *console, int status);

/* ---- shutdown.c ---- */

/* Ends all programs and then the machine. */
_Noreturn void shut_down(enum ending ending);

#endif
