/*
 * Fuzzes tools/cairn-run/relay.c: Cairn's side of the channel says any bytes.
 * The conversation always ends; output is what a simple reading of the frames
 * gives; and a program that has ended has used what stdin then lacks.
 *
 * Bit 0 of the first byte makes stdin a pipe instead of a file; bit 1 gives the
 * program a terminal, which nobody types on and which is shown on stdout.
 */
#define _GNU_SOURCE
#include "../../tools/cairn-run/cairn-run.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dev/channel_proto.h"
#include "fuzz.h"

#define INPUT_BYTES 100000
#define START       1000 /* where the file is read from */

unsigned long fuzz_runs = 10000;

static int streams[3] = {-1, -1, -1}; /* as they are outside of a try */

/* ---- what relay.c wants of main.c ---- */

void complain(const char *text, ...)
{
    FUZZ_CHECK(text != NULL);
}

void die(int status, const char *text, ...)
{
    fuzz_require(text);
    exit(status);
}

void *must_alloc(size_t nbytes)
{
    void *p = malloc(nbytes);

    FUZZ_CHECK(p != NULL);
    return p;
}

char *format(const char *text, ...)
{
    va_list ap;
    char *s;

    va_start(ap, text);
    FUZZ_CHECK(vasprintf(&s, text, ap) >= 0);
    va_end(ap);
    return s;
}

/* ---- a terminal, in terminal.c's place ---- */

static bool has_terminal;
static int keys[2] = {-1, -1};

unsigned terminal_streams(void)
{
    return has_terminal ? 7 : 0;
}

int terminal_input(void)
{
    if (keys[0] < 0)
        FUZZ_CHECK(pipe2(keys, O_CLOEXEC) == 0);
    return keys[0];
}

int terminal_output(void)
{
    return 1;
}

bool terminal_is_real(void)
{
    return false;
}

bool terminal_is_raw(void)
{
    return false;
}

bool terminal_take(void)
{
    return true;
}

void terminal_guard(void)
{
}

void terminal_restore(void)
{
}

void terminal_stop(int signo)
{
    FUZZ_CHECK(has_terminal);
    (void)signo;
}

void terminal_put_window(unsigned char *numbers)
{
    memset(numbers, 0, 16);
}

void terminal_put_welcome(unsigned char *welcome)
{
    memset(welcome + 4, 0, CHANNEL_WELCOME_LEN - 4);
}

int terminal_signal_key(unsigned char c)
{
    (void)c;
    return 0;
}

/* ---- what must come out ---- */

struct expected {
    bool exits;              /* the last frame is EXIT, ... */
    uint32_t status, used;   /* ... and this is what it says */
    bool refused;            /* the last frame is FAIL */
    size_t nout;             /* bytes of OUT and SHOW before that */
    uint64_t room;           /* for typed bytes */
    const uint8_t *at, *end; /* what is left */
};

static bool take_number_frame(struct expected *e, uint32_t type,
                              const uint8_t *payload, uint32_t n, bool greeted)
{
    if (type == CHANNEL_FAIL) {
        e->refused = n >= 4;
        return false;
    }
    if (n != 8)
        return false;
    if (type == CHANNEL_EXIT) {
        e->exits = true;
        e->status = channel_get32(payload);
        e->used = channel_get32(payload + 4);
        return false;
    }
    if (type == CHANNEL_HELLO)
        return !greeted && channel_get32(payload) == CHANNEL_VERSION;
    if (type == CHANNEL_ROOM) {
        e->room += channel_get32(payload);
        return has_terminal && e->room <= 65536;
    }
    if (type == CHANNEL_STOP)
        return has_terminal;
    return type == CHANNEL_WANT || type == CHANNEL_QUERY;
}

static void read_frames(struct expected *e)
{
    bool greeted = false, good = true;

    while (good && e->end - e->at >= CHANNEL_HEADER) {
        uint32_t n = channel_get32(e->at), type = e->at[4];
        const uint8_t *payload = e->at + CHANNEL_HEADER;

        if (n > CHANNEL_MAX_PAYLOAD || n > (size_t)(e->end - payload) ||
            (!greeted && type != CHANNEL_HELLO))
            return;
        if (type == CHANNEL_OUT || (type == CHANNEL_SHOW && has_terminal))
            e->nout += n;
        else if (type != CHANNEL_ERR)
            good = take_number_frame(e, type, payload, n, greeted);
        greeted = true;
        e->at = payload + n;
    }
}

/* ---- one try ---- */

static void put_stdin(bool is_pipe)
{
    static char bytes[INPUT_BYTES];
    int fd = memfd_create("stdin", 0), p[2];

    FUZZ_CHECK(write(fd, bytes, sizeof(bytes)) == sizeof(bytes));
    lseek(fd, START, SEEK_SET);
    if (is_pipe) {
        close(fd);
        FUZZ_CHECK(pipe(p) == 0 && write(p[1], bytes, 30000) == 30000);
        close(p[1]);
        fd = p[0];
    }
    dup2(fd, 0);
    close(fd);
}

static void put_streams(bool is_pipe)
{
    for (int fd = 0; fd < 3; fd++)
        if (streams[fd] < 0)
            streams[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 100);
    put_stdin(is_pipe);
    for (int fd = 1; fd < 3; fd++) {
        int file = memfd_create("output", 0);

        dup2(file, fd);
        close(file);
    }
}

static void judge(const struct expected *e, const struct result *result,
                  bool is_pipe, off_t in, off_t out)
{
    FUZZ_CHECK((size_t)out == e->nout);
    FUZZ_CHECK(result->outcome != OUTCOME_TIMEOUT &&
               result->outcome != OUTCOME_SIGNAL);
    FUZZ_CHECK((result->outcome == OUTCOME_REFUSED) == e->refused);
    FUZZ_CHECK((result->reason != NULL) == e->refused);
    FUZZ_CHECK(result->outcome != OUTCOME_EXITED || e->exits);
    if (result->outcome != OUTCOME_EXITED)
        return;
    FUZZ_CHECK(result->status == (int)e->status && (e->status & 0x7F) != 0x7F);
    FUZZ_CHECK((e->status >> 16) == 0);
    if (!is_pipe)
        FUZZ_CHECK(in == START + (off_t)e->used);
}

static void converse(const uint8_t *data, size_t size, bool is_pipe,
                     struct result *result)
{
    static const struct options options = {.timeout = 30};
    struct machine machine = {.messages = -1};
    int channel[2], log[2];

    FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, channel) == 0 &&
               socketpair(AF_UNIX, SOCK_STREAM, 0, log) == 0);
    FUZZ_CHECK(send(channel[1], data, size, 0) == (ssize_t)size);
    shutdown(channel[1], SHUT_WR);
    close(log[1]);
    machine.channel = channel[0];
    machine.log = log[0];
    put_streams(is_pipe);
    relay_run(&machine, &options, result);
    close(channel[0]);
    close(channel[1]);
    close(log[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct expected e = {.at = data + 1, .end = data + size};
    struct result result;
    off_t in, out;
    bool is_pipe;

    if (size < 2)
        return 0;
    is_pipe = data[0] & 1;
    has_terminal = data[0] & 2;
    converse(data + 1, size - 1, is_pipe, &result);
    in = lseek(0, 0, SEEK_CUR);
    out = lseek(1, 0, SEEK_CUR);
    for (int fd = 0; fd < 3; fd++)
        dup2(streams[fd], fd);
    read_frames(&e);
    judge(&e, &result, is_pipe, in, out);
    free(result.reason);
    return 0;
}

/* ---- sound conversations ---- */

static size_t add(uint8_t *buf, size_t size, char type, uint32_t first,
                  uint32_t second)
{
    channel_put_header(buf + size, type, 8);
    channel_put32(buf + size + 8, first);
    channel_put32(buf + size + 12, second);
    return size + 16;
}

size_t fuzz_seed(unsigned n, uint8_t *buf, size_t max)
{
    size_t size = 1;

    if (n >= 12 || max < 2048)
        return 0;
    buf[0] = n & 3;
    size = add(buf, size, CHANNEL_HELLO, CHANNEL_VERSION, 0);
    size = add(buf, size, CHANNEL_OUT, 0x41414141, 0x42424242);
    if (n / 2 % 3 == 1)
        size = add(buf, size, CHANNEL_WANT, 100, 65536);
    if (n / 2 % 3 == 2)
        size = add(buf, size, CHANNEL_QUERY, 1000, 65536);
    size = add(buf, size, CHANNEL_ERR, 1, 2);
    if (n & 2) {
        size = add(buf, size, CHANNEL_ROOM, 4096, 0);
        size = add(buf, size, CHANNEL_SHOW, 1, 2);
        size = add(buf, size, CHANNEL_STOP, 20, 0);
    }
    if (n < 6)
        return add(buf, size, CHANNEL_EXIT, 5 << 8, n >= 4 ? 500 : 0);
    return add(buf, size, n < 8 ? CHANNEL_FAIL : CHANNEL_EXIT, 11, 20);
}
