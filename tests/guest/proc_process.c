/*
 * /proc/PID: what a process is told about itself and about its children.
 *
 * test: linux
 */
#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "proc_read.h"
#include "tap.h"

#define PAGE   4096
#define NPAGES 10

static int data = 1;

/* One line of maps. */
struct area {
    uintptr_t start, end;
    char access[8], name[256];
    unsigned long long offset, ino;
};

static bool parse_area(const char *line, struct area *area)
{
    unsigned long start, end;
    int n;

    area->name[0] = '\0';
    n = sscanf(line, "%lx-%lx %7s %llx %*x:%*x %llu %255[^\n]", &start, &end,
               area->access, &area->offset, &area->ino, area->name);
    area->start = start;
    area->end = end;
    return n >= 5;
}

static const char *next_line(const char *line)
{
    line = strchr(line, '\n');
    return line != NULL && line[1] != '\0' ? line + 1 : NULL;
}

/* The area of an address; false if there is none. */
static bool find_area(const void *address, struct area *area)
{
    const char *line = proc_read("/proc/self/maps");

    for (; line != NULL && *line != '\0'; line = next_line(line))
        if (parse_area(line, area) && area->start <= (uintptr_t)address &&
            (uintptr_t)address < area->end)
            return true;
    return false;
}

static void test_maps(void)
{
    const char *line = proc_read("/proc/self/maps");
    struct area area;
    uintptr_t end = 0;
    bool good = line != NULL;
    int local = 0;

    for (; line != NULL && *line != '\0'; line = next_line(line)) {
        good = good && parse_area(line, &area) && area.start < area.end &&
               area.start >= end && area.start % PAGE == 0;
        end = area.end;
    }
    CHECK(good);
    CHECK(find_area((void *)(uintptr_t)test_maps, &area));
    CHECK(strcmp(area.access, "r-xp") == 0);
    CHECK(strcmp(area.name, proc_link("/proc/self/exe")) == 0);
    CHECK(area.ino != 0);
    CHECK(find_area(&data, &area) && strcmp(area.access, "rw-p") == 0);
    CHECK(find_area(&local, &area) && strcmp(area.name, "[stack]") == 0);
    CHECK(sbrk(PAGE) != (void *)-1);
    CHECK(find_area((char *)sbrk(0) - 1, &area));
    CHECK(strcmp(area.name, "[heap]") == 0);
}

/* The value of `name` in the part of smaps for an area. */
static long long smaps_value(const void *start, const char *name)
{
    const char *text = proc_read("/proc/self/smaps");
    char head[32];
    const char *at;

    snprintf(head, sizeof(head), "%08lx-", (unsigned long)(uintptr_t)start);
    at = text != NULL ? strstr(text, head) : NULL;
    return at != NULL ? proc_value_in(at, name) : -1;
}

static void test_smaps(void)
{
    /* Pages without access on both sides keep the area from being joined. */
    char *fence = mmap(NULL, (NPAGES + 2) * PAGE, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *pages = fence + PAGE;

    CHECK(fence != MAP_FAILED);
    EQUAL(mprotect(pages, NPAGES * PAGE, PROT_READ | PROT_WRITE), 0);
    EQUAL(smaps_value(pages, "Size"), NPAGES * 4);
    EQUAL(smaps_value(pages, "Rss"), 0);
    for (int i = 0; i < 5; i++)
        pages[i * PAGE] = 1;
    EQUAL(smaps_value(pages, "Rss"), 20);
    EQUAL(smaps_value(pages, "Pss"), 20);
    EQUAL(smaps_value(pages, "Private_Dirty"), 20);
    EQUAL(smaps_value(pages, "Anonymous"), 20);
    EQUAL(munmap(fence, (NPAGES + 2) * PAGE), 0);
    EQUAL(smaps_value(pages, "Rss"), -1);
}

/* A page that parent and child have in common counts half for each. */
static void test_shared(void)
{
    char *fence =
        mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *page = fence + PAGE;
    int pipes[2], status;
    pid_t child;

    EQUAL(mprotect(page, PAGE, PROT_READ | PROT_WRITE), 0);
    page[0] = 1;
    EQUAL(pipe(pipes), 0);
    child = fork();
    if (child == 0) {
        char byte;

        close(pipes[1]);
        _exit(read(pipes[0], &byte, 1) != 0);
    }
    close(pipes[0]);
    EQUAL(smaps_value(page, "Rss"), 4);
    EQUAL(smaps_value(page, "Pss"), 2);
    EQUAL(smaps_value(page, "Shared_Dirty"), 4);
    close(pipes[1]);
    EQUAL(waitpid(child, &status, 0), child);
    EQUAL(status, 0);
    EQUAL(smaps_value(page, "Pss"), 4);
    munmap(fence, 3 * PAGE);
}

static void test_arguments(char **argv)
{
    const char *text = proc_read("/proc/self/cmdline");
    char name[16];

    CHECK(text != NULL && strcmp(text, argv[0]) == 0);
    CHECK(argv[1] == NULL || strcmp(text + strlen(text) + 1, argv[1]) == 0);
    CHECK(proc_read("/proc/self/environ") != NULL);
    text = strrchr(proc_link("/proc/self/exe"), '/');
    CHECK(text != NULL);
    snprintf(name, sizeof(name), "%s", text != NULL ? text + 1 : "");
    text = proc_read("/proc/self/comm");
    CHECK(text != NULL && strncmp(text, name, strlen(name)) == 0);
    CHECK(text != NULL && text[strlen(text) - 1] == '\n');
}

static void test_stat(void)
{
    static char present[1 << 20];
    const char *text, *rest;
    unsigned long long fields[50];
    int n = 0, pid = 0, parent = 0;
    char state = 0;

    /* Linux counts pages in batches: so few as a program has may count as 0. */
    memset(present, 1, sizeof(present));
    text = proc_read("/proc/self/stat");
    CHECK(text != NULL && sscanf(text, "%d (", &pid) == 1);
    EQUAL(pid, getpid());
    rest = text != NULL ? strrchr(text, ')') : NULL;
    CHECK(rest != NULL && sscanf(rest, ") %c %d", &state, &parent) == 2);
    EQUAL(state, 'R');
    EQUAL(parent, getppid());
    for (rest += 4; n < 49 && rest != NULL; rest = strchr(rest + 1, ' '))
        fields[n++] = strtoull(rest, NULL, 10);
    EQUAL(n, 49);             /* from ppid, the 4th field, to the 52nd */
    EQUAL(fields[16], 1);     /* num_threads */
    CHECK(fields[19] > PAGE); /* vsize */
    CHECK(fields[20] > 0);    /* rss */
}

static void test_status(void)
{
    const char *text = proc_read("/proc/self/status");
    long long size, resident;
    unsigned long total, here;

    CHECK(text != NULL);
    EQUAL(proc_value_in(text, "Pid"), getpid());
    EQUAL(proc_value_in(text, "PPid"), getppid());
    EQUAL(proc_value_in(text, "Uid"), (long long)getuid());
    EQUAL(proc_value_in(text, "Threads"), 1);
    CHECK(strstr(text, "\nState:\tR (running)\n") != NULL);
    size = proc_value_in(text, "VmSize");
    resident = proc_value_in(text, "VmRSS");
    CHECK(size > 0 && resident > 0 && resident <= size);
    text = proc_read("/proc/self/statm");
    CHECK(text != NULL && sscanf(text, "%lu %lu", &total, &here) == 2);
    CHECK(here > 0 && here <= total);
}

static long long signal_mask(const char *name)
{
    const char *text = proc_read("/proc/self/status");
    const char *at = text != NULL ? strstr(text, name) : NULL;

    return at != NULL ? strtoll(at + strlen(name) + 2, NULL, 16) : -1;
}

static void on_signal(int signo)
{
    (void)signo;
}

static void test_signals(void)
{
    struct sigaction old;
    sigset_t set;

    signal(SIGUSR1, SIG_IGN);
    sigaction(SIGUSR2, NULL, &old);
    signal(SIGUSR2, on_signal);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigprocmask(SIG_BLOCK, &set, NULL);
    kill(getpid(), SIGTERM);
    CHECK(signal_mask("SigIgn") & 1ll << (SIGUSR1 - 1));
    CHECK(signal_mask("SigCgt") & 1ll << (SIGUSR2 - 1));
    CHECK(signal_mask("SigBlk") & 1ll << (SIGTERM - 1));
    CHECK(signal_mask("ShdPnd") & 1ll << (SIGTERM - 1));
    signal(SIGTERM, SIG_IGN); /* what is pending is dropped */
    EQUAL(signal_mask("ShdPnd") & 1ll << (SIGTERM - 1), 0);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    signal(SIGTERM, SIG_DFL);
}

static void test_limits(void)
{
    const char *text = proc_read("/proc/self/limits");
    const char *at = text ? strstr(text, "\nMax open files") : NULL;
    struct rlimit limit;

    getrlimit(RLIMIT_NOFILE, &limit);
    CHECK(at != NULL);
    EQUAL(at != NULL ? strtoll(at + 15, NULL, 10) : -1,
          (long long)limit.rlim_cur);
}

static void test_descriptors(void)
{
    char path[64], want[64], byte;
    struct stat st, there;
    int fd, again;

    EQUAL(chdir("/proc"), 0);
    CHECK(strcmp(proc_link("/proc/self/cwd"), "/proc") == 0);
    CHECK(strcmp(proc_link("/proc/self/root"), "/") == 0);
    fd = open("/proc/version", O_RDONLY);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    CHECK(strcmp(proc_link(path), "/proc/version") == 0);
    EQUAL(lstat(path, &st), 0);
    EQUAL(st.st_mode, S_IFLNK | 0500);
    EQUAL(stat(path, &there), 0);
    CHECK(S_ISREG(there.st_mode));
    again = open(path, O_RDONLY);
    CHECK(again >= 0 && again != fd);
    EQUAL(read(again, &byte, 1), 1);
    EQUAL(lseek(fd, 0, SEEK_CUR), 0);
    close(again);
    close(fd);
    FAILS(readlink(path, want, sizeof(want)), ENOENT);
    FAILS(open("/proc/self/fd/-1", O_RDONLY), ENOENT);
    FAILS(open("/proc/self/fd/4294967296", O_RDONLY), ENOENT);
    EQUAL(chdir("/"), 0);
}

static int count_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int n = 0;

    if (dir == NULL)
        return -1;
    while (readdir(dir) != NULL)
        n++;
    closedir(dir);
    return n;
}

static void test_fd_directory(void)
{
    int fds[300], before = count_fds();

    CHECK(before >= 2 + 3);
    for (int i = 0; i < 300; i++)
        fds[i] = dup(1);
    EQUAL(count_fds(), before + 300);
    for (int i = 0; i < 300; i++)
        close(fds[i]);
    EQUAL(count_fds(), before);
}

/* The letter of a process's state. */
static char state_of(pid_t pid)
{
    char path[64];
    const char *text, *at;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    text = proc_read(path);
    at = text != NULL ? strrchr(text, ')') : NULL;
    return at != NULL ? at[2] : '?';
}

/* A child that ends while its files are open. */
static void test_child(void)
{
    char path[64], text[64];
    int fd, dir, status;
    pid_t child = fork();

    if (child == 0) {
        for (;;)
            pause();
    }
    usleep(50000);
    EQUAL(state_of(child), 'S');
    kill(child, SIGSTOP);
    EQUAL(waitpid(child, &status, WUNTRACED), child);
    EQUAL(state_of(child), 'T');
    snprintf(path, sizeof(path), "/proc/%d/maps", (int)child);
    CHECK(proc_read(path) != NULL && proc_read(path)[0] != '\0');
    snprintf(path, sizeof(path), "/proc/%d/status", (int)child);
    fd = open(path, O_RDONLY);
    CHECK(fd >= 0);
    snprintf(path, sizeof(path), "/proc/%d", (int)child);
    dir = open(path, O_RDONLY | O_DIRECTORY);
    CHECK(dir >= 0);
    kill(child, SIGKILL);
    usleep(50000);
    EQUAL(state_of(child), 'Z');
    snprintf(path, sizeof(path), "/proc/%d/maps", (int)child);
    CHECK(proc_read(path) == NULL || proc_read(path)[0] == '\0');
    EQUAL(waitpid(child, &status, 0), child);
    FAILS(read(fd, text, sizeof(text)), ESRCH);
    EQUAL(openat(dir, "status", O_RDONLY), -1);
    CHECK(errno == ENOENT || errno == ESRCH);
    FAILS(open(path, O_RDONLY), ENOENT);
    close(fd);
    close(dir);
}

/* Another user sees that a process is there, and nothing that is its own. */
static void look_as_stranger(pid_t parent)
{
    char path[64], text[8];

    if (setgid(1000) != 0 || setuid(1000) != 0)
        _exit(1);
    snprintf(path, sizeof(path), "/proc/%d/stat", (int)parent);
    if (proc_read(path) == NULL)
        _exit(2);
    snprintf(path, sizeof(path), "/proc/%d/environ", (int)parent);
    if (open(path, O_RDONLY) != -1 || errno != EACCES)
        _exit(3);
    snprintf(path, sizeof(path), "/proc/%d/fd", (int)parent);
    if (open(path, O_RDONLY) != -1 || errno != EACCES)
        _exit(4);
    snprintf(path, sizeof(path), "/proc/%d/exe", (int)parent);
    if (readlink(path, text, sizeof(text)) != -1 || errno != EACCES)
        _exit(5);
    snprintf(path, sizeof(path), "/proc/%d/cwd/x", (int)parent);
    if (open(path, O_RDONLY) != -1 || errno != EACCES)
        _exit(6);
    _exit(0);
}

/* What a stranger had open before it became one is closed to it, too. */
static void test_strangers(void)
{
    pid_t self = getpid(), child;
    int status, fd;
    char byte;

    if (geteuid() != 0) {
        tap_skip("another user's /proc", "this needs root");
        return;
    }
    child = fork();
    if (child == 0)
        look_as_stranger(self);
    EQUAL(waitpid(child, &status, 0), child);
    EQUAL(status, 0);
    fd = open("/proc/self/environ", O_RDONLY);
    child = fork();
    if (child == 0) {
        status = setuid(1000) == 0 && is_cairn() && read(fd, &byte, 1) != -1;
        _exit(status);
    }
    EQUAL(waitpid(child, &status, 0), child);
    EQUAL(status, 0);
    close(fd);
}

/* What has no program any more has a link to it all the same. */
static void test_no_program(void)
{
    pid_t pid = fork();
    char path[40], text[8];
    struct stat st;

    if (pid == 0)
        _exit(0);
    waitid(P_PID, (id_t)pid, NULL, WEXITED | WNOWAIT);
    snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
    EQUAL(lstat(path, &st), 0);
    CHECK(S_ISLNK(st.st_mode));
    FAILS(stat(path, &st), ENOENT);
    FAILS(readlink(path, text, sizeof(text)), ENOENT);
    waitpid(pid, NULL, 0);
    FAILS(lstat(path, &st), ENOENT);
}

int main(int argc, char **argv)
{
    (void)argc;
    test_maps();
    test_smaps();
    test_shared();
    test_arguments(argv);
    test_stat();
    test_status();
    test_signals();
    test_limits();
    test_descriptors();
    test_fd_directory();
    test_child();
    test_no_program();
    test_strangers();
    return tap_done();
}
