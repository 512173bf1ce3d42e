/*
 * Each file call with its first, second, third ... allocation refused, until
 * it gets through; then the same for each copy from and to user memory. A
 * call that fails returns a documented error and has changed nothing: what it
 * would have made is not there, what it would have taken away is, and free
 * memory is what it was.
 *
 * test: timeout=120
 */
#define _GNU_SOURCE

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

#include <cairn/inject.h>
#include <cairn/syscall.h>

#define LONG  "a name of more than thirty-two characters"
#define TRIES 300 /* no call has that many points */

static long call(long number, long a, long b, long c, long d, long e)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                     : "memory");
    return result;
}

static long inject(unsigned nth, unsigned flags, unsigned copies)
{
    return call(__NR_inject, (long)nth, (long)flags, (long)copies, 0, 0);
}

static unsigned long long free_pages(void)
{
    struct statvfs v;

    return statvfs("/", &v) == 0 ? v.f_bfree : 0;
}

static int exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

/* What the operations work with, made once. */
static int fd, sparse_fd, pipe_fds[2];
static char page[8192];
static char long_path[2000];

/*
 * An operation: `act` is one call, and returns its result or -errno; `check`
 * says whether it is done, `undo` undoes it.
 */
struct operation {
    const char *name;
    long (*act)(void);
    int (*is_done)(void);
    void (*undo)(void);
};

static long at_errno(long result)
{
    return result < 0 ? -errno : result;
}

static long do_open(void)
{
    return at_errno(open(LONG, O_RDWR | O_CREAT | O_EXCL, 0644));
}

static int is_made(void)
{
    return exists(LONG);
}

static void undo_open(void)
{
    close(pipe_fds[1] + 1); /* the next free number: it got that */
    unlink(LONG);
}

static long do_mkdir(void)
{
    return at_errno(mkdir(LONG, 0755));
}

static void undo_mkdir(void)
{
    rmdir(LONG);
}

static long do_symlink(void)
{
    return at_errno(symlink("somewhere else", LONG));
}

static void undo_name(void)
{
    unlink(LONG);
}

static long do_link(void)
{
    return at_errno(link("file", LONG));
}

static long do_mkfifo(void)
{
    return at_errno(mkfifo(LONG, 0644));
}

static long do_rename(void)
{
    return at_errno(rename("movable", LONG));
}

static void undo_rename(void)
{
    rename(LONG, "movable");
}

static long do_rename_over(void)
{
    return at_errno(rename("movable", "d/other"));
}

static int is_moved(void)
{
    return !exists("movable");
}

static void undo_rename_over(void)
{
    rename("d/other", "movable");
    close(open("d/other", O_WRONLY | O_CREAT, 0644));
}

static long do_unlink(void)
{
    return at_errno(unlink("movable"));
}

static void undo_unlink(void)
{
    close(open("movable", O_WRONLY | O_CREAT, 0644));
}

static long do_write(void)
{
    return at_errno(pwrite(fd, page, sizeof(page), 1 << 30));
}

static int is_long(void)
{
    struct stat st;

    fstat(fd, &st);
    return st.st_size >= (1 << 30) + (int)sizeof(page);
}

static void undo_write(void)
{
    ftruncate(fd, 0);
}

static long do_writev(void)
{
    struct iovec v[20];

    for (int i = 0; i < 20; i++)
        v[i] = (struct iovec){page, 400};
    return at_errno(writev(fd, v, 20));
}

static int is_written(void)
{
    struct stat st;

    fstat(fd, &st);
    return st.st_size >= 8000;
}

static long do_fallocate(void)
{
    return at_errno(fallocate(fd, 0, 0, 100000));
}

static int is_allocated(void)
{
    struct stat st;

    fstat(fd, &st);
    return st.st_size == 100000;
}

static long do_long_path(void)
{
    struct stat st;

    return at_errno(stat(long_path, &st));
}

static int always(void)
{
    return 1;
}

static void nothing(void)
{
}

static long do_getcwd(void)
{
    char buf[200];

    return getcwd(buf, sizeof(buf)) != NULL ? 0 : -errno;
}

static long do_readlink(void)
{
    char buf[20];

    return at_errno(readlink("link", buf, sizeof(buf)));
}

static long do_getdents(void)
{
    static char buf[4096];
    long result;
    int dir = open(".", O_RDONLY | O_DIRECTORY);

    if (dir < 0)
        return -errno;
    result = call(__NR_getdents64, dir, (long)buf, sizeof(buf), 0, 0);
    close(dir);
    return result;
}

static long do_fifo(void)
{
    int f = open("fifo", O_RDONLY | O_NONBLOCK);

    if (f < 0)
        return -errno;
    close(f);
    return 0;
}

static long do_pipe(void)
{
    int p[2];

    if (pipe2(p, O_CLOEXEC) != 0)
        return -errno;
    close(p[0]), close(p[1]);
    return 0;
}

static long do_pipe_write(void)
{
    return at_errno(write(pipe_fds[1], page, sizeof(page)));
}

static void drain_pipe(void)
{
    int n = 0;

    while (ioctl(pipe_fds[0], FIONREAD, &n) == 0 && n > 0)
        read(pipe_fds[0], page, sizeof(page));
}

static long do_pipe_size(void)
{
    return at_errno(fcntl(pipe_fds[0], F_SETPIPE_SZ, 200000));
}

static void undo_pipe_size(void)
{
    fcntl(pipe_fds[0], F_SETPIPE_SZ, 65536);
}

static long do_poll(void)
{
    struct pollfd set[70];

    for (int i = 0; i < 70; i++)
        set[i] = (struct pollfd){.fd = pipe_fds[0], .events = POLLIN};
    return at_errno(poll(set, 70, 1));
}

static long do_select(void)
{
    struct timeval soon = {0, 1000};
    fd_set in;

    FD_ZERO(&in);
    FD_SET(pipe_fds[0], &in);
    return at_errno(select(pipe_fds[0] + 1, &in, NULL, NULL, &soon));
}

static long do_lock(void)
{
    struct flock l = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_len = 10};

    return at_errno(fcntl(fd, F_SETLK, &l));
}

static void undo_lock(void)
{
    struct flock l = {.l_type = F_UNLCK, .l_whence = SEEK_SET};

    fcntl(fd, F_SETLK, &l);
}

static long do_flock(void)
{
    return at_errno(flock(fd, LOCK_EX));
}

static void undo_flock(void)
{
    flock(fd, LOCK_UN);
}

static long do_dup(void)
{
    return at_errno(fcntl(fd, F_DUPFD, 100));
}

static void undo_dup(void)
{
    close(100);
}

/* Mapping a file with holes fills them. */
static long do_map(void)
{
    void *p =
        mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, sparse_fd, 0);

    if (p == MAP_FAILED)
        return -errno;
    munmap(p, 3 * 4096);
    return 0;
}

static void undo_map(void)
{
    ftruncate(sparse_fd, 0);
    ftruncate(sparse_fd, 3 * 4096);
}

static long do_mount(void)
{
    return at_errno(mount("none", "d2", "tmpfs", 0, NULL));
}

static void undo_mount(void)
{
    umount("d2");
}

static long do_times(void)
{
    struct timespec t[2] = {{1, 2}, {3, 4}};

    return at_errno(utimensat(AT_FDCWD, "file", t, 0));
}

static long do_statvfs(void)
{
    struct statvfs v;

    return at_errno(statvfs("file", &v));
}

static long do_fionread(void)
{
    int n;

    return at_errno(ioctl(pipe_fds[0], FIONREAD, &n));
}

static long do_seek(void)
{
    return at_errno(lseek(fd, 0, SEEK_SET));
}

static const struct operation operations[] = {
    {"open", do_open, is_made, undo_open},
    {"mkdir", do_mkdir, is_made, undo_mkdir},
    {"symlink", do_symlink, is_made, undo_name},
    {"link", do_link, is_made, undo_name},
    {"mkfifo", do_mkfifo, is_made, undo_name},
    {"rename", do_rename, is_made, undo_rename},
    {"rename over", do_rename_over, is_moved, undo_rename_over},
    {"unlink", do_unlink, is_moved, undo_unlink},
    {"write", do_write, is_long, undo_write},
    {"writev", do_writev, is_written, undo_write},
    {"fallocate", do_fallocate, is_allocated, undo_write},
    {"stat of a long path", do_long_path, always, nothing},
    {"getcwd", do_getcwd, always, nothing},
    {"readlink", do_readlink, always, nothing},
    {"getdents64", do_getdents, always, nothing},
    {"open of a FIFO", do_fifo, always, nothing},
    {"pipe2", do_pipe, always, nothing},
    {"write to a pipe", do_pipe_write, always, drain_pipe},
    {"F_SETPIPE_SZ", do_pipe_size, always, undo_pipe_size},
    {"poll", do_poll, always, nothing},
    {"select", do_select, always, nothing},
    {"fcntl lock", do_lock, always, undo_lock},
    {"flock", do_flock, always, undo_flock},
    {"F_DUPFD", do_dup, always, undo_dup},
    {"mmap of holes", do_map, always, undo_map},
    {"mount", do_mount, always, undo_mount},
    {"utimensat", do_times, always, nothing},
    {"statvfs", do_statvfs, always, nothing},
    {"FIONREAD", do_fionread, always, nothing},
    {"lseek", do_seek, always, nothing},
};

#define NOPERATIONS (sizeof(operations) / sizeof(operations[0]))

/* One attempt: whether it went as it should. *failed: the call did. */
static int attempt(const struct operation *op, unsigned memory, unsigned copies,
                   int *failed)
{
    int good = 1, done = op->is_done != always;
    long result;

    ftruncate(fd, 0);
    lseek(fd, 0, SEEK_SET);
    inject(memory, 0, copies);
    result = op->act();
    inject(0, INJECT_OFF, 0);
    done = done && op->is_done();
    *failed = result < 0;
    if (*failed)
        good = !done && (copies > 0 ? result == -EFAULT
                                    : result == -ENOMEM || result == -ENOSPC ||
                                          result == -ENOLCK);
    else if (memory == 0 && copies == 0)
        good = done || op->is_done == always;
    if (!*failed || op->is_done == always)
        op->undo();
    if (!good)
        printf("# %s: memory point %u, copy %u: result %ld, %sdone\n", op->name,
               memory, copies, result, done ? "" : "not ");
    return good;
}

/* Every point in turn; those whose refusal the call survives are passed. */
static int fail_each(const struct operation *op, int copies, int *nfailed)
{
    int failed, good = 1, quiet = 0;

    *nfailed = 0;
    for (unsigned nth = 1; nth < TRIES && quiet < 5; nth++) {
        good &= attempt(op, copies ? 0 : nth, copies ? nth : 0, &failed);
        *nfailed += failed;
        quiet = failed ? 0 : quiet + 1;
    }
    good &= quiet == 5 && attempt(op, 0, 0, &failed);
    return good && !failed;
}

/*
 * Several rounds, since a slab kept in reserve looks like a page that is lost:
 * a page lost at a single point would by the end be ROUNDS of them.
 */
#define ROUNDS 12
#define SLACK  (ROUNDS - 2)

static void fail_all(const struct operation *op, int copies)
{
    unsigned long long before;
    int nfailed, good = fail_each(op, copies, &nfailed);
    char line[80];

    ftruncate(fd, 0);
    before = free_pages();
    for (int round = 0; round < ROUNDS; round++)
        good &= fail_each(op, copies, &nfailed);
    ftruncate(fd, 0);
    if (free_pages() + SLACK < before) {
        printf("# %s: %lld pages lost\n", op->name,
               (long long)(before - free_pages()));
        good = 0;
    }
    snprintf(line, sizeof(line), "%s: %d failing %s", op->name, nfailed,
             copies ? "copies" : "allocations");
    tap_line(good, __FILE__, __LINE__, line);
}

static void set_up(void)
{
    fd = open("file", O_RDWR | O_CREAT, 0644);
    mkdir("d", 0755), mkdir("d2", 0755);
    close(open("movable", O_WRONLY | O_CREAT, 0644));
    close(open("d/other", O_WRONLY | O_CREAT, 0644));
    symlink("file", "link");
    mkfifo("fifo", 0600);
    sparse_fd = open("sparse", O_RDWR | O_CREAT, 0644);
    ftruncate(sparse_fd, 3 * 4096);
    pipe(pipe_fds);
    for (int i = 0; i < 1996; i += 2)
        memcpy(long_path + i, "./", 3);
}

static void tear_down(void)
{
    close(fd), close(sparse_fd), close(pipe_fds[0]), close(pipe_fds[1]);
    unlink("file"), unlink("movable"), unlink("d/other"), unlink("link");
    unlink("fifo"), unlink("sparse");
    rmdir("d"), rmdir("d2");
}

int main(void)
{
    if (!is_cairn()) {
        tap_skip("failing calls", "needs Cairn's injector");
        return tap_done();
    }
    scratch_enter("fs_fail");
    set_up();
    for (size_t i = 0; i < NOPERATIONS; i++)
        fail_all(&operations[i], 0);
    for (size_t i = 0; i < NOPERATIONS; i++)
        fail_all(&operations[i], 1);
    tear_down();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
