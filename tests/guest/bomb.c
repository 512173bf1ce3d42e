/*
 * A fork bomb beside processes that take all memory they can get, on a small
 * machine: forks and mallocs fail with EAGAIN or ENOMEM and nothing else, a
 * process that needs no more memory keeps its pace, nothing is killed, and
 * when all of them are gone, their memory is back.
 *
 * test: run="-m 16M" timeout=200
 */
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { HOGS = 16, BOMBS = 4 };

/* What the processes tell each other. */
static struct shared {
    volatile uint32_t forks, refused_forks, refused_mallocs, wrong_errors;
    volatile uint32_t pace;
    volatile int go, stop;
} * shared;

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void note_error(volatile uint32_t *refused)
{
    if (errno == ENOMEM || errno == EAGAIN)
        (*refused)++;
    else
        shared->wrong_errors++;
}

/* All of them begin at once, when they have all been made. */
static void wait_for_others(void)
{
    while (!shared->go)
        usleep(1000);
}

/* Take memory in pieces until there is none, and go on asking. */
static void hog(int which)
{
    size_t piece = 4096u << (which % 5);

    wait_for_others();
    while (!shared->stop) {
        char *p = malloc(piece);

        if (p)
            memset(p, which, piece);
        else
            note_error(&shared->refused_mallocs);
        if (!p)
            sched_yield();
    }
    _exit(0);
}

static void bomb(void)
{
    wait_for_others();
    while (!shared->stop) {
        pid_t pid = fork();

        if (pid > 0)
            shared->forks++;
        if (pid < 0) {
            note_error(&shared->refused_forks);
            usleep(1000);
        }
    }
    _exit(0);
}

/* Work that needs no memory: how far it comes in `seconds`. */
static uint32_t pace_for(double seconds)
{
    double end = now() + seconds;

    shared->pace = 0;
    while (now() < end)
        for (volatile int i = 0; i < 2000; i++)
            shared->pace++;
    return shared->pace;
}

static unsigned long free_bytes(void)
{
    struct sysinfo info;

    sysinfo(&info);
    return info.freeram;
}

static int end_all(void)
{
    int status, killed = 0;

    shared->stop = 1;
    kill(-1, SIGKILL);
    while (wait(&status) > 0)
        killed++;
    return killed;
}

static int start(void)
{
    int started = 0;

    for (int i = 0; i < BOMBS; i++) {
        pid_t pid = fork();

        if (pid == 0)
            bomb();
        started += pid > 0;
    }
    for (int i = 0; i < HOGS; i++) {
        pid_t pid = fork();

        if (pid == 0)
            hog(i);
        started += pid > 0;
    }
    return started;
}

int main(void)
{
    double seconds = getenv("TEST_LONG") ? 60 : 4;
    unsigned long before;
    uint32_t alone, together;
    char *p;

    setvbuf(stdout, NULL, _IOLBF, 0);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK(shared != MAP_FAILED);
    alone = pace_for(0.5);
    before = free_bytes();
    EQUAL(start(), BOMBS + HOGS);
    shared->go = 1;
    together = pace_for(seconds);
    CHECK(end_all() > 0);
    usleep(200000); /* grandchildren are reaped by pid 1 */
    printf("# %u forks, %u refused; %u mallocs refused\n", shared->forks,
           shared->refused_forks, shared->refused_mallocs);
    printf("# pace alone %u in 0.5 s, among them %u in %g s\n", alone, together,
           seconds);
    EQUAL(shared->wrong_errors, 0);
    CHECK(shared->refused_mallocs > 0);
    CHECK(together > 0);
    CHECK(free_bytes() + 256 * 1024 >= before);
    p = malloc(4 << 20);
    CHECK(p != NULL);
    if (p)
        memset(p, 1, 4 << 20);
    free(p);
    return tap_done();
}
