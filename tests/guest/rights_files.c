/*
 * Files and directories: who gets which group and which set-id bits, who may
 * change attributes and names, and what a change of contents does to set-id
 * bits (docs/security.md).
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <grp.h>
#include <sys/uio.h>

#include "rights.h"
#include "scratch.h"

/* ---- what is made in a set-group-id directory ---- */

static gid_t group_of(const char *path)
{
    struct stat st;

    return lstat(path, &st) == 0 ? st.st_gid : (gid_t)-1;
}

static void made_by_open(mode_t mode)
{
    close(open("team/f", O_WRONLY | O_CREAT | O_EXCL, mode));
}

static void made_by_mknod(mode_t mode)
{
    mknod("team/f", S_IFREG | mode, 0);
}

static void made_as_fifo(mode_t mode)
{
    mkfifo("team/f", mode);
}

static void made_nameless(mode_t mode)
{
    char path[40];
    int fd = open("team", O_WRONLY | O_TMPFILE, mode);

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    linkat(AT_FDCWD, path, AT_FDCWD, "team/f", AT_SYMLINK_FOLLOW);
    close(fd);
}

static const struct {
    const char *how;
    void (*make)(mode_t mode);
} makers[] = {{"open", made_by_open},
              {"mknod", made_by_mknod},
              {"mkfifo", made_as_fifo},
              {"O_TMPFILE", made_nameless}};

/* The mode that a new file has when 06777 or 02644 was asked for. */
static void expect_made(const char *who, mode_t asked, mode_t wanted)
{
    char text[80];

    for (unsigned i = 0; i < sizeof(makers) / sizeof(makers[0]); i++) {
        makers[i].make(asked);
        snprintf(text, sizeof(text), "%s by %s with %04o: %04o, group", who,
                 makers[i].how, asked, wanted);
        tap_line(mode_of("team/f") == wanted && group_of("team/f") == TEAM,
                 __FILE__, __LINE__, text);
        unlink("team/f");
    }
}

static void test_new_files(void)
{
    make_dir("team", 0, TEAM, 02777);
    be(USER);
    expect_made("a stranger", 06777, 04777);
    expect_made("a stranger", 02755, 0755);
    expect_made("a stranger", 02644, 02644); /* without x it means nothing */
    umask(010);
    expect_made("a stranger", 02777, 0767); /* the bit goes before the umask */
    umask(0);
    be_member(USER);
    expect_made("a member", 06777, 06777);
    be_root();
    expect_made("root", 06777, 06777);
    be(USER);
    EQUAL(mkdir("team/d", 02700), 0);
    EQUAL(mode_of("team/d"), 02700);
    EQUAL(group_of("team/d"), TEAM);
    EQUAL(rmdir("team/d"), 0);
    EQUAL(symlink("x", "team/l"), 0);
    EQUAL(group_of("team/l"), TEAM);
    EQUAL(unlink("team/l"), 0);
    be_root();
    rmdir("team");
    make_dir("plain", USER, TEAM, 0755);
    be(USER);
    EQUAL(mkdir("plain/d", 06777), 0);
    EQUAL(mode_of("plain/d"), 0777);
    EQUAL(group_of("plain/d"), USER);
    rmdir("plain/d");
    be_root();
    rmdir("plain");
}

/* ---- changing attributes ---- */

static void test_attributes(void)
{
    make_file("f", USER, TEAM, 0755);
    be(USER);
    EQUAL(chmod("f", 06755), 0);
    EQUAL(mode_of("f"), 04755); /* not in the group */
    be_member(USER);
    EQUAL(chmod("f", 06755), 0);
    EQUAL(mode_of("f"), 06755);
    FAILS(chown("f", OTHER, -1), EPERM);
    FAILS(chown("f", 0, -1), EPERM);
    FAILS(chown("f", -1, OTHER), EPERM);
    EQUAL(mode_of("f"), 06755); /* what is refused changes nothing */
    EQUAL(chown("f", USER, TEAM), 0);
    EQUAL(mode_of("f"), 0755);
    EQUAL(chmod("f", 04755), 0);
    EQUAL(chown("f", -1, -1), 0);
    EQUAL(mode_of("f"), 0755); /* as any other chown */
    be(OTHER);
    FAILS(chmod("f", 0777), EPERM);
    FAILS(chown("f", OTHER, OTHER), EPERM);
    FAILS(chown("f", USER, TEAM), EPERM);
    FAILS(utimensat(AT_FDCWD, "f", NULL, 0), EACCES);
    be_root();
    EQUAL(chmod("f", 06755), 0);
    EQUAL(chown("f", USER, OTHER), 0);
    EQUAL(mode_of("f"), 0755); /* also by root */
    EQUAL(chmod("f", 02644), 0);
    EQUAL(chown("f", USER, TEAM), 0);
    EQUAL(mode_of("f"), 02644); /* no program */
    be(USER);
    EQUAL(chown("f", -1, USER), 0);
    EQUAL(mode_of("f"), 0644); /* but who could not set it loses it */
    be_root();
    unlink("f");
    make_dir("d", USER, USER, 02755);
    EQUAL(chown("d", OTHER, OTHER), 0);
    EQUAL(mode_of("d"), 02755);
    rmdir("d");
}

/* ---- a change of contents ---- */

static int change_write(int fd)
{
    return write(fd, "x", 1) == 1;
}

static int change_writev(int fd)
{
    struct iovec v[2] = {{"x", 1}, {"y", 1}};

    return writev(fd, v, 2) == 2;
}

static int change_pwrite(int fd)
{
    return pwrite(fd, "x", 1, 3) == 1;
}

static int change_pwritev(int fd)
{
    struct iovec v = {"x", 1};

    return pwritev(fd, &v, 1, 2) == 1;
}

static int change_ftruncate(int fd)
{
    return ftruncate(fd, 3) == 0;
}

static int change_grow(int fd)
{
    return ftruncate(fd, 10000) == 0;
}

static int change_truncate(int fd)
{
    (void)fd;
    return truncate("f", 1) == 0;
}

static int change_by_open(int fd)
{
    int again = open("f", O_WRONLY | O_TRUNC);

    (void)fd;
    return again >= 0 && close(again) == 0;
}

static int change_sendfile(int fd)
{
    int in = open("source", O_RDONLY);

    return sendfile(fd, in, NULL, 4) == 4 && close(in) == 0;
}

static int change_copy(int fd)
{
    int in = open("source", O_RDONLY);

    return syscall(SYS_copy_file_range, in, NULL, fd, NULL, 4, 0) == 4 &&
           close(in) == 0;
}

static int change_fallocate(int fd)
{
    return fallocate(fd, 0, 0, 9000) == 0;
}

static int change_punch(int fd)
{
    return fallocate(fd, 3, 0, 5) == 0; /* PUNCH_HOLE | KEEP_SIZE */
}

static int change_mapped(int fd)
{
    char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if (p == MAP_FAILED)
        return 0;
    *(volatile char *)p = 'x';
    return munmap(p, 4096) == 0;
}

static int change_mapped_read_first(int fd)
{
    volatile char *p =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    char seen;

    if (p == MAP_FAILED)
        return 0;
    seen = *p;
    *p = (char)(seen + 1);
    return munmap((void *)p, 4096) == 0;
}

static const struct change {
    const char *how;
    int (*change)(int fd);
    int cairn_only; /* Linux keeps the bits, or some of its file systems do */
} changes[] = {
    {"write", change_write, 0},
    {"writev", change_writev, 0},
    {"pwrite", change_pwrite, 0},
    {"pwritev", change_pwritev, 0},
    {"ftruncate", change_ftruncate, 0},
    {"ftruncate to more", change_grow, 0},
    {"truncate", change_truncate, 0},
    {"O_TRUNC", change_by_open, 0},
    {"sendfile", change_sendfile, 0},
    {"copy_file_range", change_copy, 0},
    {"fallocate", change_fallocate, 1},
    {"a hole", change_punch, 1},
    {"a mapping", change_mapped, 1},
    {"a mapping read before", change_mapped_read_first, 1},
};

/* Change a fresh set-id program that `opener` opens as `writer`. */
static void expect_kept(const struct change *c, unsigned opener,
                        unsigned writer, mode_t wanted)
{
    char text[120];
    int fd, done;

    if (c->cairn_only && !is_cairn())
        return;
    make_file("f", USER, USER, 06777);
    be(opener);
    fd = open("f", O_RDWR);
    be(writer);
    done = c->change(fd);
    be_root();
    snprintf(text, sizeof(text), "%s by %u, opened by %u: %04o", c->how, writer,
             opener, wanted);
    tap_line(done && mode_of("f") == wanted, __FILE__, __LINE__, text);
    close(fd);
    unlink("f");
}

static void test_contents(void)
{
    make_file("source", 0, 0, 0644);
    for (unsigned i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        expect_kept(&changes[i], USER, USER, 0777); /* also by the owner */
        expect_kept(&changes[i], OTHER, OTHER, 0777);
        expect_kept(&changes[i], 0, OTHER, 0777); /* who writes counts */
        expect_kept(&changes[i], 0, 0, 06777);
        expect_kept(&changes[i], OTHER, 0, 06777);
    }
    unlink("source");
}

/* Linux: a set-group-id bit that names no program stays for a member. */
static void test_no_program(void)
{
    int fd;

    make_file("f", USER, TEAM, 02666);
    be_member(USER);
    fd = open("f", O_WRONLY);
    EQUAL(write(fd, "x", 1), 1);
    EQUAL(mode_of("f"), 02666);
    be(OTHER);
    EQUAL(write(fd, "x", 1), 1);
    EQUAL(mode_of("f"), is_cairn() ? 0666 : mode_of("f")); /* since 6.2 */
    be_root();
    close(fd);
    unlink("f");
}

/* ---- nothing written ---- */

static void test_nothing(void)
{
    struct iovec none[2] = {{"", 0}, {"", 0}};
    struct stat before, after;
    int fd;

    make_file("f", USER, USER, 06777);
    be(USER);
    fd = open("f", O_RDWR | O_APPEND);
    fstat(fd, &before);
    usleep(30000);
    EQUAL(write(fd, "", 0), 0);
    EQUAL(writev(fd, none, 2), 0);
    EQUAL(pwrite(fd, "", 0, 100), 0);
    EQUAL(pwritev(fd, none, 2, 100), 0);
    EQUAL(read(fd, &after, 0), 0);
    EQUAL(lseek(fd, 0, SEEK_CUR), 0);
    fstat(fd, &after);
    EQUAL(after.st_size, 8);
    EQUAL(mode_of("f"), 06777);
    CHECK(memcmp(&before.st_mtim, &after.st_mtim, sizeof(after.st_mtim)) == 0);
    CHECK(memcmp(&before.st_ctim, &after.st_ctim, sizeof(after.st_ctim)) == 0);
    CHECK(memcmp(&before.st_atim, &after.st_atim, sizeof(after.st_atim)) == 0);
    FAILS(write(fd, (void *)16, 4), EFAULT);
    EQUAL(lseek(fd, 0, SEEK_CUR), 0); /* a failed one moves nothing either */
    EQUAL(write(fd, "y", 1), 1);
    EQUAL(lseek(fd, 0, SEEK_CUR), 9);
    EQUAL(mode_of("f"), 0777);
    be_root();
    close(fd);
    unlink("f");
}

/* ---- names ---- */

static void test_links(void)
{
    int fd, guarded;

    make_dir("mine", USER, USER, 0755);
    make_file("root", 0, 0, 0644);
    make_file("all", 0, 0, 0666);
    make_file("program", 0, 0, 06777);
    be(USER);
    /* A host may have fs.protected_hardlinks off. */
    guarded = link("root", "mine/l") != 0;
    unlink("mine/l");
    if (guarded) {
        FAILS(link("root", "mine/l"), EPERM);
        FAILS(link("program", "mine/l"), EPERM);
        EQUAL(link("all", "mine/l"), 0);
        unlink("mine/l");
    } else {
        CHECK(!is_cairn());
    }
    fd = open("all", O_RDWR);
    if (is_cairn())
        FAILS(linkat(fd, "", AT_FDCWD, "mine/l", AT_EMPTY_PATH), ENOENT);
    close(fd);
    fd = open("mine", O_RDWR | O_TMPFILE | O_EXCL, 0600);
    if (fd >= 0) {
        char path[40];

        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        FAILS(linkat(AT_FDCWD, path, AT_FDCWD, "mine/l", AT_SYMLINK_FOLLOW),
              ENOENT);
        close(fd);
    }
    be_root();
    fd = open("root", O_RDWR);
    EQUAL(linkat(fd, "", AT_FDCWD, "mine/l", AT_EMPTY_PATH), 0);
    EQUAL(link("program", "mine/p"), 0);
    close(fd);
    unlink("mine/l"), unlink("mine/p"), unlink("program");
    unlink("root"), unlink("all");
    rmdir("mine");
}

static void test_sticky(void)
{
    make_dir("sticky", 0, 0, 01777);
    make_file("sticky/root", 0, 0, 0666);
    make_file("sticky/user", USER, USER, 0666);
    make_dir("sticky/dir", USER, USER, 0777);
    be(OTHER);
    FAILS(unlink("sticky/root"), EPERM);
    FAILS(unlink("sticky/user"), EPERM);
    FAILS(rmdir("sticky/dir"), EPERM);
    FAILS(rename("sticky/user", "sticky/other"), EPERM);
    EQUAL(close(open("sticky/other", O_WRONLY | O_CREAT, 0644)), 0);
    FAILS(rename("sticky/other", "sticky/user"), EPERM);
    EQUAL(unlink("sticky/other"), 0);
    be(USER);
    EQUAL(rename("sticky/user", "sticky/user2"), 0);
    EQUAL(unlink("sticky/user2"), 0);
    EQUAL(rmdir("sticky/dir"), 0);
    be_root();
    EQUAL(unlink("sticky/root"), 0);
    rmdir("sticky");
    make_dir("sticky", USER, USER, 01777); /* who owns the directory may */
    make_file("sticky/root", 0, 0, 0644);
    be(USER);
    EQUAL(unlink("sticky/root"), 0);
    be_root();
    rmdir("sticky");
}

/* Traps in a directory where all may make names; Cairn has them all shut. */
static void test_traps(void)
{
    if (!is_cairn())
        return;
    make_dir("tmp", 0, 0, 01777);
    make_file("secret", 0, 0, 0644);
    be(USER);
    EQUAL(symlink("../secret", "tmp/link"), 0);
    EQUAL(symlink(".", "tmp/dir"), 0);
    EQUAL(mkfifo("tmp/fifo", 0666), 0);
    EQUAL(close(open("tmp/f", O_WRONLY | O_CREAT, 0666)), 0);
    EQUAL(close(open("tmp/link", O_RDONLY)), 0);
    be_root();
    FAILS(open("tmp/link", O_RDONLY), EACCES);
    FAILS(open("tmp/link", O_WRONLY | O_CREAT, 0600), EACCES);
    FAILS(truncate("tmp/link", 0), EACCES);
    FAILS(chmod("tmp/link", 0666), EACCES);
    FAILS(access("tmp/dir/", F_OK), EACCES);
    EQUAL(access("tmp/dir/f", F_OK), 0); /* not the last name */
    EQUAL(mode_of("tmp/link"), 0777);
    FAILS(open("tmp/f", O_WRONLY | O_CREAT, 0600), EACCES);
    FAILS(open("tmp/fifo", O_RDWR | O_CREAT, 0600), EACCES);
    EQUAL(close(open("tmp/f", O_WRONLY)), 0);
    FAILS(open("tmp/f", O_WRONLY | O_CREAT | O_EXCL, 0600), EEXIST);
    be(USER);
    EQUAL(close(open("tmp/f", O_WRONLY | O_CREAT, 0600)), 0);
    be_root();
    unlink("tmp/link"), unlink("tmp/dir"), unlink("tmp/fifo"), unlink("tmp/f");
    EQUAL(symlink("../secret", "tmp/link"), 0);
    be(USER);
    EQUAL(close(open("tmp/link", O_RDONLY)), 0); /* the directory's owner's */
    be_root();
    unlink("tmp/link"), unlink("secret");
    rmdir("tmp");
}

/* ---- as a set-id program: USER's, with the rights of OTHER and TEAM ---- */

static int with_set_id(void)
{
    struct stat st;
    int fd;

    if (setgroups(0, NULL) != 0 || setresgid(USER, TEAM, TEAM) != 0 ||
        setresuid(USER, OTHER, OTHER) != 0)
        return 90;
    if (close(open("other", O_RDWR)) != 0 || close(open("team", O_RDWR)) != 0)
        return 1;
    if (ERROR_OF(open("user", O_RDONLY)) != EACCES)
        return 2; /* not with the rights of who started it */
    if (ERROR_OF(access("other", R_OK)) != EACCES ||
        access("user", R_OK | W_OK) != 0)
        return 3; /* which access asks for */
    if (faccessat(AT_FDCWD, "other", R_OK, AT_EACCESS) != 0)
        return 4;
    fd = open("made", O_RDWR | O_CREAT | O_EXCL, 02755);
    if (fd < 0 || fstat(fd, &st) != 0 || st.st_uid != OTHER ||
        st.st_gid != TEAM || (st.st_mode & 07777) != 02755)
        return 5;
    if (write(fd, "x", 1) != 1 || mode_of("made") != 0755)
        return 6; /* bits go by a write of a set-id program too */
    if (chmod("other", 0640) != 0 || ERROR_OF(chmod("user", 0640)) != EPERM)
        return 7;
    if (ERROR_OF(chown("other", USER, -1)) != EPERM ||
        chown("other", -1, TEAM) != 0)
        return 8;
    if (setuid(USER) != 0) /* for good: the saved id is left */
        return 9;
    if (close(open("user", O_RDWR)) != 0 ||
        ERROR_OF(open("made", O_RDWR)) != EACCES)
        return 10;
    return seteuid(OTHER) == 0 && unlink("made") == 0 ? 0 : 11;
}

static void test_set_id_program(void)
{
    make_file("other", OTHER, OTHER, 0600);
    make_file("team", 0, TEAM, 0660);
    make_file("user", USER, USER, 0600);
    EQUAL(run_as(0, with_set_id), 0);
    unlink("other"), unlink("team"), unlink("user");
}

int main(void)
{
    scratch_enter("rights_files");
    chmod(".", 0777);
    be_root();
    test_new_files();
    test_attributes();
    test_contents();
    test_no_program();
    test_nothing();
    test_links();
    test_sticky();
    test_traps();
    test_set_id_program();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
