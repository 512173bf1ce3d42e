/*
 * Locks across a sleep: two processes that wait for one open file's lock get
 * one lock between them, and nothing is left of it when it is given up.
 *
 * test: linux
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

#define NWAITERS 4

/* The letter that /proc/PID/stat has for the state of a process. */
static char state_of(pid_t pid)
{
    char path[32], text[512];
    const char *after;
    ssize_t n;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    fd = open(path, O_RDONLY);
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (n <= 0)
        return '?';
    text[n] = '\0';
    after = strrchr(text, ')');
    return after != NULL ? after[2] : '?';
}

static void wait_asleep(pid_t pid)
{
    const struct timespec moment = {0, 1000000};

    for (int i = 0; i < 10000 && state_of(pid) != 'S'; i++)
        nanosleep(&moment, NULL);
}

/* Children that all ask for the lock of the open file `fd`, and sleep. */
static void start_waiters(int fd, int operation, pid_t *pids)
{
    for (int i = 0; i < NWAITERS; i++) {
        pids[i] = fork();
        if (pids[i] == 0)
            _exit(flock(fd, operation) != 0);
    }
    for (int i = 0; i < NWAITERS; i++)
        wait_asleep(pids[i]);
}

static void end_waiters(const pid_t *pids)
{
    int status;

    for (int i = 0; i < NWAITERS; i++) {
        EQUAL(waitpid(pids[i], &status, 0), pids[i]);
        EQUAL(status, 0);
    }
}

/* Waiters for `operation` while another open file has the lock `held`. */
static void test_shared_file(int operation, int held)
{
    int shared = open("lock", O_RDWR | O_CREAT, 0600);
    int other = open("lock", O_RDWR);
    pid_t pids[NWAITERS];

    EQUAL(flock(other, held), 0);
    start_waiters(shared, operation, pids);
    EQUAL(flock(other, LOCK_UN), 0);
    end_waiters(pids);
    FAILS(flock(other, LOCK_EX | LOCK_NB), EWOULDBLOCK);
    EQUAL(flock(shared, LOCK_UN), 0);
    EQUAL(flock(other, LOCK_EX | LOCK_NB), 0);
    close(other);
    EQUAL(flock(shared, LOCK_EX | LOCK_NB), 0);
    close(shared);
}

/* One waits to lock, meanwhile another locks and unlocks the same file. */
static void test_other_kind(void)
{
    int shared = open("lock", O_RDWR | O_CREAT, 0600);
    int other = open("lock", O_RDWR);
    pid_t pid;
    int status;

    EQUAL(flock(other, LOCK_SH), 0);
    pid = fork();
    if (pid == 0)
        _exit(flock(shared, LOCK_EX) != 0);
    wait_asleep(pid);
    EQUAL(flock(shared, LOCK_SH | LOCK_NB), 0);
    EQUAL(flock(other, LOCK_UN), 0);
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, 0);
    FAILS(flock(other, LOCK_SH | LOCK_NB), EWOULDBLOCK);
    EQUAL(flock(shared, LOCK_UN), 0);
    EQUAL(flock(other, LOCK_EX | LOCK_NB), 0);
    close(shared);
    close(other);
}

/* A waiter that is killed leaves nothing. */
static void test_killed(void)
{
    int shared = open("lock", O_RDWR | O_CREAT, 0600);
    int other = open("lock", O_RDWR);
    pid_t pids[NWAITERS];
    int status;

    EQUAL(flock(other, LOCK_EX), 0);
    start_waiters(shared, LOCK_EX, pids);
    for (int i = 0; i < NWAITERS; i++) {
        kill(pids[i], SIGKILL);
        EQUAL(waitpid(pids[i], &status, 0), pids[i]);
    }
    EQUAL(flock(other, LOCK_UN), 0);
    EQUAL(flock(other, LOCK_EX | LOCK_NB), 0);
    close(other);
    close(shared);
}

int main(void)
{
    scratch_enter("life_locks");
    alarm(100);
    test_shared_file(LOCK_EX, LOCK_EX);
    test_shared_file(LOCK_SH, LOCK_EX);
    test_shared_file(LOCK_EX, LOCK_SH);
    test_other_kind();
    test_killed();
    unlink("lock");
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
