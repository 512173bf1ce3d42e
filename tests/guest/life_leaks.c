/*
 * Calls that fail late, or that replace what was there: each many times over,
 * and the kernel has not one object more than before, nor a page.
 *
 * Only on Cairn: it reads /proc/slabs.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

#include <cairn/syscall.h>

#define PAGE  4096
#define TIMES 100
#define SLABS 80
#define LONG  "a-name-that-is-longer-than-thirty-one-bytes"
#define BAD   ((void *)bad_address)

static volatile uintptr_t bad_address = 16; /* nothing the compiler knows */

static int fd, other, folder; /* a file, a second open file of it, "." */

static long call(long number, long a, long b, long c, long d, long e)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
                     : "memory");
    return result;
}

/* ---- the kernel's objects ---- */

struct slab {
    char name[24];
    long used;
};

struct count {
    int n;
    struct slab slabs[SLABS];
    long charged;
};

/* Read a file of /proc without any memory of the C library's. */
static char *text_of(const char *path)
{
    static char text[16384];
    int in = open(path, O_RDONLY);
    ssize_t n, got = 0;

    while ((n = read(in, text + got, sizeof(text) - 1 - (size_t)got)) > 0)
        got += n;
    close(in);
    text[got] = '\0';
    return text;
}

static void count_objects(struct count *count)
{
    char *line = strchr(text_of("/proc/slabs"), '\n');

    for (count->n = 0; line != NULL && count->n < SLABS;
         line = strchr(line + 1, '\n')) {
        struct slab *slab = &count->slabs[count->n];
        unsigned long size;

        if (sscanf(line, " %23s %lu %ld", slab->name, &size, &slab->used) == 3)
            count->n++;
    }
    line = strstr(text_of("/proc/commit"), "charged ");
    count->charged = line != NULL ? atol(line + 8) : -1;
}

/* How many more there are of a kind. */
static long more_of(const struct count *before, const struct slab *slab)
{
    for (int i = 0; i < before->n; i++)
        if (strcmp(before->slabs[i].name, slab->name) == 0)
            return slab->used - before->slabs[i].used;
    return slab->used;
}

/* Objects that were lost: those of each kind of which there are more. */
static long lost(const struct count *before, const struct count *after)
{
    long sum = 0;

    for (int i = 0; i < after->n; i++) {
        long more = more_of(before, &after->slabs[i]);

        if (more > 0)
            printf("# %ld %s\n", more, after->slabs[i].name);
        sum += more > 0 ? more : 0;
    }
    return sum;
}

/* ---- calls that leave everything as it was; 0 if one did its part ---- */

/* Whether a call did not fail as it must; said once for each place. */
static int is_wrong(long result, int error, int line)
{
    static int last;

    if (result == -1 && errno == error)
        return 0;
    if (line != last)
        printf("# line %d: %ld, errno %d, not %d\n", line, result, errno,
               error);
    last = line;
    return 1;
}

#define REFUSED(call, error) is_wrong((call), (error), __LINE__)

static int excl(void)
{
    return REFUSED(open("f", O_CREAT | O_EXCL | O_WRONLY, 0600), EEXIST);
}

static int excl_link(void)
{
    return REFUSED(open("link", O_CREAT | O_EXCL | O_WRONLY, 0600), EEXIST);
}

static int excl_long(void)
{
    return REFUSED(open(LONG, O_CREAT | O_EXCL | O_WRONLY, 0600), EEXIST);
}

static int open_folder(void)
{
    return REFUSED(open("d", O_WRONLY), EISDIR) ||
           REFUSED(open("d", O_CREAT | O_RDWR, 0600), EISDIR) ||
           REFUSED(open("f/", O_RDONLY), ENOTDIR) ||
           REFUSED(open("f", O_DIRECTORY), ENOTDIR) ||
           REFUSED(open("link", O_NOFOLLOW), ELOOP) ||
           REFUSED(open("loop", O_RDONLY), ELOOP);
}

static int open_no_reader(void)
{
    return REFUSED(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO);
}

static int open_many(void)
{
    struct rlimit old, none;
    int result, ends[2];

    getrlimit(RLIMIT_NOFILE, &old);
    none = old;
    none.rlim_cur = 0;
    setrlimit(RLIMIT_NOFILE, &none);
    result = REFUSED(open("f", O_RDONLY), EMFILE) ||
             REFUSED(open("new", O_RDWR | O_CREAT, 0600), EMFILE) ||
             REFUSED(dup(fd), EMFILE) || REFUSED(dup2(fd, 9), EBADF) ||
             REFUSED(pipe(ends), EMFILE) ||
             REFUSED(open("/dev/ptmx", O_RDWR), EMFILE) ||
             call(__NR_memfd_create, (long)"m", 0, 0, 0, 0) != -EMFILE;
    setrlimit(RLIMIT_NOFILE, &old);
    return result;
}

static int pipe_bad(void)
{
    return REFUSED(pipe(BAD), EFAULT);
}

static int pipe_resized(void)
{
    static char block[3 * PAGE];
    int ends[2], bad;

    if (pipe(ends) != 0 || write(ends[1], block, sizeof(block)) < 0)
        return 1;
    bad = REFUSED(fcntl(ends[1], F_SETPIPE_SZ, PAGE), EBUSY) ||
          fcntl(ends[1], F_SETPIPE_SZ, 32 * PAGE) != 32 * PAGE ||
          fcntl(ends[1], F_SETPIPE_SZ, 4 * PAGE) != 4 * PAGE ||
          read(ends[0], block, PAGE + 1) != PAGE + 1 ||
          write(ends[1], block, PAGE) != PAGE ||
          fcntl(ends[0], F_SETPIPE_SZ, 64 * PAGE) != 64 * PAGE ||
          REFUSED(fcntl(ends[0], F_SETPIPE_SZ, 0), EINVAL);
    close(ends[0]), close(ends[1]);
    return bad;
}

/* The ring is full and its head in the page of the tail. */
static int pipe_wrapped(void)
{
    static char block[16 * PAGE];
    int ends[2], bad;

    if (pipe2(ends, O_NONBLOCK) != 0)
        return 1;
    bad = write(ends[1], block, sizeof(block)) != sizeof(block) ||
          read(ends[0], block, 5000) != 5000 ||
          write(ends[1], block, 5000) < PAGE ||
          fcntl(ends[1], F_SETPIPE_SZ, 128 * PAGE) != 128 * PAGE;
    close(ends[0]), close(ends[1]);
    return bad;
}

static int flock_refused(void)
{
    int bad = flock(fd, LOCK_EX) != 0 ||
              REFUSED(flock(other, LOCK_EX | LOCK_NB), EWOULDBLOCK) ||
              REFUSED(flock(other, LOCK_SH | LOCK_NB), EWOULDBLOCK) ||
              flock(fd, LOCK_SH) != 0 || flock(other, LOCK_SH) != 0 ||
              REFUSED(flock(other, LOCK_EX | LOCK_NB), EWOULDBLOCK);

    return flock(fd, LOCK_UN) != 0 || flock(other, LOCK_UN) != 0 || bad;
}

static int range(int command, int type, long start, long length)
{
    struct flock l = {.l_type = (short)type,
                      .l_whence = SEEK_SET,
                      .l_start = start,
                      .l_len = length};

    return fcntl(fd, command, &l);
}

static int range_split(void)
{
    return range(F_SETLK, F_WRLCK, 0, 100) || range(F_SETLK, F_RDLCK, 10, 10) ||
           range(F_SETLK, F_UNLCK, 50, 10) || range(F_GETLK, F_WRLCK, 0, 0) ||
           range(F_SETLK, F_UNLCK, 0, 0);
}

/* Another process finds the range taken. */
static int range_refused(void)
{
    int status;
    pid_t pid;

    if (range(F_SETLK, F_WRLCK, 0, 100) != 0)
        return 1;
    pid = fork();
    if (pid == 0)
        _exit(REFUSED(range(F_SETLK, F_RDLCK, 0, 10), EAGAIN));
    waitpid(pid, &status, 0);
    return range(F_SETLK, F_UNLCK, 0, 0) || status != 0;
}

static int changed_place(void)
{
    return chdir("d") || chdir("..") || fchdir(folder) ||
           REFUSED(chdir("f"), ENOTDIR) || REFUSED(chdir("none"), ENOENT) ||
           REFUSED(fchdir(fd), ENOTDIR) || chroot("/") ||
           REFUSED(chroot("f"), ENOTDIR);
}

static int cut_by_path(void)
{
    return truncate("f", 10) || truncate("link", 0) ||
           REFUSED(truncate("d", 0), EISDIR) ||
           REFUSED(truncate("fifo", 0), EINVAL) ||
           REFUSED(truncate("none", 0), ENOENT) ||
           REFUSED(truncate("f", -1), EINVAL);
}

static int made(void)
{
    return REFUSED(mkdir("d", 0700), EEXIST) ||
           REFUSED(mknod("f", S_IFREG, 0), EEXIST) ||
           REFUSED(symlink("x", "f"), EEXIST) ||
           REFUSED(link("f", "d"), EEXIST) ||
           REFUSED(link("d", "new"), EPERM) ||
           REFUSED(link("f", "/proc/new"), EROFS) ||
           REFUSED(symlink("", "new"), ENOENT) ||
           REFUSED(symlink(BAD, "new"), EFAULT) ||
           REFUSED(mkdir(BAD, 0700), EFAULT);
}

static int removed(void)
{
    return REFUSED(unlink("d"), EISDIR) || REFUSED(rmdir("f"), ENOTDIR) ||
           REFUSED(rmdir("full"), ENOTEMPTY) || REFUSED(rmdir("."), EINVAL) ||
           REFUSED(unlink("none"), ENOENT) || REFUSED(unlink("f/"), ENOTDIR) ||
           REFUSED(rmdir("/tmp/.."), ENOTEMPTY) ||
           REFUSED(unlink("/proc/version"), EROFS);
}

static int renamed(void)
{
    return rename("f", LONG "2") || rename(LONG "2", "f") ||
           REFUSED(rename("f", "d"), EISDIR) ||
           REFUSED(rename("d", "f"), ENOTDIR) ||
           REFUSED(rename("d", "full"), ENOTEMPTY) ||
           REFUSED(rename("d", "d/x"), EINVAL) ||
           REFUSED(rename("none", "f"), ENOENT) ||
           REFUSED(rename("f", "/proc/x"), EXDEV) ||
           call(__NR_renameat2, AT_FDCWD, (long)"f", AT_FDCWD, (long)LONG, 2) ||
           call(__NR_renameat2, AT_FDCWD, (long)"f", AT_FDCWD, (long)LONG, 2) ||
           call(__NR_renameat2, AT_FDCWD, (long)"f", AT_FDCWD, (long)"d", 1) !=
               -EEXIST;
}

static int replaced(void)
{
    int a = open("a", O_CREAT | O_RDWR, 0600);
    int bad =
        write(a, "x", 1) != 1 || mkdir("e", 0700) != 0 || mkdir("g", 0700) != 0;
    int held = open("g", O_RDONLY);

    close(a);
    bad |= symlink(LONG, "s") || rename("a", "s") || rename("e", "g") ||
           unlink("s") || rmdir("g");
    close(held);
    return bad;
}

static int mounted(void)
{
    return REFUSED(mount("x", "f", "tmpfs", 0, NULL), ENOTDIR) ||
           REFUSED(mount("x", "d", "none", 0, NULL), ENODEV) ||
           REFUSED(mount("x", "none", "tmpfs", 0, NULL), ENOENT) ||
           mount("x", "d", "tmpfs", 0, NULL) || mkdir("d/sub", 0700) ||
           close(open("d/sub/f", O_CREAT | O_RDWR, 0600)) ||
           mount("y", "d/sub", "tmpfs", 0, NULL) ||
           REFUSED(umount("d"), EBUSY) || REFUSED(rmdir("d"), EBUSY) ||
           umount("d/sub") || umount("d") || REFUSED(umount("d"), EINVAL);
}

static int mapped(void)
{
    char *p = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
    int bad = p == MAP_FAILED ||
              mmap(p + 2 * PAGE, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED, fd,
                   0) == MAP_FAILED ||
              mmap(NULL, 0, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED ||
              mmap(NULL, PAGE, 0, MAP_SHARED, folder, 0) != MAP_FAILED ||
              mmap(p, PAGE, 0, MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0) !=
                  MAP_FAILED ||
              mmap(BAD, PAGE, 0, MAP_SHARED | MAP_FIXED, fd, 0) != MAP_FAILED;

    return bad || munmap(p, 4 * PAGE) != 0;
}

static int remapped(void)
{
    char *p = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
                   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char *q = mremap(p, 0, 2 * PAGE, MREMAP_MAYMOVE);
    int bad =
        p == MAP_FAILED || q == MAP_FAILED ||
        mremap(p, 0, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p) != MAP_FAILED ||
        mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q) != q ||
        mremap(q, PAGE, 0xF0000000u, MREMAP_MAYMOVE) != MAP_FAILED;

    return bad || munmap(p, 2 * PAGE) != 0 || munmap(q, 2 * PAGE) != 0;
}

static int executed(void)
{
    char *argv[] = {"x", NULL}, *envp[] = {NULL};
    char *bad_argv[] = {"x", BAD, NULL};

    return REFUSED(execve("f", argv, envp), EACCES) ||
           REFUSED(execve("d", argv, envp), EACCES) ||
           REFUSED(execve("none", argv, envp), ENOENT) ||
           REFUSED(execve("text", argv, envp), ENOEXEC) ||
           REFUSED(execve("script", argv, envp), ENOENT) ||
           REFUSED(execve("ring", argv, envp), ELOOP) ||
           REFUSED(execve("/proc/self/exe", bad_argv, envp), EFAULT) ||
           REFUSED(execve(BAD, argv, envp), EFAULT);
}

/* A program that is run and fails in its first steps. */
static int executed_in_child(void)
{
    struct rlimit small = {PAGE, PAGE};
    char *argv[] = {"life_leaks", "leaf", NULL}, *envp[] = {NULL};
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        setrlimit(RLIMIT_AS, &small);
        execve("/proc/self/exe", argv, envp);
        _exit(errno == ENOMEM ? 0 : 2);
    }
    waitpid(pid, &status, 0);
    if (status != 0)
        return 1;
    pid = vfork();
    if (pid == 0) {
        execve("/proc/self/exe", argv, envp);
        _exit(2);
    }
    waitpid(pid, &status, 0);
    return status;
}

static int terminals(void)
{
    int number, unlock = 0, slave, bad;
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    char name[40];

    if (master < 0 || ioctl(master, TIOCGPTN, &number) != 0)
        return 1;
    snprintf(name, sizeof(name), "/dev/pts/%d", number);
    bad = REFUSED(open(name, O_RDWR | O_NOCTTY), EIO) ||
          ioctl(master, TIOCSPTLCK, &unlock) != 0;
    slave = open(name, O_RDWR | O_NOCTTY);
    bad |= slave < 0 || REFUSED(open("/dev/tty", O_RDWR), ENXIO);
    close(master);
    bad |= REFUSED(open(name, O_RDWR | O_NOCTTY), ENOENT);
    close(slave);
    return bad;
}

static int polled(void)
{
    struct pollfd many[100];

    for (int i = 0; i < 100; i++)
        many[i] = (struct pollfd){i % 2 ? fd : -1, 0, 0};
    return poll(many, 100, 0) < 0 || REFUSED(poll(BAD, 3, 0), EFAULT) ||
           REFUSED(select(64, BAD, NULL, NULL, NULL), EFAULT);
}

static int moved_bytes(void)
{
    static char block[PAGE];
    struct iovec many[20];

    for (int i = 0; i < 20; i++)
        many[i] = (struct iovec){i == 10 ? BAD : block, 10};
    return pwritev(fd, many, 20, 0) != 100 ||
           REFUSED(writev(fd, BAD, 20), EFAULT) ||
           REFUSED(sendfile(fd, folder, NULL, 10), EISDIR) ||
           REFUSED(sendfile(folder, fd, NULL, 10), EBADF) ||
           REFUSED(pwrite(fd, BAD, 10, 5 * PAGE), EFAULT) ||
           ftruncate(fd, 0) != 0;
}

static int read_proc(void)
{
    char c;
    int in = open("/proc/self/maps", O_RDONLY);
    int bad = read(in, BAD, 10) != -1 || read(in, &c, 1) != 1 ||
              REFUSED(open("/proc/self/none", O_RDONLY), ENOENT) ||
              REFUSED(open("/proc/999999/maps", O_RDONLY), ENOENT) ||
              REFUSED(readlink("/proc/self/exe", BAD, 10), EFAULT) ||
              REFUSED(open("/proc/self/fd/999", O_RDONLY), ENOENT);

    close(in);
    return bad;
}

/* A path too long for the system call's stack, which needs memory. */
static const char *far(const char *name)
{
    static char paths[4][400];
    static unsigned next;
    char *path = paths[next++ % 4];

    for (int i = 0; i < 150; i++)
        memcpy(path + 2 * i, "./", 2);
    strcpy(path + 300, name);
    return path;
}

static int far_names(void)
{
    struct stat st;
    char text[8];

    return close(open(far("f"), O_RDONLY)) || truncate(far("f"), 5) ||
           truncate(far("f"), 0) || stat(far("f"), &st) ||
           lstat(far("link"), &st) || chmod(far("f"), 0600) ||
           chown(far("f"), 0, 0) || access(far("f"), R_OK) ||
           utimensat(AT_FDCWD, far("f"), NULL, 0) || chdir(far(".")) ||
           mkdir(far("new"), 0700) || rmdir(far("new")) ||
           link(far("f"), far("new")) || rename(far("new"), far("new2")) ||
           unlink(far("new2")) || symlink(far("x"), far("new")) ||
           unlink(far("new")) || mkfifo(far("new"), 0600) ||
           unlink(far("new")) || readlink(far("link"), text, 8) != 1 ||
           mount("x", far("d"), "tmpfs", 0, NULL) || umount(far("d"));
}

static int far_refused(void)
{
    struct stat st;
    char text[8];

    return REFUSED(open(far("none"), O_RDONLY), ENOENT) ||
           REFUSED(open(far("f"), O_CREAT | O_EXCL, 0600), EEXIST) ||
           REFUSED(truncate(far("none"), 5), ENOENT) ||
           REFUSED(truncate(far("d"), 5), EISDIR) ||
           REFUSED(stat(far("none"), &st), ENOENT) ||
           REFUSED(chmod(far("none"), 0600), ENOENT) ||
           REFUSED(chown(far("none"), 0, 0), ENOENT) ||
           REFUSED(access(far("none"), R_OK), ENOENT) ||
           REFUSED(utimensat(AT_FDCWD, far("none"), NULL, 0), ENOENT) ||
           REFUSED(chdir(far("f")), ENOTDIR) ||
           REFUSED(mkdir(far("d"), 0700), EEXIST) ||
           REFUSED(rmdir(far("full")), ENOTEMPTY) ||
           REFUSED(link(far("f"), far("d")), EEXIST) ||
           REFUSED(link(far("f"), BAD), EFAULT) ||
           REFUSED(rename(far("f"), far("d")), EISDIR) ||
           REFUSED(rename(far("f"), BAD), EFAULT) ||
           REFUSED(unlink(far("d")), EISDIR) ||
           REFUSED(symlink(far("x"), far("f")), EEXIST) ||
           REFUSED(mkfifo(far("f"), 0600), EEXIST) ||
           REFUSED(readlink(far("f"), text, 8), EINVAL) ||
           REFUSED(mount("x", far("f"), "tmpfs", 0, NULL), ENOTDIR) ||
           REFUSED(umount(far("d")), EINVAL) ||
           REFUSED(openat(999, far("f"), O_RDONLY), EBADF) ||
           REFUSED(execl(far("f"), "x", NULL), EACCES);
}

static int nameless(void)
{
    char path[40];
    int t = open(".", O_TMPFILE | O_RDWR, 0600), bad;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", t);
    bad = t < 0 ||
          linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW) != 0 ||
          REFUSED(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW),
                  EEXIST) ||
          unlink("named") != 0 ||
          REFUSED(linkat(AT_FDCWD, path, AT_FDCWD, "named", AT_SYMLINK_FOLLOW),
                  ENOENT);
    close(t);
    return bad || REFUSED(open("f", O_TMPFILE | O_RDWR, 0600), ENOTDIR) ||
           REFUSED(open(".", O_TMPFILE | O_RDONLY, 0600), EINVAL);
}

static int gone_folder(void)
{
    int bad = mkdir("gone", 0700) != 0 || chdir("gone") != 0 ||
              rmdir("../gone") != 0 ||
              REFUSED(open("x", O_CREAT | O_RDWR, 0600), ENOENT) ||
              REFUSED(mkdir("x", 0700), ENOENT) ||
              REFUSED(open("..//none", O_RDONLY), ENOENT);

    return fchdir(folder) != 0 || bad;
}

static int waited(void)
{
    int status;
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return waitpid(pid, BAD, 0) != -1 ||
           REFUSED(waitpid(-1, &status, 0), ECHILD);
}

static const struct op {
    const char *name;
    int (*run)(void);
} ops[] = {
    {"O_EXCL on a name that is there", excl},
    {"O_EXCL on a link", excl_link},
    {"O_EXCL on a long name", excl_long},
    {"open of the wrong kind", open_folder},
    {"open of a FIFO without a reader", open_no_reader},
    {"no descriptor left", open_many},
    {"pipe at a bad address", pipe_bad},
    {"pipe made larger and smaller", pipe_resized},
    {"full pipe made larger", pipe_wrapped},
    {"flock refused", flock_refused},
    {"ranges split", range_split},
    {"ranges refused", range_refused},
    {"chdir, fchdir, chroot", changed_place},
    {"truncate by path", cut_by_path},
    {"names that are there", made},
    {"names that cannot go", removed},
    {"rename", renamed},
    {"rename over", replaced},
    {"mount", mounted},
    {"mmap", mapped},
    {"mremap", remapped},
    {"execve refused", executed},
    {"execve that fails late", executed_in_child},
    {"pseudo-terminals", terminals},
    {"poll, select", polled},
    {"vectors, sendfile", moved_bytes},
    {"/proc", read_proc},
    {"long paths", far_names},
    {"long paths refused", far_refused},
    {"O_TMPFILE, linkat", nameless},
    {"a folder that is gone", gone_folder},
    {"wait with a bad address", waited},
};

static void put_file(const char *name, const char *text, mode_t mode)
{
    int out = open(name, O_CREAT | O_WRONLY, mode);

    if (write(out, text, strlen(text)) != (ssize_t)strlen(text))
        perror(name);
    close(out);
}

static void prepare(void)
{
    fd = open("f", O_CREAT | O_RDWR, 0600);
    other = open("f", O_RDWR);
    folder = open(".", O_RDONLY);
    put_file(LONG, "", 0600);
    put_file("text", "just text", 0700);
    put_file("script", "#!/none x\n", 0700);
    put_file("ring", "#!ring\n", 0700);
    if (mkdir("d", 0700) || mkdir("full", 0700) || mkdir("full/x", 0700) ||
        symlink("f", "link") || symlink("loop", "loop") || mkfifo("fifo", 0600))
        perror("prepare");
}

static void clean_up(void)
{
    static const char *const files[] = {"f",    LONG,   "text", "script",
                                        "ring", "link", "loop", "fifo"};

    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        unlink(files[i]);
    rmdir("d"), rmdir("full/x"), rmdir("full");
}

static void test_op(const struct op *op)
{
    static struct count before, after;
    int bad = 0;

    for (int i = 0; i < TIMES / 10; i++)
        bad += op->run() != 0;
    count_objects(&before);
    for (int i = 0; i < TIMES; i++)
        bad += op->run() != 0;
    count_objects(&after);
    printf("# %s\n", op->name);
    if (bad > 0)
        printf("# errno %d\n", errno);
    EQUAL(bad, 0);
    EQUAL(lost(&before, &after), 0);
    /* Where objects are kept a while, a cache may need another slab. */
    EQUAL(after.charged < before.charged + TIMES / 10, 1);
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "leaf") == 0)
        return 0;
    scratch_enter("life_leaks");
    prepare();
    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
        test_op(&ops[i]);
    clean_up();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
