/*
 * Every system call that takes an address, with bad ones in each place: it
 * answers EFAULT, nothing has changed, and the kernel lives.
 *
 * The table has a line per pointer argument: the call with good arguments,
 * and which one is replaced. NULL is tried only where it means nothing else.
 *
 * test: linux
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

enum { NULL_IS_BAD = 1, NO_STRADDLE = 2, WRITES = 4 };

struct attempt {
    const char *name;
    long number;
    long args[5];
    int which; /* the argument to replace */
    int size;  /* bytes that the kernel reads or writes there */
    int flags;
};

/* INT 0x80, straight, so that the result is the kernel's own. */
static long call(long number, const long *a)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "0"(number), "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]),
                       "D"(a[4])
                     : "memory");
    return result;
}

static char *pages;     /* readable, PROT_NONE, read-only, unmapped */
static char buf[65536]; /* good memory */
static char path[] = "/dev/null";
static struct iovec vec[2];
static int null_fd, zero_fd, pipe_in, pipe_out;

#define PAGE      4096
#define GOOD_END  (pages + PAGE) /* what follows is PROT_NONE */
#define NO_ACCESS (pages + PAGE)
#define READ_ONLY (pages + 2 * PAGE) /* what follows is unmapped */
#define UNMAPPED  (pages + 3 * PAGE)

static void make_pages(void)
{
    pages = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(NO_ACCESS, PAGE, PROT_NONE);
    mprotect(READ_ONLY, PAGE, PROT_READ);
    munmap(UNMAPPED, PAGE);
}

static void expect_fault(const struct attempt *t, const char *kind,
                         const void *bad)
{
    long args[5], result;
    char text[80];

    memset(pages, 'a', PAGE); /* no string ends there by chance */
    memcpy(args, t->args, sizeof(args));
    args[t->which] = (long)bad;
    result = call(t->number, args);
    snprintf(text, sizeof(text), "%s, argument %d: %s", t->name, t->which + 1,
             kind);
    tap_line(result == -EFAULT, __FILE__, __LINE__, text);
    if (result != -EFAULT)
        printf("# %p gives %ld\n", bad, result);
}

static void try_all(const struct attempt *t)
{
    if (t->flags & NULL_IS_BAD)
        expect_fault(t, "NULL", NULL);
    expect_fault(t, "the lowest page", (void *)16);
    expect_fault(t, "not mapped", UNMAPPED);
    expect_fault(t, "PROT_NONE", NO_ACCESS);
    expect_fault(t, "the kernel", (void *)0xC0100000);
    expect_fault(t, "the last bytes", (void *)0xFFFFFFF0);
    if (t->flags & WRITES)
        expect_fault(t, "read-only", READ_ONLY);
    if (!(t->flags & NO_STRADDLE) && t->size > 1)
        expect_fault(t, "half of it", GOOD_END - t->size / 2);
}

#define B ((long)buf)
#define P ((long)path)

static void test_table(void)
{
    const struct attempt table[] = {
        {"open", SYS_open, {P, 0}, 0, 4, NULL_IS_BAD},
        {"openat", SYS_openat, {-100, P}, 1, 4, NULL_IS_BAD},
        {"stat64", SYS_stat64, {P, B}, 0, 4, NULL_IS_BAD},
        {"stat64", SYS_stat64, {P, B}, 1, 96, NULL_IS_BAD | WRITES},
        {"lstat64", SYS_lstat64, {P, B}, 1, 96, NULL_IS_BAD | WRITES},
        {"fstat64", SYS_fstat64, {null_fd, B}, 1, 96, NULL_IS_BAD | WRITES},
        {"fstatat64",
         SYS_fstatat64,
         {-100, P, B, 0},
         2,
         96,
         NULL_IS_BAD | WRITES},
        {"statx",
         SYS_statx,
         {-100, P, 0, 0x7FF, B},
         4,
         256,
         NULL_IS_BAD | WRITES},
        {"access", SYS_access, {P, 0}, 0, 4, NULL_IS_BAD},
        {"readlink", SYS_readlink, {P, B, 10}, 0, 4, NULL_IS_BAD},
        {"_llseek",
         SYS__llseek,
         {zero_fd, 0, 0, B, 0},
         3,
         8,
         NULL_IS_BAD | WRITES},
        {"read", SYS_read, {zero_fd, B, 100}, 1, 1, NULL_IS_BAD | WRITES},
        {"readv", SYS_readv, {zero_fd, (long)vec, 2}, 1, 16, NULL_IS_BAD},
        {"writev", SYS_writev, {null_fd, (long)vec, 2}, 1, 16, NULL_IS_BAD},
        {"write", SYS_write, {pipe_out, B, 10}, 1, 1, NULL_IS_BAD},
        {"pipe", SYS_pipe, {B}, 0, 8, NULL_IS_BAD | WRITES},
        {"pipe2", SYS_pipe2, {B, 0}, 0, 8, NULL_IS_BAD | WRITES},
        {"getcwd", SYS_getcwd, {B, 4096}, 0, 2, NULL_IS_BAD | WRITES},
        {"chdir", SYS_chdir, {P}, 0, 4, NULL_IS_BAD},
        {"uname", SYS_uname, {B}, 0, 390, NULL_IS_BAD | WRITES},
        {"time", SYS_time, {B}, 0, 4, WRITES},
        {"gettimeofday", SYS_gettimeofday, {B, 0}, 0, 8, WRITES},
        {"clock_gettime64",
         SYS_clock_gettime64,
         {1, B},
         1,
         16,
         NULL_IS_BAD | WRITES},
        {"clock_gettime",
         SYS_clock_gettime,
         {1, B},
         1,
         8,
         NULL_IS_BAD | WRITES},
        {"nanosleep", SYS_nanosleep, {B, 0}, 0, 8, NULL_IS_BAD},
        {"clock_nanosleep_time64",
         SYS_clock_nanosleep_time64,
         {1, 0, B, 0},
         2,
         16,
         NULL_IS_BAD},
        {"getrandom", SYS_getrandom, {B, 16, 0}, 0, 1, NULL_IS_BAD | WRITES},
        {"sysinfo", SYS_sysinfo, {B}, 0, 64, NULL_IS_BAD | WRITES},
        {"ugetrlimit", SYS_ugetrlimit, {3, B}, 1, 8, NULL_IS_BAD | WRITES},
        {"setrlimit", SYS_setrlimit, {3, B}, 1, 8, NULL_IS_BAD},
        {"prlimit64", SYS_prlimit64, {0, 3, 0, B}, 3, 16, WRITES},
        {"prlimit64", SYS_prlimit64, {0, 3, B, 0}, 2, 16, 0},
        {"getrusage", SYS_getrusage, {0, B}, 1, 72, NULL_IS_BAD | WRITES},
        {"times", SYS_times, {B}, 0, 16, WRITES},
        {"rt_sigaction", SYS_rt_sigaction, {SIGUSR1, B, 0, 8}, 1, 20, 0},
        {"rt_sigaction", SYS_rt_sigaction, {SIGUSR1, 0, B, 8}, 2, 20, WRITES},
        {"rt_sigprocmask", SYS_rt_sigprocmask, {0, B, 0, 8}, 1, 8, 0},
        {"rt_sigprocmask", SYS_rt_sigprocmask, {0, 0, B, 8}, 2, 8, WRITES},
        {"rt_sigpending",
         SYS_rt_sigpending,
         {B, 8},
         0,
         8,
         NULL_IS_BAD | WRITES},
        {"rt_sigsuspend", SYS_rt_sigsuspend, {B, 8}, 0, 8, NULL_IS_BAD},
        {"sigaltstack", SYS_sigaltstack, {B, 0}, 0, 12, 0},
        {"sigaltstack", SYS_sigaltstack, {0, B}, 1, 12, WRITES},
        {"getitimer", SYS_getitimer, {0, B}, 1, 16, NULL_IS_BAD | WRITES},
        {"setitimer", SYS_setitimer, {0, B, 0}, 1, 16, 0},
        {"execve", SYS_execve, {P, 0, 0}, 0, 4, NULL_IS_BAD},
        {"poll", SYS_poll, {B, 1, 0}, 0, 8, NULL_IS_BAD},
        {"set_thread_area", SYS_set_thread_area, {B}, 0, 16, NULL_IS_BAD},
        {"get_thread_area",
         SYS_get_thread_area,
         {B},
         0,
         16,
         NULL_IS_BAD | NO_STRADDLE},
        {"getdents64",
         SYS_getdents64,
         {open("/", O_RDONLY), B, 1000},
         1,
         1,
         NULL_IS_BAD | WRITES},
        {"getresuid32", SYS_getresuid32, {B, B, B}, 1, 4, NULL_IS_BAD | WRITES},
    };

    vec[0] = vec[1] = (struct iovec){buf, 10};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        try_all(&table[i]);
}

/* What was copied before the fault counts. */
static void test_partial(void)
{
    long args[5] = {zero_fd, (long)(GOOD_END - 100), 200, 0, 0};
    struct iovec parts[2] = {{GOOD_END - 100, 100}, {NO_ACCESS, 100}};
    long result;

    memset(pages, 1, PAGE);
    EQUAL(call(SYS_read, args), 100);
    CHECK(pages[PAGE - 1] == 0 && pages[PAGE - 100] == 0 &&
          pages[PAGE - 101] == 1);
    EQUAL(readv(zero_fd, parts, 2), 100);
    /* Linux copies whole pages into a pipe, or nothing. */
    args[0] = pipe_out;
    result = call(SYS_write, args);
    CHECK(result == 100 || (!is_cairn() && result == -EFAULT));
    if (result == 100)
        EQUAL(read(pipe_in, buf, sizeof(buf)), 100);
}

/* Sizes that wrap, or are more than there is. */
static void test_huge(void)
{
    long args[5] = {zero_fd, (long)pages, 0x7FFFFFFF, 0, 0}, result;

    /* What reaches into the kernel may be refused as a whole. */
    result = call(SYS_read, args);
    CHECK(result == PAGE || result == -EFAULT);
    args[2] = -1;
    result = call(SYS_read, args);
    CHECK(result == PAGE || result == -EFAULT);
    args[1] = (long)vec;
    args[2] = 100000;
    EQUAL(call(SYS_readv, args), -EINVAL);
    vec[0].iov_len = 0x80000000u;
    args[2] = 1;
    EQUAL(call(SYS_readv, args), -EINVAL);
}

/* A call whose result cannot be stored leaves nothing behind. */
static void test_nothing_changed(void)
{
    long args[5] = {(long)NO_ACCESS, 0, 0, 0, 0};
    int before = dup(0), after;

    close(before);
    for (int i = 0; i < 100; i++)
        call(SYS_pipe, args);
    after = dup(0);
    close(after);
    EQUAL(after, before);
}

int main(void)
{
    int ends[2];

    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGPIPE, SIG_IGN);
    null_fd = open("/dev/null", O_RDWR);
    zero_fd = open("/dev/zero", O_RDONLY);
    EQUAL(pipe(ends), 0);
    pipe_in = ends[0];
    pipe_out = ends[1];
    make_pages();
    test_table();
    test_partial();
    test_huge();
    test_nothing_changed();
    return tap_done();
}
