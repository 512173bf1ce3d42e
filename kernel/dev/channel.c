/*
 * The channel to cairn-run, see channel_proto.h for what is said on it.
 *
 * Output: a write fills one of the port's buffers with a frame and sends it;
 * when all are under way the writer sleeps. The host takes frames one after
 * the other and stops taking them while its own stdout is full, so that a
 * program is never faster than its reader.
 *
 * Input: frames are taken apart in the interrupt that brings them. What was
 * asked for always finds room in the ring, so the receiver never has to stop
 * and CLOSED is heard even when no program reads.
 *
 *      input ring   [in_head, in_tail)  counters that only grow, modulo its
 *                                       size; the interrupt moves in_tail,
 *                                       readers move in_head
 */
#include "dev/channel.h"

#include <cairn/errno.h>
#include <cairn/ioctl.h>
#include <cairn/stat.h>
#include "arch/i386/cpu.h"
#include "dev/channel_private.h"
#include "dev/channel_proto.h"
#include "dev/terminal.h"
#include "dev/virtio_serial.h"
#include "fs/file.h"
#include "fs/inode.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/signal.h"
#include "sched/thread.h"
#include "sched/waitq.h"

#define IN_BYTES 65536u

/* The longest payload of a frame that is neither DATA nor TYPED. */
#define SMALL_BYTES 64

_Static_assert(SMALL_BYTES >= CHANNEL_WELCOME_LEN, "the greeting fits");

/* How long the host may take to answer the greeting. */
#define WELCOME_NS 5000000000ull

/* The first program is pid 2 and leads its own process group. */
#define PROGRAM_GROUP 2

enum stream { STDIN, STDOUT, STDERR, NSTREAMS };

static struct {
    bool open;            /* (c) after channel_init */
    struct waitq readers; /* input, its end or an error has come */
    struct waitq writers; /* a buffer is free, or a stream was closed */

    char *in;           /* (c) IN_BYTES */
    uint32_t in_head;   /* (i) */
    uint32_t in_tail;   /* (i) */
    bool asked;         /* (i) a WANT for bytes has no answer yet */
    bool asked_ready;   /* (i) a WANT for READY has no answer yet */
    bool queried_ready; /* (i) QUERY for READY: no answer yet */
    bool at_end;        /* (i) the host has told the end, nobody read it */
    uint32_t ready;     /* (i) POLL* of a read that would not block */
    uint32_t in_error;  /* (i) errno that the next read returns */
    uint32_t closed[NSTREAMS]; /* (i) errno that writes return, 0: open */

    bool welcome; /* (i) the host has answered HELLO ... */
    unsigned char greeting[SMALL_BYTES]; /* (i) ... with this */
    bool careful[NSTREAMS];      /* (i) writes wait for the host's result */
    bool writing[NSTREAMS];      /* a careful write is under way */
    bool written[NSTREAMS];      /* (i) its result has come: the next two */
    uint32_t error[NSTREAMS];    /* (i) */
    uint32_t nwritten[NSTREAMS]; /* (i) */
    uint32_t owed[NSTREAMS];     /* (i) results to come for killed writers */

    /* The frame that is being received. */
    unsigned char header[CHANNEL_HEADER]; /* (i) */
    unsigned char small[SMALL_BYTES];     /* (i) */
    uint32_t got;                         /* (i) bytes of it so far */
} channel;

/* ---- sending ---- */

char *channel_get_buffer(bool interruptible, int *error)
{
    uint32_t flags = irq_save();
    char *buffer;

    *error = 0;
    while ((buffer = port_get_buffer()) == NULL && *error == 0) {
        if (port_is_broken())
            *error = -EIO;
        else if (interruptible)
            *error = waitq_sleep(&channel.writers, true, WAITQ_FOREVER);
        else
            *error = waitq_wait_killable(&channel.writers);
    }
    irq_restore(flags);
    return buffer;
}

int channel_send_frame(char type, uint32_t first, uint32_t second,
                       const char *text, bool interruptible)
{
    size_t nbytes = text != NULL ? strlen(text) : 0;
    size_t nnumbers = text != NULL ? 4 : 8;
    unsigned char *p;
    char *buffer;
    int error;

    buffer = channel_get_buffer(interruptible, &error);
    if (buffer == NULL)
        return error;
    if (nbytes > PORT_TX_BYTES / 2)
        nbytes = PORT_TX_BYTES / 2;
    p = (unsigned char *)buffer;
    channel_put_header(p, type, (uint32_t)(nnumbers + nbytes));
    channel_put32(p + CHANNEL_HEADER, first);
    channel_put32(p + CHANNEL_HEADER + 4, second);
    if (text != NULL)
        memcpy(p + CHANNEL_HEADER + 4, text, nbytes);
    port_send(buffer, CHANNEL_HEADER + nnumbers + nbytes);
    return 0;
}

/* Sleeps until the host has taken everything. */
static void drain(void)
{
    uint32_t flags = irq_save();

    while (!port_is_idle() && !port_is_broken())
        waitq_wait(&channel.writers);
    irq_restore(flags);
}

/* ---- receiving, in interrupts ---- */

static void port_sent(void)
{
    waitq_wake(&channel.writers);
}

static uint32_t in_count(void)
{
    return channel.in_tail - channel.in_head;
}

/* Bytes beyond what was asked for have no room, and are the host's fault. */
static void take_input(const char *s, uint32_t nbytes)
{
    for (uint32_t i = 0; i < nbytes && in_count() < IN_BYTES;) {
        uint32_t at = channel.in_tail % IN_BYTES;
        uint32_t n = nbytes - i;

        if (n > IN_BYTES - at)
            n = IN_BYTES - at;
        if (n > IN_BYTES - in_count())
            n = IN_BYTES - in_count();
        memcpy(channel.in + at, s + i, n);
        channel.in_tail += n;
        i += n;
    }
}

static void close_stream(uint32_t stream, uint32_t error)
{
    if (stream != STDOUT && stream != STDERR)
        return;
    channel.closed[stream] = error > 0 && error < 4096 ? error : EPIPE;
    waitq_wake(&channel.writers);
}

static void take_welcome(void)
{
    uint32_t care = channel_get32(channel.small + CHANNEL_AT_CARE);

    if (channel.welcome)
        return;
    memcpy(channel.greeting, channel.small, sizeof(channel.greeting));
    channel.careful[STDOUT] = care & 1u << STDOUT;
    channel.careful[STDERR] = care & 1u << STDERR;
    channel.welcome = true;
}

static void take_result(uint32_t stream, uint32_t error, uint32_t nbytes)
{
    if (stream != STDOUT && stream != STDERR)
        return;
    if (channel.owed[stream] > 0) {
        channel.owed[stream]--;
        return;
    }
    channel.error[stream] = error < 4096 ? error : EIO;
    channel.nwritten[stream] = nbytes;
    channel.written[stream] = true;
    waitq_wake(&channel.writers);
}

/* A whole frame has come; the bytes of DATA are in the ring already. */
static void take_frame(char type, uint32_t nbytes)
{
    uint32_t first = channel_get32(channel.small);
    uint32_t second = channel_get32(channel.small + 4);

    switch (type) {
    case CHANNEL_WELCOME:
        take_welcome();
        break;
    case CHANNEL_DATA:
        channel.asked = false;
        channel.at_end = nbytes == 0;
        break;
    case CHANNEL_INERR:
        channel.asked = false;
        channel.in_error = first > 0 && first < 4096 ? first : EIO;
        break;
    case CHANNEL_READY:
        channel.asked_ready = channel.queried_ready = false;
        channel.ready = first;
        break;
    case CHANNEL_NOTHING:
        channel.asked = channel.queried_ready = false;
        break;
    case CHANNEL_CLOSED:
        close_stream(first, second);
        return;
    case CHANNEL_WRITTEN:
        take_result(first, second, channel_get32(channel.small + 8));
        return;
    case CHANNEL_SIGNAL:
        (void)signal_send_group(PROGRAM_GROUP, (int)first);
        return;
    case CHANNEL_WINDOW:
        terminal_take_window(channel.small);
        return;
    default:
        return;
    }
    waitq_wake(&channel.readers);
}

/* Put header or payload bytes away; how many of them belong to this frame. */
static uint32_t take_part(const char *s, uint32_t nbytes)
{
    uint32_t length = channel_get32(channel.header);
    uint32_t at = channel.got - CHANNEL_HEADER;
    uint32_t n;

    if (channel.got < CHANNEL_HEADER) {
        channel.header[channel.got] = (unsigned char)*s;
        return 1;
    }
    n = nbytes < length - at ? nbytes : length - at;
    if (channel.header[4] == CHANNEL_DATA)
        take_input(s, n);
    else if (channel.header[4] == CHANNEL_TYPED)
        terminal_take_typed(s, n);
    else
        for (uint32_t i = 0; i < n && at + i < SMALL_BYTES; i++)
            channel.small[at + i] = (unsigned char)s[i];
    return n;
}

static void port_receive(const char *s, size_t nbytes)
{
    while (nbytes > 0) {
        uint32_t n = take_part(s, (uint32_t)nbytes);

        s += n;
        nbytes -= n;
        channel.got += n;
        if (channel.got >= CHANNEL_HEADER &&
            channel.got - CHANNEL_HEADER == channel_get32(channel.header)) {
            take_frame((char)channel.header[4], channel_get32(channel.header));
            channel.got = 0;
            memset(channel.small, 0, sizeof(channel.small));
        }
    }
}

/* ---- stdin ---- */

/* Move what has come to the reader. */
static size_t take_to_user(struct uio *uio)
{
    size_t done = 0;

    while (uio->resid > 0 && in_count() > 0 && !uio->fault) {
        uint32_t at = channel.in_head % IN_BYTES;
        uint32_t n = in_count();

        if (n > IN_BYTES - at)
            n = IN_BYTES - at;
        n = (uint32_t)uio_copy_out(uio, channel.in + at, n);
        channel.in_head += n;
        done += n;
    }
    return done;
}

/*
 * Ask the host for up to `nbytes` bytes, by WANT or QUERY, unless that was
 * done already.
 */
static int ask(char how, size_t nbytes)
{
    uint32_t room = IN_BYTES - in_count();
    uint32_t n = nbytes < room ? (uint32_t)nbytes : room;
    int error;

    if (channel.asked)
        return 0;
    channel.asked = true;
    error = channel_send_frame(how, n, room, NULL, true);
    if (error < 0)
        channel.asked = false;
    return error;
}

static bool input_has_come(void)
{
    return in_count() > 0 || channel.at_end || channel.in_error != 0;
}

/*
 * Sleeps until something has come, or there is no question left to be
 * answered: the answer may have gone to another reader, or be NOTHING.
 */
static int wait_for_input(void)
{
    uint32_t flags = irq_save();
    int error = 0;

    while (error == 0 && !input_has_come() && channel.asked)
        error = waitq_sleep(&channel.readers, true, WAITQ_FOREVER);
    irq_restore(flags);
    return error;
}

/* Get something into the ring for a read of `nbytes` bytes. 0 or -errno. */
static int get_input(size_t nbytes, bool nonblock)
{
    int error = 0;

    if (nonblock && channel.asked) /* another reader is waiting */
        return -EAGAIN;
    while (error == 0 && !input_has_come()) {
        error = ask(nonblock ? CHANNEL_QUERY : CHANNEL_WANT, nbytes);
        if (error == 0)
            error = wait_for_input();
        if (error == 0 && nonblock && !input_has_come())
            error = -EAGAIN;
    }
    return error;
}

static ssize_t channel_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    bool nonblock = (file->flags & O_NONBLOCK) || uio->nonblock;
    int error;

    (void)pos;
    if (uio->resid == 0)
        return 0;
    if (!input_has_come()) {
        error = get_input(uio->resid, nonblock);
        if (error < 0)
            return error;
    }
    channel.ready = 0;
    if (in_count() > 0)
        return uio_result(uio, take_to_user(uio), 0);
    if (channel.in_error != 0) {
        error = -(int)channel.in_error;
        channel.in_error = 0;
        return error;
    }
    channel.at_end = false;
    return 0;
}

static ssize_t no_write(struct file *file, struct uio *uio, uint64_t *pos)
{
    (void)file, (void)uio, (void)pos;
    return -EBADF;
}

static ssize_t no_read(struct file *file, struct uio *uio, uint64_t *pos)
{
    (void)file, (void)uio, (void)pos;
    return -EBADF;
}

/* POLL* of stdin as far as it is known here. */
static unsigned input_events(void)
{
    unsigned events = channel.ready & (POLLIN | POLLHUP | POLLERR);

    if (input_has_come())
        events |= POLLIN;
    return events & POLLIN ? events | POLLRDNORM : events;
}

/*
 * Ask the host whether stdin can be read now, and wait for the answer, which
 * takes as long as the host is busy with what it was sent before.
 */
static void query_ready(void)
{
    uint32_t flags;
    int error = 0;

    if (!channel.queried_ready) {
        channel.queried_ready = true;
        if (channel_send_frame(CHANNEL_QUERY, 0, 0, NULL, false) < 0)
            channel.queried_ready = false;
    }
    flags = irq_save();
    while (channel.queried_ready && !port_is_broken() && error == 0)
        error = waitq_wait_killable(&channel.readers);
    irq_restore(flags);
}

/* Has the host tell when stdin can be read. */
static void want_ready(void)
{
    channel.asked_ready = true;
    if (channel_send_frame(CHANNEL_WANT, 0, 0, NULL, false) < 0)
        channel.asked_ready = false;
}

/* Readiness is the host's to tell. While a reader waits, there is none. */
static unsigned poll_input(struct file *file, struct poll_set *set)
{
    (void)file;
    poll_wait(set, &channel.readers);
    if (input_events() == 0 && !channel.asked && !channel.asked_ready) {
        query_ready();
        if (input_events() == 0 && set != NULL)
            want_ready();
    }
    return input_events();
}

static long input_ioctl(struct file *file, uint32_t request, uint32_t arg)
{
    int n = (int)in_count();

    (void)file;
    if (request != FIONREAD)
        return -ENOTTY;
    return copy_to_user(arg, &n, sizeof(n));
}

/* ---- stdout and stderr ---- */

static enum stream stream_of(const struct file *file)
{
    return (enum stream)(uintptr_t)file->private;
}

/* Fill a frame with the writer's bytes and send it: how many, or -errno. */
static ssize_t send_output(enum stream stream, struct uio *uio, bool nonblock)
{
    int error = -EAGAIN;
    char *buffer;
    size_t n;

    if (channel.closed[stream] != 0)
        return -(int)channel.closed[stream];
    buffer = nonblock ? port_get_buffer() : channel_get_buffer(true, &error);
    if (buffer == NULL)
        return error;
    n = uio_copy_in(uio, buffer + CHANNEL_HEADER,
                    PORT_TX_BYTES - CHANNEL_HEADER);
    if (n == 0) {
        port_put_back(buffer);
        return 0;
    }
    channel_put_header((unsigned char *)buffer,
                       stream == STDOUT ? CHANNEL_OUT : CHANNEL_ERR,
                       (uint32_t)n);
    port_send(buffer, CHANNEL_HEADER + n);
    return (ssize_t)n;
}

/* Sleeps until the host has told what became of the frame just sent. */
static ssize_t wait_for_result(enum stream stream)
{
    uint32_t flags = irq_save();
    int error = 0;

    while (!channel.written[stream] && !port_is_broken() && error == 0)
        error = waitq_wait_killable(&channel.writers);
    if (!channel.written[stream])
        channel.owed[stream]++;
    irq_restore(flags);
    if (!channel.written[stream])
        return -EIO;
    if (channel.nwritten[stream] > 0 || channel.error[stream] == 0)
        return (ssize_t)channel.nwritten[stream];
    return -(int)channel.error[stream];
}

/* Send one frame and learn how much of it was written. One at a time. */
static ssize_t write_carefully(enum stream stream, struct uio *uio,
                               bool nonblock)
{
    ssize_t n;

    while (channel.writing[stream]) {
        int error = waitq_sleep(&channel.writers, true, WAITQ_FOREVER);

        if (error < 0)
            return error;
    }
    channel.writing[stream] = true;
    channel.written[stream] = false;
    n = send_output(stream, uio, nonblock);
    if (n > 0)
        n = wait_for_result(stream);
    channel.writing[stream] = false;
    waitq_wake(&channel.writers);
    return n;
}

static ssize_t write_some(struct file *file, struct uio *uio, bool nonblock)
{
    enum stream stream = stream_of(file);

    return channel.careful[stream] ? write_carefully(stream, uio, nonblock)
                                   : send_output(stream, uio, nonblock);
}

static ssize_t channel_write(struct file *file, struct uio *uio, uint64_t *pos)
{
    bool nonblock = (file->flags & O_NONBLOCK) || uio->nonblock;
    size_t done = 0;
    ssize_t n = 0;

    (void)pos;
    while (uio->resid > 0 && !uio->fault) {
        n = write_some(file, uio, nonblock);
        if (n < 0)
            break;
        done += (size_t)n;
    }
    return uio_result(uio, done, n < 0 ? (int)n : 0);
}

static unsigned poll_output(struct file *file, struct poll_set *set)
{
    poll_wait(set, &channel.writers);
    if (channel.closed[stream_of(file)] != 0)
        return POLLOUT | POLLWRNORM | POLLERR;
    return port_can_send() ? POLLOUT | POLLWRNORM : 0;
}

static long output_ioctl(struct file *file, uint32_t request, uint32_t arg)
{
    (void)file, (void)request, (void)arg;
    return -ENOTTY;
}

/* ---- the interface ---- */

static const struct file_ops input_ops = {
    .read = channel_read,
    .write = no_write,
    .ioctl = input_ioctl,
    .poll = poll_input,
};

static const struct file_ops output_ops = {
    .read = no_read,
    .write = channel_write,
    .ioctl = output_ioctl,
    .poll = poll_output,
};

static const struct port_ops port_ops = {
    .receive = port_receive,
    .sent = port_sent,
};

/* Says hello and waits for the answer. 0, -ETIMEDOUT, -EIO. */
static int greet(bool steady)
{
    uint64_t deadline = clock_monotonic_ns() + WELCOME_NS;
    int error =
        channel_send_frame(CHANNEL_HELLO, CHANNEL_VERSION, 0, NULL, false);
    uint32_t flags = irq_save();

    while (error == 0 && !channel.welcome && !steady)
        error = waitq_sleep(&channel.readers, false, deadline);
    irq_restore(flags);
    return error;
}

bool channel_init(bool steady)
{
    int error;

    waitq_init(&channel.readers);
    waitq_init(&channel.writers);
    channel.in = kmalloc(IN_BYTES);
    if (channel.in == NULL)
        return false;
    error = port_open(CHANNEL_PORT, &port_ops);
    if (error == 0)
        error = greet(steady);
    if (error < 0) {
        kfree(channel.in);
        if (error != -ENODEV)
            klog(LOG_ERR, "channel: the port does not work: error %d", -error);
        return false;
    }
    error = terminal_create(channel.greeting);
    if (error < 0)
        klog(LOG_ERR, "channel: no terminal: error %d", -error);
    channel.open = true;
    return true;
}

int channel_open(int which, struct file **out)
{
    bool is_input = which == STDIN;
    void *private = (void *)(uintptr_t)which;
    int error;

    if (!channel.open)
        return -ENODEV;
    if (which < 0 || which >= NSTREAMS)
        return -EINVAL;
    error =
        file_open_anonymous("pipe", S_IFIFO | 0600,
                            is_input ? O_RDONLY : O_WRONLY,
                            is_input ? &input_ops : &output_ops, private, out);
    if (error == 0) /* for who opens it again by /proc/PID/fd */
        (*out)->inode->private = private;
    return error;
}

_Static_assert(CHANNEL_TRACE_BYTES == PORT_TX_BYTES - CHANNEL_HEADER,
               "a frame of records fills a buffer");

char *channel_trace_begin(void)
{
    uint32_t flags = irq_save();
    char *buffer = NULL;

    while (channel.open && !port_is_broken() &&
           (buffer = port_get_buffer()) == NULL)
        waitq_wait(&channel.writers);
    irq_restore(flags);
    return buffer != NULL ? buffer + CHANNEL_HEADER : NULL;
}

void channel_trace_end(char *records, size_t nbytes)
{
    char *buffer = records - CHANNEL_HEADER;

    if (nbytes == 0) {
        port_put_back(buffer);
        return;
    }
    channel_put_header((unsigned char *)buffer, CHANNEL_TRACE,
                       (uint32_t)nbytes);
    port_send(buffer, CHANNEL_HEADER + nbytes);
}

void channel_exit(int wait_status)
{
    if (!channel.open)
        return;
    terminal_drain();
    if (channel_send_frame(CHANNEL_EXIT, (uint32_t)wait_status, channel.in_head,
                           NULL, false) == 0)
        drain();
}

void channel_fail(int error, const char *reason)
{
    if (!channel.open)
        return;
    if (channel_send_frame(CHANNEL_FAIL, (uint32_t)error, 0, reason, false) ==
        0)
        drain();
}
