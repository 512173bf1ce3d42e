/*
 * Every system call with its first, second, third ... allocation refused,
 * until none of those it makes is left; then the same for each copy from and
 * to its memory. Each time it ends with a documented error or gets through;
 * one that fails has changed nothing that can be seen (descriptors, mappings,
 * names), and in the end all objects and promises of the kernel are as before.
 *
 * The list of calls is the kernel's own, <cairn/syscalls.def>: one that is not
 * tried here fails the test. Page faults, the start of a handler and what a
 * process does at its end are tried too.
 *
 * test: timeout=200
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proc_read.h"
#include "scratch.h"
#include "small_elf.h"
#include "tap.h"

#include <cairn/sched.h>
#include <cairn/inject.h>
#include <cairn/syscall.h>

#define PAGE  4096
#define TRIES 300 /* no call has that many points */
#define P(x)  ((long)(uintptr_t)(x))

static long raw(long number, const long *a)
{
    long result;

    __asm__ volatile("push %%ebp\n\t"
                     "mov 20(%%esi), %%ebp\n\t"
                     "mov (%%esi), %%ebx\n\t"
                     "mov 4(%%esi), %%ecx\n\t"
                     "mov 8(%%esi), %%edx\n\t"
                     "mov 16(%%esi), %%edi\n\t"
                     "mov 12(%%esi), %%esi\n\t"
                     "int $0x80\n\t"
                     "pop %%ebp"
                     : "=a"(result), "+S"(a)
                     : "0"(number)
                     : "ebx", "ecx", "edx", "edi", "memory");
    return result;
}

#define RAW(name, ...) raw(__NR_##name, (const long[6]){__VA_ARGS__})

/* ---- one try ---- */

static unsigned fail_nth, fail_copy; /* of this try; 0: none */
static int was_hit;                  /* the point was reached */
static int was_changed;              /* a call that failed left something */
static char tried[512 + 16];         /* by number; Cairn's own behind */

static void arm(void)
{
    RAW(inject, fail_nth, fail_copy && !fail_nth ? INJECT_OFF : 0, fail_copy);
}

/* Stop; notes whether the point or the copy was reached. */
static void disarm(void)
{
    if (fail_copy) {
        was_hit |= RAW(inject, 0, INJECT_OFF | INJECT_COPIES) == 0;
    } else {
        long passed = RAW(inject, 0, INJECT_OFF);

        was_hit |= fail_nth != 0 && passed >= (long)fail_nth;
    }
}

/* What can be seen from outside: descriptors, mappings, names here. */
static uint32_t hash_bytes(uint32_t hash, const char *p, size_t n)
{
    while (n-- > 0)
        hash = (hash ^ (uint8_t)*p++) * 16777619u;
    return hash;
}

static uint32_t look(void)
{
    static char names[8192] __attribute__((aligned(8)));
    uint32_t hash = 2166136261u;
    const char *maps;
    long n;
    int fd;

    for (fd = 0; fd < 40; fd++) {
        int flags = fcntl(fd, F_GETFD);

        hash = hash_bytes(hash, (char *)&flags, sizeof(flags));
    }
    maps = proc_read("/proc/self/maps");
    hash = hash_bytes(hash, maps, strlen(maps));
    fd = open(".", O_RDONLY | O_DIRECTORY);
    while ((n = RAW(getdents64, fd, P(names), sizeof(names))) > 0)
        hash = hash_bytes(hash, names, (size_t)n);
    close(fd);
    return hash;
}

static long try_call(long number, const long *a)
{
    uint32_t before = look();
    long result;

    tried[number < 512 ? number : 512 + (number - 0x1000)] = 1;
    arm();
    result = raw(number, a);
    disarm();
    if (result < 0 && result > -4096 && look() != before)
        was_changed = 1;
    return result;
}

#define TRY(name, ...) try_call(__NR_##name, (const long[6]){__VA_ARGS__})

static volatile int *go; /* shared with children */

/* In a child: from here on this process's points are counted. */
static void begin(void)
{
    while (!*go)
        RAW(sched_yield);
}

/*
 * What another process does from begin() to its end: its exit code, or 128 +
 * the signal that ended it.
 */
static int child(void (*run)(void))
{
    int status = 0;
    pid_t pid;

    *go = 0;
    pid = fork();
    if (pid == 0) {
        run();
        RAW(exit, 0);
    }
    *go = 1;
    arm();
    RAW(waitid, 1 /* this one */, pid, 0, WEXITED | 0x01000000 /* keep it */);
    disarm();
    waitpid(pid, &status, 0);
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- files ---- */

static char buf[8192];
static struct {
    void *base;
    uint32_t length;
} parts[20];

static void fill_parts(void)
{
    for (int i = 0; i < 20; i++)
        parts[i].base = buf + i, parts[i].length = 1;
}

static int make(const char *name)
{
    int fd = open(name, O_RDWR | O_CREAT, 0600);

    (void)!write(fd, "0123456789", 10);
    lseek(fd, 0, SEEK_SET);
    return fd;
}

static long done(long result, int fd, const char *name)
{
    if (fd >= 0)
        close(fd);
    if (name)
        unlink(name);
    return result;
}

static long done_fd(long result, const char *name)
{
    return done(result, result >= 0 ? (int)result : -1, name);
}

static long op_open(void)
{
    return done_fd(TRY(open, P("new"), O_CREAT | O_RDWR, 0600), "new");
}

static long op_creat(void)
{
    return done_fd(TRY(creat, P("new"), 0600), "new");
}

static long op_openat(void)
{
    return done_fd(TRY(openat, -100, P("new"), O_CREAT | O_RDWR, 0600), "new");
}

static long op_close(void)
{
    return TRY(close, make("f")) | done(0, -1, "f");
}

static long op_read(void)
{
    int fd = make("f");

    return done(TRY(read, fd, P(buf), 5000), fd, "f");
}

static long op_write(void)
{
    int fd = make("f");

    return done(TRY(write, fd, P(buf), 5000), fd, "f");
}

static long op_pread64(void)
{
    int fd = make("f");

    return done(TRY(pread64, fd, P(buf), 100, 2, 0), fd, "f");
}

static long op_pwrite64(void)
{
    int fd = make("f");

    return done(TRY(pwrite64, fd, P(buf), 100, 50000, 0), fd, "f");
}

static long op_readv(void)
{
    int fd = make("f");

    fill_parts();
    return done(TRY(readv, fd, P(parts), 20), fd, "f");
}

static long op_writev(void)
{
    int fd = make("f");

    fill_parts();
    return done(TRY(writev, fd, P(parts), 20), fd, "f");
}

static long op_preadv(void)
{
    int fd = make("f");

    fill_parts();
    return done(TRY(preadv, fd, P(parts), 20, 1, 0), fd, "f");
}

static long op_pwritev(void)
{
    int fd = make("f");

    fill_parts();
    return done(TRY(pwritev, fd, P(parts), 20, 9000, 0), fd, "f");
}

static long op_lseek(void)
{
    int fd = make("f");

    return done(TRY(lseek, fd, 3, SEEK_SET), fd, "f");
}

static long op__llseek(void)
{
    int fd = make("f");

    return done(TRY(_llseek, fd, 0, 3, P(buf), SEEK_SET), fd, "f");
}

static long op_dup(void)
{
    return done_fd(TRY(dup, 0), NULL);
}

static long op_dup2(void)
{
    return done_fd(TRY(dup2, 0, 30), NULL);
}

static long op_dup3(void)
{
    return done_fd(TRY(dup3, 0, 200, O_CLOEXEC), NULL);
}

static long close_pipe(long result, const int *fds)
{
    if (result >= 0)
        close(fds[0]), close(fds[1]);
    return result;
}

static long op_pipe(void)
{
    int fds[2];

    return close_pipe(TRY(pipe, P(fds)), fds);
}

static long op_pipe2(void)
{
    int fds[2];

    return close_pipe(TRY(pipe2, P(fds), O_CLOEXEC), fds);
}

static long op_pipe_io(void)
{
    int fds[2];
    long result;

    if (pipe(fds) != 0)
        return -errno;
    result = TRY(write, fds[1], P(buf), 6000);
    close(fds[0]), close(fds[1]);
    return result;
}

static long op_fifo(void)
{
    long result;

    mkfifo("fifo", 0600);
    result = TRY(open, P("fifo"), O_RDWR);
    return done_fd(result, "fifo");
}

static long op_ptmx(void)
{
    return done_fd(TRY(open, P("/dev/ptmx"), O_RDWR | O_NOCTTY), NULL);
}

static long op_ioctl(void)
{
    int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY);

    return done(TRY(ioctl, fd, 0x5401 /* TCGETS */, P(buf)), fd, NULL);
}

/* A lock that divides another one. */
static long lock(long number)
{
    struct flock whole = {.l_type = F_WRLCK, .l_len = 100};
    struct flock part = {.l_type = F_UNLCK, .l_start = 10, .l_len = 10};
    int fd = make("f");
    long result;

    fcntl(fd, F_SETLK, &whole);
    result = try_call(number, (const long[6]){fd, F_SETLK, P(&part)});
    return done(result, fd, "f");
}

static long op_fcntl(void)
{
    return lock(__NR_fcntl);
}

static long op_fcntl64(void)
{
    return lock(__NR_fcntl64);
}

static long op_dupfd(void)
{
    return done_fd(TRY(fcntl64, 0, F_DUPFD, 300), NULL);
}

static long op_flock(void)
{
    int fd = make("f");

    return done(TRY(flock, fd, 2), fd, "f");
}

static long op_ftruncate(void)
{
    int fd = make("f");

    return done(TRY(ftruncate, fd, 5), fd, "f");
}

static long op_ftruncate64(void)
{
    int fd = make("f");

    return done(TRY(ftruncate64, fd, 5000000, 0), fd, "f");
}

static long op_fallocate(void)
{
    int fd = make("f");

    return done(TRY(fallocate, fd, 0, 0, 0, 100000, 0), fd, "f");
}

static long op_fadvise64_64(void)
{
    int fd = make("f");

    return done(TRY(fadvise64_64, fd, 0, 0, 0, 0, 0), fd, "f");
}

/* No file has an attribute: the usual answer is no failure here. */
static long none(long result)
{
    return result == -EOPNOTSUPP ? 0 : result;
}

static long op_fadvise64(void)
{
    int fd = make("f");

    return done(TRY(fadvise64, fd, 0, 0, 0, 0), fd, "f");
}

static long op_setxattr(void)
{
    int fd = make("f");

    return done(none(TRY(setxattr, P("f"), P("user.a"), P("v"), 1, 0)), fd,
                "f");
}

static long op_lsetxattr(void)
{
    int fd = make("f");

    return done(none(TRY(lsetxattr, P("f"), P("user.a"), P("v"), 1, 0)), fd,
                "f");
}

static long op_fsetxattr(void)
{
    int fd = make("f");

    return done(none(TRY(fsetxattr, fd, P("user.a"), P("v"), 1, 0)), fd, "f");
}

static long op_getxattr(void)
{
    int fd = make("f");

    return done(none(TRY(getxattr, P("f"), P("user.a"), P(buf), 1)), fd, "f");
}

static long op_lgetxattr(void)
{
    int fd = make("f");

    return done(none(TRY(lgetxattr, P("f"), P("user.a"), P(buf), 1)), fd, "f");
}

static long op_fgetxattr(void)
{
    int fd = make("f");

    return done(none(TRY(fgetxattr, fd, P("user.a"), P(buf), 1)), fd, "f");
}

static long op_listxattr(void)
{
    int fd = make("f");

    return done(TRY(listxattr, P("f"), P(buf), 1), fd, "f");
}

static long op_llistxattr(void)
{
    int fd = make("f");

    return done(TRY(llistxattr, P("f"), P(buf), 1), fd, "f");
}

static long op_flistxattr(void)
{
    int fd = make("f");

    return done(TRY(flistxattr, fd, P(buf), 1), fd, "f");
}

static long op_removexattr(void)
{
    int fd = make("f");

    return done(none(TRY(removexattr, P("f"), P("user.a"))), fd, "f");
}

static long op_lremovexattr(void)
{
    int fd = make("f");

    return done(none(TRY(lremovexattr, P("f"), P("user.a"))), fd, "f");
}

static long op_fremovexattr(void)
{
    int fd = make("f");

    return done(none(TRY(fremovexattr, fd, P("user.a"))), fd, "f");
}

static long op_sync(void)
{
    return TRY(sync);
}

static long op_syncfs(void)
{
    return TRY(syncfs, 0);
}

static long op_sendfile(void)
{
    int from = make("f"), to = make("g");
    long result = TRY(sendfile, to, from, 0, 10);

    done(0, from, "f");
    return done(result, to, "g");
}

static long op_sendfile64(void)
{
    int from = make("f"), to = make("g");
    int64_t at = 2;
    long result = TRY(sendfile64, to, from, P(&at), 8);

    done(0, from, "f");
    return done(result, to, "g");
}

static long op_copy_file_range(void)
{
    int from = make("f"), to = make("g");
    int64_t at = 1, there = 60000;
    long result = TRY(copy_file_range, from, P(&at), to, P(&there), 9, 0);

    done(0, from, "f");
    return done(result, to, "g");
}

static long op_getdents64(void)
{
    int fd = open(".", O_RDONLY | O_DIRECTORY);

    return done(TRY(getdents64, fd, P(buf), sizeof(buf)), fd, NULL);
}

static long op_memfd_create(void)
{
    return done_fd(TRY(memfd_create, P("memory"), 0), NULL);
}

static long op_close_range(void)
{
    return TRY(close_range, 100, 200, 0);
}

static struct pollfd polled[40];

static void fill_polled(void)
{
    for (int i = 0; i < 40; i++)
        polled[i] = (struct pollfd){0, POLLOUT, 0};
}

static struct {
    int32_t s, fraction;
} soon = {0, 1};
static int64_t soon64[2] = {0, 1};
static uint8_t sets[2][8] = {{1}, {0}};

static long op_poll(void)
{
    fill_polled();
    return TRY(poll, P(polled), 40, 0);
}

static long op_ppoll(void)
{
    fill_polled();
    return TRY(ppoll, P(polled), 40, P(&soon), P(sets[1]), 8);
}

static long op_ppoll_time64(void)
{
    fill_polled();
    return TRY(ppoll_time64, P(polled), 40, P(soon64), P(sets[1]), 8);
}

static long op__newselect(void)
{
    sets[0][0] = 1;
    return TRY(_newselect, 8, 0, P(sets[0]), 0, P(&soon));
}

static long op_pselect6(void)
{
    uint32_t mask[2] = {(uint32_t)P(sets[1]), 8};

    sets[0][0] = 1;
    return TRY(pselect6, 8, 0, P(sets[0]), 0, P(&soon), P(mask));
}

static long op_pselect6_time64(void)
{
    uint32_t mask[2] = {(uint32_t)P(sets[1]), 8};

    sets[0][0] = 1;
    return TRY(pselect6_time64, 8, 0, P(sets[0]), 0, P(soon64), P(mask));
}

/* ---- names ---- */

#define LONG "a name of more than thirty-two characters"

static long op_link(void)
{
    int fd = make("f");
    long result = TRY(link, P("f"), P(LONG));

    unlink(LONG);
    return done(result, fd, "f");
}

static long op_linkat(void)
{
    int fd = make("f");
    long result = TRY(linkat, -100, P("f"), -100, P(LONG), 0);

    unlink(LONG);
    return done(result, fd, "f");
}

static long op_unlink(void)
{
    int fd = make("f");

    return done(TRY(unlink, P("f")), fd, "f");
}

static long op_unlinkat(void)
{
    int fd = make(LONG);

    return done(TRY(unlinkat, -100, P(LONG), 0), fd, LONG);
}

static long op_symlink(void)
{
    return done(TRY(symlink, P(LONG LONG), P(LONG)), -1, LONG);
}

static long op_symlinkat(void)
{
    return done(TRY(symlinkat, P("x"), -100, P("link")), -1, "link");
}

static long op_readlink(void)
{
    (void)!symlink("x", "link");
    return done(TRY(readlink, P("link"), P(buf), 100), -1, "link");
}

static long op_readlinkat(void)
{
    (void)!symlink("x", "link");
    return done(TRY(readlinkat, -100, P("link"), P(buf), 100), -1, "link");
}

static long rename_op(long number, long flags)
{
    int fd = make("f"), other = make("g");
    long result = number == __NR_rename
                      ? TRY(rename, P("f"), P(LONG))
                      : try_call(number, (const long[6]){-100, P("f"), -100,
                                                         P("g"), flags});

    unlink(LONG);
    done(0, other, "g");
    return done(result, fd, "f");
}

static long op_rename(void)
{
    return rename_op(__NR_rename, 0);
}

static long op_renameat(void)
{
    return rename_op(__NR_renameat, 0);
}

static long op_renameat2(void)
{
    return rename_op(__NR_renameat2, 2 /* exchange */);
}

static long op_mkdir(void)
{
    long result = TRY(mkdir, P(LONG), 0700);

    rmdir(LONG);
    return result;
}

static long op_mkdirat(void)
{
    long result = TRY(mkdirat, -100, P("d"), 0700);

    rmdir("d");
    return result;
}

static long op_rmdir(void)
{
    long result;

    mkdir("d", 0700);
    result = TRY(rmdir, P("d"));
    rmdir("d");
    return result;
}

static long op_mknod(void)
{
    return done(TRY(mknod, P("node"), S_IFIFO | 0600, 0), -1, "node");
}

static long op_mknodat(void)
{
    return done(TRY(mknodat, -100, P("node"), S_IFREG | 0600, 0), -1, "node");
}

static long op_chdir(void)
{
    return TRY(chdir, P("."));
}

static long op_fchdir(void)
{
    int fd = open(".", O_RDONLY);

    return done(TRY(fchdir, fd), fd, NULL);
}

static long op_chroot(void)
{
    return TRY(chroot, P("/"));
}

static long op_getcwd(void)
{
    return TRY(getcwd, P(buf), sizeof(buf));
}

/* Calls that take a path in front and nothing that has to be undone. */
static long on_file(long number, long b, long c, long d)
{
    int fd = make("f");

    return done(try_call(number, (const long[6]){P("f"), b, c, d}), fd, "f");
}

static long at_file(long number, long c, long d, long e)
{
    int fd = make("f");

    return done(try_call(number, (const long[6]){-100, P("f"), c, d, e}), fd,
                "f");
}

static long on_fd(long number, long b, long c)
{
    int fd = make("f");

    return done(try_call(number, (const long[6]){fd, b, c}), fd, "f");
}

#define FILE_OP(name, how, ...)               \
    static long op_##name(void)               \
    {                                         \
        return how(__NR_##name, __VA_ARGS__); \
    }

FILE_OP(truncate, on_file, 3, 0, 0)
FILE_OP(truncate64, on_file, 3, 0, 0)
FILE_OP(chmod, on_file, 0640, 0, 0)
FILE_OP(access, on_file, 4, 0, 0)
FILE_OP(stat64, on_file, P(buf), 0, 0)
FILE_OP(lstat64, on_file, P(buf), 0, 0)
FILE_OP(stat, on_file, P(buf), 0, 0)
FILE_OP(lstat, on_file, P(buf), 0, 0)
FILE_OP(lchown, on_file, 0, 0, 0)
FILE_OP(chown, on_file, 0, 0, 0)
FILE_OP(lchown32, on_file, 0, 0, 0)
FILE_OP(chown32, on_file, 0, 0, 0)
FILE_OP(statfs64, on_file, 84, P(buf), 0)
FILE_OP(fsync, on_fd, 0, 0)
FILE_OP(fdatasync, on_fd, 0, 0)
FILE_OP(fchmod, on_fd, 0640, 0)
FILE_OP(fchown, on_fd, 0, 0)
FILE_OP(fstat, on_fd, P(buf), 0)
FILE_OP(fchown32, on_fd, 0, 0)
FILE_OP(fstat64, on_fd, P(buf), 0)
FILE_OP(fstatfs64, on_fd, 84, P(buf))
FILE_OP(fchownat, at_file, 0, 0, 0)
FILE_OP(fstatat64, at_file, P(buf), 0, 0)
FILE_OP(fchmodat, at_file, 0640, 0, 0)
FILE_OP(faccessat, at_file, 4, 0, 0)
FILE_OP(faccessat2, at_file, 4, 0, 0)
FILE_OP(utimensat, at_file, P(buf), 0, 0)
FILE_OP(utimensat_time64, at_file, P(buf), 0, 0)
FILE_OP(statx, at_file, 0, 0x7FF, P(buf))

static long op_mount(void)
{
    long result;

    mkdir("mnt", 0700);
    result = TRY(mount, P("none"), P("mnt"), P("tmpfs"), 0, 0);
    if (result == 0)
        RAW(umount2, P("mnt"), 0);
    rmdir("mnt");
    return result;
}

static long op_umount2(void)
{
    long result;

    mkdir("mnt", 0700);
    RAW(mount, P("none"), P("mnt"), P("tmpfs"), 0, 0);
    result = TRY(umount2, P("mnt"), 0);
    if (result < 0)
        RAW(umount2, P("mnt"), 0);
    rmdir("mnt");
    return result;
}

/* ---- memory ---- */

static char *map(size_t nbytes, int flags)
{
    return mmap(NULL, nbytes, PROT_READ | PROT_WRITE,
                MAP_ANONYMOUS | (flags ? flags : MAP_PRIVATE), -1, 0);
}

static long unmap(long result, long nbytes)
{
    if (result >= 0 || result < -4095)
        munmap((void *)result, (size_t)nbytes);
    return result < 0 && result > -4096 ? result : 0;
}

static long op_mmap2(void)
{
    return unmap(TRY(mmap2, 0, 3 << 20, 3, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                 3 << 20);
}

static long op_mmap(void)
{
    long args[6] = {0, 1 << 20, 3, MAP_SHARED | MAP_ANONYMOUS, -1, 0};

    return unmap(TRY(mmap, P(args)), 1 << 20);
}

static long op_mmap_file(void)
{
    int fd = make("f");
    long result = TRY(mmap2, 0, 8 * PAGE, 3, MAP_SHARED, fd, 0);

    unmap(result, 8 * PAGE);
    return done(result < 0 && result > -4096 ? result : 0, fd, "f");
}

/* The middle of an area: what is left are two. */
static long split(long number, long c)
{
    char *p = map(16 * PAGE, 0);
    long result;

    memset(p, 1, 16 * PAGE);
    result = try_call(number, (const long[6]){P(p + 4 * PAGE), 4 * PAGE, c});
    munmap(p, 16 * PAGE);
    return result;
}

static long op_munmap(void)
{
    return split(__NR_munmap, 0);
}

static long op_mprotect(void)
{
    return split(__NR_mprotect, PROT_READ);
}

static long op_madvise(void)
{
    return split(__NR_madvise, 4 /* DONTNEED */);
}

static long op_msync(void)
{
    return split(__NR_msync, 4);
}

static long op_mincore(void)
{
    return split(__NR_mincore, P(buf));
}

static long op_mlock(void)
{
    return split(__NR_mlock, 0);
}

static long op_munlock(void)
{
    return split(__NR_munlock, 0);
}

static long op_mlockall(void)
{
    return TRY(mlockall, 1);
}

static long op_munlockall(void)
{
    return TRY(munlockall);
}

static long op_mremap(void)
{
    char *p = map(8 * PAGE, 0);
    long result;

    memset(p, 1, 8 * PAGE);
    result = TRY(mremap, P(p), 8 * PAGE, 5 << 20, 1 /* may move */);
    if (result < 0 && result > -4096) {
        munmap(p, 8 * PAGE);
        return result;
    }
    return unmap(result, 5 << 20);
}

static long op_brk(void)
{
    long now = RAW(brk, 0), result = TRY(brk, now + (1 << 20));

    RAW(brk, now);
    return result == now + (1 << 20) ? 0 : result == now ? -ENOMEM : -EIO;
}

static long op_sbrk(void)
{
    long result = TRY(sbrk, 1 << 20);

    if (result < 0 && result > -4096)
        return result;
    RAW(sbrk, -(1 << 20));
    return 0;
}

/* Memory that was granted: no touch of it fails, of 64 pages in 16 tables. */
static long op_touch(void)
{
    char *p = map(32 << 20, 0);

    arm();
    for (int i = 0; i < 64; i++)
        p[i * (512 << 10)] = 1;
    disarm();
    munmap(p, 32 << 20);
    return 0;
}

/* The same for shared memory, and for pages shared with a child. */
static long op_touch_shared(void)
{
    char *p = map(64 * PAGE, MAP_SHARED);

    arm();
    for (int i = 0; i < 64; i++)
        p[i * PAGE] = 1;
    disarm();
    munmap(p, 64 * PAGE);
    return 0;
}

static char *inherited;

static void write_inherited(void)
{
    begin();
    for (int i = 0; i < 32; i++)
        inherited[i * PAGE] = 2;
}

static long op_touch_cow(void)
{
    int status;

    inherited = map(32 * PAGE, 0);
    memset(inherited, 1, 32 * PAGE);
    status = child(write_inherited);
    munmap(inherited, 32 * PAGE);
    return status == 0 ? 0 : -EIO;
}

static __attribute__((noinline)) int use_stack(void)
{
    volatile char here[1 << 20];

    here[0] = 1;
    return here[0];
}

static void grow_stack(void)
{
    begin();
    (void)use_stack();
}

/* The stack grows late: SIGSEGV is its documented error. */
static long op_touch_stack(void)
{
    int status = child(grow_stack);

    return status == 0 ? 0 : status == 128 + SIGSEGV ? -ENOMEM : -EIO;
}

static void touch_noreserve(void)
{
    char *p = map(PAGE, MAP_PRIVATE | 0x4000 /* NORESERVE */);

    begin();
    *(volatile char *)p = 1;
}

/* And SIGBUS that of memory that was not reserved. */
static long op_touch_noreserve(void)
{
    int status = child(touch_noreserve);

    return status == 0 ? 0 : status == 128 + SIGBUS ? -ENOMEM : -EIO;
}

/* ---- processes ---- */

static long reap(long pid)
{
    int status;

    if (pid > 0)
        waitpid((pid_t)pid, &status, 0);
    return pid > 0 ? 0 : pid;
}

static long op_fork(void)
{
    long pid;

    tried[__NR_fork] = 1;
    arm();
    pid = RAW(fork);
    if (pid == 0)
        RAW(exit, 0);
    disarm();
    return reap(pid);
}

static long op_clone(void)
{
    int tid = 0;
    long pid;

    tried[__NR_clone] = 1;
    arm();
    pid = RAW(clone, 0x01100000 | SIGCHLD /* set the parent's tid */, 0,
              P(&tid), 0, 0);
    if (pid == 0)
        RAW(exit, 0);
    disarm();
    return reap(pid);
}

/* In assembly: the child runs on this very stack. */
static long op_clone3(void)
{
    static struct __cairn_clone_args args = {.exit_signal = SIGCHLD};
    long pid;

    tried[__NR_clone3] = 1;
    arm();
    pid = RAW(clone3, P(&args), sizeof(args));
    if (pid == 0)
        RAW(exit, 0);
    disarm();
    return reap(pid);
}

static long raw_vfork(void)
{
    long result;

    __asm__ volatile("int $0x80\n\t"
                     "test %%eax, %%eax\n\t"
                     "jnz 1f\n\t"
                     "mov $1, %%eax\n\t"
                     "xor %%ebx, %%ebx\n\t"
                     "int $0x80\n"
                     "1:"
                     : "=a"(result)
                     : "0"((long)__NR_vfork)
                     : "ebx", "memory");
    return result;
}

static long op_vfork(void)
{
    long pid;

    tried[__NR_vfork] = 1;
    arm();
    pid = raw_vfork();
    disarm();
    return reap(pid);
}

static char *self;

static void run_self(void)
{
    static char *words[] = {"self", "exit", "a word", NULL};
    static char *environment[] = {"A=1", "B=2", NULL};
    long result;

    words[0] = self;
    begin();
    result = RAW(execve, P(self), P(words), P(environment));
    RAW(exit, -result);
}

static long op_execve(void)
{
    int status;

    tried[__NR_execve] = 1;
    status = child(run_self);
    if (status == 127) /* the library could not start the program */
        return fail_copy > 0 ? -EFAULT : -ENOMEM;
    return status > 128 ? -EIO : -status;
}

/* A program with an interpreter; what both say goes nowhere. */
static void run_dynamic(void)
{
    static char *words[] = {"program", NULL}, *environment[] = {NULL};
    long result;

    dup2(open("/dev/null", O_WRONLY), 1);
    begin();
    result = RAW(execve, P("program"), P(words), P(environment));
    RAW(exit, -result);
}

static void write_elf(const char *path, const char *interpreter)
{
    static uint8_t bytes[SMALL_ROOM];
    struct small_elf elf = small_headers(0, interpreter);
    size_t n = small_make(bytes, &elf, interpreter);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);

    if (write(fd, bytes, n) != (ssize_t)n)
        exit(1);
    close(fd);
}

static long op_execve_dynamic(void)
{
    int status;

    write_elf("interp", NULL);
    write_elf("program", "interp");
    status = child(run_dynamic);
    unlink("interp");
    unlink("program");
    if (status == SMALL_EXIT)
        return 0;
    return status > 128 ? -EIO : -status;
}

static void only_exit(void)
{
    make("left open");
    begin();
    RAW(exit, 0);
}

static void only_exit_group(void)
{
    begin();
    RAW(exit_group, 0);
}

/* The end of a process needs nothing that can be refused. */
static long op_exit(void)
{
    int status = child(only_exit);

    tried[__NR_exit] = 1;
    unlink("left open");
    return status == 0 ? 0 : -EIO;
}

static long op_exit_group(void)
{
    tried[__NR_exit_group] = 1;
    return child(only_exit_group) == 0 ? 0 : -EIO;
}

static long wait_op(long number, const long *tail)
{
    pid_t pid = fork();
    long a[6] = {pid, tail[0], tail[1], tail[2], tail[3], 0}, result;
    int status;

    if (pid == 0)
        _exit(3);
    if (number == __NR_waitid)
        a[0] = 1, a[1] = pid, a[2] = P(buf), a[3] = 4, a[4] = P(buf + 512);
    result = try_call(number, a);
    waitpid(pid, &status, 0); /* if it has not been reaped */
    return result > 0 ? 0 : result;
}

static long op_waitpid(void)
{
    return wait_op(__NR_waitpid, (const long[4]){P(buf), 0});
}

static long op_wait4(void)
{
    return wait_op(__NR_wait4, (const long[4]){P(buf), 0, P(buf + 16)});
}

static long op_waitid(void)
{
    return wait_op(__NR_waitid, (const long[4]){0});
}

static long op_sched_getparam(void)
{
    return TRY(sched_getparam, 0, P(buf));
}

static long op_sched_setparam(void)
{
    memset(buf, 0, 4);
    return TRY(sched_setparam, 0, P(buf));
}

static long op_sched_setaffinity(void)
{
    memset(buf, 0xff, 32);
    return TRY(sched_setaffinity, 0, 32, P(buf));
}

static long op_sched_setscheduler(void)
{
    memset(buf, 0, 4);
    return TRY(sched_setscheduler, 0, 0, P(buf));
}

static long op_setsid(void)
{
    return TRY(setsid); /* its leader may not: -EPERM; or it works */
}

static long op_prctl(void)
{
    return TRY(prctl, 15 /* set the name */, P("fail_calls"));
}

static long op_futex(void)
{
    uint32_t word = 0;

    return TRY(futex, P(&word), 1 /* wake */, 1, 0, 0, 0);
}

static long op_futex_time64(void)
{
    uint32_t word = 0;

    long result = TRY(futex_time64, P(&word), 0 /* wait */, 1, P(soon64), 0, 0);

    return result == -EAGAIN ? 0 : result; /* the word is not 1 */
}

static uint32_t tls[4];

static long op_get_thread_area(void)
{
    tls[0] = 6;
    return TRY(get_thread_area, P(tls));
}

static long op_set_thread_area(void)
{
    tls[0] = 6;
    if (RAW(get_thread_area, P(tls)) != 0)
        return 0;
    return TRY(set_thread_area, P(tls));
}

static uint64_t limit[2];

static long op_getrlimit(void)
{
    return TRY(getrlimit, 7, P(limit));
}

static long op_ugetrlimit(void)
{
    return TRY(ugetrlimit, 7, P(limit));
}

static long op_setrlimit(void)
{
    RAW(ugetrlimit, 7, P(limit));
    return TRY(setrlimit, 7, P(limit));
}

static long op_prlimit64(void)
{
    uint64_t old[2];

    RAW(prlimit64, 0, 7, 0, P(limit));
    return TRY(prlimit64, 0, 7, P(limit), P(old));
}

static long op_getgroups32(void)
{
    return TRY(getgroups32, 32, P(buf));
}

static long op_getgroups(void)
{
    return TRY(getgroups, 32, P(buf));
}

static long op_setgroups(void)
{
    static uint16_t groups[32];

    return TRY(setgroups, 32, P(groups)) | RAW(setgroups, 0, 0);
}

static long op_setgroups32(void)
{
    static uint32_t groups[32];

    return TRY(setgroups32, 32, P(groups)) | RAW(setgroups32, 0, 0);
}

/* ---- signals ---- */

static volatile int handled;

static void on_signal(int signo)
{
    (void)signo;
    handled++;
}

static void on_info(int signo, siginfo_t *info, void *context)
{
    (void)signo;
    (void)info;
    (void)context;
    handled++;
}

static void catch (int signo, int rt)
{
    struct sigaction sa = {.sa_handler = on_signal};

    if (rt) {
        sa.sa_flags = SA_SIGINFO;
        sa.sa_sigaction = on_info;
    }
    sigemptyset(&sa.sa_mask);
    sigaction(signo, &sa, NULL);
}

static void block(int how, int signo)
{
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, signo);
    sigprocmask(how, &set, NULL);
}

/* A handler starts, runs and returns: a frame that fails is SIGSEGV. */
static void deliver(int rt)
{
    long me = getpid();

    catch (SIGUSR1, rt);
    begin();
    RAW(kill, me, SIGUSR1);
    RAW(exit, handled == 1 ? 0 : 1);
}

static void deliver_plain(void)
{
    deliver(0);
}

static void deliver_rt(void)
{
    deliver(1);
}

static void on_fault(int signo)
{
    (void)signo;
    RAW(exit, 0);
}

static volatile int *volatile nowhere = (volatile int *)16;

static void deliver_segv(void)
{
    signal(SIGSEGV, on_fault);
    begin();
    *nowhere = 1;
    RAW(exit, 1);
}

static long end_of(int status)
{
    return status == 0 ? 0 : status == 128 + SIGSEGV ? -EFAULT : -EIO;
}

static long op_sigreturn(void)
{
    tried[__NR_sigreturn] = tried[__NR_kill] = 1;
    return end_of(child(deliver_plain));
}

static long op_rt_sigreturn(void)
{
    tried[__NR_rt_sigreturn] = 1;
    return end_of(child(deliver_rt));
}

static long op_fault_handler(void)
{
    return end_of(child(deliver_segv));
}

static long send(long number, const long *a)
{
    long result;
    int signo = SIGUSR1;
    sigset_t set;
    struct timespec none = {0, 0};

    sigemptyset(&set);
    sigaddset(&set, signo);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGUSR2); /* takes the node that needs no memory */
    result = try_call(number, a);
    while (sigtimedwait(&set, NULL, &none) > 0)
        ;
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    return result;
}

static long op_kill(void)
{
    return send(__NR_kill, (const long[6]){getpid(), SIGUSR1});
}

static long op_tkill(void)
{
    return send(__NR_tkill, (const long[6]){getpid(), SIGUSR1});
}

static long op_tgkill(void)
{
    return send(__NR_tgkill, (const long[6]){getpid(), getpid(), SIGUSR1});
}

static int32_t info[32];

static long op_rt_sigqueueinfo(void)
{
    info[2] = -1;
    return send(__NR_rt_sigqueueinfo,
                (const long[6]){getpid(), SIGUSR1, P(info)});
}

static long op_rt_tgsigqueueinfo(void)
{
    info[2] = -1;
    return send(__NR_rt_tgsigqueueinfo,
                (const long[6]){getpid(), getpid(), SIGUSR1, P(info)});
}

/* A queued signal beside another one wants memory. */
static long op_queued(void)
{
    sigset_t set;
    struct timespec none = {0, 0};
    long result;

    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    info[2] = -1;
    RAW(rt_sigqueueinfo, getpid(), SIGRTMIN, P(info));
    result = TRY(rt_sigqueueinfo, getpid(), SIGRTMIN, P(info));
    while (sigtimedwait(&set, NULL, &none) > 0)
        ;
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    return result;
}

static uint32_t action[5], old_action[5];

static long op_sigaction(void)
{
    action[0] = 1; /* ignore */
    return TRY(sigaction, SIGUSR2, P(action), P(old_action));
}

static long op_rt_sigaction(void)
{
    action[0] = 1;
    return TRY(rt_sigaction, SIGUSR2, P(action), P(old_action), 8);
}

/* Without a restorer the kernel's page is mapped. */
static void install(void)
{
    static uint32_t bare[5];
    long result;

    bare[0] = (uint32_t)P(on_signal);
    begin();
    result = RAW(rt_sigaction, SIGUSR2, P(bare), 0, 8);
    RAW(exit, -result);
}

static long op_restorer(void)
{
    return -child(install);
}

static long op_signal(void)
{
    return TRY(signal, SIGUSR2, 1);
}

static long masks(long number, const long *a)
{
    return try_call(number, a);
}

static uint64_t set64, old64;

static long op_sigprocmask(void)
{
    return masks(__NR_sigprocmask, (const long[6]){0, P(&set64), P(&old64)});
}

static long op_rt_sigprocmask(void)
{
    return masks(__NR_rt_sigprocmask,
                 (const long[6]){0, P(&set64), P(&old64), 8});
}

static long op_sigpending(void)
{
    return TRY(sigpending, P(&old64));
}

static long op_rt_sigpending(void)
{
    return TRY(rt_sigpending, P(&old64), 8);
}

/*
 * With a signal that is pending and let in by the call. The child ends by the
 * handler's frame if that is what fails.
 */
static void suspend_new(void)
{
    long result;

    catch (SIGUSR1, 0);
    block(SIG_BLOCK, SIGUSR1);
    kill(getpid(), SIGUSR1);
    begin();
    result = RAW(rt_sigsuspend, P(&set64), 8);
    RAW(exit, result == -EINTR ? 0 : -result);
}

static void suspend_old(void)
{
    long result;

    catch (SIGUSR1, 0);
    block(SIG_BLOCK, SIGUSR1);
    kill(getpid(), SIGUSR1);
    begin();
    result = RAW(sigsuspend, 0, 0, 0);
    RAW(exit, result == -EINTR ? 0 : -result);
}

static long op_rt_sigsuspend(void)
{
    int status = child(suspend_new);

    tried[__NR_rt_sigsuspend] = 1;
    return status == EFAULT ? -EFAULT : end_of(status);
}

static long op_sigsuspend(void)
{
    tried[__NR_sigsuspend] = 1;
    return end_of(child(suspend_old));
}

static long sigwait_op(long number, long timeout)
{
    uint64_t usr1 = 1ull << (SIGUSR1 - 1);
    long result;

    block(SIG_BLOCK, SIGUSR1);
    kill(getpid(), SIGUSR1);
    result =
        try_call(number, (const long[6]){P(&usr1), P(info), timeout, 8, 0, 0});
    RAW(rt_sigtimedwait, P(&usr1), 0, P(&soon), 8);
    block(SIG_UNBLOCK, SIGUSR1);
    return result;
}

static long op_rt_sigtimedwait(void)
{
    return sigwait_op(__NR_rt_sigtimedwait, P(&soon));
}

static long op_rt_sigtimedwait_time64(void)
{
    return sigwait_op(__NR_rt_sigtimedwait_time64, P(soon64));
}

static uint32_t stack[3] = {0, 2 /* disable */, 0}, old_stack[3];

static long op_sigaltstack(void)
{
    return TRY(sigaltstack, P(stack), P(old_stack));
}

/* ---- time and the system ---- */

static int32_t itimer[4], old_itimer[4];

static long op_setitimer(void)
{
    return TRY(setitimer, 0, P(itimer), P(old_itimer));
}

static long op_settimeofday(void)
{
    static int32_t now[2];

    RAW(gettimeofday, P(now), 0);
    return TRY(settimeofday, P(now), 0);
}

static long op_clock_settime(void)
{
    static int32_t now[2];

    RAW(clock_gettime, 0, P(now));
    return TRY(clock_settime, 0, P(now));
}

static long op_clock_settime64(void)
{
    static int64_t now[2];

    RAW(clock_gettime64, 0, P(now));
    return TRY(clock_settime64, 0, P(now));
}

static long op_sethostname(void)
{
    char name[65];
    long result;

    gethostname(name, sizeof(name));
    result = TRY(sethostname, P(name), (long)strlen(name));
    return result;
}

static long op_setdomainname(void)
{
    return TRY(setdomainname, P("(none)"), 6);
}

static long op_socketpair(void)
{
    int fds[2];

    return close_pipe(TRY(socketpair, 1, 1, 0, P(fds)), fds);
}

/* ---- the calls that only look or have numbers for arguments ---- */

struct simple {
    const char *name;
    long number;
    long arguments[6];
};

#define CALL(name, ...)     \
    {                       \
#        name, __NR_##name, \
        {                   \
            __VA_ARGS__     \
        }                   \
    }

/* Places in buf, as they are not known before the program runs. */
#define B(offset) (-1000000 - (offset))
#define SOON      (-2000000)
#define SOON64    (-2000001)

static const struct simple simple[] = {
    CALL(getpid, 0),
    CALL(nice, 0),
    CALL(times, B(0)),
    CALL(setpgid, 0, 0),
    CALL(umask, 0),
    CALL(getppid, 0),
    CALL(getpgrp, 0),
    CALL(getrusage, 0, B(0)),
    CALL(getpriority, 0, 0),
    CALL(setpriority, 0, 0, 0),
    CALL(sysinfo, B(0)),
    CALL(syslog, 3, B(0), 100),
    CALL(uname, B(0)),
    CALL(getpgid, 0),
    CALL(getsid, 0),
    CALL(sched_getscheduler, 0),
    CALL(sched_yield, 0),
    CALL(sched_get_priority_min, 0),
    CALL(sched_get_priority_max, 0),
    CALL(gettid, 0),
    CALL(sched_getaffinity, 0, 32, B(0)),
    CALL(set_tid_address, 0),
    CALL(set_robust_list, 0, 12),
    CALL(get_robust_list, 0, B(0), B(4)),
    CALL(getcpu, B(0), B(4), 0),
    CALL(membarrier, 0, 0, 0),
    CALL(sched_rr_get_interval_time64, 0, B(0)),
    CALL(sched_rr_get_interval, 0, B(0)),
    CALL(setuid, 0),
    CALL(getuid, 0),
    CALL(setgid, 0),
    CALL(getgid, 0),
    CALL(geteuid, 0),
    CALL(getegid, 0),
    CALL(getuid32, 0),
    CALL(getgid32, 0),
    CALL(geteuid32, 0),
    CALL(getegid32, 0),
    CALL(setreuid, 0, 0),
    CALL(setregid, 0, 0),
    CALL(setfsuid, 0),
    CALL(setfsgid, 0),
    CALL(setresuid, 0, 0, 0),
    CALL(getresuid, B(0), B(4), B(8)),
    CALL(setresgid, 0, 0, 0),
    CALL(getresgid, B(0), B(4), B(8)),
    CALL(setfsuid32, 0),
    CALL(setfsgid32, 0),
    CALL(setreuid32, 0, 0),
    CALL(setregid32, 0, 0),
    CALL(setresuid32, 0, 0, 0),
    CALL(getresuid32, B(0), B(4), B(8)),
    CALL(setresgid32, 0, 0, 0),
    CALL(getresgid32, B(0), B(4), B(8)),
    CALL(setuid32, 0),
    CALL(setgid32, 0),
    CALL(time, B(0)),
    CALL(alarm, 0),
    CALL(gettimeofday, B(0), B(16)),
    CALL(getitimer, 0, B(0)),
    CALL(nanosleep, SOON, B(0)),
    CALL(clock_gettime, 1, B(0)),
    CALL(clock_getres, 1, B(0)),
    CALL(clock_nanosleep, 1, 0, SOON, B(0)),
    CALL(clock_gettime64, 1, B(0)),
    CALL(clock_getres_time64, 1, B(0)),
    CALL(clock_nanosleep_time64, 1, 0, SOON64, B(0)),
    CALL(syslog, 3, B(0), 1000),
    CALL(getrandom, B(0), 300, 0),
    CALL(reboot, 0, 0, 0, 0),
    CALL(socket, 1, 1, 0),
    CALL(bind, 0, B(0), 16),
    CALL(connect, 0, B(0), 16),
    CALL(listen, 0, 1),
    CALL(accept4, 0, 0, 0, 0),
    CALL(getsockopt, 0, 1, 3, B(0), B(16)),
    CALL(setsockopt, 0, 1, 2, B(0), 4),
    CALL(getsockname, 0, B(0), B(256)),
    CALL(getpeername, 0, B(0), B(256)),
    CALL(sendto, 0, B(0), 1, 0, 0, 0),
    CALL(sendmsg, 0, B(0), 0),
    CALL(recvfrom, 0, B(0), 1, 0, 0, 0),
    CALL(recvmsg, 0, B(0), 0),
    CALL(shutdown, 0, 2),
};

static const struct simple *simple_now;

static long place_of(long value)
{
    if (value == SOON)
        return P(&soon);
    if (value == SOON64)
        return P(soon64);
    if (value <= B(0) && value > B(1000))
        return P(buf) + B(0) - value;
    return value;
}

static long run_simple(void)
{
    long a[6];

    for (int i = 0; i < 6; i++)
        a[i] = place_of(simple_now->arguments[i]);
    return try_call(simple_now->number, a);
}

/* ---- timers, and events as files ---- */

static int32_t timer_times[4] = {0, 0, 1000, 0};
static int64_t timer_times64[4] = {0, 0, 1000, 0};

static long op_timer_create(void)
{
    int32_t id;
    long result = TRY(timer_create, 1, 0, P(&id));

    if (result == 0)
        RAW(timer_delete, id);
    return result;
}

/* A call about a timer that there is. */
static long on_timer(long number, long b, long c, long d)
{
    int32_t id;
    long result;

    if (RAW(timer_create, 1, 0, P(&id)) != 0)
        return -ENOMEM;
    result = try_call(number, (const long[6]){id, b, c, d});
    RAW(timer_delete, id);
    return result;
}

static long op_timer_settime(void)
{
    return on_timer(__NR_timer_settime, 0, P(timer_times), P(buf));
}

static long op_timer_settime64(void)
{
    return on_timer(__NR_timer_settime64, 0, P(timer_times64), P(buf));
}

static long op_timer_gettime(void)
{
    return on_timer(__NR_timer_gettime, P(buf), 0, 0);
}

static long op_timer_gettime64(void)
{
    return on_timer(__NR_timer_gettime64, P(buf), 0, 0);
}

static long op_timer_getoverrun(void)
{
    return on_timer(__NR_timer_getoverrun, 0, 0, 0);
}

static long op_timer_delete(void)
{
    return on_timer(__NR_timer_delete, 0, 0, 0);
}

static long op_eventfd(void)
{
    return done_fd(TRY(eventfd, 3), NULL);
}

static long op_eventfd2(void)
{
    return done_fd(TRY(eventfd2, 3, O_CLOEXEC), NULL);
}

static long op_timerfd_create(void)
{
    return done_fd(TRY(timerfd_create, 1, 0), NULL);
}

static long on_timerfd(long number, long b, long c, long d)
{
    int fd = (int)RAW(timerfd_create, 1, 0);

    return done(try_call(number, (const long[6]){fd, b, c, d}), fd, NULL);
}

static long op_timerfd_settime(void)
{
    return on_timerfd(__NR_timerfd_settime, 0, P(timer_times), P(buf));
}

static long op_timerfd_settime64(void)
{
    return on_timerfd(__NR_timerfd_settime64, 0, P(timer_times64), P(buf));
}

static long op_timerfd_gettime(void)
{
    return on_timerfd(__NR_timerfd_gettime, P(buf), 0, 0);
}

static long op_timerfd_gettime64(void)
{
    return on_timerfd(__NR_timerfd_gettime64, P(buf), 0, 0);
}

static long op_signalfd(void)
{
    return done_fd(TRY(signalfd, -1, P(sets[1]), 8), NULL);
}

static long op_signalfd4(void)
{
    return done_fd(TRY(signalfd4, -1, P(sets[1]), 8, O_CLOEXEC), NULL);
}

static long op_epoll_create(void)
{
    return done_fd(TRY(epoll_create, 1), NULL);
}

static long op_epoll_create1(void)
{
    return done_fd(TRY(epoll_create1, O_CLOEXEC), NULL);
}

static uint32_t epoll_event[3] = {POLLIN, 7, 0};

static long op_epoll_ctl(void)
{
    int ep = (int)RAW(epoll_create1, 0), fd = (int)RAW(eventfd2, 1, 0);
    long result = TRY(epoll_ctl, ep, 1, fd, P(epoll_event));

    close(fd);
    return done(result, ep, NULL);
}

static long on_epoll(long number, long d, long e, long f)
{
    int ep = (int)RAW(epoll_create1, 0), fd = (int)RAW(eventfd2, 1, 0);
    long result;

    RAW(epoll_ctl, ep, 1, fd, P(epoll_event));
    result = try_call(number, (const long[6]){ep, P(buf), 8, d, e, f});
    close(fd);
    return done(result, ep, NULL);
}

static long op_epoll_wait(void)
{
    return on_epoll(__NR_epoll_wait, 0, 0, 0);
}

static long op_epoll_pwait(void)
{
    return on_epoll(__NR_epoll_pwait, 0, P(sets[1]), 8);
}

static long op_epoll_pwait2(void)
{
    return on_epoll(__NR_epoll_pwait2, P(soon64), P(sets[1]), 8);
}

/* ---- message queues, and System V's objects ---- */

static int32_t mq_attr[8] = {0, 4, 100};

static int open_queue(void)
{
    return (int)RAW(mq_open, P("q"), O_CREAT | O_RDWR, 0600, P(mq_attr));
}

static long drop_queue(long result, int fd)
{
    RAW(mq_unlink, P("q"));
    return done(result, fd, NULL);
}

static long op_mq_open(void)
{
    long result = TRY(mq_open, P("q"), O_CREAT | O_RDWR, 0600, P(mq_attr));

    return drop_queue(result, result >= 0 ? (int)result : -1);
}

static long op_mq_unlink(void)
{
    int fd = open_queue();

    return drop_queue(TRY(mq_unlink, P("q")), fd);
}

static long send_to_queue(long number)
{
    int fd = open_queue();
    long result =
        try_call(number, (const long[6]){fd, P(buf), 50, 1, P(soon64)});

    return drop_queue(result, fd);
}

static long op_mq_timedsend(void)
{
    return send_to_queue(__NR_mq_timedsend);
}

static long op_mq_timedsend_time64(void)
{
    return send_to_queue(__NR_mq_timedsend_time64);
}

static long receive_from_queue(long number)
{
    int fd = open_queue();
    long result;

    RAW(mq_timedsend, fd, P(buf), 50, 1, 0);
    result =
        try_call(number, (const long[6]){fd, P(buf), 100, P(buf + 200), 0});
    return drop_queue(result, fd);
}

static long op_mq_timedreceive(void)
{
    return receive_from_queue(__NR_mq_timedreceive);
}

static long op_mq_timedreceive_time64(void)
{
    return receive_from_queue(__NR_mq_timedreceive_time64);
}

static int32_t mq_event[4] = {0, SIGUSR2, SIGEV_SIGNAL, 0};

static long op_mq_notify(void)
{
    int fd = open_queue();

    return drop_queue(TRY(mq_notify, fd, P(mq_event)), fd);
}

static long op_mq_getsetattr(void)
{
    int fd = open_queue();

    return drop_queue(TRY(mq_getsetattr, fd, P(mq_attr), P(buf)), fd);
}

#define RMID 0
#define STAT 2

static long op_shmget(void)
{
    long id = TRY(shmget, 77, 5000, 01600);

    if (id >= 0)
        RAW(shmctl, id, RMID, 0);
    return id < 0 ? id : 0;
}

static long op_shmat(void)
{
    long id = RAW(shmget, 0, 5000, 0600);
    long at = TRY(shmat, id, 0, 0);

    if (at > 0 || at < -4096)
        RAW(shmdt, at);
    RAW(shmctl, id, RMID, 0);
    return at < 0 && at > -4096 ? at : 0;
}

static long op_shmdt(void)
{
    long id = RAW(shmget, 0, 5000, 0600), at = RAW(shmat, id, 0, 0);
    long result = TRY(shmdt, at);

    RAW(shmdt, at);
    RAW(shmctl, id, RMID, 0);
    return result;
}

static long op_shmctl(void)
{
    long id = RAW(shmget, 0, 5000, 0600);
    long result = TRY(shmctl, id, STAT, P(buf));

    RAW(shmctl, id, RMID, 0);
    return result;
}

static long op_semget(void)
{
    long id = TRY(semget, 77, 5, 01600);

    if (id >= 0)
        RAW(semctl, id, 0, RMID, 0);
    return id < 0 ? id : 0;
}

static long op_semctl(void)
{
    long id = RAW(semget, 0, 5, 0600);
    long result = TRY(semctl, id, 0, 13 /* GETALL */, P(buf));

    RAW(semctl, id, 0, RMID, 0);
    return result;
}

static struct {
    uint16_t number;
    int16_t operation, flags;
} sem_ops[10];

static long op_semtimedop_time64(void)
{
    long id = RAW(semget, 0, 5, 0600), result;

    for (int i = 0; i < 10; i++) {
        sem_ops[i].operation = 1;
        sem_ops[i].flags = 0x1000; /* undo */
    }
    result = TRY(semtimedop_time64, id, P(sem_ops), 10, P(soon64));
    RAW(semctl, id, 0, RMID, 0);
    return result;
}

static long op_msgget(void)
{
    long id = TRY(msgget, 77, 01600);

    if (id >= 0)
        RAW(msgctl, id, RMID, 0);
    return id < 0 ? id : 0;
}

static long on_messages(long number, long b, long c, long d, long e)
{
    static struct {
        int32_t type;
        char text[50];
    } message = {1, "text"};
    long id = RAW(msgget, 0, 0600), result;

    RAW(msgsnd, id, P(&message), 50, 0);
    result = try_call(number,
                      (const long[6]){id, b != 0 ? b : P(&message), c, d, e});
    RAW(msgctl, id, RMID, 0);
    return result;
}

static long op_msgsnd(void)
{
    return on_messages(__NR_msgsnd, 0, 50, 0, 0);
}

static long op_msgrcv(void)
{
    return on_messages(__NR_msgrcv, P(buf), 50, 0, 0);
}

static long op_msgctl(void)
{
    return on_messages(__NR_msgctl, STAT, P(buf), 0, 0);
}

static long op_ipc(void)
{
    long id = TRY(ipc, 13 /* msgget */, 77, 01600, 0, 0, 0);

    if (id >= 0)
        RAW(msgctl, id, RMID, 0);
    return id < 0 ? id : 0;
}

/* ---- all of them ---- */

struct operation {
    const char *name;
    long (*run)(void);
};

static const struct operation operations[] = {
    {"open", op_open},
    {"timer_create", op_timer_create},
    {"timer_settime", op_timer_settime},
    {"timer_settime64", op_timer_settime64},
    {"timer_gettime", op_timer_gettime},
    {"timer_gettime64", op_timer_gettime64},
    {"timer_getoverrun", op_timer_getoverrun},
    {"timer_delete", op_timer_delete},
    {"eventfd", op_eventfd},
    {"eventfd2", op_eventfd2},
    {"timerfd_create", op_timerfd_create},
    {"timerfd_settime", op_timerfd_settime},
    {"timerfd_settime64", op_timerfd_settime64},
    {"timerfd_gettime", op_timerfd_gettime},
    {"timerfd_gettime64", op_timerfd_gettime64},
    {"signalfd", op_signalfd},
    {"signalfd4", op_signalfd4},
    {"epoll_create", op_epoll_create},
    {"epoll_create1", op_epoll_create1},
    {"epoll_ctl", op_epoll_ctl},
    {"epoll_wait", op_epoll_wait},
    {"epoll_pwait", op_epoll_pwait},
    {"epoll_pwait2", op_epoll_pwait2},
    {"mq_open", op_mq_open},
    {"mq_unlink", op_mq_unlink},
    {"mq_timedsend", op_mq_timedsend},
    {"mq_timedsend_time64", op_mq_timedsend_time64},
    {"mq_timedreceive", op_mq_timedreceive},
    {"mq_timedreceive_time64", op_mq_timedreceive_time64},
    {"mq_notify", op_mq_notify},
    {"mq_getsetattr", op_mq_getsetattr},
    {"shmget", op_shmget},
    {"shmat", op_shmat},
    {"shmdt", op_shmdt},
    {"shmctl", op_shmctl},
    {"semget", op_semget},
    {"semctl", op_semctl},
    {"semtimedop_time64", op_semtimedop_time64},
    {"msgget", op_msgget},
    {"msgsnd", op_msgsnd},
    {"msgrcv", op_msgrcv},
    {"msgctl", op_msgctl},
    {"ipc", op_ipc},
    {"creat", op_creat},
    {"openat", op_openat},
    {"close", op_close},
    {"read", op_read},
    {"write", op_write},
    {"pread64", op_pread64},
    {"pwrite64", op_pwrite64},
    {"readv", op_readv},
    {"writev", op_writev},
    {"preadv", op_preadv},
    {"pwritev", op_pwritev},
    {"lseek", op_lseek},
    {"_llseek", op__llseek},
    {"dup", op_dup},
    {"dup2", op_dup2},
    {"dup3", op_dup3},
    {"pipe", op_pipe},
    {"pipe2", op_pipe2},
    {"pipe_io", op_pipe_io},
    {"fifo", op_fifo},
    {"ptmx", op_ptmx},
    {"ioctl", op_ioctl},
    {"fcntl", op_fcntl},
    {"fcntl64", op_fcntl64},
    {"dupfd", op_dupfd},
    {"flock", op_flock},
    {"ftruncate", op_ftruncate},
    {"ftruncate64", op_ftruncate64},
    {"fallocate", op_fallocate},
    {"fadvise64_64", op_fadvise64_64},
    {"fadvise64", op_fadvise64},
    {"setxattr", op_setxattr},
    {"lsetxattr", op_lsetxattr},
    {"fsetxattr", op_fsetxattr},
    {"getxattr", op_getxattr},
    {"lgetxattr", op_lgetxattr},
    {"fgetxattr", op_fgetxattr},
    {"listxattr", op_listxattr},
    {"llistxattr", op_llistxattr},
    {"flistxattr", op_flistxattr},
    {"removexattr", op_removexattr},
    {"lremovexattr", op_lremovexattr},
    {"fremovexattr", op_fremovexattr},
    {"fsync", op_fsync},
    {"fdatasync", op_fdatasync},
    {"sync", op_sync},
    {"syncfs", op_syncfs},
    {"sendfile", op_sendfile},
    {"sendfile64", op_sendfile64},
    {"copy_file_range", op_copy_file_range},
    {"getdents64", op_getdents64},
    {"memfd_create", op_memfd_create},
    {"close_range", op_close_range},
    {"poll", op_poll},
    {"ppoll", op_ppoll},
    {"ppoll_time64", op_ppoll_time64},
    {"_newselect", op__newselect},
    {"pselect6", op_pselect6},
    {"pselect6_time64", op_pselect6_time64},
    {"link", op_link},
    {"linkat", op_linkat},
    {"unlink", op_unlink},
    {"unlinkat", op_unlinkat},
    {"symlink", op_symlink},
    {"symlinkat", op_symlinkat},
    {"readlink", op_readlink},
    {"readlinkat", op_readlinkat},
    {"rename", op_rename},
    {"renameat", op_renameat},
    {"renameat2", op_renameat2},
    {"mkdir", op_mkdir},
    {"mkdirat", op_mkdirat},
    {"rmdir", op_rmdir},
    {"mknod", op_mknod},
    {"mknodat", op_mknodat},
    {"chdir", op_chdir},
    {"fchdir", op_fchdir},
    {"chroot", op_chroot},
    {"getcwd", op_getcwd},
    {"mount", op_mount},
    {"umount2", op_umount2},
    {"mmap2", op_mmap2},
    {"mmap", op_mmap},
    {"mmap_file", op_mmap_file},
    {"munmap", op_munmap},
    {"mprotect", op_mprotect},
    {"madvise", op_madvise},
    {"msync", op_msync},
    {"mincore", op_mincore},
    {"mlock", op_mlock},
    {"munlock", op_munlock},
    {"mlockall", op_mlockall},
    {"munlockall", op_munlockall},
    {"mremap", op_mremap},
    {"brk", op_brk},
    {"sbrk", op_sbrk},
    {"touch", op_touch},
    {"touch_shared", op_touch_shared},
    {"touch_cow", op_touch_cow},
    {"touch_stack", op_touch_stack},
    {"touch_noreserve", op_touch_noreserve},
    {"fork", op_fork},
    {"clone", op_clone},
    {"clone3", op_clone3},
    {"vfork", op_vfork},
    {"execve", op_execve},
    {"execve with an interpreter", op_execve_dynamic},
    {"exit", op_exit},
    {"exit_group", op_exit_group},
    {"waitpid", op_waitpid},
    {"wait4", op_wait4},
    {"waitid", op_waitid},
    {"sched_getparam", op_sched_getparam},
    {"sched_setparam", op_sched_setparam},
    {"sched_setscheduler", op_sched_setscheduler},
    {"sched_setaffinity", op_sched_setaffinity},
    {"setsid", op_setsid},
    {"prctl", op_prctl},
    {"futex", op_futex},
    {"futex_time64", op_futex_time64},
    {"get_thread_area", op_get_thread_area},
    {"set_thread_area", op_set_thread_area},
    {"getrlimit", op_getrlimit},
    {"ugetrlimit", op_ugetrlimit},
    {"setrlimit", op_setrlimit},
    {"prlimit64", op_prlimit64},
    {"getgroups", op_getgroups},
    {"setgroups", op_setgroups},
    {"getgroups32", op_getgroups32},
    {"setgroups32", op_setgroups32},
    {"sigreturn", op_sigreturn},
    {"rt_sigreturn", op_rt_sigreturn},
    {"fault_handler", op_fault_handler},
    {"kill", op_kill},
    {"tkill", op_tkill},
    {"tgkill", op_tgkill},
    {"rt_sigqueueinfo", op_rt_sigqueueinfo},
    {"rt_tgsigqueueinfo", op_rt_tgsigqueueinfo},
    {"queued", op_queued},
    {"sigaction", op_sigaction},
    {"rt_sigaction", op_rt_sigaction},
    {"restorer", op_restorer},
    {"signal", op_signal},
    {"sigprocmask", op_sigprocmask},
    {"rt_sigprocmask", op_rt_sigprocmask},
    {"sigpending", op_sigpending},
    {"rt_sigpending", op_rt_sigpending},
    {"rt_sigsuspend", op_rt_sigsuspend},
    {"sigsuspend", op_sigsuspend},
    {"rt_sigtimedwait", op_rt_sigtimedwait},
    {"rt_sigtimedwait_time64", op_rt_sigtimedwait_time64},
    {"sigaltstack", op_sigaltstack},
    {"setitimer", op_setitimer},
    {"settimeofday", op_settimeofday},
    {"clock_settime", op_clock_settime},
    {"clock_settime64", op_clock_settime64},
    {"sethostname", op_sethostname},
    {"setdomainname", op_setdomainname},
    {"socketpair", op_socketpair},
    {"truncate", op_truncate},
    {"truncate64", op_truncate64},
    {"chmod", op_chmod},
    {"access", op_access},
    {"stat64", op_stat64},
    {"lstat64", op_lstat64},
    {"stat", op_stat},
    {"lstat", op_lstat},
    {"lchown", op_lchown},
    {"chown", op_chown},
    {"lchown32", op_lchown32},
    {"chown32", op_chown32},
    {"statfs64", op_statfs64},
    {"fchmod", op_fchmod},
    {"fchown", op_fchown},
    {"fstat", op_fstat},
    {"fchown32", op_fchown32},
    {"fstat64", op_fstat64},
    {"fstatfs64", op_fstatfs64},
    {"fchownat", op_fchownat},
    {"fstatat64", op_fstatat64},
    {"fchmodat", op_fchmodat},
    {"faccessat", op_faccessat},
    {"faccessat2", op_faccessat2},
    {"utimensat", op_utimensat},
    {"utimensat_time64", op_utimensat_time64},
    {"statx", op_statx},
};

/*
 * Calls that fail for this program whatever is refused: it leads its session
 * and does not end the machine.
 */
static int must_fail(const char *name)
{
    return strcmp(name, "setsid") == 0 || strcmp(name, "setpgid") == 0 ||
           strcmp(name, "reboot") == 0;
}

/* Calls of which what was copied before the fault counts. */
static const char partial[] =
    " read write pread64 pwrite64 readv writev preadv pwritev sendfile "
    "sendfile64 copy_file_range getdents64 getrandom syslog pipe_io ";

static int may_be_partial(const char *name)
{
    const char *at = strstr(partial, name);

    return at != NULL && at[-1] == ' ' && at[strlen(name)] == ' ';
}

static int is_refusal(long result)
{
    return result == -ENOMEM || result == -EAGAIN || result == -ENOSPC ||
           result == -ENFILE || result == -ENOLCK;
}

/* Objects of the kernel, promises and frames, which must all come back. */
struct balance {
    long long objects, spaces, spaces_low, shared, user, tables, files;
};

static struct balance read_balance(void)
{
    struct balance b;
    const char *text = proc_read("/proc/slabs");
    const char *total = strstr(text, "\ntotal");

    b.objects = total ? strtoll(total + strcspn(total, "-") + 1, NULL, 10) : -1;
    text = proc_read("/proc/commit");
    b.spaces = proc_value_in(text, "spaces");
    b.spaces_low = proc_value_in(text, "spaces_low");
    b.shared = proc_value_in(text, "shared");
    text = proc_read("/proc/frames");
    b.user = proc_value_in(text, "user");
    b.tables = proc_value_in(text, "page table");
    b.files = proc_value_in(text, "file");
    return b;
}

static int is_same(const struct balance *a, const struct balance *b)
{
    if (memcmp(a, b, sizeof(*a)) == 0)
        return 1;
    printf("# before and after: objects %lld %lld, promises %lld %lld, low "
           "%lld %lld, shared %lld %lld, user %lld %lld, tables %lld %lld, "
           "files %lld %lld\n",
           a->objects, b->objects, a->spaces, b->spaces, a->spaces_low,
           b->spaces_low, a->shared, b->shared, a->user, b->user, a->tables,
           b->tables, a->files, b->files);
    return 0;
}

static long run_once(const struct operation *op, unsigned nth, unsigned copy)
{
    fail_nth = nth;
    fail_copy = copy;
    was_hit = 0;
    was_changed = 0;
    return op->run();
}

static int is_good(const struct operation *op, long result, long usual,
                   int of_copies)
{
    if (result < 0 && was_changed)
        return 0;
    if (result == usual || (!was_hit && result >= 0 && usual >= 0))
        return 1; /* times, for one, never returns the same twice */
    if (of_copies)
        return result == -EFAULT || (result >= 0 && may_be_partial(op->name));
    return is_refusal(result) || result >= 0;
}

/* All points of one kind; how many there are, or -1. */
static int fail_all(const struct operation *op, long usual, int of_copies)
{
    unsigned nth;

    for (nth = 1; nth < TRIES; nth++) {
        long result = run_once(op, of_copies ? 0 : nth, of_copies ? nth : 0);

        if (!is_good(op, result, usual, of_copies)) {
            printf("# %s: %s %u: %ld%s\n", op->name,
                   of_copies ? "copy" : "point", nth, result,
                   was_changed ? ", and something changed" : "");
            return -1;
        }
        if (!was_hit)
            return (int)nth - 1;
    }
    return -1;
}

static void try_operation(const struct operation *op)
{
    struct balance before, after;
    int points, copies, tries = 0;
    bool same;
    long usual;

    run_once(op, 0, 0);
    usual = run_once(op, 0, 0);
    /*
     * A page that is touched for the first time is so once; a leak comes again.
     */
    do {
        before = read_balance();
        before = read_balance();
        points = fail_all(op, usual, 0);
        copies = fail_all(op, usual, 1);
        after = read_balance();
        same = is_same(&before, &after);
    } while (!same && ++tries < 2);
    printf("# %s: %d points of memory, %d copies", op->name, points, copies);
    printf(usual == -ENOSYS ? ", absent\n"
           : usual < 0      ? ", fails: %ld\n"
                            : "\n",
           usual);
    tap_line(points >= 0 && copies >= 0 && same &&
                 (usual >= 0 || usual == -ENOSYS || must_fail(op->name)),
             __FILE__, __LINE__, op->name);
}

/* Touch the pages of this program that a failing try is the first to touch. */
static void warm_up(const struct operation *op)
{
    fail_all(op, run_once(op, 0, 0), 0);
    fail_all(op, run_once(op, 0, 0), 1);
}

/* Each call of the kernel's list was among them. */
#define SYSCALL(number, name, nargs)                                   \
    if (!tried[(number) < 512 ? (number) : 512 + ((number)-0x1000)]) { \
        printf("# %s was not tried\n", #name);                         \
        missing++;                                                     \
    }

static int count_missing(void)
{
    int missing = 0;

    tried[__NR_pause] = 1; /* ends only by a signal, as rt_sigsuspend */
    tried[512 + (__NR_inject - 0x1000)] = 1;
#include <cairn/syscalls.def>
    return missing;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "exit") == 0)
        return 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!is_cairn()) {
        printf("1..0 # SKIP Cairn's own call\n");
        return 0;
    }
    self = realpath("/proc/self/exe", NULL);
    go = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
              -1, 0);
    scratch_enter("fail_calls");
    signal(SIGUSR2, SIG_IGN);
    warm_up(&operations[0]);
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++)
        try_operation(&operations[i]);
    for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
        simple_now = &simple[i];
        try_operation(&(struct operation){simple[i].name, run_simple});
    }
    EQUAL(count_missing(), 0);
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
