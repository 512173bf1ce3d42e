/*
 * Attributes: modes, owners, times, permissions by user and group, statx,
 * directories with the sticky bit, device files.
 *
 * test: linux
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

static int touch(const char *path, mode_t mode)
{
    return close(open(path, O_WRONLY | O_CREAT, mode));
}

static unsigned mode_of(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 ? st.st_mode : 0;
}

static void test_modes(void)
{
    int fd;

    touch("f", 0644);
    EQUAL(chmod("f", 06711), 0);
    EQUAL(mode_of("f"), S_IFREG | 06711);
    fd = open("f", O_RDONLY);
    EQUAL(fchmod(fd, 0600), 0);
    EQUAL(mode_of("f"), S_IFREG | 0600);
    EQUAL(fchmodat(AT_FDCWD, "f", 0640, 0), 0);
    FAILS(chmod("none", 0600), ENOENT);
    FAILS(fchmod(-1, 0600), EBADF);
    EQUAL(symlink("f", "s"), 0);
    EQUAL(chmod("s", 0604), 0);
    EQUAL(mode_of("f"), S_IFREG | 0604);
    EQUAL(mode_of("s"), S_IFLNK | 0777);
    close(fd);
    unlink("s"), unlink("f");
}

static void test_times(void)
{
    struct timespec t[2] = {{1000000000, 123456789}, {1500000000, 987654321}};
    struct stat st, before;
    int fd;

    touch("f", 0644);
    EQUAL(utimensat(AT_FDCWD, "f", t, 0), 0);
    stat("f", &st);
    EQUAL(st.st_atime, 1000000000);
    EQUAL(st.st_mtime, 1500000000);
    EQUAL(st.st_atim.tv_nsec, 123456789);
    EQUAL(st.st_mtim.tv_nsec, 987654321);
    t[0].tv_nsec = UTIME_OMIT;
    t[1] = (struct timespec){-5, 250};
    EQUAL(utimensat(AT_FDCWD, "f", t, 0), 0);
    stat("f", &st);
    EQUAL(st.st_atime, 1000000000);
    t[1].tv_nsec = 1000000000;
    FAILS(utimensat(AT_FDCWD, "f", t, 0), EINVAL);
    FAILS(utimensat(AT_FDCWD, "none", NULL, 0), ENOENT);
    fd = open("f", O_RDWR);
    EQUAL(futimens(fd, NULL), 0);
    fstat(fd, &before);
    CHECK(before.st_mtime > 1500000000);
    CHECK(before.st_mtime - time(NULL) < 3 && time(NULL) - before.st_mtime < 3);
    t[0] = t[1] = (struct timespec){1000, 0};
    futimens(fd, t);
    EQUAL(write(fd, "x", 1), 1);
    fstat(fd, &st);
    CHECK(st.st_mtime >= before.st_mtime); /* a write sets it */
    futimens(fd, t);
    EQUAL(ftruncate(fd, 0), 0);
    fstat(fd, &st);
    CHECK(st.st_mtime >= before.st_mtime && st.st_ctime >= before.st_ctime);
    close(fd);
    unlink("f");
}

static void test_owners(void)
{
    struct stat st;

    touch("f", 06755);
    EQUAL(chown("f", 1000, 2000), 0);
    stat("f", &st);
    EQUAL(st.st_uid, 1000);
    EQUAL(st.st_gid, 2000);
    EQUAL(st.st_mode, S_IFREG | 0755); /* set-id bits go */
    EQUAL(chown("f", -1, 0), 0);
    stat("f", &st);
    EQUAL(st.st_uid, 1000);
    EQUAL(st.st_gid, 0);
    symlink("f", "s");
    EQUAL(lchown("s", 5, 6), 0);
    lstat("s", &st);
    EQUAL(st.st_uid, 5);
    stat("s", &st);
    EQUAL(st.st_uid, 1000);
    unlink("s"), unlink("f");
}

/* As an ordinary user; back to root at the end. */
static void test_user(void)
{
    mkdir("open", 0777), mkdir("shut", 0700), mkdir("sticky", 01777);
    mkdir("noread", 0711);
    touch("mine", 0600), touch("all", 0666), touch("group", 0060);
    touch("x", 0644), touch("sticky/root", 0666), touch("noread/f", 0644);
    chown("group", 0, 777);
    EQUAL(setegid(777), 0);
    EQUAL(seteuid(1234), 0);
    FAILS(open("mine", O_RDONLY), EACCES);
    EQUAL(close(open("all", O_RDWR)), 0);
    EQUAL(close(open("group", O_RDWR)), 0);
    FAILS(open("x", O_WRONLY), EACCES);
    FAILS(open("x", O_RDONLY | O_TRUNC), EACCES);
    FAILS(open("shut/f", O_RDONLY), EACCES);
    FAILS(chdir("shut"), EACCES);
    FAILS(open("new", O_WRONLY | O_CREAT, 0644), EACCES);
    FAILS(unlink("x"), EACCES);
    FAILS(rename("x", "open/x"), EACCES);
    FAILS(mkdir("d", 0755), EACCES);
    FAILS(chmod("all", 0777), EPERM);
    FAILS(chown("all", 1234, -1), EPERM);
    FAILS(utimensat(AT_FDCWD, "x", NULL, 0), EACCES);
    EQUAL(utimensat(AT_FDCWD, "all", NULL, 0), 0);
    FAILS(unlink("sticky/root"), EPERM);
    EQUAL(touch("sticky/own", 0644), 0);
    EQUAL(rename("sticky/own", "sticky/own2"), 0);
    FAILS(rename("sticky/own2", "sticky/root"), EPERM);
    EQUAL(unlink("sticky/own2"), 0);
    EQUAL(touch("open/own", 04644), 0);
    EQUAL(chown("open/own", -1, 777), 0);
    FAILS(chown("open/own", -1, 778), EPERM);
    EQUAL(unlink("open/own"), 0);
    FAILS(open("noread", O_RDONLY), EACCES);
    EQUAL(close(open("noread/f", O_RDONLY)), 0);
    FAILS(mknod("open/dev", S_IFCHR | 0666, 0x103), EPERM);
    /* access asks for the real user, who is root */
    EQUAL(access("mine", R_OK | W_OK), 0);
    FAILS(access("mine", X_OK), EACCES);
    FAILS(faccessat(AT_FDCWD, "mine", R_OK, AT_EACCESS), EACCES);
    EQUAL(seteuid(0), 0);
    EQUAL(setegid(0), 0);
    unlink("sticky/root"), unlink("noread/f");
    unlink("mine"), unlink("all"), unlink("group"), unlink("x");
    rmdir("open"), rmdir("shut"), rmdir("sticky"), rmdir("noread");
}

static void test_devices(void)
{
    static char buf[100];
    struct stat st;
    int fd;

    EQUAL(stat("/dev/null", &st), 0);
    CHECK(S_ISCHR(st.st_mode));
    EQUAL(st.st_rdev, 0x103);
    fd = open("/dev/null", O_RDWR);
    EQUAL(read(fd, buf, 10), 0);
    EQUAL(write(fd, buf, 10), 10);
    EQUAL(lseek(fd, 5, SEEK_SET), 0);
    close(fd);
    fd = open("/dev/zero", O_RDWR);
    buf[0] = buf[99] = 'x';
    EQUAL(read(fd, buf, 100), 100);
    CHECK(buf[0] == 0 && buf[99] == 0);
    EQUAL(write(fd, buf, 10), 10);
    close(fd);
    fd = open("/dev/full", O_RDWR);
    FAILS(write(fd, buf, 1), ENOSPC);
    EQUAL(read(fd, buf, 1), 1);
    close(fd);
    fd = open("/dev/urandom", O_RDONLY);
    EQUAL(read(fd, buf, 100), 100);
    int ones = 0;
    for (int i = 0; i < 100; i++)
        ones += __builtin_popcount((unsigned char)buf[i]);
    CHECK(ones > 320 && ones < 480);
    close(fd);
    FAILS(mkdir("/dev/null/x", 0755), ENOTDIR);
    FAILS(open("/dev/none", O_RDONLY), ENOENT);
}

static void test_statvfs(void)
{
    struct statvfs v;

    EQUAL(statvfs(".", &v), 0);
    EQUAL(v.f_bsize, 4096);
    EQUAL(v.f_namemax, 255);
    CHECK(v.f_bfree <= v.f_blocks && v.f_blocks > 0);
    FAILS(statvfs("none", &v), ENOENT);
}

/* The total stays as it is; what is free gets less. */
static void test_total(void)
{
    struct statvfs before, after;
    static char page[4096];
    int fd = open("full", O_RDWR | O_CREAT, 0600);

    EQUAL(statvfs(".", &before), 0);
    for (int i = 0; i < 64; i++)
        if (write(fd, page, sizeof(page)) != sizeof(page))
            break;
    EQUAL(statvfs(".", &after), 0);
    EQUAL(after.f_blocks, before.f_blocks);
    EQUAL(after.f_files, before.f_files);
    if (is_cairn())
        EQUAL(before.f_bfree - after.f_bfree, 64);
    close(fd);
    unlink("full");
}

/* A mapping counts as an access. */
static void test_map_time(void)
{
    struct timespec old[2] = {{1000, 0}, {5000000, 0}};
    struct stat st;
    int fd = open("mapped", O_RDWR | O_CREAT, 0600);
    char *p;

    EQUAL(ftruncate(fd, 4096), 0);
    EQUAL(futimens(fd, old), 0);
    p = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    EQUAL(fstat(fd, &st), 0);
    CHECK(st.st_atime > 1000);
    EQUAL(st.st_mtime, 5000000);
    munmap(p, 4096);
    close(fd);
    unlink("mapped");
}

int main(void)
{
    if (getuid() != 0) {
        tap_skip("attributes", "needs root");
        return tap_done();
    }
    scratch_enter("fs_attr");
    test_modes();
    test_times();
    test_owners();
    test_user();
    test_devices();
    test_statvfs();
    test_total();
    test_map_time();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
