/*
 * Names: directories, links, removal, rename, long names, loops, "..", and
 * the *at calls. Each expectation holds on Linux (tmpfs, ext4) too.
 *
 * test: linux
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

static void *volatile bad = (void *)0xfffff000;

static void touch(const char *path)
{
    close(open(path, O_WRONLY | O_CREAT, 0644));
}

static int exists(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0;
}

static ino_t number(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 ? st.st_ino : 0;
}

static int nlink(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 ? (int)st.st_nlink : -1;
}

static void test_mkdir(void)
{
    EQUAL(mkdir("d", 0751), 0);
    FAILS(mkdir("d", 0755), EEXIST);
    FAILS(mkdir("", 0755), ENOENT);
    FAILS(mkdir("none/d", 0755), ENOENT);
    FAILS(mkdir(".", 0755), EEXIST);
    FAILS(mkdir("/", 0755), EEXIST);
    EQUAL(mkdir("d/e/", 0755), 0);
    EQUAL(nlink("d"), 3);
    touch("f");
    FAILS(mkdir("f/x", 0755), ENOTDIR);
    FAILS(mkdir("f", 0755), EEXIST);
    FAILS(rmdir("d"), ENOTEMPTY);
    FAILS(rmdir("f"), ENOTDIR);
    FAILS(rmdir("none"), ENOENT);
    FAILS(rmdir("d/."), EINVAL);
    FAILS(rmdir("d/e/.."), ENOTEMPTY);
    FAILS(rmdir("/"), EBUSY);
    FAILS(unlink("d"), EISDIR);
    FAILS(unlink("d/"), EISDIR);
    FAILS(unlink("f/"), ENOTDIR);
    FAILS(unlink("."), EISDIR);
    FAILS(unlink(bad), EFAULT);
    EQUAL(rmdir("d/e/"), 0);
    EQUAL(nlink("d"), 2);
    EQUAL(rmdir("d"), 0);
    EQUAL(unlink("f"), 0);
    FAILS(unlink("f"), ENOENT);
}

static void test_links(void)
{
    char buf[64] = "";

    touch("f");
    EQUAL(link("f", "g"), 0);
    EQUAL(nlink("f"), 2);
    CHECK(number("f") == number("g"));
    FAILS(link("f", "g"), EEXIST);
    FAILS(link("none", "h"), ENOENT);
    FAILS(link(".", "h"), EPERM);
    FAILS(link("f", "none/h"), ENOENT);
    FAILS(link("f", "h/"), ENOENT);
    EQUAL(unlink("f"), 0);
    EQUAL(nlink("g"), 1);
    EQUAL(symlink("g", "s"), 0);
    FAILS(symlink("g", "s"), EEXIST);
    FAILS(symlink("", "t"), ENOENT);
    EQUAL(readlink("s", buf, sizeof(buf)), 1);
    CHECK(buf[0] == 'g');
    FAILS(readlink("g", buf, sizeof(buf)), EINVAL);
    FAILS(readlink("none", buf, sizeof(buf)), ENOENT);
    FAILS(readlink("", buf, sizeof(buf)), ENOENT);
    EQUAL(symlink("0123456789", "long"), 0);
    EQUAL(readlink("long", buf, 4), 4);
    CHECK(memcmp(buf, "0123", 4) == 0);
    FAILS(open("long", O_RDONLY), ENOENT);
    FAILS(open("s", O_RDONLY | O_NOFOLLOW), ELOOP);
    FAILS(open("s", O_RDONLY | O_CREAT | O_EXCL, 0644), EEXIST);
    FAILS(open("s/", O_RDONLY), ENOTDIR);
    EQUAL(link("s", "s2"), 0);
    CHECK(number("s2") == number("s"));
    EQUAL(linkat(AT_FDCWD, "s", AT_FDCWD, "g2", AT_SYMLINK_FOLLOW), 0);
    CHECK(number("g2") == number("g"));
    /* A dangling link is where O_CREAT makes the file. */
    EQUAL(symlink("made", "dangling"), 0);
    EQUAL(close(open("dangling", O_WRONLY | O_CREAT, 0600)), 0);
    CHECK(exists("made"));
    unlink("made"), unlink("dangling"), unlink("g2"), unlink("s2");
    unlink("long"), unlink("s"), unlink("g");
}

static void test_loops(void)
{
    char from[16], to[16];

    EQUAL(symlink("loop", "loop"), 0);
    FAILS(open("loop", O_RDONLY), ELOOP);
    FAILS(open("loop/x", O_RDONLY), ELOOP);
    FAILS(chdir("loop"), ELOOP);
    EQUAL(unlink("loop"), 0);
    symlink("b", "a");
    symlink("a", "b");
    FAILS(open("a", O_RDONLY | O_CREAT, 0644), ELOOP);
    unlink("a"), unlink("b");
    /* Forty links are followed, one more is too many. */
    touch("l0");
    for (int i = 1; i <= 41; i++) {
        snprintf(from, sizeof(from), "l%d", i - 1);
        snprintf(to, sizeof(to), "l%d", i);
        symlink(from, to);
    }
    EQUAL(close(open("l40", O_RDONLY)), 0);
    FAILS(open("l41", O_RDONLY), ELOOP);
    for (int i = 0; i <= 41; i++) {
        snprintf(to, sizeof(to), "l%d", i);
        unlink(to);
    }
    /* Links in the middle of a path, absolute and relative. */
    mkdir("d", 0755);
    mkdir("d/e", 0755);
    touch("d/e/f");
    symlink("d/e", "rel");
    symlink(scratch_path, "abs");
    symlink("../d", "d/up");
    EQUAL(close(open("rel/f", O_RDONLY)), 0);
    EQUAL(close(open("abs/rel/../up/e/f", O_RDONLY)), 0);
    EQUAL(close(open("d/up/up/up/e//./f", O_RDONLY)), 0);
    FAILS(rmdir("rel"), ENOTDIR);
    FAILS(rmdir("rel/"), ENOTDIR);
    unlink("d/up"), unlink("abs"), unlink("rel"), unlink("d/e/f");
    rmdir("d/e"), rmdir("d");
}

static void test_long_names(void)
{
    static char name[300], path[5000];
    struct stat st;

    memset(name, 'n', 255);
    touch(name);
    CHECK(exists(name));
    EQUAL(unlink(name), 0);
    name[255] = 'n';
    FAILS(open(name, O_RDWR | O_CREAT, 0644), ENAMETOOLONG);
    FAILS(mkdir(name, 0755), ENAMETOOLONG);
    FAILS(stat(name, &st), ENAMETOOLONG);
    for (int i = 0; i < 4094; i += 2)
        memcpy(path + i, "./", 3);
    path[4094] = '.';
    path[4095] = '\0';
    EQUAL(stat(path, &st), 0);
    strcpy(path + 4094, "./");
    FAILS(stat(path, &st), ENAMETOOLONG);
    for (int i = 0; i < 130; i++)
        path[i] = '/';
    path[130] = '\0';
    EQUAL(stat(path, &st), 0);
}

/* A small buffer is too small for a path of any length. */
static void test_long_cwd(void)
{
    char name[201], small[10], large[4096];
    int depth = 0;

    memset(name, 'd', 200);
    name[200] = '\0';
    while (depth < 25 && mkdir(name, 0755) == 0 && chdir(name) == 0)
        depth++;
    EQUAL(depth, 25);
    errno = 0;
    CHECK(getcwd(small, sizeof(small)) == NULL);
    CHECK(errno == (is_cairn() ? ERANGE : ENAMETOOLONG));
    errno = 0;
    CHECK(getcwd(large, sizeof(large)) == NULL && errno == ENAMETOOLONG);
    for (; depth > 0; depth--)
        EQUAL(chdir("..") == 0 && rmdir(name) == 0, 1);
}

static void test_cwd(void)
{
    static char path[PATH_MAX];
    char small[2];
    int fd, here = open(".", O_RDONLY | O_DIRECTORY);

    EQUAL(mkdir("w", 0755), 0);
    EQUAL(mkdir("w/x", 0755), 0);
    EQUAL(chdir("w/x"), 0);
    CHECK(getcwd(path, sizeof(path)) != NULL);
    CHECK(strncmp(path, scratch_path, strlen(scratch_path)) == 0);
    CHECK(strcmp(path + strlen(scratch_path), "/w/x") == 0);
    errno = 0;
    CHECK(getcwd(small, sizeof(small)) == NULL && errno == ERANGE);
    test_long_cwd();
    EQUAL(rename("../../w", "../../v"), 0);
    CHECK(getcwd(path, sizeof(path)) != NULL);
    CHECK(strcmp(path + strlen(scratch_path), "/v/x") == 0);
    EQUAL(rmdir("../x"), 0);
    errno = 0;
    CHECK(getcwd(path, sizeof(path)) == NULL && errno == ENOENT);
    FAILS(open("new", O_WRONLY | O_CREAT, 0644), ENOENT);
    FAILS(mkdir("new", 0755), ENOENT);
    EQUAL(fchdir(here), 0);
    FAILS(chdir("none"), ENOENT);
    touch("f");
    FAILS(chdir("f"), ENOTDIR);
    fd = open("f", O_RDONLY);
    FAILS(fchdir(fd), ENOTDIR);
    FAILS(fchdir(-1), EBADF);
    close(fd);
    unlink("f"), rmdir("v");
    close(here);
}

static void test_rename(void)
{
    mkdir("d", 0755), mkdir("e", 0755), mkdir("e/full", 0755);
    touch("f"), touch("g");
    FAILS(rename("none", "x"), ENOENT);
    FAILS(rename("f", "none/x"), ENOENT);
    FAILS(rename("f", "d"), EISDIR);
    FAILS(rename("d", "f"), ENOTDIR);
    FAILS(rename("f", "x/"), ENOTDIR);
    FAILS(rename("d", "d/sub"), EINVAL);
    FAILS(rename("d", "e"), ENOTEMPTY);
    FAILS(rename("e/full", "e"), ENOTEMPTY);
    FAILS(rename("d", "."), EBUSY);
    FAILS(rename("d/..", "x"), EBUSY);
    FAILS(rename("/", "x"), EBUSY);
    EQUAL(rename("d", "d"), 0);
    CHECK(exists("d"));
    EQUAL(rename("f", "g"), 0);
    CHECK(!exists("f") && exists("g"));
    EQUAL(link("g", "g2"), 0);
    EQUAL(rename("g", "g2"), 0);
    CHECK(exists("g") && exists("g2")); /* one file: nothing is done */
    EQUAL(rename("g", "d/a name of more than thirty-two characters"), 0);
    CHECK(exists("d/a name of more than thirty-two characters"));
    EQUAL(rename("d", "e/full"), 0); /* over an empty directory */
    CHECK(exists("e/full/a name of more than thirty-two characters"));
    EQUAL(nlink("e"), 3);
    EQUAL(nlink("."), 3);
    EQUAL(rename("e/full/", "d/"), 0);
    EQUAL(nlink("e"), 2);
    EQUAL(nlink("."), 4);
    EQUAL(unlink("d/a name of more than thirty-two characters"), 0);
    EQUAL(rmdir("d"), 0);
    EQUAL(rmdir("e"), 0);
    EQUAL(unlink("g2"), 0);
}

/* Counts the names in a directory that begin with 'n', and all others. */
static void count_names(const char *path, int *ours, int *others)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    *ours = *others = 0;
    while ((entry = readdir(dir)) != NULL)
        ++*(entry->d_name[0] == 'n' ? ours : others);
    closedir(dir);
}

static void test_readdir(void)
{
    char name[32];
    int ours, others, removed = 0;
    struct dirent *entry;
    DIR *dir;

    mkdir("big", 0755);
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof(name), "big/n%d", i);
        touch(name);
    }
    count_names("big", &ours, &others);
    EQUAL(ours, 500);
    EQUAL(others, 2);
    /* Removing what was just read neither skips nor repeats. */
    dir = opendir("big");
    while ((entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] != 'n')
            continue;
        snprintf(name, sizeof(name), "big/%.20s", entry->d_name);
        removed += unlink(name) == 0;
    }
    EQUAL(removed, 500);
    closedir(dir);
    count_names("big", &ours, &others);
    EQUAL(ours, 0);
    EQUAL(rmdir("big"), 0);
    CHECK(opendir("none") == NULL && errno == ENOENT);
}

static void test_at(void)
{
    struct stat st;
    int fd, dir;

    mkdir("at", 0755);
    dir = open("at", O_RDONLY | O_DIRECTORY);
    fd = openat(dir, "f", O_RDWR | O_CREAT, 0600);
    CHECK(fd >= 0 && exists("at/f"));
    FAILS(openat(fd, "x", O_RDONLY), ENOTDIR);
    FAILS(openat(-1, "x", O_RDONLY), EBADF);
    FAILS(openat(dir, "none", O_RDONLY), ENOENT);
    EQUAL(close(openat(-1, "/", O_RDONLY)), 0);
    EQUAL(mkdirat(dir, "d", 0755), 0);
    EQUAL(symlinkat("f", dir, "s"), 0);
    EQUAL(fstatat(dir, "s", &st, 0), 0);
    CHECK(S_ISREG(st.st_mode));
    EQUAL(fstatat(dir, "s", &st, AT_SYMLINK_NOFOLLOW), 0);
    CHECK(S_ISLNK(st.st_mode));
    EQUAL(st.st_size, 1);
    EQUAL(renameat(dir, "f", AT_FDCWD, "out"), 0);
    EQUAL(linkat(AT_FDCWD, "out", dir, "f2", 0), 0);
    EQUAL(nlink("out"), 2);
    FAILS(unlinkat(dir, "d", 0), EISDIR);
    FAILS(unlinkat(dir, "f2", AT_REMOVEDIR), ENOTDIR);
    EQUAL(unlinkat(dir, "d", AT_REMOVEDIR), 0);
    EQUAL(unlinkat(dir, "f2", 0), 0);
    EQUAL(unlinkat(dir, "s", 0), 0);
    EQUAL(faccessat(AT_FDCWD, "out", R_OK | W_OK, 0), 0);
    FAILS(faccessat(dir, "none", F_OK, 0), ENOENT);
    EQUAL(rmdir("at"), 0);
    FAILS(openat(dir, "late", O_WRONLY | O_CREAT, 0644), ENOENT);
    close(fd), close(dir);
    unlink("out");
}

int main(void)
{
    scratch_enter("fs_names");
    test_mkdir();
    test_links();
    test_loops();
    test_long_names();
    test_cwd();
    test_rename();
    test_readdir();
    test_at();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
