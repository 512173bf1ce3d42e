/*
 * Many readers and many writers of one pipe: each wake-up is for one of them,
 * and none is lost when the one that has it is interrupted, is killed or can
 * do nothing with it.
 *
 * test: linux
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mm_test.h"

#define NWORKERS 16
#define PIECE    4096

static uint64_t state;
static int ends[2];
static pid_t workers[NWORKERS];

/* What the workers have done, in memory that all share. */
static struct shared {
    volatile unsigned done[NWORKERS];
    volatile bool stop;
} * shared;

static unsigned dice(unsigned n)
{
    return (unsigned)(tap_random(&state) % n);
}

static void on_signal(int signo)
{
    (void)signo;
}

static void start(unsigned i, void (*work)(unsigned i))
{
    workers[i] = fork();
    if (workers[i] == 0) {
        state += i;
        work(i);
        _exit(0);
    }
    CHECK(workers[i] > 0);
}

static void kill_worker(unsigned i)
{
    kill(workers[i], SIGKILL);
    CHECK_EQ(waitpid(workers[i], NULL, 0), workers[i]);
}

/* ---- readers ---- */

static void read_bytes(unsigned i)
{
    char buffer[3];

    close(ends[1]);
    for (;;) {
        ssize_t n = read(ends[0], buffer, 1 + dice(3));

        if (n > 0)
            shared->done[i] += (unsigned)n;
        else if (n == 0)
            return;
    }
}

/* Wait until all that was written has been read. */
static bool is_drained(void)
{
    int left = 1;

    for (int i = 0; i < 20000 && left > 0; i++) {
        if (ioctl(ends[0], FIONREAD, &left) != 0)
            return false;
        if (left > 0)
            usleep(i < 100 ? 0 : 1000);
    }
    return left == 0;
}

static void test_readers(bool kills)
{
    unsigned written = 0, got = 0;
    char bytes[40] = {0};

    CHECK_EQ(pipe(ends), 0);
    memset((void *)shared->done, 0, sizeof(shared->done));
    for (unsigned i = 0; i < NWORKERS; i++)
        start(i, read_bytes);
    for (int i = 0; i < 600 && !tap_failed(); i++) {
        unsigned n = 1 + dice(sizeof(bytes));

        if (dice(3) == 0)
            kill(workers[dice(NWORKERS)], SIGUSR1);
        CHECK_EQ(write(ends[1], bytes, n), n);
        written += n;
        if (dice(3) == 0)
            kill(workers[dice(NWORKERS)], SIGUSR1);
        if (kills && dice(8) == 0) {
            unsigned victim = dice(NWORKERS);

            kill_worker(victim);
            start(victim, read_bytes);
        }
        CHECK(is_drained());
    }
    close(ends[1]);
    for (unsigned i = 0; i < NWORKERS; i++) {
        CHECK_EQ(waitpid(workers[i], NULL, 0), workers[i]);
        got += shared->done[i];
    }
    close(ends[0]);
    if (!kills) /* a killed reader has no time to count */
        CHECK_EQ(got, written);
    tap_end(kills ? "readers are killed" : "readers are interrupted");
}

/* ---- writers ---- */

/* Pieces that begin with the writer and their length. */
static void write_pieces(unsigned i)
{
    static unsigned char piece[PIECE];

    close(ends[0]);
    while (!shared->stop) {
        unsigned n = dice(3) == 0 ? 3 + dice(PIECE - 3) : 3 + dice(20);
        ssize_t sent;

        memset(piece, (int)i, n);
        piece[1] = (unsigned char)n;
        piece[2] = (unsigned char)(n >> 8);
        do
            sent = write(ends[1], piece, n);
        while (sent < 0 && errno == EINTR);
        if (sent != (ssize_t)n)
            _exit(1);
        shared->done[i]++;
    }
}

/* The bytes of a stream of pieces; a piece must be whole. */
static struct {
    unsigned writer, length, at;
} piece;

static bool parse(const unsigned char *bytes, size_t n, unsigned *npieces)
{
    for (size_t i = 0; i < n; i++) {
        if (piece.at == 0)
            piece.writer = bytes[i];
        else if (piece.at == 1)
            piece.length = bytes[i];
        else if (piece.at == 2)
            piece.length += 256u * bytes[i];
        else if (bytes[i] != piece.writer)
            return false;
        piece.at++;
        if (piece.at >= 3 && piece.at == piece.length) {
            npieces[piece.writer]++;
            piece.at = 0;
        }
    }
    return true;
}

static void test_writers(int capacity)
{
    static unsigned char bytes[3 * PIECE];
    unsigned npieces[NWORKERS] = {0};
    ssize_t n;
    int status;

    CHECK_EQ(pipe(ends), 0);
    CHECK(fcntl(ends[1], F_SETPIPE_SZ, capacity) >= capacity);
    memset(shared, 0, sizeof(*shared));
    memset(&piece, 0, sizeof(piece));
    for (unsigned i = 0; i < NWORKERS; i++)
        start(i, write_pieces);
    close(ends[1]);
    for (int i = 0; i < 3000 && !tap_failed(); i++) {
        struct pollfd ready = {.fd = ends[0], .events = POLLIN};

        if (dice(4) == 0)
            kill(workers[dice(NWORKERS)], SIGUSR1);
        CHECK_EQ(poll(&ready, 1, 20000), 1);
        n = read(ends[0], bytes, 1 + dice(dice(2) ? 10 : sizeof(bytes)));
        CHECK(n > 0 && parse(bytes, (size_t)n, npieces));
    }
    shared->stop = true;
    while ((n = read(ends[0], bytes, sizeof(bytes))) > 0)
        CHECK(parse(bytes, (size_t)n, npieces));
    for (unsigned i = 0; i < NWORKERS; i++) {
        CHECK_EQ(waitpid(workers[i], &status, 0), workers[i]);
        CHECK_EQ(status, 0);
        CHECK_EQ(npieces[i], shared->done[i]);
    }
    close(ends[0]);
    tap_end(capacity > PIECE ? "writers" : "writers of a small pipe");
}

/* ---- one wake-up for many ---- */

static void read_one(unsigned i)
{
    char byte;

    if (read(ends[0], &byte, 1) == 1)
        shared->done[i] = 1;
    for (;;)
        pause();
}

static void write_one(unsigned i)
{
    char byte = 'x';

    if (write(ends[1], &byte, 1) == 1)
        shared->done[i] = 1;
    for (;;)
        pause();
}

static void write_piece(unsigned i)
{
    static char bytes[PIECE];

    if (write(ends[1], bytes, PIECE) == PIECE)
        shared->done[i] = 1;
    for (;;)
        pause();
}

static unsigned count_done(unsigned wanted)
{
    unsigned n = 0;

    for (int i = 0; i < 20000 && n < wanted; i++) {
        usleep(1000);
        n = 0;
        for (unsigned j = 0; j < NWORKERS; j++)
            n += shared->done[j];
    }
    return n;
}

static void begin(void (*work)(unsigned i))
{
    CHECK_EQ(pipe(ends), 0);
    memset(shared, 0, sizeof(*shared));
    while (work != read_one && write(ends[1], "", 1) == 1)
        fcntl(ends[1], F_SETFL, O_NONBLOCK);
    fcntl(ends[1], F_SETFL, 0);
    for (unsigned i = 0; i < NWORKERS; i++)
        start(i, work == write_one && i == 0 ? write_piece : work);
    usleep(200000); /* they sleep; if not, the test is easier */
}

static void end(const char *name)
{
    for (unsigned i = 0; i < NWORKERS; i++)
        kill_worker(i);
    close(ends[0]);
    close(ends[1]);
    tap_end(name);
}

/* One write for all readers, of whom none reads twice. */
static void test_one_write(void)
{
    char bytes[NWORKERS] = {0};

    begin(read_one);
    CHECK_EQ(write(ends[1], bytes, sizeof(bytes)), sizeof(bytes));
    CHECK_EQ(count_done(NWORKERS), NWORKERS);
    end("one write is enough for all readers");
}

/*
 * One read for all writers but the first, which needs more room. Linux counts
 * room by pages, and would leave most of them asleep.
 */
static void test_one_read(void)
{
    static char bytes[NWORKERS - 1];

    if (!tap_on_cairn()) {
        tap_skip("one read is enough for all writers", "room is by pages");
        return;
    }
    begin(write_one);
    CHECK_EQ(read(ends[0], bytes, sizeof(bytes)), sizeof(bytes));
    CHECK_EQ(count_done(NWORKERS - 1), NWORKERS - 1);
    end("one read is enough for all writers");
}

int main(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    sigaction(SIGUSR1, &action, NULL);
    state = tap_seed(23);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    test_one_write();
    test_one_read();
    test_readers(false);
    test_readers(true);
    test_writers(PIECE);
    test_writers(4 * PIECE);
    return tap_done();
}
