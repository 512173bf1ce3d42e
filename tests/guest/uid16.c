/*
 * The old system calls whose ids have 16 bits, by their numbers: what is cut
 * off, what is told as 65534, and that 0xFFFF means -1. Also stat, lstat and
 * fstat, which tell such ids.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define BAD ((void *)8)

/* Numbers of Linux i386. */
enum {
    LCHOWN = 16,
    SETUID = 23,
    GETUID = 24,
    SETGID = 46,
    GETGID = 47,
    GETEUID = 49,
    GETEGID = 50,
    SETREUID = 70,
    SETREGID = 71,
    GETGROUPS = 80,
    SETGROUPS = 81,
    FCHOWN = 95,
    STAT = 106,
    LSTAT = 107,
    FSTAT = 108,
    SETFSUID = 138,
    SETFSGID = 139,
    SETRESUID = 164,
    GETRESUID = 165,
    SETRESGID = 170,
    GETRESGID = 171,
    CHOWN = 182,
    GETGROUPS32 = 205,
    SETGROUPS32 = 206,
    SETRESUID32 = 208,
    GETRESUID32 = 209,
    SETRESGID32 = 210,
    GETRESGID32 = 211,
    SETFSUID32 = 215,
    SETFSGID32 = 216,
};

struct old_stat {
    uint32_t dev, ino;
    uint16_t mode, nlink, uid, gid;
    uint32_t rdev, size, blksize, blocks;
    uint32_t atime, atime_nsec, mtime, mtime_nsec, ctime, ctime_nsec;
    uint32_t spare[2];
};

static long call(long number, long a, long b, long c)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "a"(number), "b"(a), "c"(b), "d"(c)
                     : "memory");
    return result;
}

static long at(const void *p)
{
    return (long)p;
}

/* By the calls for 32 bits: real, effective, saved. */
static int are(long number, uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t ids[3] = {99, 99, 99};

    call(number, at(&ids[0]), at(&ids[1]), at(&ids[2]));
    if (ids[0] == a && ids[1] == b && ids[2] == c)
        return 1;
    printf("# %u %u %u\n", ids[0], ids[1], ids[2]);
    return 0;
}

static int uids_are(uint32_t a, uint32_t b, uint32_t c)
{
    return are(GETRESUID32, a, b, c);
}

static int gids_are(uint32_t a, uint32_t b, uint32_t c)
{
    return are(GETRESGID32, a, b, c);
}

/* What is wider than 16 bits. */
static void test_get(void)
{
    uint16_t ids[5] = {7, 7, 7, 7, 7};

    EQUAL(call(SETRESGID32, 70000, 0x1FFFF, 65535), 0);
    EQUAL(call(GETGID, 0, 0, 0), 65534);
    EQUAL(call(GETEGID, 0, 0, 0), 65534);
    EQUAL(call(GETRESGID, at(&ids[0]), at(&ids[2]), at(&ids[4])), 0);
    CHECK(ids[0] == 65534 && ids[2] == 65534 && ids[4] == 65535);
    CHECK(ids[1] == 7 && ids[3] == 7);
    EQUAL(call(GETRESGID, at(&ids[0]), at(BAD), at(&ids[4])), -EFAULT);
    EQUAL(call(GETRESGID, at(BAD), at(&ids[0]), at(&ids[4])), -EFAULT);
    EQUAL(call(GETRESGID, at(&ids[0]), at(&ids[1]), at(BAD)), -EFAULT);
    EQUAL(call(SETRESUID32, 65536, 1000, 0), 0);
    EQUAL(call(GETUID, 0, 0, 0), 65534);
    EQUAL(call(GETEUID, 0, 0, 0), 1000);
    EQUAL(call(GETRESUID, at(&ids[0]), at(&ids[1]), at(&ids[2])), 0);
    CHECK(ids[0] == 65534 && ids[1] == 1000 && ids[2] == 0);
}

static void test_set(void)
{
    EQUAL(call(SETRESGID, 11, 0x2000C, 13), 0);
    CHECK(gids_are(11, 12, 13));
    EQUAL(call(SETRESGID, 0xFFFF, -1, 0x7FFFFFFF), 0);
    CHECK(gids_are(11, 12, 13));
    EQUAL(call(SETREGID, 0x5FFFF, 0x10015, 0), 0);
    CHECK(gids_are(11, 21, 21));
    EQUAL(call(SETREGID, 22, 0xFFFF, 0), 0);
    CHECK(gids_are(22, 21, 21));
    EQUAL(call(SETGID, 0xFFFF, 0, 0), -EINVAL);
    EQUAL(call(SETGID, 0x30FFFF, 0, 0), -EINVAL);
    EQUAL(call(SETGID, 0x30001, 0, 0), 0);
    CHECK(gids_are(1, 1, 1));
    EQUAL(call(SETRESUID, 0xFFFF, 0xFFFF, 0xFFFF), 0);
    CHECK(uids_are(0, 0, 0));
    EQUAL(call(SETREUID, 0x203E8, 0xFFFF, 0), 0);
    CHECK(uids_are(1000, 0, 0));
    EQUAL(call(SETRESUID, 0xFFFF, 0x103E9, 1002), 0);
    CHECK(uids_are(1000, 1001, 1002));
    EQUAL(call(SETRESUID, 0, 0xFFFF, 0xFFFF), -EPERM);
    EQUAL(call(SETREUID, 0xFFFF, 5, 0), -EPERM);
    EQUAL(call(SETUID, 0xFFFF, 0, 0), -EINVAL);
    EQUAL(call(SETUID, 1234, 0, 0), -EPERM);
    EQUAL(call(SETUID, 0x103EA, 0, 0), 0);
    CHECK(uids_are(1000, 1002, 1002));
    EQUAL(call(SETRESGID, 2, 0xFFFF, 0xFFFF), -EPERM);
}

/* The id for files is returned as it was, wide or not. */
static void test_files(void)
{
    EQUAL(call(SETFSUID, 0xFFFF, 0, 0), 0);
    EQUAL(call(SETFSUID, 0x103E8, 0, 0), 0);
    EQUAL(call(SETFSUID32, 70000, 0, 0), 1000);
    EQUAL(call(SETFSUID, 0xFFFF, 0, 0), 70000);
    EQUAL(call(SETFSUID32, -1, 0, 0), 70000);
    EQUAL(call(SETFSGID, 0x103E9, 0, 0), 0);
    EQUAL(call(SETFSGID32, 70000, 0, 0), 1001);
    EQUAL(call(SETFSGID, 0xFFFF, 0, 0), 70000);
    CHECK(uids_are(0, 0, 0) && gids_are(0, 0, 0));
    EQUAL(call(SETRESUID, 1, 2, 3), 0);
    EQUAL(call(SETFSUID, 4, 0, 0), 2);
    EQUAL(call(SETFSUID, 3, 0, 0), 2);
    EQUAL(call(SETFSUID, 1, 0, 0), 3);
    EQUAL(call(SETFSUID32, 9, 0, 0), 1);
    EQUAL(call(SETFSUID32, 2, 0, 0), 1);
}

static void test_groups(void)
{
    uint32_t wide[4] = {70000, 5, 65535, 3}, got32[4];
    uint16_t low[4] = {9, 0xFFFE, 4, 7}, got[5] = {1, 1, 1, 1, 1};

    EQUAL(call(SETGROUPS32, 4, at(wide), 0), 0);
    EQUAL(call(GETGROUPS, 0, at(BAD), 0), 4);
    EQUAL(call(GETGROUPS, 3, at(got), 0), -EINVAL);
    EQUAL(call(GETGROUPS, -1, at(got), 0), -EINVAL);
    EQUAL(call(GETGROUPS, 4, at(BAD), 0), -EFAULT);
    EQUAL(call(GETGROUPS, 5, at(got), 0), 4);
    CHECK(got[0] == 3 && got[1] == 5 && got[2] == 65535 && got[3] == 65534 &&
          got[4] == 1);
    EQUAL(call(SETGROUPS, 4, at(low), 0), 0);
    EQUAL(call(GETGROUPS32, 4, at(got32), 0), 4);
    CHECK(got32[0] == 4 && got32[1] == 7 && got32[2] == 9 && got32[3] == 65534);
    low[2] = 0xFFFF;
    EQUAL(call(SETGROUPS, 4, at(low), 0), -EINVAL);
    wide[1] = -1u;
    EQUAL(call(SETGROUPS32, 4, at(wide), 0), -EINVAL);
    EQUAL(call(SETGROUPS, 2, at(BAD), 0), -EFAULT);
    EQUAL(call(SETGROUPS, 65537, at(low), 0), -EINVAL);
    EQUAL(call(SETGROUPS, -1, at(low), 0), -EINVAL);
    EQUAL(call(GETGROUPS, 0, 0, 0), 4);
    EQUAL(call(SETGROUPS, 0, 0, 0), 0);
    EQUAL(call(GETGROUPS, 5, at(got), 0), 0);
    EQUAL(call(SETRESUID, 1, 1, 1), 0);
    EQUAL(call(SETGROUPS, 70000, at(low), 0), -EPERM);
}

static int owned_by(const char *path, uid_t uid, gid_t gid)
{
    struct stat st;

    if (lstat(path, &st) == 0 && st.st_uid == uid && st.st_gid == gid)
        return 1;
    printf("# %u %u\n", (unsigned)st.st_uid, (unsigned)st.st_gid);
    return 0;
}

static void test_owners(const char *file, const char *link)
{
    struct old_stat st = {.spare = {5, 5}};
    int fd = open(file, O_RDWR | O_CREAT, 0640);

    CHECK(fd >= 0 && symlink(file, link) == 0);
    EQUAL(call(CHOWN, at(file), 0x10007, 0xFFFF8), 0);
    CHECK(owned_by(file, 7, 0xFFF8));
    EQUAL(call(CHOWN, at(link), 0xFFFF, 9), 0);
    CHECK(owned_by(file, 7, 9) && owned_by(link, 0, 0));
    EQUAL(call(LCHOWN, at(link), 3, 0xFFFF), 0);
    CHECK(owned_by(file, 7, 9) && owned_by(link, 3, 0));
    EQUAL(call(FCHOWN, fd, 0xFFFF, 0xFFFF), 0);
    CHECK(owned_by(file, 7, 9));
    EQUAL(call(FCHOWN, fd, 65534, 2), 0);
    CHECK(owned_by(file, 65534, 2));
    EQUAL(call(FCHOWN, -1, 1, 1), -EBADF);
    EQUAL(call(CHOWN, at(BAD), 1, 1), -EFAULT);
    EQUAL(call(CHOWN, at("/tmp/not there"), 1, 1), -ENOENT);
    EQUAL(fchown(fd, 70000, 65535), 0);
    EQUAL(ftruncate(fd, 0x7FFFFFFF), 0);
    EQUAL(call(FSTAT, fd, at(&st), 0), 0);
    CHECK(st.uid == 65534 && st.gid == 65535 && st.size == 0x7FFFFFFF);
    CHECK(st.mode == (S_IFREG | 0640) && st.nlink == 1 && st.spare[0] == 0);
    EQUAL(call(STAT, at(link), at(&st), 0), 0);
    CHECK(S_ISREG(st.mode));
    EQUAL(call(LSTAT, at(link), at(&st), 0), 0);
    CHECK(S_ISLNK(st.mode) && st.uid == 3);
    EQUAL(call(STAT, at("/dev/null"), at(&st), 0), 0);
    EQUAL(st.rdev, 0x103);
    EQUAL(call(FSTAT, fd, at(BAD), 0), -EFAULT);
    EQUAL(ftruncate(fd, 0x80000000ll), 0);
    EQUAL(call(FSTAT, fd, at(&st), 0), -EOVERFLOW);
    EQUAL(call(STAT, at(file), at(&st), 0), -EOVERFLOW);
    EQUAL(call(FSTAT, 999, at(&st), 0), -EBADF);
    close(fd);
}

/* In a child, since ids do not come back. */
static void apart(void (*test)(void))
{
    int status, pipe_fds[2], counts[2] = {0, 1};
    pid_t pid;

    fflush(stdout);
    CHECK(pipe(pipe_fds) == 0);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        test();
        fflush(stdout);
        counts[0] = tap_count;
        counts[1] = tap_bad;
        _exit(write(pipe_fds[1], counts, sizeof(counts)) !=
              (ssize_t)sizeof(counts));
    }
    waitpid(pid, &status, 0);
    if (status != 0 ||
        read(pipe_fds[0], counts, sizeof(counts)) != (ssize_t)sizeof(counts))
        counts[0] = tap_count, counts[1] = tap_bad + 1;
    tap_count = counts[0];
    tap_bad = counts[1];
    close(pipe_fds[0]);
    close(pipe_fds[1]);
}

int main(void)
{
    char dir[64], file[80], link[80];

    if (geteuid() != 0) {
        printf("1..0 # SKIP only root has ids to give\n");
        return 0;
    }
    apart(test_get);
    apart(test_set);
    apart(test_files);
    apart(test_groups);
    snprintf(dir, sizeof(dir), "/tmp/uid16.%d", (int)getpid());
    CHECK(mkdir(dir, 0700) == 0);
    snprintf(file, sizeof(file), "%s/file", dir);
    snprintf(link, sizeof(link), "%s/link", dir);
    test_owners(file, link);
    unlink(link);
    unlink(file);
    rmdir(dir);
    return tap_done();
}
