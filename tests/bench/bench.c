/*
 * Counts the instructions of the kernel's operations.
 *
 * Run under QEMU's -icount, the time stamp counter counts instructions, and a
 * run repeats to the digit. Each operation is done many times in a row; the
 * best of three rounds is printed, as "bench NAME INSTRUCTIONS". The same
 * binary is the first program of Cairn and of Linux: system calls are made by
 * int $0x80 right here, with no library between, but for sbrk, where the two
 * kernels differ and the library chooses.
 *
 * An operation that the kernel does not have (ENOSYS) prints "absent". With
 * only=NAME in the environment (a word on the kernel's command line) nothing
 * else is measured. The operation NAME is the function do_NAME, with _ for -:
 * profiler.py looks for it.
 *
 * With latency= in the environment something else is measured: how long what
 * sleeps and wakes takes beside processes that never sleep, as "bench
 * NAME-PROCESSES INSTRUCTIONS"; an instruction is a nanosecond there.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096

enum {
    NR_exit = 1,
    NR_fork = 2,
    NR_read = 3,
    NR_write = 4,
    NR_waitpid = 7,
    NR_execve = 11,
    NR_kill = 37,
    NR_pipe = 42,
    NR_getppid = 64,
    NR_reboot = 88,
    NR_munmap = 91,
    NR_mmap2 = 192,
    NR_futex = 240,
};

static inline long sys3(long number, long a, long b, long c)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "0"(number), "b"(a), "c"(b), "d"(c)
                     : "memory");
    return result;
}

/* All six arguments of mmap2; "a" holds the first five, the sixth is 0. */
static long sys_mmap(size_t nbytes)
{
    long a[] = {0, (long)nbytes, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1};
    const long *at = a;
    long result;

    __asm__ volatile("push %%ebp\n\t"
                     "push %%ebx\n\t"
                     "mov (%%esi), %%ebx\n\t"
                     "mov 4(%%esi), %%ecx\n\t"
                     "mov 8(%%esi), %%edx\n\t"
                     "mov 16(%%esi), %%edi\n\t"
                     "mov 12(%%esi), %%esi\n\t"
                     "xor %%ebp, %%ebp\n\t"
                     "int $0x80\n\t"
                     "pop %%ebx\n\t"
                     "pop %%ebp"
                     : "=a"(result), "+S"(at)
                     : "0"((long)NR_mmap2)
                     : "ecx", "edx", "edi", "memory");
    return result;
}

static volatile int word;

static long sys_futex(long op, long value)
{
    long result;

    __asm__ volatile("push %%esi\n\t"
                     "xor %%esi, %%esi\n\t"
                     "int $0x80\n\t"
                     "pop %%esi"
                     : "=a"(result)
                     : "0"((long)NR_futex), "b"(&word), "c"(op), "d"(value)
                     : "memory");
    return result;
}

static inline uint64_t rdtsc(void)
{
    uint64_t value;

    __asm__ volatile("rdtsc" : "=A"(value));
    return value;
}

/* ---- the operations ---- */

static int null_fd, zero_fd, pipe_fds[2], there[2], back[2];
static char buffer[PAGE];
static char *fresh;
static char *self;

static long do_getppid(void)
{
    return sys3(NR_getppid, 0, 0, 0);
}

static long do_sbrk(void)
{
    return (long)sbrk(PAGE);
}

/* `fresh` is memory that nobody has touched, more than enough. */
static long do_fault(void)
{
    *(volatile char *)fresh = 1;
    fresh += PAGE;
    return 0;
}

/* The same after some time in which the machine had nothing to do. */
static long do_fault_idle(void)
{
    *(volatile char *)fresh = 1;
    fresh += PAGE;
    return 0;
}

static long do_sbrk_touch(void)
{
    *(volatile char *)sbrk(PAGE) = 1;
    return 0;
}

static long do_mmap(void)
{
    return sys3(NR_munmap, sys_mmap(PAGE), PAGE, 0);
}

static long do_mmap_64(void)
{
    char *p = (char *)sys_mmap(64 * PAGE);

    for (int i = 0; i < 64; i++)
        *(volatile char *)(p + i * PAGE) = 1;
    return sys3(NR_munmap, (long)p, 64 * PAGE, 0);
}

static long do_write_null(void)
{
    return sys3(NR_write, null_fd, (long)buffer, 1);
}

static long do_read_zero(void)
{
    return sys3(NR_read, zero_fd, (long)buffer, PAGE);
}

static long do_pipe_1(void)
{
    sys3(NR_write, pipe_fds[1], (long)buffer, 1);
    return sys3(NR_read, pipe_fds[0], (long)buffer, 1);
}

static long do_pipe_4096(void)
{
    sys3(NR_write, pipe_fds[1], (long)buffer, PAGE);
    return sys3(NR_read, pipe_fds[0], (long)buffer, PAGE);
}

static long do_round_trip(void)
{
    sys3(NR_write, there[1], (long)buffer, 1);
    return sys3(NR_read, back[0], (long)buffer, 1);
}

static volatile sig_atomic_t caught;

static void on_signal(int signo)
{
    (void)signo;
    caught++;
}

static long do_signal(void)
{
    sig_atomic_t before = caught;

    sys3(NR_kill, getpid(), SIGUSR1, 0);
    return caught == before + 1 ? 0 : -EIO;
}

static long do_fork(void)
{
    long pid = sys3(NR_fork, 0, 0, 0);

    if (pid == 0)
        sys3(NR_exit, 0, 0, 0);
    return pid < 0 ? pid : sys3(NR_waitpid, pid, 0, 0);
}

static long do_fork_exec(void)
{
    char *argv[] = {self, "exit", NULL}, *envp[] = {NULL};
    long pid = sys3(NR_fork, 0, 0, 0);

    if (pid == 0) {
        sys3(NR_execve, (long)self, (long)argv, (long)envp);
        sys3(NR_exit, 1, 0, 0);
    }
    return pid < 0 ? pid : sys3(NR_waitpid, pid, 0, 0);
}

/* The same with more memory: a function of its own, for profiler.py. */
static long do_fork_32M(void)
{
    return do_fork();
}

/* ---- threads: the other one answers what the first does ---- */

static void *no_thread(void *arg)
{
    return arg;
}

static long do_thread(void)
{
    pthread_t t;
    int error = pthread_create(&t, NULL, no_thread, NULL);

    return error ? -error : -pthread_join(t, NULL);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ask = PTHREAD_COND_INITIALIZER,
                      answer = PTHREAD_COND_INITIALIZER;
static volatile int asked, over;

static long do_mutex(void)
{
    pthread_mutex_lock(&mutex);
    return -pthread_mutex_unlock(&mutex);
}

/* FUTEX_WAIT and FUTEX_WAKE, private, without a library. */
static void futex_wait(void)
{
    sys_futex(128, 0);
}

static long futex_wake(void)
{
    return sys_futex(129, 1);
}

static void *wait_for_word(void *arg)
{
    while (!over)
        futex_wait();
    return arg;
}

/* A thread that waits is woken, runs at once, and waits again. */
static long do_futex_wake(void)
{
    return futex_wake();
}

static void *contend(void *arg)
{
    while (!over) {
        futex_wait();
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
    }
    return arg;
}

/* The same, and it wants a mutex that this thread has. */
static long do_mutex_wait(void)
{
    pthread_mutex_lock(&mutex);
    futex_wake();
    return -pthread_mutex_unlock(&mutex);
}

static void *reply(void *arg)
{
    pthread_mutex_lock(&mutex);
    while (!over) {
        while (!asked && !over)
            pthread_cond_wait(&ask, &mutex);
        asked = 0;
        pthread_cond_signal(&answer);
    }
    pthread_mutex_unlock(&mutex);
    return arg;
}

static long do_cond(void)
{
    pthread_mutex_lock(&mutex);
    asked = 1;
    pthread_cond_signal(&ask);
    while (asked)
        pthread_cond_wait(&answer, &mutex);
    return -pthread_mutex_unlock(&mutex);
}

/* ---- measuring ---- */

/* The only operation to measure, or NULL. */
static const char *only;

/* Before each round the machine has `idle_us` microseconds of nothing to do. */
static void measure_idle(const char *name, long (*operation)(void), int count,
                         unsigned idle_us)
{
    uint64_t best = UINT64_MAX;
    long result = 0;

    if (only && strcmp(only, name) != 0)
        return;
    for (int round = 0; round < 3 && result >= 0; round++) {
        uint64_t begin, took;

        if (idle_us > 0)
            usleep(idle_us);
        begin = rdtsc();

        for (int i = 0; i < count && result >= 0; i++)
            result = operation();
        took = (rdtsc() - begin) / count;
        best = took < best ? took : best;
    }
    if (result == -ENOSYS)
        printf("bench %s absent\n", name);
    else if (result < 0 && result >= -4095)
        printf("bench %s failed: %s\n", name, strerror((int)-result));
    else
        printf("bench %s %llu\n", name, (unsigned long long)best);
}

static void measure(const char *name, long (*operation)(void), int count)
{
    measure_idle(name, operation, count, 0);
}

static void measure_memory(void)
{
    measure("sbrk", do_sbrk, 500);
    fresh = (char *)sys_mmap(1000 * PAGE);
    measure("fault", do_fault, 300);
    measure("sbrk-touch", do_sbrk_touch, 300);
    measure("mmap", do_mmap, 300);
    measure("mmap-64", do_mmap_64, 20);
}

static void measure_files(void)
{
    null_fd = open("/dev/null", O_RDWR);
    zero_fd = open("/dev/zero", O_RDWR);
    measure("write-null", do_write_null, 1000);
    measure("read-zero", do_read_zero, 500);
    if (pipe(pipe_fds) != 0) {
        printf("bench pipe-1 absent\nbench pipe-4096 absent\n");
        return;
    }
    measure("pipe-1", do_pipe_1, 500);
    measure("pipe-4096", do_pipe_4096, 300);
}

/* The other end of the round trip: sends back what comes, to its end. */
static void echo(void)
{
    close(there[1]);
    while (read(there[0], buffer, 1) == 1)
        (void)!write(back[1], buffer, 1);
    _exit(0);
}

static void measure_processes(void)
{
    char *big;
    long pid = -1;

    if (signal(SIGUSR1, on_signal) == SIG_ERR)
        printf("bench signal absent\n");
    else
        measure("signal", do_signal, 300);
    if (pipe(there) == 0 && pipe(back) == 0)
        pid = sys3(NR_fork, 0, 0, 0);
    if (pid == 0)
        echo();
    if (pid < 0) {
        printf("bench round-trip absent\n");
    } else {
        measure("round-trip", do_round_trip, 500);
        close(there[1]);
        sys3(NR_waitpid, pid, 0, 0);
    }
    measure("fork", do_fork, 30);
    measure("fork-exec", do_fork_exec, 20);
    big = (char *)sys_mmap(32 << 20);
    memset(big, 1, 32 << 20);
    measure("fork-32M", do_fork_32M, 8);
    sys3(NR_munmap, (long)big, 32 << 20, 0);
    /* Last: zeroed frames that are left over would make others look fast. */
    fresh = (char *)sys_mmap(1000 * PAGE);
    measure_idle("fault-idle", do_fault_idle, 300, 50000);
}

/*
 * Measure with another thread, which runs `other` until it is over; `at_once`
 * when it is woken.
 */
static void measure_with(const char *name, long (*operation)(void), int count,
                         void *(*other)(void *), bool at_once)
{
    struct sched_param param = {at_once ? 10 : 0};
    pthread_t t;

    over = word = 0;
    if (pthread_create(&t, NULL, other, NULL) != 0) {
        printf("bench %s absent\n", name);
        return;
    }
    pthread_setschedparam(t, at_once ? SCHED_FIFO : SCHED_OTHER, &param);
    for (int i = 0; i < 10; i++)
        sched_yield();
    measure(name, operation, count);
    over = 1;
    pthread_cond_signal(&ask);
    word = 1;
    futex_wake();
    pthread_join(t, NULL);
}

/* The last of all: a program of one thread locks less. */
static void measure_threads(void)
{
    measure("thread", do_thread, 100);
    measure("mutex", do_mutex, 1000);
    measure_with("futex-wake", do_futex_wake, 300, wait_for_word, true);
    measure_with("mutex-wait", do_mutex_wait, 300, contend, true);
    measure_with("cond", do_cond, 300, reply, false);
}

/* ---- latency ---- */

/* One word to start, and one to see what it has taken. */
static uint64_t clock_start;

static void report(const char *name, int nbusy, uint64_t divisor)
{
    printf("bench %s-%d %llu\n", name, nbusy,
           (unsigned long long)((rdtsc() - clock_start) / divisor));
}

/* By how much a sleep of 20 ms is longer, at worst. */
static void measure_sleeps(int nbusy)
{
    struct timespec span = {0, 20000000};
    uint64_t worst = 0;

    for (int i = 0; i < 10; i++) {
        uint64_t begin = rdtsc(), took;

        nanosleep(&span, NULL);
        took = rdtsc() - begin - 20000000;
        worst = took > worst ? took : worst;
    }
    printf("bench sleep-%d %llu\n", nbusy, (unsigned long long)worst);
}

/* Ten subshells: each is a process that makes another and waits for it. */
static void measure_subshells(int nbusy)
{
    clock_start = rdtsc();
    for (int i = 0; i < 10; i++) {
        long pid = sys3(NR_fork, 0, 0, 0);

        if (pid == 0) {
            do_fork_exec();
            sys3(NR_exit, 0, 0, 0);
        }
        sys3(NR_waitpid, pid, 0, 0);
    }
    report("subshells", nbusy, 1);
}

static void measure_pipes(int nbusy)
{
    long pid = -1;

    if (pipe(there) == 0 && pipe(back) == 0)
        pid = sys3(NR_fork, 0, 0, 0);
    if (pid == 0)
        echo();
    if (pid < 0)
        return;
    do_round_trip();
    clock_start = rdtsc();
    for (int i = 0; i < 200; i++)
        do_round_trip();
    report("pipe", nbusy, 200);
    close(there[0]);
    close(there[1]);
    close(back[0]);
    close(back[1]);
    sys3(NR_waitpid, pid, 0, 0);
}

static void measure_beside(int nbusy)
{
    long busy[16];

    for (int i = 0; i < nbusy; i++) {
        busy[i] = sys3(NR_fork, 0, 0, 0);
        while (busy[i] == 0)
            continue;
    }
    usleep(100000);
    measure_sleeps(nbusy);
    measure_pipes(nbusy);
    usleep(100000);
    clock_start = rdtsc();
    for (int i = 0; i < 10; i++)
        do_fork();
    report("fork", nbusy, 10);
    usleep(100000);
    measure_subshells(nbusy);
    for (int i = 0; i < nbusy; i++)
        kill((pid_t)busy[i], SIGKILL);
    for (int i = 0; i < nbusy; i++)
        sys3(NR_waitpid, busy[i], 0, 0);
}

static void measure_latency(void)
{
    static const int others[] = {0, 1, 3, 10};

    for (int i = 0; i < 4; i++)
        measure_beside(others[i]);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "exit") == 0)
        return 0;
    self = argv[0];
    only = getenv("only");
    printf("bench start %llu\n", (unsigned long long)rdtsc());
    fflush(stdout);
    if (getenv("latency")) {
        measure_latency();
    } else {
        measure("getppid", do_getppid, 1000);
        measure_memory();
        measure_files();
        measure_processes();
        measure_threads();
    }
    printf("bench done\n");
    fflush(stdout);
    if (getpid() == 1) /* Linux: its first program must not end by itself */
        sys3(NR_reboot, (long)0xfee1dead, 672274793, 0x01234567);
    return 0;
}
