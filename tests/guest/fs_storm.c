/*
 * Processes that create, write, truncate, rename and remove files at random.
 *
 *      fs_storm [SECONDS [PROCESSES [SEED]]]
 *
 * Each has a directory with a model of its own: for every name, whether it is
 * there, how long it is and what is in it, which follows from a number. And
 * all of them work in one common directory, where anything may be gone when
 * they come to it: there an operation may fail, but only for a reason that
 * the others can give.
 *
 * test: linux
 * test: long name=minute args="60 16 7" timeout=200
 */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "scratch.h"
#include "tap.h"

#define NNAMES   24
#define NCOMMON  16
#define MAX_SIZE 30000

/* One name of a process's own directory. */
struct model {
    int there;
    unsigned content; /* byte i is made from it, see byte_of */
    unsigned size;
};

static struct model models[NNAMES];
static uint64_t seed;
static unsigned char buf[MAX_SIZE];

static unsigned random_below(unsigned n)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

static unsigned char byte_of(unsigned content, unsigned i)
{
    return (unsigned char)(content * 31 + i * 7 + (i >> 9));
}

/* Names 0 to 7 lie in the directory itself, the others in two below it. */
static void name_of(char *text, unsigned n)
{
    static const char *const dirs[] = {"", "x/", "y/"};

    snprintf(text, 48, "%sn%u%s", dirs[n / 8], n,
             n % 5 == 0 ? " with quite a long name to store" : "");
}

static void fail(const char *what, unsigned n)
{
    printf("# pid %d: %s of %u: errno %d (%s)\n", (int)getpid(), what, n, errno,
           strerror(errno));
    fflush(stdout);
    _exit(1);
}

static void check_file(unsigned n)
{
    char name[48];
    struct stat st;
    int fd;

    name_of(name, n);
    fd = open(name, O_RDONLY);
    if (!models[n].there) {
        if (fd >= 0 || errno != ENOENT)
            fail("absence", n);
        return;
    }
    if (fd < 0 || fstat(fd, &st) != 0)
        fail("open", n);
    if (st.st_size != models[n].size)
        fail("size", n);
    if (read(fd, buf, sizeof(buf)) != (ssize_t)models[n].size)
        fail("read", n);
    for (unsigned i = 0; i < models[n].size; i++)
        if (buf[i] != byte_of(models[n].content, i))
            fail("content", n);
    close(fd);
}

static void write_file(unsigned n)
{
    char name[48];
    int fd;

    name_of(name, n);
    models[n].there = 1;
    models[n].content = random_below(1000);
    models[n].size = random_below(random_below(3) ? 500 : MAX_SIZE);
    for (unsigned i = 0; i < models[n].size; i++)
        buf[i] = byte_of(models[n].content, i);
    fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (fd < 0 || write(fd, buf, models[n].size) != (ssize_t)models[n].size)
        fail("write", n);
    close(fd);
}

static void remove_file(unsigned n)
{
    char name[48];

    name_of(name, n);
    if ((unlink(name) == 0) != models[n].there)
        fail("unlink", n);
    models[n].there = 0;
}

static void rename_file(unsigned n, unsigned to)
{
    char from_name[48], to_name[48];

    name_of(from_name, n);
    name_of(to_name, to);
    if ((rename(from_name, to_name) == 0) != models[n].there)
        fail("rename", n);
    if (models[n].there && n != to) {
        models[to] = models[n];
        models[n].there = 0;
    }
}

static void shorten_file(unsigned n)
{
    char name[48];
    unsigned size = models[n].there ? random_below(models[n].size + 1) : 0;

    name_of(name, n);
    if ((truncate(name, size) == 0) != models[n].there)
        fail("truncate", n);
    if (models[n].there)
        models[n].size = size;
}

/* In the common directory only errors that others can cause are right. */
static void allow(int result, const char *what, unsigned n)
{
    if (result < 0 && errno != ENOENT && errno != EEXIST &&
        errno != ENOTEMPTY && errno != ENOTDIR && errno != EISDIR)
        fail(what, n);
}

static void disturb(void)
{
    unsigned n = random_below(NCOMMON);
    char name[32], other[32];
    int fd;

    snprintf(name, sizeof(name), "../common/%u", n);
    snprintf(other, sizeof(other), "../common/%u", random_below(NCOMMON));
    switch (random_below(6)) {
    case 0:
        fd = open(name, O_RDWR | O_CREAT, 0644);
        allow(fd, "common open", n);
        if (fd >= 0) {
            allow((int)write(fd, buf, random_below(6000)), "common write", n);
            close(fd);
        }
        break;
    case 1:
        allow(unlink(name), "common unlink", n);
        break;
    case 2:
        allow(rename(name, other), "common rename", n);
        break;
    case 3:
        allow(mkdir(name, 0755), "common mkdir", n);
        break;
    case 4:
        allow(rmdir(name), "common rmdir", n);
        break;
    default:
        allow(link(name, other) < 0 && errno != EPERM ? -1 : 0, "common link",
              n);
    }
}

static void step(void)
{
    unsigned n = random_below(NNAMES);

    switch (random_below(8)) {
    case 0:
    case 1:
        write_file(n);
        break;
    case 2:
        remove_file(n);
        break;
    case 3:
        rename_file(n, random_below(NNAMES));
        break;
    case 4:
        shorten_file(n);
        break;
    case 5:
        check_file(n);
        break;
    default:
        disturb();
    }
}

/* What a process does: returns the number of steps, for the record. */
static void storm(unsigned number, time_t end)
{
    char name[48];

    snprintf(name, sizeof(name), "p%u", number);
    if (mkdir(name, 0755) != 0 || chdir(name) != 0 || mkdir("x", 0755) != 0 ||
        mkdir("y", 0755) != 0)
        fail("mkdir", number);
    while (time(NULL) < end)
        for (int i = 0; i < 100; i++)
            step();
    for (unsigned n = 0; n < NNAMES; n++) {
        check_file(n);
        if (models[n].there)
            remove_file(n);
    }
    if (rmdir("x") != 0 || rmdir("y") != 0 || chdir("..") != 0 ||
        rmdir(name) != 0)
        fail("rmdir", number);
    _exit(0);
}

static void empty_common(void)
{
    char name[32];

    for (int n = 0; n < NCOMMON; n++) {
        snprintf(name, sizeof(name), "common/%d", n);
        if (unlink(name) != 0)
            rmdir(name);
    }
}

int main(int argc, char **argv)
{
    int seconds = argc > 1 ? atoi(argv[1]) : 2;
    unsigned processes = argc > 2 ? (unsigned)atoi(argv[2]) : 6;
    unsigned first = argc > 3 ? (unsigned)atoi(argv[3]) : 1;
    time_t end = time(NULL) + seconds;
    int status, bad = 0;

    scratch_enter("fs_storm");
    printf("# repeat with: fs_storm %d %u %u\n", seconds, processes, first);
    fflush(stdout);
    mkdir("common", 0755);
    for (unsigned i = 0; i < processes; i++) {
        pid_t pid = fork();

        if (pid == 0) {
            seed = first * 1000003u + i;
            storm(i, end);
        }
        if (pid < 0)
            fail("fork", i);
    }
    while (wait(&status) > 0)
        bad += status != 0;
    EQUAL(bad, 0);
    empty_common();
    EQUAL(rmdir("common"), 0);
    EQUAL(scratch_leave(), 0);
    return tap_done();
}
