/*
 * tools/cairn-run/relay.c - the conversation with Cairn
 *
 * One loop around ppoll. Rules that keep it free of deadlock and loss:
 *
 * - A frame of output is written to its end before the next one is looked at,
 *   and no more is taken from the channel meanwhile: the order of writes is
 *   kept, and a slow reader slows the program down.
 * - A write never blocks: it is made when ppoll says that there is room, and
 *   is no longer than what then certainly fits.
 * - Input is read when Cairn asks for it, and no more than it asks for; only
 *   from a regular file it is read ahead, because its offset can be put back.
 * - A terminal's keys are read as far as Cairn has room, whether the program
 *   reads or not: some of them are signals.
 *
 * See kernel/dev/channel_proto.h for the frames.
 */
#define _GNU_SOURCE
#include "cairn-run.h"

#include "dev/channel_proto.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define IN_BYTES  (2 * (CHANNEL_HEADER + CHANNEL_MAX_PAYLOAD))
#define OUT_BYTES (4 * (CHANNEL_HEADER + CHANNEL_MAX_PAYLOAD))
#define LOG_BYTES (256 * 1024)

/* A log file has this many bytes of the log's start, and the last LOG_BYTES. */
#define LOG_FILE_BYTES (16ull * 1024 * 1024 - 2 * LOG_BYTES)

/* Pieces of the log that are still read when all is over. */
#define LOG_DRAIN 1024

/* The stream of output that is the terminal, beside stdout and stderr. */
#define TERMINAL 3
#define NSTREAMS 4

/* The most typed bytes that Cairn may want at a time. */
#define MAX_TYPING 65536u

/*
 * This key ends cairn-run when it is pressed so often within a second, also
 * when Cairn listens to none.
 */
#define LEAVE_KEY     0x1D
#define LEAVE_TIMES   3
#define LEAVE_SECONDS 1.0

/* How often a job in the background looks whether it still is. */
#define BACKGROUND_SECONDS 0.2

/* How long a program has to end after a signal was passed on to it. */
#define GRACE_SECONDS 0.5

struct relay {
    const struct machine *machine;
    struct result *result;
    bool (*take_records)(const unsigned char *bytes, size_t nbytes);
    double deadline; /* of the monotonic clock; 0: none */
    bool done;
    bool greeted; /* HELLO has come */
    bool is_mute; /* Cairn is told nothing, so that runs are equal */
    int passed;   /* the signal that was passed on, or 0 */

    unsigned char in[IN_BYTES]; /* from Cairn: [in_start, in_end) */
    size_t in_start, in_end;
    size_t output; /* bytes at in_start that are output ... */
    int stream;    /* ... of this stream */
    bool closed[NSTREAMS];
    bool is_regular[NSTREAMS];
    bool is_socket[NSTREAMS];
    bool is_careful[NSTREAMS]; /* each frame is answered by WRITTEN */
    uint32_t nwritten;         /* bytes of the frame of output so far */

    unsigned char out[OUT_BYTES]; /* to Cairn: [out_start, out_end) */
    size_t out_start, out_end;
    uint32_t want, room; /* bytes that Cairn asks for; 0: none */
    bool want_ready;
    uint32_t given; /* bytes of stdin handed over, modulo 2^32 */
    uint64_t total; /* the same, all of them */

    bool has_terminal;
    uint32_t typing;    /* typed bytes that Cairn has room for */
    bool typing_ended;  /* there are no more */
    bool line_begun;    /* the last of them ended no line */
    unsigned nleave;    /* LEAVE_KEY was pressed so often, ... */
    double first_leave; /* ... for the first time then */

    FILE *log_file;
    char *log; /* the last LOG_BYTES bytes at least, at most twice that */
    size_t nlog;
    uint64_t log_total; /* bytes of it that have come */
};

static volatile sig_atomic_t caught; /* a signal that ends a program, or 0 */
static volatile sig_atomic_t caught_stop, caught_continue, caught_window;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void end(struct relay *relay, enum outcome outcome, int status)
{
    if (relay->done)
        return;
    relay->done = true;
    relay->result->outcome = outcome;
    relay->result->status = status;
}

/* ---- to Cairn ---- */

static bool has_room(const struct relay *relay, size_t nbytes)
{
    return OUT_BYTES - relay->out_end >= CHANNEL_HEADER + nbytes;
}

/* Room for a frame's payload behind a header; always there for small ones. */
static unsigned char *begin_frame(struct relay *relay)
{
    if (relay->out_start > 0) {
        memmove(relay->out, relay->out + relay->out_start,
                relay->out_end - relay->out_start);
        relay->out_end -= relay->out_start;
        relay->out_start = 0;
    }
    return relay->out + relay->out_end + CHANNEL_HEADER;
}

static void end_frame(struct relay *relay, char type, size_t nbytes)
{
    channel_put_header(relay->out + relay->out_end, type, (uint32_t)nbytes);
    relay->out_end += CHANNEL_HEADER + nbytes;
}

static void tell3(struct relay *relay, char type, int nnumbers, uint32_t first,
                  uint32_t second, uint32_t third)
{
    unsigned char *p = begin_frame(relay);

    if (!has_room(relay, 12))
        return;
    channel_put32(p, first);
    channel_put32(p + 4, second);
    channel_put32(p + 8, third);
    end_frame(relay, type, 4 * (size_t)nnumbers);
}

static void tell(struct relay *relay, char type, int nnumbers, uint32_t first,
                 uint32_t second)
{
    tell3(relay, type, nnumbers, first, second, 0);
}

static void send_some(struct relay *relay)
{
    ssize_t n =
        send(relay->machine->channel, relay->out + relay->out_start,
             relay->out_end - relay->out_start, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n > 0)
        relay->out_start += (size_t)n;
    if (relay->out_start == relay->out_end)
        relay->out_start = relay->out_end = 0;
}

/* ---- stdin ---- */

static void read_input(struct relay *relay)
{
    unsigned char *p = begin_frame(relay);
    uint32_t most = relay->is_regular[0] ? relay->room : relay->want;
    ssize_t n;

    if (most > CHANNEL_MAX_PAYLOAD)
        most = CHANNEL_MAX_PAYLOAD;
    if (!has_room(relay, most))
        return;
    n = read(0, p, most);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    relay->want = 0;
    if (n < 0) {
        tell(relay, CHANNEL_INERR, 1, (uint32_t)errno, 0);
        return;
    }
    relay->given += (uint32_t)n;
    relay->total += (uint64_t)n;
    end_frame(relay, CHANNEL_DATA, (size_t)n);
}

static void input_is_ready(struct relay *relay, short events)
{
    if (relay->want_ready) {
        relay->want_ready = false;
        tell(relay, CHANNEL_READY, 1,
             (uint32_t)events & (POLLIN | POLLHUP | POLLERR), 0);
    }
    if (relay->want > 0)
        read_input(relay);
}

/*
 * Puts back what was read ahead and not used by the program: false if that is
 * more than Cairn can have left. It has room for one payload.
 */
static bool put_input_back(struct relay *relay, uint32_t used)
{
    uint32_t unused = relay->given - used;

    if (unused > CHANNEL_MAX_PAYLOAD || unused > relay->total)
        return false;
    if (relay->is_regular[0] && unused > 0)
        (void)!lseek(0, -(off_t)unused, SEEK_CUR);
    return true;
}

/* ---- the terminal ---- */

static void tell_window(struct relay *relay)
{
    unsigned char *p = begin_frame(relay);

    if (!has_room(relay, 16))
        return;
    terminal_put_window(p);
    end_frame(relay, CHANNEL_WINDOW, 16);
}

/* The terminal is ours again, maybe with another size. */
static void resume(struct relay *relay)
{
    terminal_take();
    tell_window(relay);
    tell(relay, CHANNEL_SIGNAL, 2, SIGCONT, 0);
}

static void stop(struct relay *relay, int signo)
{
    if (relay->done)
        return;
    terminal_stop(signo);
    resume(relay);
}

/* Ends the run when the key to leave is pressed for the last time. */
static void look_at_keys(struct relay *relay, const unsigned char *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int signo = terminal_signal_key(p[i]);

        if (signo != 0)
            relay->result->key = signo;
        if (p[i] != LEAVE_KEY) {
            relay->nleave = 0;
            continue;
        }
        if (relay->nleave == 0 || now() - relay->first_leave > LEAVE_SECONDS) {
            relay->nleave = 0;
            relay->first_leave = now();
        }
        if (++relay->nleave == LEAVE_TIMES)
            end(relay, OUTCOME_LEFT, 0);
    }
}

static void pass_signal(struct relay *relay, int signo);

/*
 * Nothing will be typed any more. A terminal has hung up; of anything else the
 * end is typed as a person would, which takes one key more within a line.
 */
static void end_typing(struct relay *relay)
{
    unsigned char *p = begin_frame(relay);

    relay->typing_ended = true;
    if (terminal_is_real()) {
        pass_signal(relay, SIGHUP);
        return;
    }
    p[0] = p[1] = 'D' & 0x1F;
    end_frame(relay, CHANNEL_TYPED, relay->line_begun ? 2 : 1);
}

static void read_keys(struct relay *relay)
{
    unsigned char *p = begin_frame(relay);
    uint32_t most = relay->typing;
    ssize_t n;

    if (!has_room(relay, most))
        return;
    n = read(terminal_input(), p, most);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        end_typing(relay);
        return;
    }
    if (terminal_is_real())
        look_at_keys(relay, p, (size_t)n);
    relay->line_begun = p[n - 1] != '\n';
    relay->typing -= (uint32_t)n;
    end_frame(relay, CHANNEL_TYPED, (size_t)n);
}

/* ---- stdout and stderr ---- */

/* As many bytes as can be written now without waiting. */
static ssize_t write_now(const struct relay *relay, int fd, const void *p,
                         size_t nbytes)
{
    if (fd == TERMINAL)
        fd = terminal_output();
    if (relay->is_socket[fd])
        return send(fd, p, nbytes, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (!relay->is_regular[fd] && nbytes > PIPE_BUF)
        nbytes = PIPE_BUF;
    return write(fd, p, nbytes);
}

static void close_stream(struct relay *relay, int error)
{
    relay->closed[relay->stream] = true;
    if (relay->stream == TERMINAL) {
        pass_signal(relay, SIGHUP);
        return;
    }
    if (error != EPIPE)
        complain("%s: %s", relay->stream == 1 ? "stdout" : "stderr",
                 strerror(error));
    tell(relay, CHANNEL_CLOSED, 2, (uint32_t)relay->stream, (uint32_t)error);
}

/* The frame of output is over; the program may have to know how it went. */
static void end_output(struct relay *relay, int error)
{
    relay->in_start += relay->output;
    relay->output = 0;
    if (relay->is_careful[relay->stream])
        tell3(relay, CHANNEL_WRITTEN, 3, (uint32_t)relay->stream,
              (uint32_t)error, relay->nwritten);
}

static void output_failed(struct relay *relay, int error)
{
    if (error == EPIPE || !relay->is_careful[relay->stream])
        close_stream(relay, error);
    end_output(relay, error);
}

static void write_output(struct relay *relay)
{
    ssize_t n;

    if (relay->closed[relay->stream]) {
        end_output(relay, EPIPE);
        return;
    }
    n = write_now(relay, relay->stream, relay->in + relay->in_start,
                  relay->output);
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            output_failed(relay, errno);
        return;
    }
    relay->in_start += (size_t)n;
    relay->output -= (size_t)n;
    relay->nwritten += (uint32_t)n;
    if (relay->output == 0)
        end_output(relay, 0);
}

/*
 * ---- from Cairn ----
 *
 * The program may have become master of the kernel, so nothing that comes is
 * trusted: neither lengths and numbers nor the order of frames.
 */

static void refuse(struct relay *relay, const unsigned char *payload,
                   uint32_t nbytes)
{
    char *reason = format("%.*s", (int)(nbytes - 4), (const char *)payload + 4);

    for (char *c = reason; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    end(relay, OUTCOME_REFUSED, (int)(channel_get32(payload) & 0xFFF));
    relay->result->reason = reason;
}

static void broken(struct relay *relay, const char *what)
{
    complain("Cairn says something strange: %s", what);
    end(relay, OUTCOME_FAILED, 0);
}

/* Whether wait4 could have said so of a process that has ended. */
static bool is_wait_status(uint32_t status)
{
    return (status & ~0xFF00u) == 0 ||
           (status < 0x100 && (status & 0x7F) != 0x7F);
}

static void take_exit(struct relay *relay, uint32_t status, uint32_t used)
{
    if (!is_wait_status(status))
        broken(relay, "no such exit status");
    else if (!put_input_back(relay, used))
        broken(relay, "more input was used than was given");
    else
        end(relay, OUTCOME_EXITED, (int)status);
}

static void take_want(struct relay *relay, uint32_t want, uint32_t room)
{
    if (want == 0)
        relay->want_ready = true;
    relay->want = want;
    relay->room = room < want ? want : room;
}

/* As WANT, but the answer is due at once. */
static void take_query(struct relay *relay, uint32_t n, uint32_t room)
{
    struct pollfd p = {.fd = 0, .events = POLLIN};

    if (poll(&p, 1, 0) != 1) {
        tell(relay, CHANNEL_NOTHING, 0, 0, 0);
        return;
    }
    take_want(relay, n, room);
    input_is_ready(relay, p.revents);
}

/* Frames that Cairn only sends when it was told of a terminal. */
static void take_terminal_frame(struct relay *relay, char type, uint32_t n)
{
    if (!relay->has_terminal)
        broken(relay, "there is no terminal");
    else if (type == CHANNEL_STOP)
        stop(relay, (int)n);
    else if (n > MAX_TYPING - relay->typing)
        broken(relay, "too much room");
    else
        relay->typing += n;
}

static void hello(struct relay *relay, uint32_t version)
{
    unsigned char *p = begin_frame(relay);

    if (relay->greeted)
        broken(relay, "a second greeting");
    if (version != CHANNEL_VERSION)
        broken(relay, "another version of the protocol");
    relay->greeted = true;
    if (relay->is_mute)
        return;
    channel_put32(p, (uint32_t)relay->is_careful[1] << 1 |
                         (uint32_t)relay->is_careful[2] << 2);
    terminal_put_welcome(p);
    end_frame(relay, CHANNEL_WELCOME, CHANNEL_WELCOME_LEN);
}

/* A whole frame that is not output. */
static void take_frame(struct relay *relay, char type,
                       const unsigned char *payload, uint32_t nbytes)
{
    uint32_t first, second;

    if (type == CHANNEL_TRACE) {
        if (relay->take_records == NULL ||
            !relay->take_records(payload, nbytes))
            broken(relay, "a malformed record");
        return;
    }
    if (type == CHANNEL_FAIL ? nbytes < 4 : nbytes != 8) {
        broken(relay, "a frame of a wrong length");
        return;
    }
    first = channel_get32(payload);
    second = nbytes >= 8 ? channel_get32(payload + 4) : 0;
    switch (type) {
    case CHANNEL_HELLO:
        hello(relay, first);
        break;
    case CHANNEL_WANT:
        take_want(relay, first, second);
        break;
    case CHANNEL_QUERY:
        take_query(relay, first, second);
        break;
    case CHANNEL_EXIT:
        take_exit(relay, first, second);
        break;
    case CHANNEL_ROOM:
    case CHANNEL_STOP:
        take_terminal_frame(relay, type, first);
        break;
    case CHANNEL_FAIL:
        refuse(relay, payload, nbytes);
        break;
    default:
        broken(relay, "an unknown frame");
    }
}

/* The stream of a frame of output, or 0. */
static int stream_of(const struct relay *relay, char type)
{
    if (type == CHANNEL_OUT)
        return 1;
    if (type == CHANNEL_ERR)
        return 2;
    return type == CHANNEL_SHOW && relay->has_terminal ? TERMINAL : 0;
}

/* Takes one frame, or the header of output: false if more bytes must come. */
static bool take_next(struct relay *relay)
{
    const unsigned char *p = relay->in + relay->in_start;
    size_t have = relay->in_end - relay->in_start;
    uint32_t nbytes;
    char type;

    if (have < CHANNEL_HEADER)
        return false;
    nbytes = channel_get32(p);
    type = (char)p[4];
    if (nbytes > CHANNEL_MAX_PAYLOAD) {
        broken(relay, "a frame that is too long");
        return false;
    }
    if (!relay->greeted && type != CHANNEL_HELLO) {
        broken(relay, "no greeting");
        return false;
    }
    if (have < CHANNEL_HEADER + nbytes)
        return false;
    relay->in_start += CHANNEL_HEADER;
    if (stream_of(relay, type) != 0) {
        relay->output = nbytes;
        relay->nwritten = 0;
        relay->stream = stream_of(relay, type);
    } else {
        relay->in_start += nbytes;
        take_frame(relay, type, p + CHANNEL_HEADER, nbytes);
    }
    return true;
}

static void take_frames(struct relay *relay)
{
    while (!relay->done && relay->output == 0 && take_next(relay))
        ;
    if (relay->in_start == relay->in_end)
        relay->in_start = relay->in_end = 0;
}

static void receive(struct relay *relay)
{
    ssize_t n;

    if (relay->in_start > 0) {
        memmove(relay->in, relay->in + relay->in_start,
                relay->in_end - relay->in_start);
        relay->in_end -= relay->in_start;
        relay->in_start = 0;
    }
    n = read(relay->machine->channel, relay->in + relay->in_end,
             IN_BYTES - relay->in_end);
    if (n > 0)
        relay->in_end += (size_t)n;
    else if (n == 0 || (errno != EINTR && errno != EAGAIN))
        end(relay, relay->greeted ? OUTCOME_FAILED : OUTCOME_SILENT, 0);
}

/* ---- the log ---- */

/* The log file gets what comes at once, until it has enough of it. */
static void write_log(struct relay *relay, const char *s, size_t nbytes)
{
    uint64_t room = LOG_FILE_BYTES - relay->log_total;

    if (relay->log_file == NULL || relay->log_total >= LOG_FILE_BYTES)
        return;
    fwrite(s, 1, nbytes < room ? nbytes : (size_t)room, relay->log_file);
    fflush(relay->log_file);
}

/* How it ends if that was not all. */
static void close_log(struct relay *relay)
{
    uint64_t left;
    size_t n;

    if (relay->log_file == NULL)
        return;
    if (relay->log_total > LOG_FILE_BYTES) {
        left = relay->log_total - LOG_FILE_BYTES;
        n = left < relay->nlog ? (size_t)left : relay->nlog;
        if (left > n)
            fprintf(relay->log_file,
                    "\ncairn-run: %" PRIu64 " bytes are left out here\n",
                    left - n);
        fwrite(relay->log + relay->nlog - n, 1, n, relay->log_file);
    }
    fclose(relay->log_file);
}

static void keep_log(struct relay *relay, const char *s, size_t nbytes)
{
    write_log(relay, s, nbytes);
    relay->log_total += nbytes;
    if (relay->nlog + nbytes > 2 * LOG_BYTES) {
        memmove(relay->log, relay->log + relay->nlog - LOG_BYTES, LOG_BYTES);
        relay->nlog = LOG_BYTES;
    }
    memcpy(relay->log + relay->nlog, s, nbytes);
    relay->nlog += nbytes;
}

/* True while there may be more. */
static bool read_log(struct relay *relay)
{
    char buf[4096];
    ssize_t n = recv(relay->machine->log, buf, sizeof(buf), MSG_DONTWAIT);

    if (n > 0)
        keep_log(relay, buf, (size_t)n);
    return n > 0;
}

/* ---- the loop ---- */

static void on_signal(int signo)
{
    if (signo == SIGTSTP)
        caught_stop = 1;
    else if (signo == SIGCONT)
        caught_continue = 1;
    else if (signo == SIGWINCH)
        caught_window = 1;
    else
        caught = signo;
}

/* A signal to us is first the program's: it may want to clean up. */
static void pass_signal(struct relay *relay, int signo)
{
    double limit = now() + GRACE_SECONDS;

    caught = 0;
    if (relay->passed != 0 || !relay->greeted) {
        end(relay, OUTCOME_SIGNAL, signo);
        return;
    }
    relay->passed = signo;
    if (relay->deadline == 0 || limit < relay->deadline)
        relay->deadline = limit;
    tell(relay, CHANNEL_SIGNAL, 2, (uint32_t)signo, 0);
}

/* Signals that only matter with a terminal. */
static void act_on_terminal(struct relay *relay)
{
    if (caught_stop) {
        caught_stop = 0;
        if (relay->greeted) /* it may mind, and will tell if it stops */
            tell(relay, CHANNEL_SIGNAL, 2, SIGTSTP, 0);
        else
            stop(relay, SIGTSTP);
    }
    if (caught_continue) {
        caught_continue = 0;
        if (relay->greeted)
            resume(relay);
    }
    if (caught_window || !terminal_is_raw()) {
        caught_window = 0;
        if (terminal_take() && relay->greeted)
            tell_window(relay);
    }
}

static void time_is_up(struct relay *relay)
{
    if (relay->passed != 0)
        end(relay, OUTCOME_SIGNAL, relay->passed);
    else
        end(relay, OUTCOME_TIMEOUT, 0);
}

enum { POLL_CHANNEL, POLL_LOG, POLL_INPUT, POLL_OUTPUT, POLL_KEYS, NPOLL };

static bool wants_input(const struct relay *relay)
{
    return relay->want_ready ||
           (relay->want > 0 && relay->out_end == relay->out_start);
}

/* In the background the keys are for others. */
static bool wants_keys(const struct relay *relay)
{
    return relay->typing > 0 && !relay->typing_ended &&
           relay->out_end == relay->out_start &&
           (terminal_is_raw() || !terminal_is_real());
}

static int output_fd(const struct relay *relay)
{
    if (relay->output == 0)
        return -1;
    return relay->stream == TERMINAL ? terminal_output() : relay->stream;
}

static void set_up_poll(const struct relay *relay, struct pollfd *fds)
{
    fds[POLL_CHANNEL] = (struct pollfd){.fd = relay->machine->channel};
    if (relay->output == 0)
        fds[POLL_CHANNEL].events |= POLLIN;
    if (relay->out_end > relay->out_start)
        fds[POLL_CHANNEL].events |= POLLOUT;
    if (fds[POLL_CHANNEL].events == 0)
        fds[POLL_CHANNEL].fd = -1;
    fds[POLL_LOG] =
        (struct pollfd){.fd = relay->machine->log, .events = POLLIN};
    fds[POLL_INPUT] =
        (struct pollfd){.fd = wants_input(relay) ? 0 : -1, .events = POLLIN};
    fds[POLL_OUTPUT] =
        (struct pollfd){.fd = output_fd(relay), .events = POLLOUT};
    fds[POLL_KEYS] =
        (struct pollfd){.fd = wants_keys(relay) ? terminal_input() : -1,
                        .events = POLLIN};
}

static void act(struct relay *relay, struct pollfd *fds, bool *log_is_open)
{
    if (fds[POLL_LOG].revents != 0)
        *log_is_open = read_log(relay);
    if (fds[POLL_OUTPUT].revents != 0)
        write_output(relay);
    if (fds[POLL_CHANNEL].revents & POLLOUT)
        send_some(relay);
    if (fds[POLL_INPUT].revents != 0)
        input_is_ready(relay, fds[POLL_INPUT].revents);
    if (fds[POLL_KEYS].revents != 0)
        read_keys(relay);
    if (relay->output == 0 &&
        (fds[POLL_CHANNEL].revents & (POLLIN | POLLHUP | POLLERR)))
        receive(relay);
    take_frames(relay);
}

static int wait_for_events(const struct relay *relay, struct pollfd *fds,
                           const sigset_t *mask)
{
    double left = relay->deadline > 0 ? relay->deadline - now() : 3600;
    struct timespec t;

    if (relay->has_terminal && terminal_is_real() && !terminal_is_raw() &&
        left > BACKGROUND_SECONDS)
        left = BACKGROUND_SECONDS;
    if (left < 0)
        left = 0;
    t.tv_sec = (time_t)left;
    t.tv_nsec = (long)((left - (double)t.tv_sec) * 1e9);
    return ppoll(fds, NPOLL, &t, mask);
}

static void converse(struct relay *relay, const sigset_t *mask)
{
    bool log_is_open = true;

    while (!relay->done) {
        struct pollfd fds[NPOLL];
        int n;

        set_up_poll(relay, fds);
        if (!log_is_open)
            fds[POLL_LOG].fd = -1;
        n = wait_for_events(relay, fds, mask);
        if (caught != 0)
            pass_signal(relay, caught);
        if (relay->has_terminal)
            act_on_terminal(relay);
        if (n > 0)
            act(relay, fds, &log_is_open);
        if (relay->deadline > 0 && now() >= relay->deadline)
            time_is_up(relay);
    }
}

/* Signals are only let in while ppoll waits. */
static const sigset_t *catch_signals(bool has_terminal)
{
    static bool caught_before;
    static sigset_t old;
    static const int signals[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGTERM,
                                  SIGTSTP, SIGCONT, SIGWINCH};
    struct sigaction action = {.sa_handler = on_signal};
    size_t nsignals = has_terminal ? 7 : 4;
    sigset_t set;

    if (caught_before)
        return &old;
    caught_before = true;
    sigemptyset(&set);
    for (size_t i = 0; i < nsignals; i++) {
        struct sigaction before;

        sigaction(signals[i], NULL, &before);
        if (before.sa_handler == SIG_IGN)
            continue;
        sigaddset(&set, signals[i]);
        sigaction(signals[i], &action, NULL);
    }
    sigprocmask(SIG_BLOCK, &set, &old);
    signal(SIGPIPE, SIG_IGN);
    return &old;
}

/* A device that is no terminal and not /dev/null may refuse single writes. */
static bool is_fussy(int fd, const struct stat *st)
{
    return S_ISCHR(st->st_mode) && !isatty(fd) && st->st_rdev != makedev(1, 3);
}

static void look_at_streams(struct relay *relay)
{
    struct stat st;

    for (int fd = 0; fd < 3; fd++) {
        if (fstat(fd, &st) != 0)
            continue;
        relay->is_regular[fd] = S_ISREG(st.st_mode);
        relay->is_socket[fd] = S_ISSOCK(st.st_mode);
        relay->is_careful[fd] = fd > 0 && is_fussy(fd, &st);
    }
}

static void open_log(struct relay *relay, const char *path)
{
    relay->log = must_alloc(2 * LOG_BYTES);
    if (path == NULL)
        return;
    relay->log_file = fopen(path, "we");
    if (relay->log_file == NULL)
        complain("%s: %s", path, strerror(errno));
}

void relay_run(const struct machine *machine, const struct options *options,
               struct result *result)
{
    static struct relay relay;

    *result = (struct result){0};
    free(relay.log);
    memset(&relay, 0, sizeof(relay));
    relay.machine = machine;
    relay.result = result;
    relay.take_records = options->take_records;
    relay.is_mute = options->lab.icount;
    if (options->timeout > 0 && options->gdb == GDB_NONE)
        relay.deadline = now() + options->timeout;
    open_log(&relay, options->log);
    look_at_streams(&relay);
    relay.has_terminal = terminal_streams() != 0;
    if (relay.has_terminal) {
        terminal_guard();
        terminal_take();
    }
    converse(&relay, catch_signals(relay.has_terminal));
    terminal_restore();
    /* The machine may still be talking. */
    for (int i = 0; i < LOG_DRAIN && read_log(&relay); i++)
        ;
    close_log(&relay);
    result->log = relay.log;
    result->nlog = relay.nlog;
}
