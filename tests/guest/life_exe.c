/*
 * A program and the file it runs: what /proc says when the file is replaced,
 * also by a link that leads back to it; and that nobody changes its bytes, and
 * nobody runs bytes that may change.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

static char here[PATH_MAX];

static void copy_file(const char *from, const char *to)
{
    static char block[65536];
    int in = open(from, O_RDONLY);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC, 0755);
    ssize_t n;

    while ((n = read(in, block, sizeof(block))) > 0)
        if (write(out, block, (size_t)n) != n)
            perror(to);
    close(in);
    close(out);
}

/* ---- the program that is run waits for a byte, and says what it saw ---- */

static int leaf(int in, int out)
{
    char text[PATH_MAX + 1];
    ssize_t n;
    char c;

    while (read(in, &c, 1) == 1 && c != 'q') {
        n = readlink("/proc/self/exe", text, sizeof(text) - 1);
        text[n < 0 ? 0 : n] = '\0';
        if (write(out, text, sizeof(text)) != (ssize_t)sizeof(text))
            return 1;
    }
    return 0;
}

static int to_leaf, from_leaf;

static pid_t start(const char *path, int *error)
{
    int in[2], out[2], status[2];
    char a[16], b[16];
    char *argv[] = {"leaf", a, b, NULL}, *envp[] = {NULL};
    pid_t pid;

    if (pipe(in) != 0 || pipe(out) != 0 || pipe2(status, O_CLOEXEC) != 0)
        perror("pipe");
    pid = fork();
    if (pid == 0) {
        close(in[1]), close(out[0]), close(status[0]);
        snprintf(a, sizeof(a), "%d", in[0]);
        snprintf(b, sizeof(b), "%d", out[1]);
        execve(path, argv, envp);
        if (write(status[1], &errno, sizeof(errno)) < 0)
            _exit(2);
        _exit(1);
    }
    close(in[0]), close(out[1]), close(status[1]);
    *error = 0;
    if (read(status[0], error, sizeof(*error)) < 0)
        perror("read");
    close(status[0]);
    to_leaf = in[1], from_leaf = out[0];
    return pid;
}

static const char *ask(void)
{
    static char text[PATH_MAX + 1];

    if (write(to_leaf, "?", 1) != 1)
        return "cannot ask";
    for (size_t got = 0; got < sizeof(text);) {
        ssize_t n = read(from_leaf, text + got, sizeof(text) - got);

        if (n <= 0)
            return "no answer";
        got += (size_t)n;
    }
    return text;
}

static void stop(pid_t pid)
{
    int status;

    if (write(to_leaf, "q", 1) < 0)
        perror("leaf");
    close(to_leaf);
    close(from_leaf);
    EQUAL(waitpid(pid, &status, 0), pid);
}

static const char *in_here(const char *name)
{
    static char path[PATH_MAX + 32];

    snprintf(path, sizeof(path), "%s/%s", here, name);
    return path;
}

static void same(const char *got, const char *wanted)
{
    CHECK(strcmp(got, wanted) == 0);
    if (strcmp(got, wanted) != 0)
        printf("# got %s, not %s\n", got, wanted);
}

/* ---- the name ---- */

static void test_names(void)
{
    char proc[64], text[PATH_MAX];
    struct stat st, by_proc;
    int error;
    pid_t pid;
    ssize_t n;

    copy_file("/proc/self/exe", "prog");
    EQUAL(stat("prog", &st), 0);
    pid = start("./prog", &error);
    EQUAL(error, 0);
    snprintf(proc, sizeof(proc), "/proc/%d/exe", (int)pid);
    same(ask(), in_here("prog"));
    EQUAL(rename("prog", "moved"), 0);
    same(ask(), in_here("moved"));
    EQUAL(unlink("moved"), 0);
    same(ask(), in_here("moved (deleted)"));
    /* A file of the old name is another one. */
    copy_file("/proc/self/exe", "moved");
    same(ask(), in_here("moved (deleted)"));
    EQUAL(stat(proc, &by_proc), 0);
    EQUAL(by_proc.st_ino, st.st_ino);
    unlink("moved");
    /* Links that lead back. */
    EQUAL(symlink("/proc/self/exe", "moved"), 0);
    same(ask(), in_here("moved (deleted)"));
    unlink("moved");
    EQUAL(symlink(proc, "moved"), 0);
    same(ask(), in_here("moved (deleted)"));
    n = readlink(proc, text, sizeof(text) - 1);
    text[n < 0 ? 0 : n] = '\0';
    same(text, in_here("moved (deleted)"));
    EQUAL(lstat(proc, &by_proc), 0);
    EQUAL(access(proc, R_OK), 0);
    EQUAL(stat("moved", &by_proc), 0);
    EQUAL(by_proc.st_ino, st.st_ino);
    unlink("moved");
    stop(pid);
}

/* Two programs whose names became links to each other's. */
static void test_ring(void)
{
    char a[64], b[64], text[PATH_MAX];
    int error, a_in, a_out;
    pid_t p, q;

    copy_file("/proc/self/exe", "p");
    copy_file("/proc/self/exe", "q");
    p = start("./p", &error);
    a_in = to_leaf, a_out = from_leaf;
    q = start("./q", &error);
    snprintf(a, sizeof(a), "/proc/%d/exe", (int)p);
    snprintf(b, sizeof(b), "/proc/%d/exe", (int)q);
    unlink("p"), unlink("q");
    EQUAL(symlink(b, "p"), 0);
    EQUAL(symlink(a, "q"), 0);
    same(ask(), in_here("q (deleted)"));
    CHECK(readlink(a, text, sizeof(text)) > 0);
    EQUAL(access("p", X_OK), 0);
    EQUAL(access("q", X_OK), 0);
    stop(q);
    FAILS(access("p", X_OK), ENOENT);
    to_leaf = a_in, from_leaf = a_out;
    stop(p);
    unlink("p"), unlink("q");
}

/* ---- the bytes ---- */

static void test_running_is_not_written(void)
{
    int error, fd;
    pid_t pid;
    char *map;

    copy_file("/proc/self/exe", "prog");
    pid = start("./prog", &error);
    same(ask(), in_here("prog"));
    FAILS(open("prog", O_WRONLY), ETXTBSY);
    FAILS(open("prog", O_RDWR | O_TRUNC), ETXTBSY);
    FAILS(truncate("prog", 0), ETXTBSY);
    fd = open("prog", O_RDONLY);
    CHECK(fd >= 0);
    map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
    CHECK(map != MAP_FAILED);
    FAILS(mprotect(map, 4096, PROT_READ | PROT_WRITE), EACCES);
    munmap(map, 4096);
    close(fd);
    stop(pid);
    fd = open("prog", O_RDWR);
    CHECK(fd >= 0);
    close(fd);
    unlink("prog");
}

static int start_fails(void)
{
    int error;
    pid_t pid = start("./prog", &error);

    stop(pid);
    return error;
}

static char *map_prog(int flags, int prot, int open_flags)
{
    int fd = open("prog", open_flags);
    char *map = mmap(NULL, 2 * 4096, prot, flags, fd, 0);

    close(fd);
    return map;
}

/* A mapping that may be written is as good as a descriptor. */
static void test_written_is_not_run(void)
{
    int fd, status;
    char *map;
    pid_t pid;

    copy_file("/proc/self/exe", "prog");
    fd = open("prog", O_RDWR);
    EQUAL(start_fails(), ETXTBSY);
    close(fd);
    EQUAL(start_fails(), 0);

    map = map_prog(MAP_SHARED, PROT_READ | PROT_WRITE, O_RDWR);
    EQUAL(start_fails(), ETXTBSY);
    EQUAL(mprotect(map, 4096, PROT_READ), 0);
    EQUAL(start_fails(), ETXTBSY);
    EQUAL(munmap(map, 4096), 0);
    EQUAL(start_fails(), ETXTBSY);
    EQUAL(munmap(map + 4096, 4096), 0);
    EQUAL(start_fails(), 0);

    /* Moved, forked, and doubled. */
    map = map_prog(MAP_SHARED, PROT_READ | PROT_WRITE, O_RDWR);
    map = mremap(map, 2 * 4096, 4 * 4096, MREMAP_MAYMOVE);
    EQUAL(start_fails(), ETXTBSY);
    CHECK(mremap(map, 0, 4096, MREMAP_MAYMOVE) != MAP_FAILED);
    pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    munmap(map, 4 * 4096);
    EQUAL(start_fails(), ETXTBSY);
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    EQUAL(start_fails(), ETXTBSY); /* by what was doubled */
    unlink("prog");

    /* What cannot be written through does not count. */
    copy_file("/proc/self/exe", "prog");
    map = map_prog(MAP_PRIVATE, PROT_READ | PROT_WRITE, O_RDONLY);
    map[0]++;
    EQUAL(start_fails(), 0);
    munmap(map, 2 * 4096);
    map = map_prog(MAP_SHARED, PROT_READ, O_RDONLY);
    EQUAL(start_fails(), 0);
    munmap(map, 2 * 4096);
    /* Readable only, but of a descriptor that could write. */
    map = map_prog(MAP_SHARED, PROT_READ, O_RDWR);
    EQUAL(start_fails(), ETXTBSY);
    /* Gone with an exec too. */
    pid = fork();
    if (pid == 0) {
        char *argv[] = {"leaf", "-1", "-1", NULL}, *envp[] = {NULL};

        execve("/proc/self/exe", argv, envp);
        _exit(1);
    }
    munmap(map, 2 * 4096);
    EQUAL(waitpid(pid, &status, 0), pid);
    EQUAL(status, 0);
    EQUAL(start_fails(), 0);
    unlink("prog");
}

/* The text of a script counts as well. Linux has gone back and forth. */
static void test_script(void)
{
    int error, fd = open("script", O_RDWR | O_CREAT | O_TRUNC, 0755);
    pid_t pid;

    copy_file("/proc/self/exe", "prog");
    EQUAL(write(fd, "#!./prog\n", 9), 9);
    pid = start("./script", &error);
    EQUAL(error, ETXTBSY);
    stop(pid);
    close(fd);
    pid = start("./script", &error);
    EQUAL(error, 0);
    stop(pid);
    unlink("script"), unlink("prog");
}

int main(int argc, char **argv)
{
    if (argc >= 3) /* a script puts its name in front */
        return leaf(atoi(argv[argc - 2]), atoi(argv[argc - 1]));
    scratch_enter("life_exe");
    if (getcwd(here, sizeof(here)) == NULL)
        return 1;
    alarm(100);
    signal(SIGPIPE, SIG_IGN);
    test_names();
    test_ring();
    test_running_is_not_written();
    test_written_is_not_run();
    if (is_cairn())
        test_script();
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
