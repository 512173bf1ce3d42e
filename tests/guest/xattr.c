/*
 * Extended attributes, which no file here has, and advice about files: what
 * the calls answer, for good and for bad arguments.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

#include <cairn/syscall.h>

static char text[70000];

/* Linux's own file systems may have some; those that have none say so. */
static void test_get(void)
{
    int fd = open("f", O_RDWR | O_CREAT, 0644);
    int none = is_cairn() ? EOPNOTSUPP : ENODATA;

    if (!is_cairn() && syscall(__NR_getxattr, "f", "user.a", text, 1) == -1)
        none = errno;
    FAILS(syscall(__NR_getxattr, "f", "user.a", text, 10), none);
    FAILS(syscall(__NR_lgetxattr, "f", "user.a", text, 10), none);
    FAILS(syscall(__NR_fgetxattr, fd, "user.a", text, 10), none);
    FAILS(syscall(__NR_removexattr, "f", "user.a"), none);
    FAILS(syscall(__NR_getxattr, "no", "user.a", text, 10), ENOENT);
    FAILS(syscall(__NR_fgetxattr, -1, "user.a", text, 10), EBADF);
    FAILS(syscall(__NR_getxattr, "f", "", text, 10), ERANGE);
    memset(text, 'n', 300);
    FAILS(syscall(__NR_getxattr, "f", text, text, 10), ERANGE);
    FAILS(syscall(__NR_getxattr, "f", 1, text, 10), EFAULT);
    FAILS(syscall(__NR_setxattr, "f", "user.a", "v", 1, 4), EINVAL);
    FAILS(syscall(__NR_setxattr, "f", "user.a", text, 65537, 0), E2BIG);
    FAILS(syscall(__NR_lsetxattr, "no", "user.a", "v", 1, 0), ENOENT);
    FAILS(syscall(__NR_fsetxattr, -1, "user.a", "v", 1, 0), EBADF);
    FAILS(syscall(__NR_lremovexattr, "no", "user.a"), ENOENT);
    FAILS(syscall(__NR_fremovexattr, -1, "user.a"), EBADF);
    if (is_cairn()) {
        FAILS(syscall(__NR_setxattr, "f", "user.a", "v", 1, 0), EOPNOTSUPP);
        EQUAL(syscall(__NR_listxattr, "f", text, 100), 0);
    }
    FAILS(syscall(__NR_listxattr, "no", text, 100), ENOENT);
    FAILS(syscall(__NR_llistxattr, "no", text, 100), ENOENT);
    FAILS(syscall(__NR_flistxattr, -1, text, 100), EBADF);
    CHECK(symlink("no", "link") == 0);
    FAILS(syscall(__NR_listxattr, "link", text, 100), ENOENT);
    CHECK(syscall(__NR_llistxattr, "link", text, 100) >= 0);
    unlink("link");
    close(fd);
    unlink("f");
}

static void test_advice(void)
{
    int fd = open("f", O_RDWR | O_CREAT, 0644), ends[2];

    for (int advice = 0; advice <= 5; advice++)
        EQUAL(posix_fadvise(fd, 0, 100, advice), 0);
    EQUAL(posix_fadvise(fd, 0, 0, 6), EINVAL);
    EQUAL(posix_fadvise(fd, 0, 0, -1), EINVAL);
    EQUAL(posix_fadvise(fd, 0, -1, 0), EINVAL);
    EQUAL(posix_fadvise(-1, 0, 0, 0), EBADF);
    EQUAL(syscall(__NR_fadvise64, fd, 0, 0, 10, 3), 0);
    FAILS(syscall(__NR_fadvise64, fd, 0, 0, 10, 6), EINVAL);
    CHECK(pipe(ends) == 0);
    EQUAL(posix_fadvise(ends[0], 0, 0, 0), ESPIPE);
    close(ends[0]);
    close(ends[1]);
    close(fd);
    unlink("f");
}

int main(void)
{
    scratch_enter("xattr");
    test_get();
    test_advice();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
