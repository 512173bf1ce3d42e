/*
 * A terminal from the inside, for the files tty*.c alone.
 *
 *      device --tty_receive--> [in: cells] --read--> program
 *                 |  echo
 *                 v
 *      device <--tty_fetch-- [out: bytes] <--write-- program
 *
 * `in` is a ring of cells: a byte and what it means. Three counters that only
 * grow say what is where (a place in the ring is a counter modulo its size):
 *
 *      in_head <= in_ready <= in_tail <= in_head + TTY_IN_CELLS
 *      [in_head, in_ready)  whole lines, or whatever raw mode has taken
 *      [in_ready, in_tail)  the line being typed, which can still be edited
 *
 * In raw mode in_ready always equals in_tail.
 *
 * Input is worked on in the interrupt that brings it. All fields marked (i)
 * are changed with interrupts off; programs sleep on the two queues.
 */
#ifndef DEV_TTY_PRIVATE_H
#define DEV_TTY_PRIVATE_H

#include <cairn/ioctl.h>
#include <cairn/termios.h>
#include "dev/tty.h"
#include "fs/file.h"
#include "lib/list.h"
#include "lib/types.h"
#include "sched/waitq.h"

#define TTY_TAB_WIDTH 8

#define TTY_IN_CELLS  4096u
#define TTY_OUT_BYTES 4096u

#define TTY_FOR_EVER 0u

/* Bits of a cell above its byte. */
#define CELL_BYTE 0x00FFu
#define CELL_END  0x0100u /* ends a line */
#define CELL_EOF  0x0200u /* ends a line and is not itself read */

/* The most bytes that one byte of output turns into (a tab). */
#define TTY_OUT_GROWTH 8u

struct tty {
    const struct tty_ops *ops; /* (c) */
    void *driver;              /* (c) */
    uint32_t refs;             /* the device's, and those of open files */
    bool hung_up;              /* (i) the device is gone */
    uint32_t epoch;            /* grows when the open files are hung up */
    struct termios termios;    /* (i) */
    struct winsize winsize;    /* (i) */
    int sid;                   /* (i) session it controls, 0: none */
    int pgid; /* (i) group in the foreground, 0: none; its number is held */
    struct waitq readers; /* input became ready, or its mode changed */
    struct waitq writers; /* output went out */

    uint16_t in[TTY_IN_CELLS]; /* (i) */
    uint32_t in_head;          /* (i) */
    uint32_t in_ready;         /* (i) */
    uint32_t in_tail;          /* (i) */
    bool literal_next;         /* (i) the last byte was VLNEXT */
    unsigned edit_column;      /* (i) where the line being typed began */

    char out[TTY_OUT_BYTES]; /* (i) */
    uint32_t out_head;       /* (i) next to fetch */
    uint32_t out_tail;       /* (i) behind the last */
    unsigned column;         /* (i) of the cursor */
    bool stopped;            /* (i) by VSTOP or TCOOFF */
};

static inline bool tty_has(const struct tty *tty, tcflag_t lflag)
{
    return (tty->termios.c_lflag & lflag) == lflag;
}

/* True if `c` is the key of function `which`; a disabled one has no key. */
static inline bool tty_is_key(const struct tty *tty, unsigned which, uint8_t c)
{
    return tty->termios.c_cc[which] == c && c != _POSIX_VDISABLE;
}

/* Bytes that a read may take now. */
static inline uint32_t tty_nready(const struct tty *tty)
{
    return tty->in_ready - tty->in_head;
}

/*
 * Whether a file of the terminal was hung up: it reads as at its end and has no
 * say in anything, and stays so, whoever has the terminal next. Anything that
 * sleeps asks again after the sleep. Files of epoch TTY_FOR_EVER stay good.
 */
static inline bool tty_file_is_dead(const struct tty *tty,
                                    const struct file *file)
{
    return tty->hung_up ||
           (file->epoch != TTY_FOR_EVER && file->epoch != tty->epoch);
}

/* Such a file's last words still come out until another session begins. */
static inline bool tty_file_may_write(const struct tty *tty,
                                      const struct file *file)
{
    return !tty->hung_up && (tty->sid == 0 || !tty_file_is_dead(tty, file));
}

/* tty_input.c: drop all input; the line being typed becomes readable. */
void tty_flush_input(struct tty *tty);
void tty_release_line(struct tty *tty);

/*
 * tty_output.c: room for output bytes; one byte through output processing or
 * as it is; false, with nothing done, if there is no room. Interrupts are off.
 */
uint32_t tty_out_room(const struct tty *tty);
bool tty_put(struct tty *tty, char c);
bool tty_put_raw(struct tty *tty, const char *s, size_t nbytes);
void tty_flush_output(struct tty *tty);
void tty_stop(struct tty *tty);

/* Sleep until all output has left the machine. 0 or -EINTR. */
int tty_drain(struct tty *tty) must_check;

/* tty.c: is it the running process's controlling terminal. */
bool tty_is_ours(const struct tty *tty);

/*
 * tty.c: a process in the background touches the terminal: 0 if it may, else
 * its group gets `signo` and -EINTR is returned; -EIO for nobody to signal.
 */
int tty_check_background(struct tty *tty, int signo) must_check;

/* tty_ioctl.c */
long tty_ioctl(struct file *file, uint32_t request, uint32_t arg);

#endif
