/*
 * Calls with a time to wait over a stop: they go on when the process does, and
 * end when they would have ended. What follows waits for its own time.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

#define WAIT_MS 700
#define TRIES   10
#define STOP_MS 300 /* stopped at this time, and for as long */

static long now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static struct timespec span(long ms)
{
    return (struct timespec){ms / 1000, ms % 1000 * 1000000};
}

static int call_poll(void)
{
    return poll(NULL, 0, WAIT_MS);
}

static int call_ppoll(void)
{
    struct timespec ts = span(WAIT_MS);

    return ppoll(NULL, 0, &ts, NULL);
}

static int call_select(void)
{
    struct timeval tv = {0, WAIT_MS * 1000};

    return select(0, NULL, NULL, NULL, &tv);
}

static int call_pselect(void)
{
    struct timespec ts = span(WAIT_MS);
    sigset_t set;

    sigemptyset(&set);
    return pselect(0, NULL, NULL, NULL, &ts, &set);
}

static int call_nanosleep(void)
{
    struct timespec ts = span(WAIT_MS), left;

    return nanosleep(&ts, &left);
}

static int call_clock_nanosleep(void)
{
    struct timespec at;

    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += WAIT_MS * 1000000L;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    errno = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
    return errno ? -1 : 0;
}

/* The child: the call, how long it took, and a short sleep behind it. */
static void run(int (*call)(void), int report)
{
    struct timespec ts = span(20);
    long begin = now_ms(), took[3];

    took[0] = call() == 0 ? 0 : errno;
    took[1] = now_ms() - begin;
    begin = now_ms();
    nanosleep(&ts, NULL);
    took[2] = now_ms() - begin;
    (void)!write(report, took, sizeof(took));
    _exit(0);
}

static void sleep_ms(long ms)
{
    struct timespec ts = span(ms);

    nanosleep(&ts, NULL);
}

/* Stopped and continued `stops` times while it waits: what it tells. */
static void wait_over_stops(int (*call)(void), int stops, long took[3])
{
    int fds[2], status;
    pid_t pid;

    if (pipe(fds) != 0)
        return;
    pid = fork();
    if (pid == 0)
        run(call, fds[1]);
    for (int i = 0; i < stops; i++) {
        sleep_ms(STOP_MS / stops);
        kill(pid, SIGSTOP);
        waitpid(pid, &status, WUNTRACED);
        sleep_ms(STOP_MS / stops);
        kill(pid, SIGCONT);
    }
    (void)!read(fds[0], took, 3 * sizeof(*took));
    waitpid(pid, &status, 0);
    close(fds[0]), close(fds[1]);
}

/*
 * The time of a stop counts, but for calls that tell how much time is left:
 * those wait for that. A busy host makes a wait longer, but not each one.
 */
static void over_stops(const char *name, int (*call)(void), int stops,
                       int tells)
{
    long most = WAIT_MS + STOP_MS + (tells ? 180 : 100);
    long took[3] = {-1, -1, -1};

    for (int i = 0; i < TRIES; i++) {
        wait_over_stops(call, stops, took);
        printf("# %s: errno %ld, %ld ms\n", name, took[0], took[1]);
        if (took[0] != 0 || took[1] < WAIT_MS - 1)
            break;
        if (took[1] < most && took[2] < WAIT_MS / 2)
            break;
    }
    EQUAL(took[0], 0);
    CHECK(took[1] >= WAIT_MS - 1);
    CHECK(took[1] < most);
    CHECK(took[2] < WAIT_MS / 2);
}

/* A place for what is left that is none: EFAULT, and nothing is kept. */
static int call_bad_remain(void)
{
    struct timespec ts = span(2000);
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "0"(162L /* nanosleep */), "b"(&ts), "c"(16L)
                     : "memory");
    errno = result < 0 ? (int)-result : 0;
    return result < 0 ? -1 : 0;
}

static void test_bad_remain(void)
{
    long took[3] = {-1, -1, -1};
    int fds[2], status;
    pid_t pid;

    if (sizeof(struct timespec) != 8 && !is_cairn())
        return;
    if (pipe(fds) != 0)
        return;
    pid = fork();
    if (pid == 0)
        run(call_bad_remain, fds[1]);
    sleep_ms(100);
    kill(pid, SIGSTOP);
    waitpid(pid, &status, WUNTRACED);
    kill(pid, SIGCONT);
    (void)!read(fds[0], took, sizeof(took));
    waitpid(pid, &status, 0);
    EQUAL(took[0], EFAULT);
    CHECK(took[2] < 500); /* not the rest of the two seconds */
}

static volatile int caught;

static void on_alarm(int signo)
{
    (void)signo;
    caught++;
}

/* A handler ends the wait, and the next one waits for its own time. */
static void test_handler(void)
{
    struct sigaction sa = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    long begin;

    sigemptyset(&sa.sa_mask);
    sigaction(SIGALRM, &sa, NULL);
    ualarm(100000, 0);
    begin = now_ms();
    FAILS(poll(NULL, 0, 3000), EINTR);
    EQUAL(caught, 1);
    CHECK(now_ms() - begin < 1500);
    begin = now_ms();
    EQUAL(poll(NULL, 0, 50), 0);
    CHECK(now_ms() - begin >= 49 && now_ms() - begin < 1000);
}

/* ---- made again after a handler with SA_RESTART ---- */

/* Fill a pipe, and send a file into it; another process makes room later. */
static void test_sendfile(void)
{
    int fds[2], file = open("/tmp/restart.f", O_RDWR | O_CREAT, 0600), status;
    static char page[4096];
    long result;
    pid_t pid;

    if (file < 0 || pipe(fds) != 0 || write(file, page, 100) != 100)
        return;
    lseek(file, 0, SEEK_SET);
    fcntl(fds[1], F_SETFL, O_NONBLOCK);
    while (write(fds[1], page, sizeof(page)) > 0)
        ;
    fcntl(fds[1], F_SETFL, 0);
    pid = fork();
    if (pid == 0) {
        sleep_ms(400);
        for (int i = 0; i < 4; i++)
            (void)!read(fds[0], page, sizeof(page));
        sleep_ms(400);
        _exit(0);
    }
    caught = 0;
    ualarm(100000, 0);
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "0"(187L /* sendfile */), "b"(fds[1]), "c"(file), "d"(0),
                       "S"(100)
                     : "memory");
    EQUAL(result, 100);
    EQUAL(caught, 1);
    waitpid(pid, &status, 0);
    close(fds[0]), close(fds[1]), close(file);
    unlink("/tmp/restart.f");
}

/* creat() of a FIFO waits for its reader. */
static void test_creat(void)
{
    const char *name = "/tmp/restart.fifo";
    long result;
    int status;
    pid_t pid;

    if (mkfifo(name, 0600) != 0)
        return;
    pid = fork();
    if (pid == 0) {
        sleep_ms(400);
        close(open(name, O_RDONLY));
        _exit(0);
    }
    caught = 0;
    ualarm(100000, 0);
    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "0"(8L /* creat */), "b"(name), "c"(0600)
                     : "memory");
    CHECK(result >= 0);
    EQUAL(caught, 1);
    close((int)result);
    waitpid(pid, &status, 0);
    unlink(name);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    over_stops("poll", call_poll, 1, 0);
    over_stops("poll, twice", call_poll, 2, 0);
    over_stops("ppoll", call_ppoll, 1, 1);
    over_stops("select", call_select, 1, 1);
    over_stops("pselect", call_pselect, 1, 1);
    over_stops("nanosleep", call_nanosleep, 2, 0);
    over_stops("clock_nanosleep", call_clock_nanosleep, 1, 0);
    test_bad_remain();
    test_handler();
    mkdir("/tmp", 01777);
    test_sendfile();
    test_creat();
    return tap_done();
}
