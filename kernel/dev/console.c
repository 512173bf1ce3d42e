/*
 * The console. Before console_init there are only sinks of the log, polled;
 * afterwards serial line 0, screen and keyboard are one terminal:
 *
 *      serial receiver  --+                        +--> serial transmitter
 *                         +--> line discipline ----+
 *      keyboard ----------+                        +--> screen
 *
 * What a program writes is shown at once, and the serial line fetches it as
 * fast as it can; so the program runs at the speed of the line. Without a
 * serial line the screen alone sets the pace.
 *
 * Once /dev/tty1 is opened the lower half of the picture is that terminal's,
 * with a line discipline of its own, and stays so.
 */
#include "dev/console.h"

#include <cairn/errno.h>
#include <cairn/stat.h>
#include "dev/debugcon.h"
#include "dev/framebuffer.h"
#include "dev/keyboard.h"
#include "dev/pty.h"
#include "dev/serial.h"
#include "dev/tty.h"
#include "dev/screen.h"
#include "dev/vga.h"
#include "fs/devfs.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "lib/log.h"
#include "proc/process.h"

#define CONSOLE_LINE 0 /* serial line of the console */

/* Device numbers as Linux has them. */
#define MAJOR_TTY     4
#define MAJOR_CONSOLE 5
#define MINOR_SERIAL  64

static bool quiet;
static unsigned line_rows, line_columns; /* 0: as the screen */
static struct tty *console;
static struct tty *screen; /* the console too without a serial line; or NULL */
static bool screen_taken;  /* it is a terminal beside the console */

static void log_to_terminals(const char *s, size_t nbytes)
{
    if (quiet)
        return;
    serial_write_polled(CONSOLE_LINE, s, nbytes);
    screen_write_log(s, nbytes);
}

/* The four places are free this early, so that adding cannot fail. */
static void add_sink(void (*write)(const char *s, size_t nbytes))
{
    if (log_add_sink(write, LOG_DEBUG) < 0)
        quiet = false;
}

void console_early_init(void)
{
    bool terminals;

    serial_early_init();
    terminals = vga_init();
    terminals |= serial_is_present(CONSOLE_LINE);
    if (debugcon_init())
        add_sink(debugcon_write);
    if (terminals)
        add_sink(log_to_terminals);
}

bool console_has_colour(void)
{
    return serial_is_present(CONSOLE_LINE) || screen_is_present();
}

void console_set_size(unsigned rows, unsigned columns)
{
    if (rows > 0)
        line_rows = rows;
    if (columns > 0)
        line_columns = columns;
}

void console_set_quiet(bool off)
{
    quiet = off;
}

static void serial_kick_tty(struct tty *tty)
{
    unsigned *line = tty_driver(tty);

    serial_kick(*line);
}

/* The screen shows its own terminal, or until that is opened the console. */
static void show(struct tty *tty, const char *s, size_t nbytes)
{
    if ((tty == screen) == (screen_taken || screen == console))
        screen_write(s, nbytes);
}

static void hold(bool begin)
{
    if (begin)
        screen_hold();
    else
        screen_release();
}

/*
 * The screen answers a question by input of its own. That may be echoed, and so
 * come back to the screen: an answer to that is dropped, or there might be no
 * end to it. Interrupts are off.
 */
static void screen_reply(const char *s, size_t nbytes)
{
    static bool replying;

    if (replying)
        return;
    replying = true;
    tty_receive(screen, s, nbytes);
    replying = false;
}

static int screen_opened(struct tty *tty)
{
    if (!screen_taken) {
        screen_taken = true;
        keyboard_set_tty(tty);
        screen_set_reply(screen_reply);
    }
    return 0;
}

static unsigned line_numbers[SERIAL_NLINES] = {0, 1};

static const struct tty_ops serial_ops = {.kick = serial_kick_tty};
static const struct tty_ops screen_ops = {
    .show = show,
    .hold = hold,
    .opened = screen_opened,
};
static const struct tty_ops both_ops = {
    .kick = serial_kick_tty,
    .show = show,
    .hold = hold,
};

static const struct tty_ops *console_ops(void)
{
    if (!serial_is_present(CONSOLE_LINE))
        return &screen_ops;
    return screen_is_present() ? &both_ops : &serial_ops;
}

/* A device that does not start leaves the others as the console. */
static void start_devices(void)
{
    int error = keyboard_start(console);

    if (screen == console)
        screen_set_reply(screen_reply);
    if (error < 0 && error != -ENODEV)
        klog(LOG_WARNING, "console: no keyboard (error %d)", -error);
    if (serial_is_present(CONSOLE_LINE)) {
        error = serial_start(CONSOLE_LINE, console);
        if (error < 0)
            klog(LOG_WARNING, "console: no serial line (error %d)", -error);
    }
}

/* Root's, who logs users in and gives them what he has opened. */
static int register_tty(const char *name, unsigned major, unsigned minor,
                        struct tty *tty)
{
    return devfs_register(name, S_IFCHR | 0600, inode_makedev(major, minor),
                          &tty_file_ops, tty);
}

static int register_console(void)
{
    int error = register_tty("console", MAJOR_CONSOLE, 1, console);

    if (error == 0)
        error = devfs_register("tty", S_IFCHR | 0666,
                               inode_makedev(MAJOR_CONSOLE, 0),
                               &tty_current_ops, NULL);
    if (error == 0 && screen != NULL)
        error = register_tty("tty1", MAJOR_TTY, 1, screen);
    if (error == 0 && screen != NULL)
        error = register_tty("tty0", MAJOR_TTY, 0, screen);
    if (error == 0 && serial_is_present(CONSOLE_LINE))
        error = register_tty("ttyS0", MAJOR_TTY, MINOR_SERIAL, console);
    return error;
}

static int init_second_line(void)
{
    struct tty *tty;
    int error;

    if (!serial_is_present(1))
        return 0;
    error = tty_create(&serial_ops, &line_numbers[1], 0, 0, &tty);
    if (error < 0)
        return error;
    error = serial_start(1, tty);
    if (error < 0)
        return error;
    return register_tty("ttyS1", MAJOR_TTY, MINOR_SERIAL + 1, tty);
}

/* The size of the screen; a serial line is taken for one of the usual size. */
static uint16_t rows(void)
{
    return screen_is_present() ? (uint16_t)screen_rows() : VGA_ROWS;
}

static uint16_t columns(void)
{
    return screen_is_present() ? (uint16_t)screen_columns() : VGA_COLUMNS;
}

/* The terminal of screen and keyboard, if it is not the console itself. */
static int init_screen(void)
{
    if (!screen_is_present())
        return 0;
    if (serial_is_present(CONSOLE_LINE))
        return tty_create(&screen_ops, NULL, rows(), columns(), &screen);
    screen = console;
    return 0;
}

/*
 * What was logged before is shown again on a framebuffer. Without a screen and
 * a serial line the log had no terminals until now.
 */
static void start_framebuffer(const struct framebuffer_info *info,
                              const struct memmap *map)
{
    bool before = screen_is_present() || serial_is_present(CONSOLE_LINE);

    if (!framebuffer_init(info, map))
        return;
    if (before)
        log_replay(screen_write_log, LOG_DEBUG);
    else
        add_sink(log_to_terminals);
}

int console_init(const struct framebuffer_info *info, const struct memmap *map)
{
    bool on_line;
    int error;

    start_framebuffer(info, map);
    on_line = serial_is_present(CONSOLE_LINE);
    error = tty_create(console_ops(), &line_numbers[CONSOLE_LINE],
                       on_line && line_rows > 0 ? line_rows : rows(),
                       on_line && line_columns > 0 ? line_columns : columns(),
                       &console);

    if (error == 0)
        error = init_screen();
    if (error < 0)
        return error;
    start_devices();
    process_session_end = tty_end_session;
    process_terminal = tty_of_session;
    error = register_console();
    if (error == 0)
        error = pty_init();
    if (error < 0)
        return error;
    return init_second_line();
}

/* The file without a name in the tree, for an image without /dev. */
static int open_nameless(struct file **out)
{
    int error = file_open_anonymous("console", S_IFCHR | 0600, O_RDWR,
                                    &tty_file_ops, console, out);

    if (error == 0) /* for who opens it again by /proc/PID/fd */
        (*out)->inode->private = console;
    return error;
}

int console_open(struct file **out)
{
    struct process *p = current_process();
    struct fs_caller caller = {p->fs, &p->creds};
    int error =
        path_open(&caller, NULL, "/dev/console", O_RDWR | O_NOCTTY, 0, out);

    if (error < 0 && error != -ENOMEM)
        error = open_nameless(out);
    if (error == 0 && (*out)->ops == &tty_file_ops)
        tty_keep_file(*out);
    return error;
}

struct tty *console_tty(void)
{
    return console;
}

/* Newlines have become CR LF already. */
static void flush_line(unsigned line, struct tty *tty)
{
    char buf[64];
    size_t n;

    while ((n = tty_fetch(tty, buf, sizeof(buf))) > 0)
        serial_send_polled(line, buf, n);
}

void console_flush(void)
{
    if (console != NULL)
        flush_line(CONSOLE_LINE, console);
    framebuffer_hurry();
}
