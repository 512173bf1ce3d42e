/*
 * mount and umount: a file system in memory on a directory, its flags, and
 * when it may go. Only on Cairn: a host would have to allow it.
 */
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

#define REMOUNT 32

static int put(const char *path)
{
    return close(open(path, O_WRONLY | O_CREAT, 0755));
}

static void test_mount(void)
{
    struct stat below, above, parent;
    int fd;

    mkdir("m", 0755);
    put("m/hidden");
    stat("m", &below);
    EQUAL(mount("none", "m", "tmpfs", 0, NULL), 0);
    stat("m", &above);
    CHECK(above.st_dev != below.st_dev);
    EQUAL(above.st_mode, S_IFDIR | 01777);
    FAILS(open("m/hidden", O_RDONLY), ENOENT);
    stat("m/..", &parent);
    stat(".", &below);
    CHECK(parent.st_ino == below.st_ino && parent.st_dev == below.st_dev);
    EQUAL(put("m/f"), 0);
    EQUAL(link("m/f", "m/g"), 0);
    FAILS(link("m/f", "out"), EXDEV);
    FAILS(rename("m/f", "out"), EXDEV);
    FAILS(rmdir("m"), EBUSY);
    FAILS(rename("m", "n"), EBUSY);
    FAILS(umount("m/f"), EINVAL);
    FAILS(umount("none"), ENOENT);
    fd = open("m/f", O_RDONLY);
    FAILS(umount("m"), EBUSY);
    unlink("m/f");
    FAILS(umount("m"), EBUSY);
    close(fd);
    EQUAL(chdir("m"), 0);
    FAILS(umount("../m"), EBUSY);
    EQUAL(chdir(".."), 0);
    mkdir("m/sub", 0755);
    EQUAL(mount("none", "m/sub", "ramfs", 0, NULL), 0);
    FAILS(umount("m"), EBUSY);
    EQUAL(umount("m/sub"), 0);
    EQUAL(umount("m"), 0);
    EQUAL(close(open("m/hidden", O_RDONLY)), 0);
    FAILS(umount("m"), EINVAL);
    unlink("m/hidden");
    rmdir("m");
}

static void test_flags(void)
{
    char *const none[] = {(char *)"x", NULL};
    int fd;

    mkdir("m", 0755);
    EQUAL(mount("none", "m", "tmpfs", MS_NODEV | MS_NOEXEC, NULL), 0);
    EQUAL(put("m/x"), 0);
    FAILS(execve("m/x", none, none + 1), EACCES);
    FAILS(access("m/x", X_OK), EACCES);
    EQUAL(mknod("m/null", S_IFCHR | 0666, 0x103), 0);
    FAILS(open("m/null", O_RDONLY), EACCES);
    fd = open("m/x", O_WRONLY);
    FAILS(mount("none", "m", "", REMOUNT | MS_RDONLY, NULL), EBUSY);
    close(fd);
    EQUAL(mount("none", "m", "", REMOUNT | MS_RDONLY, NULL), 0);
    EQUAL(close(open("m/null", O_RDWR)), 0); /* nodev is gone */
    FAILS(open("m/x", O_WRONLY), EROFS);
    FAILS(open("m/y", O_WRONLY | O_CREAT, 0644), EROFS);
    FAILS(mkdir("m/d", 0755), EROFS);
    FAILS(unlink("m/x"), EROFS);
    FAILS(chmod("m/x", 0600), EROFS);
    FAILS(truncate("m/x", 0), EROFS);
    FAILS(rename("m/x", "m/z"), EROFS);
    FAILS(link("m/x", "m/z"), EROFS);
    FAILS(access("m/x", W_OK), EROFS);
    EQUAL(umount("m"), 0);
    FAILS(mount("none", "m", "ext4", 0, NULL), ENODEV);
    FAILS(mount("none", "none", "tmpfs", 0, NULL), ENOENT);
    put("file");
    FAILS(mount("none", "file", "tmpfs", 0, NULL), ENOTDIR);
    EQUAL(seteuid(100), 0);
    FAILS(mount("none", "m", "tmpfs", 0, NULL), EPERM);
    FAILS(umount("m"), EPERM);
    EQUAL(seteuid(0), 0);
    unlink("file"), rmdir("m");
}

/* Where no path leads, or where each path finds another place. */
static void test_places(void)
{
    mkdir("gone", 0755);
    EQUAL(chdir("gone"), 0);
    EQUAL(rmdir("../gone"), 0);
    FAILS(mount("none", ".", "tmpfs", 0, NULL), ENOENT);
    EQUAL(chdir(scratch_path), 0);
    FAILS(mount("none", "/proc/self", "tmpfs", 0, NULL), EINVAL);
    FAILS(mount("none", "/proc/self/fd", "tmpfs", 0, NULL), EINVAL);
    FAILS(mount("none", "/", "tmpfs", 0, NULL), EBUSY);
    /* One on top of the other, away in turn. */
    mkdir("m", 0755);
    EQUAL(mount("none", "m", "tmpfs", 0, NULL), 0);
    EQUAL(put("m/one"), 0);
    EQUAL(mount("none", "m", "tmpfs", 0, NULL), 0);
    FAILS(open("m/one", O_RDONLY), ENOENT);
    EQUAL(umount("m"), 0);
    EQUAL(close(open("m/one", O_RDONLY)), 0);
    EQUAL(umount("m"), 0);
    FAILS(umount("m"), EINVAL);
    rmdir("m");
}

/* What may still be written through a mapping is not read-only. */
static void test_mapped(void)
{
    int fd;
    char *p;

    mkdir("m", 0755);
    EQUAL(mount("none", "m", "tmpfs", 0, NULL), 0);
    fd = open("m/f", O_RDWR | O_CREAT, 0644);
    EQUAL(ftruncate(fd, 8192), 0);
    p = mmap(NULL, 8192, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(p != MAP_FAILED);
    close(fd);
    FAILS(mount("none", "m", "", REMOUNT | MS_RDONLY, NULL), EBUSY);
    FAILS(umount("m"), EBUSY);
    EQUAL(mprotect(p, 8192, PROT_READ | PROT_WRITE), 0);
    p[4096] = 'x';
    EQUAL(munmap(p, 4096), 0);
    FAILS(mount("none", "m", "", REMOUNT | MS_RDONLY, NULL), EBUSY);
    EQUAL(munmap(p + 4096, 4096), 0);
    EQUAL(mount("none", "m", "", REMOUNT | MS_RDONLY, NULL), 0);
    EQUAL(umount("m"), 0);
    rmdir("m");
}

int main(void)
{
    if (!is_cairn()) {
        tap_skip("mount", "needs rights on a host");
        return tap_done();
    }
    scratch_enter("fs_mount");
    test_mount();
    test_flags();
    test_places();
    test_mapped();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
