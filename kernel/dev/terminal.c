/*
 * The terminal of the program that cairn-run started.
 *
 *      host's terminal <--SHOW---  thread  <-- pty <-- program
 *                      --TYPED-->  ring --> thread --> pty
 *
 * One thread sends what the terminal has to show, as fast as the host takes it.
 * The other one types what has come, as fast as the line discipline takes it;
 * so a program that does not read makes the host wait, and no byte is lost. The
 * host sends what there is room for (ROOM), so the ring never overflows.
 *
 *      typed ring      [head, tail)   counters that only grow, modulo its size;
 *                                     the interrupt moves tail, the thread head
 *
 * The program is not the leader of the terminal's session, as one that a shell
 * starts is not: init is. So the group is not orphaned, and can be stopped.
 */
#include "dev/terminal.h"

#include <cairn/errno.h>
#include <cairn/fcntl.h>
#include <cairn/ioctl.h>
#include <cairn/stat.h>
#include <cairn/termios.h>
#include "arch/i386/cpu.h"
#include "dev/channel_private.h"
#include "dev/channel_proto.h"
#include "dev/pty.h"
#include "dev/tty.h"
#include "dev/virtio_serial.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "fs/path.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/process.h"
#include "sched/thread.h"
#include "sched/waitq.h"

#define RING_BYTES 4096u
#define CHUNK      256u

_Static_assert(CHANNEL_NKEYS == NCCS, "WELCOME has all keys of termios");

static struct {
    struct pty *pty;    /* (c) NULL: there is none */
    uint32_t streams;   /* (c) bit n: stream n of the program is it */
    struct waitq typed; /* something has come */
    struct waitq shown; /* something was sent */
    char *ring;         /* (c) RING_BYTES */
    uint32_t head;      /* (i) */
    uint32_t tail;      /* (i) */
} terminal;

/* ---- showing ---- */

static void show_for_ever(void *arg)
{
    struct tty *tty = pty_tty(terminal.pty);

    (void)arg;
    for (;;) {
        int error;
        char *buffer;
        uint32_t flags;
        size_t n;

        pty_await_output(terminal.pty);
        buffer = channel_get_buffer(false, &error);
        if (buffer == NULL) /* nothing can be sent any more */
            thread_exit();
        flags = irq_save();
        n = tty_fetch(tty, buffer + CHANNEL_HEADER,
                      PORT_TX_BYTES - CHANNEL_HEADER);
        irq_restore(flags);
        channel_put_header((unsigned char *)buffer, CHANNEL_SHOW, (uint32_t)n);
        if (n > 0)
            port_send(buffer, CHANNEL_HEADER + n);
        else
            port_put_back(buffer);
        waitq_wake(&terminal.shown);
    }
}

/*
 * All has been sent when the terminal has nothing more: from there to the port
 * the thread does not sleep.
 */
void terminal_drain(void)
{
    uint32_t flags;

    if (terminal.pty == NULL)
        return;
    flags = irq_save();
    tty_start(pty_tty(terminal.pty));
    while (tty_has_output(pty_tty(terminal.pty)) && !port_is_broken())
        waitq_wait(&terminal.shown);
    irq_restore(flags);
}

/* ---- typing ---- */

/* More than there is room for is the host's fault, and dropped. */
void terminal_take_typed(const char *s, size_t nbytes)
{
    if (terminal.pty == NULL)
        return;
    for (size_t i = 0; i < nbytes; i++) {
        if (terminal.tail - terminal.head == RING_BYTES)
            break;
        terminal.ring[terminal.tail++ % RING_BYTES] = s[i];
    }
    waitq_wake(&terminal.typed);
}

/* Sleep until something has been typed, and take some of it. */
static size_t take_typed(char *buf, size_t size)
{
    uint32_t flags = irq_save();
    size_t n = 0;

    while (terminal.head == terminal.tail)
        waitq_wait(&terminal.typed);
    while (n < size && terminal.head != terminal.tail)
        buf[n++] = terminal.ring[terminal.head++ % RING_BYTES];
    irq_restore(flags);
    return n;
}

/*
 * The host hears of room in large pieces: telling it may have to wait until it
 * has shown what is on its way, and an interrupt key must not.
 */
static void type_for_ever(void *arg)
{
    char buf[CHUNK];
    uint32_t room = RING_BYTES;

    (void)arg;
    for (;;) {
        size_t n;

        if (room >= RING_BYTES / 2) {
            if (channel_send_frame(CHANNEL_ROOM, room, 0, NULL, false) < 0)
                thread_exit();
            room = 0;
        }
        n = take_typed(buf, sizeof(buf));
        pty_type(terminal.pty, buf, n);
        room += (uint32_t)n;
    }
}

/* ---- beginning and end ---- */

static struct winsize window_of(const unsigned char *numbers)
{
    return (struct winsize){
        .ws_row = (unsigned short)channel_get32(numbers),
        .ws_col = (unsigned short)channel_get32(numbers + 4),
        .ws_xpixel = (unsigned short)channel_get32(numbers + 8),
        .ws_ypixel = (unsigned short)channel_get32(numbers + 12),
    };
}

void terminal_take_window(const unsigned char *numbers)
{
    struct winsize winsize = window_of(numbers);

    if (terminal.pty != NULL)
        tty_set_window(pty_tty(terminal.pty), &winsize);
}

static void set_up(struct tty *tty, const unsigned char *welcome)
{
    const unsigned char *modes = welcome + CHANNEL_AT_MODES;
    struct winsize winsize = window_of(welcome + CHANNEL_AT_WINDOW);
    struct termios termios = {
        .c_iflag = channel_get32(modes),
        .c_oflag = channel_get32(modes + 4),
        .c_cflag = channel_get32(modes + 8),
        .c_lflag = channel_get32(modes + 12),
    };

    memcpy(termios.c_cc, welcome + CHANNEL_AT_KEYS, CHANNEL_NKEYS);
    tty_set_attributes(tty, &termios);
    tty_set_window(tty, &winsize);
}

static int start_thread(void (*entry)(void *))
{
    struct thread *thread;
    int error = thread_create(entry, NULL, &thread);

    if (error == 0)
        thread_wake(thread);
    return error;
}

int terminal_create(const unsigned char *welcome)
{
    uint32_t streams = channel_get32(welcome + CHANNEL_AT_TERMINAL) & 7;
    struct pty *pty;
    int error;

    if (streams == 0)
        return 0;
    waitq_init(&terminal.typed);
    waitq_init(&terminal.shown);
    terminal.ring = kmalloc(RING_BYTES);
    if (terminal.ring == NULL)
        return -ENOMEM;
    error = pty_create(&pty);
    if (error < 0)
        return error;
    set_up(pty_tty(pty), welcome);
    terminal.pty = pty;
    terminal.streams = streams;
    error = start_thread(show_for_ever);
    if (error == 0)
        error = start_thread(type_for_ever);
    return error;
}

bool terminal_is_stream(int which)
{
    return terminal.streams >> which & 1;
}

/* The file without a name in the tree, for an image without /dev. */
static int open_nameless(struct file **out)
{
    struct tty *tty = pty_tty(terminal.pty);
    int error = file_open_anonymous("terminal", S_IFCHR | 0620, O_RDWR,
                                    &tty_file_ops, tty, out);

    if (error == 0) /* for who opens it again by /proc/PID/fd */
        (*out)->inode->private = tty;
    return error;
}

int terminal_open(struct file **out)
{
    struct process *p = current_process();
    struct fs_caller caller = {p->fs, &p->creds};
    char name[24];
    int error;

    if (terminal.pty == NULL)
        return -ENODEV;
    ksnprintf(name, sizeof(name), "/dev/pts/%u", pty_number(terminal.pty));
    error = path_open(&caller, NULL, name, O_RDWR | O_NOCTTY, 0, out);
    if (error < 0 && error != -ENOMEM)
        error = open_nameless(out);
    return error;
}

int terminal_begin(struct process *init, struct process *program)
{
    int error;

    if (terminal.pty == NULL)
        return 0;
    process_change_group(program, program->pid, init->sid);
    error = tty_set_session(pty_tty(terminal.pty), init);
    if (error == 0)
        tty_set_foreground(pty_tty(terminal.pty), program->pid);
    return error;
}

void terminal_tell_stop(int signo)
{
    if (terminal.pty != NULL)
        (void)channel_send_frame(CHANNEL_STOP, (uint32_t)signo, 0, NULL, false);
}

void terminal_end(struct process *init)
{
    if (terminal.pty != NULL)
        tty_end_session(init->sid);
}
