/*
 * Users without privilege do all kinds of things, in any order, to what is
 * root's: files, directories, links, a terminal, a process. Afterwards all of
 * it is as it was, and nothing of what is secret has been read. The seed is
 * shown; what each user does can be repeated by it, but not how they meet.
 *
 * test: args="1" timeout=200
 * test: args="2" timeout=200 name=two
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <grp.h>
#include <termios.h>

#include "rights.h"
#include "scratch.h"

#define MARK_BYTES 16
#define NFDS       12
#define ROUNDS     (getenv("TEST_LONG") ? 300000 : 20000)

static unsigned long long state;

/* What whatever is root's holds; not in this program's file. */
static char mark[MARK_BYTES + 1];

static void make_mark(void)
{
    for (int i = 0; i < MARK_BYTES; i++)
        mark[i] = (char)('A' + (i * 7 + 11) % 26);
}

static unsigned pick(unsigned n)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)(state >> 33) % n;
}

/* ---- what is root's ---- */

static const struct {
    const char *name;
    mode_t mode;
} root_files[] = {
    {"secret", 0600},        {"group", 0640},        {"readable", 0644},
    {"program", 04711},      {"gprogram", 02711},    {"shut/inside", 0666},
    {"sticky/root's", 0600}, {"noread/known", 0644}, {"noread/secret", 0600},
    {"sticky/all", 0644},
};

static const struct {
    const char *name;
    mode_t mode;
} root_dirs[] = {
    {"shut", 0700},    {"sticky", 01777}, {"noread", 0711},
    {"nowrite", 0755}, {"team", 02775},
};

#define NFILES (sizeof(root_files) / sizeof(root_files[0]))
#define NDIRS  (sizeof(root_dirs) / sizeof(root_dirs[0]))

/* Those that all may read have nothing to hide. */
static int is_public(const char *name)
{
    return strcmp(name, "readable") == 0 || strcmp(name, "noread/known") == 0 ||
           strcmp(name, "sticky/all") == 0;
}

static struct stat before[NFILES + NDIRS];

static void make_roots(void)
{
    int fd;

    for (unsigned i = 0; i < NDIRS; i++)
        make_dir(root_dirs[i].name, 0, i == 4 ? TEAM : 0, root_dirs[i].mode);
    for (unsigned i = 0; i < NFILES; i++) {
        fd = open(root_files[i].name, O_WRONLY | O_CREAT | O_EXCL, 0600);
        dprintf(fd, "%s\n", is_public(root_files[i].name) ? "public" : mark);
        fchmod(fd, root_files[i].mode);
        close(fd);
        stat(root_files[i].name, &before[i]);
    }
    for (unsigned i = 0; i < NDIRS; i++)
        stat(root_dirs[i].name, &before[NFILES + i]);
    make_dir("play", USER, USER, 0777);
}

static int is_equal(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

/* Names may come and go in a sticky directory. */
static int is_same(const char *name, const struct stat *old)
{
    struct stat now;
    int good;

    good = lstat(name, &now) == 0 && now.st_ino == old->st_ino &&
           now.st_mode == old->st_mode && now.st_uid == old->st_uid &&
           now.st_gid == old->st_gid;
    if (strcmp(name, "sticky") != 0)
        good = good && now.st_nlink == old->st_nlink &&
               now.st_size == old->st_size &&
               is_equal(&now.st_mtim, &old->st_mtim) &&
               is_equal(&now.st_ctim, &old->st_ctim);
    if (!good)
        printf("# mode %o, owner %u:%u, %u links, %lld bytes, %lld later\n",
               (unsigned)now.st_mode, (unsigned)now.st_uid,
               (unsigned)now.st_gid, (unsigned)now.st_nlink,
               (long long)now.st_size,
               (long long)(now.st_ctime - old->st_ctime));
    return good;
}

static int has_contents(unsigned i)
{
    const char *wanted = is_public(root_files[i].name) ? "public" : mark;
    char buf[64] = "";
    int fd = open(root_files[i].name, O_RDONLY);
    ssize_t n = read(fd, buf, sizeof(buf) - 1);

    close(fd);
    return n == (ssize_t)strlen(wanted) + 1 &&
           memcmp(buf, wanted, strlen(wanted)) == 0;
}

static void check_roots(void)
{
    char text[80];

    for (unsigned i = 0; i < NFILES; i++) {
        snprintf(text, sizeof(text), "%s is as it was", root_files[i].name);
        tap_line(is_same(root_files[i].name, &before[i]) && has_contents(i),
                 __FILE__, __LINE__, text);
    }
    for (unsigned i = 0; i < NDIRS; i++) {
        snprintf(text, sizeof(text), "%s is as it was", root_dirs[i].name);
        tap_line(is_same(root_dirs[i].name, &before[NFILES + i]), __FILE__,
                 __LINE__, text);
    }
}

/* ---- root's process, and its terminal ---- */

static char terminal[32], victim_files[6][48];
static pid_t victim;
static int victim_alive = -1;

static void start_victim(void)
{
    static const char *const names[] = {"environ",    "fd/3",     "maps",
                                        "cwd/secret", "root/etc", "exe"};
    int fds[2], master, number, lock = 0;

    master = open("/dev/ptmx", O_RDWR | O_NOCTTY);
    ioctl(master, TIOCGPTN, &number);
    ioctl(master, TIOCSPTLCK, &lock);
    snprintf(terminal, sizeof(terminal), "/dev/pts/%d", number);
    if (pipe(fds) != 0)
        _exit(98);
    fflush(stdout);
    victim = fork();
    if (victim == 0) {
        char byte;
        int slave = open(terminal, O_RDWR | O_NOCTTY);

        (void)!write(master, mark, MARK_BYTES);
        dup2(open("secret", O_RDWR), 3);
        close(fds[1]);
        _exit(read(fds[0], &byte, 1) == 0 && slave >= 0 ? 42 : 1);
    }
    close(fds[0]);
    victim_alive = fds[1];
    for (unsigned i = 0; i < 6; i++)
        snprintf(victim_files[i], sizeof(victim_files[i]), "/proc/%d/%s",
                 (int)victim, names[i]);
    close(master);
}

/* ---- the user ---- */

static const char *const own_names[] = {
    "play/a",
    "play/b",
    "play/c/d",
    "play/c",
    "sticky/a",
    "sticky/b",
    "play/link",
    "team/a",
    "nowrite/a",
    ".",
    "..",
    "play",
    "",
    "/dev/tty",
    "/dev/console",
    "/dev/null",
    "/proc/self/fd",
    "/proc/1/environ",
    "/proc/self/fd/5",
    "/proc/self/fd/6",
    "/proc/self/fd/7",
    "/dev/ptmx",
    "/proc/self/exe",
    "play/../secret",
    "play/link/secret",
    "noread",
};

static int fds[NFDS];
static char buffer[4096];
static int leaks;

static const char *a_path(void)
{
    switch (pick(8)) {
    case 0:
    case 1:
        return root_files[pick(NFILES)].name;
    case 2:
        return root_dirs[pick(NDIRS)].name;
    case 3:
        return pick(4) ? victim_files[pick(6)] : terminal;
    default:
        return own_names[pick(sizeof(own_names) / sizeof(char *))];
    }
}

static int a_dir(void)
{
    return pick(2) ? AT_FDCWD : fds[pick(NFDS)];
}

static int a_fd(void)
{
    return fds[pick(NFDS)];
}

static unsigned a_mode(void)
{
    static const unsigned modes[] = {0,     0644,  0777,  04777,
                                     02777, 06755, 01777, 0600};

    return modes[pick(8)];
}

static unsigned an_id(void)
{
    static const unsigned ids[] = {0, USER, TEAM, OTHER, (unsigned)-1};

    return ids[pick(5)];
}

static void look_for_secret(const void *p, size_t n, const char *how)
{
    if (memmem(p, n, mark, MARK_BYTES) == NULL)
        return;
    if (leaks++ < 5)
        printf("# a secret by %s\n", how);
}

static void keep(int fd)
{
    unsigned slot = pick(NFDS);

    if (fd < 0)
        return;
    if (fds[slot] > 2)
        close(fds[slot]);
    fds[slot] = fd;
}

static void open_something(void)
{
    static const int flags[] = {O_RDONLY,
                                O_WRONLY,
                                O_RDWR,
                                O_RDWR | O_CREAT,
                                O_WRONLY | O_TRUNC,
                                O_RDONLY | O_TRUNC,
                                O_RDONLY | O_DIRECTORY,
                                010000000 /* O_PATH */,
                                010000000 | O_NOFOLLOW,
                                O_RDWR | O_TMPFILE,
                                O_RDWR | O_CREAT | O_EXCL,
                                O_WRONLY | O_APPEND,
                                O_RDONLY | O_NOFOLLOW};

    keep(openat(a_dir(), a_path(),
                flags[pick(sizeof(flags) / sizeof(flags[0]))] | O_NONBLOCK |
                    O_NOCTTY,
                a_mode()));
}

static void read_something(void)
{
    int fd = a_fd();
    ssize_t n = pick(2) ? read(fd, buffer, sizeof(buffer))
                        : pread(fd, buffer, sizeof(buffer), pick(32));
    char link[40], place[64] = "";

    if (n <= 0 || memmem(buffer, (size_t)n, mark, MARK_BYTES) == NULL)
        return;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    (void)!readlink(link, place, sizeof(place) - 1);
    look_for_secret(buffer, (size_t)n, place);
}

static void map_something(void)
{
    char *p = mmap(NULL, 4096, 1 << pick(3) | PROT_READ,
                   pick(2) ? MAP_SHARED : MAP_PRIVATE, a_fd(), 0);

    if (p == MAP_FAILED)
        return;
    mprotect(p, 4096, PROT_READ | PROT_WRITE);
    /* Past the end of a file a touch is SIGBUS: ask the kernel to copy. */
    if (syscall(SYS_write, fds[0], p, 64) > 0 &&
        pread(fds[0], buffer, 64, 0) > 0)
        look_for_secret(buffer, 64, "mmap");
    munmap(p, 4096);
}

static void move_data(void)
{
    long long from = 0, to = 0;
    char copy[64];

    if (pick(2))
        syscall(SYS_sendfile64, fds[0], a_fd(), &from, 64);
    else
        syscall(SYS_copy_file_range, a_fd(), &from, fds[0], &to, 64, 0);
    if (pread(fds[0], copy, sizeof(copy), 0) > 0)
        look_for_secret(copy, sizeof(copy), "a copy");
}

static void write_something(void)
{
    struct iovec v = {(char *)"overwritten", 11};

    switch (pick(6)) {
    case 0:
        (void)!write(a_fd(), "overwritten", 11);
        break;
    case 1:
        pwrite(a_fd(), "overwritten", 11, pick(8));
        break;
    case 2:
        writev(a_fd(), &v, 1);
        break;
    case 3:
        (void)!ftruncate(a_fd(), pick(64));
        break;
    case 4:
        fallocate(a_fd(), (int)pick(4), pick(64), 1 + pick(64));
        break;
    default:
        (void)!truncate(a_path(), pick(64));
    }
}

static void change_names(void)
{
    switch (pick(10)) {
    case 0:
        unlinkat(a_dir(), a_path(), pick(2) ? AT_REMOVEDIR : 0);
        break;
    case 1:
        renameat(a_dir(), a_path(), a_dir(), a_path());
        break;
    case 2:
        syscall(SYS_renameat2, a_dir(), a_path(), a_dir(), a_path(), pick(4));
        break;
    case 3:
        (void)!linkat(a_dir(), a_path(), a_dir(), a_path(),
                      pick(2) ? AT_SYMLINK_FOLLOW : 0);
        break;
    case 4:
        (void)!linkat(a_fd(), "", a_dir(), a_path(), AT_EMPTY_PATH);
        break;
    case 5:
        (void)!symlinkat(a_path(), a_dir(), a_path());
        break;
    case 6:
        mkdirat(a_dir(), a_path(), a_mode());
        break;
    case 7:
        mknodat(a_dir(), a_path(), (S_IFREG | pick(3) * 010000) | a_mode(),
                0x103);
        break;
    default:
        unlink(own_names[pick(9)]);
    }
}

static void change_attributes(void)
{
    struct timespec times[2] = {{1, 0}, {pick(2) ? UTIME_NOW : 5, UTIME_NOW}};

    switch (pick(7)) {
    case 0:
        fchmodat(a_dir(), a_path(), a_mode(), 0);
        break;
    case 1:
        fchmod(a_fd(), a_mode());
        break;
    case 2:
        (void)!fchownat(a_dir(), a_path(), an_id(), an_id(),
                        pick(2) ? AT_SYMLINK_NOFOLLOW : 0);
        break;
    case 3:
        (void)!fchownat(a_fd(), "", an_id(), an_id(), AT_EMPTY_PATH);
        break;
    case 4:
        (void)!fchown(a_fd(), an_id(), an_id());
        break;
    case 5:
        utimensat(a_dir(), a_path(), pick(2) ? NULL : times, 0);
        break;
    default:
        utimensat(a_fd(), "", times, AT_EMPTY_PATH);
    }
}

static void list_something(void)
{
    long n = syscall(SYS_getdents64, a_fd(), buffer, sizeof(buffer));

    for (long at = 0; at < n;) {
        unsigned long long ino;
        unsigned short length;

        memcpy(&ino, buffer + at, sizeof(ino));
        memcpy(&length, buffer + at + 16, sizeof(length));
        if (ino == before[5].st_ino && leaks++ < 5)
            printf("# a name in a shut directory: %s\n", buffer + at + 19);
        at += length;
    }
    n = readlinkat(a_dir(), a_path(), buffer, sizeof(buffer));
    if (n > 0)
        look_for_secret(buffer, (size_t)n, "readlink");
}

static void use_descriptors(void)
{
    int number = 0;

    switch (pick(8)) {
    case 0:
        fcntl(a_fd(), F_SETFL, O_NONBLOCK | (pick(2) ? O_APPEND : 0));
        break;
    case 1:
        keep(fcntl(a_fd(), F_DUPFD, 3));
        break;
    case 2:
        ioctl(a_fd(), TIOCSCTTY, pick(2));
        break;
    case 3:
        ioctl(a_fd(), TIOCSTI, "x");
        break;
    case 4:
        number = (int)victim;
        ioctl(a_fd(), TIOCSPGRP, &number);
        break;
    case 5:
        ioctl(a_fd(), TIOCNOTTY);
        break;
    case 6:
        ioctl(a_fd(), TCFLSH, TCIOFLUSH);
        break;
    default:
        lseek(a_fd(), pick(16), pick(3));
    }
}

static void move_about(void)
{
    if (pick(2))
        (void)!fchdir(a_fd());
    else
        (void)!chdir(a_path());
    if (pick(4) != 0) /* back, mostly */
        (void)!chdir(scratch_path);
}

static void touch_victim(void)
{
    struct rlimit none = {0, 0};

    switch (pick(8)) {
    case 0:
        kill(victim, 1 + (int)pick(64));
        break;
    case 1:
        syscall(SYS_tgkill, victim, victim, 1 + pick(64));
        break;
    case 2:
        setpriority(PRIO_PROCESS, (unsigned)victim, 19);
        break;
    case 3:
        prlimit(victim, (int)pick(16), &none, NULL);
        break;
    case 4:
        setpgid(victim, 0);
        break;
    case 5:
        kill(1, 1 + (int)pick(64));
        break;
    case 6:
        kill(-victim, 1 + (int)pick(64));
        break;
    default:
        waitpid(victim, NULL, WNOHANG);
    }
}

static void want_rights(void)
{
    gid_t team = TEAM;

    switch (pick(10)) {
    case 0:
        (void)!setuid(an_id());
        break;
    case 1:
        (void)!setresuid(an_id(), an_id(), an_id());
        break;
    case 2:
        (void)!setreuid(an_id(), an_id());
        break;
    case 3:
        (void)!setgid(an_id());
        break;
    case 4:
        (void)!setresgid(an_id(), an_id(), an_id());
        break;
    case 5:
        (void)!setgroups(1, &team);
        break;
    case 6:
        (void)!chroot(a_path());
        break;
    case 7:
        syscall(SYS_mount, "none", a_path(), "tmpfs", 0, NULL);
        break;
    case 8:
        syscall(SYS_umount2, a_path(), 0);
        break;
    default:
        umask(pick(2) ? 0 : 077);
    }
}

#define NUSERS 3

static pid_t users[NUSERS];

static int misbehave(void)
{
    static void (*const deeds[])(
        void) = {open_something,    open_something, open_something,
                 read_something,    map_something,  move_data,
                 write_something,   change_names,   change_names,
                 change_attributes, list_something, use_descriptors,
                 move_about,        touch_victim,   want_rights};
    int n = ROUNDS;

    setpgid(0, 0);
    fds[0] = open("/tmp", O_RDWR | O_TMPFILE, 0600);
    if (fds[0] < 0)
        return 2;
    for (int i = 1; i < NFDS; i++)
        fds[i] = -1;
    for (int i = 0; i < n; i++) {
        int copy = fds[0];

        deeds[pick(sizeof(deeds) / sizeof(deeds[0]))]();
        fds[0] = copy; /* it stays; who closed it opens it again */
        if (fcntl(copy, F_GETFD) < 0 || pick(64) == 0) {
            close(copy);
            fds[0] = open("/dev/null", O_RDWR);
            close(fds[0]);
            fds[0] = open("/tmp", O_RDWR | O_TMPFILE, 0600);
        }
        if (fds[0] >= 0)
            (void)!ftruncate(fds[0], 0);
    }
    if (geteuid() == 0 || getuid() == 0 || getegid() == 0)
        leaks++;
    fflush(stdout);
    return leaks > 0;
}

/* Three at once, two of which are the same user, each with his own seed. */
static void start_users(void)
{
    unsigned long long seed = state;

    fflush(stdout);
    for (unsigned i = 0; i < NUSERS; i++) {
        users[i] = fork();
        if (users[i] != 0)
            continue;
        state = seed + i * 1000;
        become(i == 2 ? OTHER : USER);
        _exit(misbehave());
    }
}

static void remove_all(const char *path)
{
    struct dirent *entry;
    char name[600];
    DIR *dir = opendir(path);

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        if (unlink(name) != 0) {
            remove_all(name);
            rmdir(name);
        }
    }
    if (dir != NULL)
        closedir(dir);
}

int main(int argc, char **argv)
{
    state = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
    printf("# seed %llu\n", state);
    make_mark();
    scratch_enter("rights_random");
    make_roots();
    start_victim();
    start_users();
    for (unsigned i = 0; i < NUSERS; i++)
        EQUAL(status_of(users[i]), 0);
    check_roots();
    CHECK(getpriority(PRIO_PROCESS, (unsigned)victim) == 0);
    close(victim_alive);
    EQUAL(status_of(victim), 42);
    remove_all(".");
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
