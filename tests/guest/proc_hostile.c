/*
 * /proc read in ways that nobody should: odd offsets and sizes, bad buffers,
 * processes that come and go meanwhile, no memory left.
 *
 * test: timeout=120
 */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "proc_read.h"
#include "tap.h"

static const char *const files[] = {
    "clock",       "commit",       "cpuinfo",    "filesystems",  "frames",
    "loadavg",     "meminfo",      "memmap",     "mounts",       "slabs",
    "stat",        "uptime",       "version",    "vmstat",       "1/cmdline",
    "1/maps",      "1/smaps",      "1/status",   "1/stat",       "1/environ",
    "1/limits",    "self/cmdline", "self/comm",  "self/environ", "self/limits",
    "self/maps",   "self/mounts",  "self/smaps", "self/stat",    "self/statm",
    "self/status",
};

#define NFILES (sizeof(files) / sizeof(files[0]))

static const char *path_of(size_t i)
{
    static char path[64];

    snprintf(path, sizeof(path), "/proc/%s", files[i % NFILES]);
    return path;
}

/* The text in pieces of 1 byte is the text that one read took at once. */
static bool reads_the_same(const char *path)
{
    static char whole[PROC_TEXT_MAX];
    int fd = open(path, O_RDONLY);
    ssize_t n = read(fd, whole, sizeof(whole));
    bool same = n >= 0;
    char byte;

    for (ssize_t i = 1; i < n && same; i++)
        same = pread(fd, &byte, 1, i) == 1 && byte == whole[i];
    same = same && pread(fd, &byte, 1, n > 0 ? n : 1) == 0;
    close(fd);
    return same;
}

static void test_pieces(void)
{
    for (size_t i = 0; i < NFILES; i++) {
        bool same = reads_the_same(path_of(i));

        if (!same)
            printf("# %s\n", path_of(i));
        CHECK(same);
    }
}

static void test_offsets(void)
{
    int fd = open("/proc/self/maps", O_RDONLY);
    char buf[64];

    EQUAL(pread(fd, buf, 64, INT64_MAX), 0);
    EQUAL(pread(fd, buf, 64, (int64_t)1 << 32), 0);
    FAILS(pread(fd, buf, 64, -1), EINVAL);
    FAILS(lseek(fd, -1, SEEK_SET), EINVAL);
    EQUAL(lseek(fd, 1 << 30, SEEK_SET), 1 << 30);
    EQUAL(read(fd, buf, 64), 0);
    EQUAL(lseek(fd, 0, SEEK_SET), 0);
    EQUAL(read(fd, buf, 0), 0);
    EQUAL(read(fd, buf, 64), 64);
    FAILS(read(fd, (void *)0xC0000000, 64), EFAULT);
    FAILS(read(fd, (void *)16, 64), EFAULT);
    FAILS(write(fd, buf, 1), EBADF);
    FAILS(readlink("/proc/self/exe", (void *)16, 64), EFAULT);
    EQUAL(readlink("/proc/self/exe", buf, 1), 1);
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED);
    EQUAL(errno, ENODEV);
    close(fd);
}

/* A text of many pages: an area for every other page. */
static void test_many_areas(void)
{
    enum { NAREAS = 3000 };
    char *pages = mmap(NULL, 2 * NAREAS * 4096, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char buf[1000];
    int fd, lines = 0;
    ssize_t n;

    for (int i = 0; i < NAREAS; i++)
        (void)mprotect(pages + (size_t)i * 8192, 4096, PROT_READ);
    fd = open("/proc/self/maps", O_RDONLY);
    while ((n = read(fd, buf, sizeof(buf))) > 0)
        for (ssize_t i = 0; i < n; i++)
            lines += buf[i] == '\n';
    close(fd);
    CHECK(n == 0 && lines >= 2 * NAREAS);
    EQUAL(munmap(pages, 2 * NAREAS * 4096), 0);
}

/* Walk all that is there, going into directories, reading everything. */
static void walk(const char *path, unsigned depth)
{
    DIR *dir = opendir(path);
    struct dirent *entry;
    char below[512], buf[700];

    if (dir == NULL)
        return;
    while ((entry = readdir(dir)) != NULL) {
        struct stat st;
        int fd;

        snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
        if (entry->d_name[0] == '.' || lstat(below, &st) != 0)
            continue;
        if (S_ISLNK(st.st_mode))
            (void)!readlink(below, buf, sizeof(buf));
        if (S_ISDIR(st.st_mode) && depth < 4)
            walk(below, depth + 1);
        if (!S_ISREG(st.st_mode))
            continue;
        fd = open(below, O_RDONLY);
        while (read(fd, buf, sizeof(buf)) > 0)
            continue;
        close(fd);
    }
    closedir(dir);
}

/* Children that live for a moment, while others walk the tree. */
static void test_churn(void)
{
    enum { NWALKERS = 3, NCHILDREN = 200 };
    pid_t walkers[NWALKERS];
    int status, good = 0;

    for (int i = 0; i < NWALKERS; i++) {
        walkers[i] = fork();
        if (walkers[i] == 0) {
            for (int round = 0; round < 20; round++)
                walk("/proc", 0);
            _exit(0);
        }
    }
    for (int i = 0; i < NCHILDREN; i++) {
        pid_t child = fork();

        if (child == 0)
            _exit(0);
        good += waitpid(child, &status, 0) == child && status == 0;
    }
    EQUAL(good, NCHILDREN);
    for (int i = 0; i < NWALKERS; i++) {
        EQUAL(waitpid(walkers[i], &status, 0), walkers[i]);
        EQUAL(status, 0);
    }
}

/* Open files hold their text: until there are no more, and all come back. */
static void test_many_open(void)
{
    enum { NOPEN = 1000 };
    static int fds[NOPEN];
    int n = 0;
    char byte;

    while (n < NOPEN && (fds[n] = open(path_of((size_t)n), O_RDONLY)) >= 0)
        if (read(fds[n++], &byte, 1) < 0)
            break;
    CHECK(n > 500);
    while (n > 0)
        close(fds[--n]);
    CHECK(proc_read("/proc/meminfo") != NULL);
}

/* With all memory taken a read may fail with ENOMEM, and nothing else. */
static void test_no_memory(void)
{
    struct page {
        struct page *next;
    } *all = NULL, *page;
    bool good = true;

    if (!is_cairn()) {
        tap_skip("no memory", "not on a host");
        return;
    }
    for (size_t size = 1 << 20; size >= 4096; size /= 2)
        while ((page = mmap(NULL, size, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) !=
               MAP_FAILED) {
            page->next = all;
            all = page;
        }
    for (size_t i = 0; i < 4 * NFILES; i++) {
        static char buf[1000];
        int fd = open(path_of(i), O_RDONLY);

        good = good && (fd >= 0 || errno == ENOMEM);
        good = good &&
               (fd < 0 || read(fd, buf, sizeof(buf)) >= 0 || errno == ENOMEM);
        if (fd >= 0)
            close(fd);
    }
    CHECK(good);
    CHECK(all != NULL); /* what was mapped goes with the process */
}

int main(void)
{
    test_pieces();
    test_offsets();
    test_many_areas();
    test_churn();
    test_many_open();
    test_no_memory();
    return tap_done();
}
