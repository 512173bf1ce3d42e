/*
 * Terminals and mounts: who may open which, whose a pty is, what leaves a
 * terminal, and what noexec, nosuid, nodev and read-only forbid
 * (docs/security.md).
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <termios.h>

#include "rights.h"
#include "scratch.h"

/* ---- devices that all may use, and consoles that only root may ---- */

static const char *const for_all[] = {"/dev/null",    "/dev/zero",
                                      "/dev/full",    "/dev/random",
                                      "/dev/urandom", "/dev/ptmx"};
static const char *const for_root[] = {"/dev/console", "/dev/tty0", "/dev/tty1",
                                       "/dev/ttyS0", "/dev/ttyS1"};

static void test_devices(void)
{
    struct stat st;

    for (unsigned i = 0; i < sizeof(for_all) / sizeof(char *); i++) {
        be(USER);
        EQUAL(close(open(for_all[i], O_RDWR | O_NOCTTY)), 0);
        FAILS(chmod(for_all[i], 0600), EPERM);
        FAILS(unlink(for_all[i]), EACCES);
        be_root();
    }
    for (unsigned i = 0; i < sizeof(for_root) / sizeof(char *); i++) {
        if (!is_cairn() || stat(for_root[i], &st) != 0)
            continue;
        EQUAL(st.st_uid, 0);
        EQUAL(st.st_mode & 0777, 0600);
        be(USER);
        FAILS(open(for_root[i], O_RDONLY | O_NOCTTY), EACCES);
        FAILS(open(for_root[i], O_WRONLY | O_NOCTTY), EACCES);
        be_root();
        EQUAL(close(open(for_root[i], O_RDWR | O_NOCTTY)), 0);
    }
    be(USER);
    FAILS(open("/dev/made", O_WRONLY | O_CREAT, 0600), EACCES);
    FAILS(open("/dev/tty", O_RDWR), ENXIO); /* for all, but there is none */
    be_root();
}

/* ---- ptys ---- */

static int open_pty(char *name, size_t size)
{
    int master = open("/dev/ptmx", O_RDWR | O_NOCTTY), number, lock = 0;

    if (master < 0 || ioctl(master, TIOCGPTN, &number) != 0 ||
        ioctl(master, TIOCSPTLCK, &lock) != 0)
        return -1;
    snprintf(name, size, "/dev/pts/%d", number);
    return master;
}

static int use_own_pty(void)
{
    char name[32];
    int master = open_pty(name, sizeof(name)), slave;
    struct stat st;

    if (master < 0)
        return 1;
    if (stat(name, &st) != 0 || st.st_uid != USER ||
        (st.st_mode & 0707) != 0600)
        return 2;
    slave = open(name, O_RDWR | O_NOCTTY);
    if (slave < 0)
        return 3;
    if (chmod(name, 0600) != 0)
        return 4;
    if (ERROR_OF(chown(name, 0, -1)) != EPERM)
        return 5;
    return 0;
}

static char others[32];

static int use_others_pty(void)
{
    if (ERROR_OF(open(others, O_RDWR | O_NOCTTY)) != EACCES)
        return 1;
    if (ERROR_OF(open(others, O_RDONLY | O_NOCTTY)) != EACCES)
        return 2;
    if (ERROR_OF(open(others, O_WRONLY | O_NOCTTY)) != EACCES)
        return 3;
    return 0;
}

static int type_into(void)
{
    char name[32], c = 'x';
    int master = open_pty(name, sizeof(name));
    int slave = open(name, O_RDWR | O_NOCTTY);

    /* Linux lets who has the terminal do that, or nobody. */
    return is_cairn() ? ERROR_OF(ioctl(slave, TIOCSTI, &c)) != EPERM
                      : master < 0;
}

static void test_ptys(void)
{
    int master, slave;

    EQUAL(run_as(USER, use_own_pty), 0);
    EQUAL(run_as(USER, type_into), 0);
    master = open_pty(others, sizeof(others));
    EQUAL(run_as(USER, use_others_pty), 0);
    slave = open(others, O_RDWR | O_NOCTTY);
    CHECK(master >= 0 && slave >= 0);
    close(slave), close(master);
}

/* ---- the controlling terminal ---- */

static int has_no_terminal(void)
{
    return ERROR_OF(open("/dev/tty", O_RDWR)) != ENXIO;
}

static int grandchild(void)
{
    int tty = open("/dev/tty", O_RDWR), group;

    if (tty < 0 || ioctl(tty, TIOCGPGRP, &group) != 0)
        return 1;
    if (ioctl(tty, TIOCNOTTY) != 0)
        return 2;
    if (ERROR_OF(open("/dev/tty", O_RDWR)) != ENXIO)
        return 3;
    if (ERROR_OF(ioctl(tty, TIOCGPGRP, &group)) != ENOTTY)
        return 4;
    if (ERROR_OF(ioctl(tty, TIOCNOTTY)) != ENOTTY)
        return 5;
    if (ERROR_OF(ioctl(tty, TIOCSCTTY, 0)) != EPERM)
        return 6;
    return run_as(0, has_no_terminal) == 0 ? 0 : 7;
}

/* A member of the session leaves its terminal, which the others keep. */
static int leave_terminal(void)
{
    char name[32];
    int master, slave, group;

    setsid();
    master = open_pty(name, sizeof(name));
    slave = open(name, O_RDWR | O_NOCTTY);
    if (master < 0 || slave < 0 || ioctl(slave, TIOCSCTTY, 0) != 0)
        return 10;
    if (ioctl(slave, TIOCSCTTY, 0) != 0) /* again: it is ours */
        return 11;
    group = run_as(0, grandchild);
    if (group != 0)
        return 20 + group;
    if (ioctl(slave, TIOCGPGRP, &group) != 0 || group != getpgrp())
        return 12;
    return close(open("/dev/tty", O_RDWR)) == 0 ? 0 : 13;
}

/* Who can only write to a terminal does not get it. */
static int write_only(void)
{
    char name[32];
    int master, slave;

    setsid();
    master = open_pty(name, sizeof(name));
    slave = open(name, O_WRONLY);
    if (master < 0 || slave < 0)
        return 1;
    if (ERROR_OF(open("/dev/tty", O_RDWR)) != ENXIO)
        return 2;
    if (ERROR_OF(ioctl(slave, TIOCSCTTY, 0)) != EPERM)
        return 3;
    slave = open(name, O_RDWR);
    return slave >= 0 && close(open("/dev/tty", O_RDWR)) == 0 ? 0 : 4;
}

/* A terminal that another session has cannot be taken, not even by root. */
static int steal_terminal(void)
{
    char name[32];
    int master, slave, result;

    setsid();
    master = open_pty(name, sizeof(name));
    slave = open(name, O_RDWR);
    if (master < 0 || slave < 0)
        return 1;
    fflush(stdout);
    result = fork();
    if (result == 0) {
        int group = getpid();

        setsid();
        if (ERROR_OF(ioctl(slave, TIOCSCTTY, 0)) != EPERM)
            _exit(2);
        if (ERROR_OF(ioctl(slave, TIOCSPGRP, &group)) != ENOTTY)
            _exit(3);
        _exit(0);
    }
    return status_of(result);
}

/* ---- mounts ---- */

static void copy_program(const char *to, uid_t uid, mode_t mode)
{
    static char buf[65536];
    int in = open("/proc/self/exe", O_RDONLY);
    int out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0700);
    ssize_t n;

    while ((n = read(in, buf, sizeof(buf))) > 0)
        if (write(out, buf, (size_t)n) != n)
            break;
    if (n != 0 || fchown(out, uid, uid) != 0 || fchmod(out, mode) != 0)
        _exit(98);
    close(in), close(out);
}

static int run_program(void)
{
    execl("mnt/program", "program", "ids", NULL);
    return errno;
}

static void test_noexec(void)
{
    const int flags = PROT_READ | PROT_EXEC;
    void *p;
    int fd;

    EQUAL(mount("none", "mnt", "tmpfs", MS_NOEXEC, NULL), 0);
    copy_program("mnt/program", 0, 0755);
    EQUAL(run_as(USER, run_program), EACCES);
    EQUAL(run_as(0, run_program), EACCES);
    fd = open("mnt/program", O_RDWR);
    FAILS((long)mmap(NULL, 4096, flags, MAP_PRIVATE, fd, 0), EPERM);
    FAILS((long)mmap(NULL, 4096, flags, MAP_SHARED, fd, 0), EPERM);
    p = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
    CHECK(p != MAP_FAILED);
    FAILS(mprotect(p, 4096, flags), EACCES);
    EQUAL(mprotect(p, 4096, PROT_READ | PROT_WRITE), 0);
    munmap(p, 4096);
    close(fd);
    fd = open("mnt/program", O_WRONLY);
    FAILS((long)mmap(NULL, 4096, flags, MAP_PRIVATE, fd, 0), EACCES);
    close(fd);
    EQUAL(umount("mnt"), 0);
}

static void test_nosuid_nodev(void)
{
    EQUAL(mount("none", "mnt", "tmpfs", MS_NOSUID | MS_NODEV, NULL), 0);
    copy_program("mnt/program", 0, 04755);
    EQUAL(mknod("mnt/null", S_IFCHR | 0666, makedev(1, 3)), 0);
    EQUAL(run_as(USER, run_program), 80); /* not root */
    FAILS(open("mnt/null", O_RDWR), EACCES);
    EQUAL(umount("mnt"), 0);
    EQUAL(mount("none", "mnt", "tmpfs", 0, NULL), 0);
    copy_program("mnt/program", 0, 04755);
    EQUAL(mknod("mnt/null", S_IFCHR | 0666, makedev(1, 3)), 0);
    EQUAL(run_as(USER, run_program), set_id_allowed() ? 81 : 80);
    EQUAL(close(open("mnt/null", O_RDWR)), 0);
    EQUAL(umount("mnt"), 0);
}

static int remount(unsigned long flags)
{
    return mount("none", "mnt", NULL, MS_REMOUNT | flags, NULL);
}

static void test_readonly(void)
{
    void *p;
    int fd;

    EQUAL(mount("none", "mnt", "tmpfs", 0, NULL), 0);
    make_file("mnt/f", 0, 0, 0666);
    fd = open("mnt/f", O_RDWR);
    FAILS(remount(MS_RDONLY), EBUSY);
    p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    FAILS(remount(MS_RDONLY), EBUSY); /* the mapping could still write */
    EQUAL(mprotect(p, 4096, PROT_READ), 0);
    FAILS(remount(MS_RDONLY), EBUSY); /* and could again */
    munmap(p, 4096);
    fd = open("mnt/f", O_RDONLY);
    p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    EQUAL(remount(MS_RDONLY), 0);
    *(volatile char *)p = 'x';
    munmap(p, 4096);
    close(fd);
    FAILS(open("mnt/f", O_RDWR), EROFS);
    FAILS(open("mnt/g", O_RDONLY | O_CREAT, 0600), EROFS);
    FAILS(open("mnt/f", O_RDONLY | O_TRUNC), EROFS);
    FAILS(truncate("mnt/f", 0), EROFS);
    FAILS(chmod("mnt/f", 0600), EROFS);
    FAILS(chown("mnt/f", 1, 1), EROFS);
    FAILS(utimensat(AT_FDCWD, "mnt/f", NULL, 0), EROFS);
    FAILS(unlink("mnt/f"), EROFS);
    FAILS(rename("mnt/f", "mnt/g"), EROFS);
    FAILS(link("mnt/f", "mnt/g"), EROFS);
    FAILS(symlink("f", "mnt/g"), EROFS);
    FAILS(mkdir("mnt/g", 0700), EROFS);
    FAILS(mkfifo("mnt/g", 0700), EROFS);
    FAILS(access("mnt/f", W_OK), EROFS);
    EQUAL(access("mnt/f", R_OK), 0);
    EQUAL(remount(0), 0);
    EQUAL(unlink("mnt/f"), 0);
    EQUAL(umount("mnt"), 0);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "ids") == 0)
        return geteuid() == 0 ? 81 : 80;
    scratch_enter("rights_devices");
    chmod(".", 0777);
    be_root();
    if (is_cairn())
        test_devices();
    test_ptys();
    EQUAL(run_as(0, leave_terminal), 0);
    EQUAL(run_as(USER, write_only), 0);
    EQUAL(run_as(USER, steal_terminal), 0);
    mkdir("mnt", 0755);
    if (is_cairn() || mount("none", "mnt", "tmpfs", 0, NULL) == 0) {
        if (!is_cairn())
            umount("mnt");
        test_noexec();
        test_nosuid_nodev();
        test_readonly();
    } else {
        tap_skip("mounts", "this host does not allow them");
    }
    rmdir("mnt");
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
