/*
 * Terminals: the line discipline between a device and the programs that read
 * and write it, as POSIX's chapter 11 and Linux's termios(3) have it.
 */
#ifndef DEV_TTY_H
#define DEV_TTY_H

#include "lib/types.h"

struct file;
struct file_ops;
struct process;
struct termios;
struct tty;
struct winsize;

/* What lies below a terminal. All are called with interrupts off. */
struct tty_ops {
    /*
     * There is output to fetch (tty_fetch), or room for input again. NULL: a
     * device that is only shown to.
     */
    void (*kick)(struct tty *tty);

    /* Show output at once, beside what is fetched. NULL: nothing. */
    void (*show)(struct tty *tty, const char *s, size_t nbytes);

    /* Many calls of `show` come (true), or have come. NULL where that is. */
    void (*hold)(bool begin);

    /*
     * A file of the terminal is being opened: 0 or -errno; or was closed.
     * Interrupts are on. Both may be NULL.
     */
    int (*opened)(struct tty *tty);
    void (*closed)(struct tty *tty);

    /*
     * Only threads use it, no interrupts: those need not be off.
     * A session that ends, or leaves the terminal, leaves its files good: the
     * master belongs to whoever had them.
     */
    bool is_pseudo;
};

/*
 * A terminal with sane attributes, ECHO, ICANON, ISIG and 115200 baud, of
 * `rows` by `columns`. `driver` is the device's own. One reference is the
 * caller's, each open file has another one. -ENOMEM.
 */
int tty_create(const struct tty_ops *ops, void *driver, unsigned rows,
               unsigned columns, struct tty **out) must_check;

/* Drop a reference; with the last one the terminal is gone. */
void tty_put_reference(struct tty *tty);

/*
 * The device is gone for good: its session is ended, reads come to the end,
 * writes and ioctls fail with -EIO.
 */
void tty_hang_up(struct tty *tty);

/* A session's end does not hang up this file: it is the kernel's to give. */
void tty_keep_file(struct file *file);

/* What tty_create was given, or was set since. */
void *tty_driver(const struct tty *tty);
void tty_set_driver(struct tty *tty, void *driver);

/*
 * For device nodes: file->private is the terminal on open. tty_current_ops is
 * for /dev/tty, which opens the controlling terminal; -ENXIO without one.
 */
extern const struct file_ops tty_file_ops;
extern const struct file_ops tty_current_ops;

/*
 * The device has received bytes, or a break. What finds no room is lost, and
 * rings the bell if IMAXBEL is set.
 */
void tty_receive(struct tty *tty, const char *s, size_t nbytes);
void tty_receive_break(struct tty *tty);

/*
 * Receive bytes as a block, if the terminal takes every byte as it is: how many
 * it took, and there may be room for more. Not in interrupts.
 */
size_t tty_receive_plain(struct tty *tty, const char *s, size_t nbytes);

/* How long the line is that is being typed, in bytes. */
uint32_t tty_line_length(const struct tty *tty);

/* True while a received byte will find room. */
bool tty_has_room(const struct tty *tty);

/* True if tty_fetch would give something. */
bool tty_has_output(const struct tty *tty);

/* Its attributes and its window, as if a program had set them. */
void tty_set_attributes(struct tty *tty, const struct termios *termios);
void tty_set_window(struct tty *tty, const struct winsize *winsize);

/* Let output go on that VSTOP or TCOOFF has stopped. */
void tty_start(struct tty *tty);

/* ioctl of a terminal for a file that is not one of its own. */
long tty_control(struct tty *tty, uint32_t request, uint32_t arg);

/*
 * Take up to `nbytes` bytes that wait to be sent; how many there were. 0 while
 * output is stopped. Interrupts are off.
 */
size_t tty_fetch(struct tty *tty, char *buf, size_t nbytes);

/*
 * Make `tty` the controlling terminal of the process's session if it leads
 * one that has none, with its own group in the foreground. 0 or -EPERM.
 */
int tty_set_session(struct tty *tty, struct process *leader) must_check;

/* Make a group that exists, or with 0 none, the foreground's. */
void tty_set_foreground(struct tty *tty, int pgid);

/*
 * The terminal of a session, or NULL, and the group in its foreground, or -1.
 * What devfs knows it by.
 */
const void *tty_of_session(int sid, int *pgid);

/*
 * The session's leader has ended, or leaves its terminal, which is free for
 * another session now. Every file of it that is open is hung up (vhangup(2)),
 * so that what is left of the old session has no part in the new one.
 */
void tty_end_session(int sid);

#endif
