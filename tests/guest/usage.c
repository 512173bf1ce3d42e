/*
 * What getrusage, wait4 and /proc tell of memory: page faults, and the most
 * pages that a process has had at a time, also after it gave them back.
 *
 * test: linux
 */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

#define NPAGES 2000
#define PAGE   4096

static struct rusage usage_of(int who)
{
    struct rusage use;

    memset(&use, 0xEE, sizeof(use));
    EQUAL(getrusage(who, &use), 0);
    return use;
}

static void touch(int npages)
{
    size_t nbytes = (size_t)npages * PAGE;
    char *p = mmap(NULL, nbytes, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        _exit(99);
    madvise(p, nbytes, MADV_NOHUGEPAGE);
    for (int i = 0; i < npages; i++)
        p[i * PAGE] = 1;
    munmap(p, nbytes);
}

static long of_status(const char *name)
{
    char line[200];
    long kib = -1;
    FILE *f = fopen("/proc/self/status", "r");

    while (f != NULL && fgets(line, sizeof(line), f) != NULL)
        if (strncmp(line, name, strlen(name)) == 0)
            kib = strtol(line + strlen(name), NULL, 10);
    if (f != NULL)
        fclose(f);
    return kib;
}

/* The 10th and 11th field of /proc/self/stat. */
static void of_stat(long *own, long *children)
{
    FILE *f = fopen("/proc/self/stat", "r");

    *own = *children = -1;
    if (f == NULL)
        return;
    EQUAL(fscanf(f, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %ld %ld", own,
                 children),
          2);
    fclose(f);
}

static void test_faults(void)
{
    long before = usage_of(RUSAGE_SELF).ru_minflt, own, children;
    long of_thread = usage_of(RUSAGE_THREAD).ru_minflt;

    touch(NPAGES);
    CHECK(usage_of(RUSAGE_SELF).ru_minflt - before >= NPAGES);
    CHECK(usage_of(RUSAGE_SELF).ru_minflt - before < NPAGES + 200);
    CHECK(usage_of(RUSAGE_THREAD).ru_minflt - of_thread >= NPAGES);
    if (is_cairn()) /* a host may bring the program's own pages from a disk */
        EQUAL(usage_of(RUSAGE_SELF).ru_majflt, 0);
    of_stat(&own, &children);
    CHECK(own >= before + NPAGES && own < before + NPAGES + 200);
    EQUAL(children, 0);
}

static void test_peak(void)
{
    long now = of_status("VmRSS:"), before = usage_of(RUSAGE_SELF).ru_maxrss;

    touch(2 * NPAGES);
    CHECK(of_status("VmRSS:") < now + 1000);
    CHECK(usage_of(RUSAGE_SELF).ru_maxrss >= 2 * NPAGES * PAGE / 1024);
    CHECK(usage_of(RUSAGE_SELF).ru_maxrss < before + 2 * NPAGES * PAGE / 1024);
    CHECK(of_status("VmHWM:") >= 2 * NPAGES * PAGE / 1024);
    CHECK(of_status("VmHWM:") < now + 2 * NPAGES * PAGE / 1024 + 1000);
}

static void test_children(void)
{
    long before = usage_of(RUSAGE_CHILDREN).ru_minflt, own, children;
    struct rusage use;
    int status;
    pid_t pid;

    EQUAL(usage_of(RUSAGE_CHILDREN).ru_maxrss, 0);
    pid = fork();
    if (pid == 0) {
        pid = fork();
        if (pid == 0) {
            touch(4 * NPAGES);
            _exit(1);
        }
        waitpid(pid, &status, 0);
        touch(NPAGES);
        _exit(2);
    }
    memset(&use, 0xEE, sizeof(use));
    EQUAL(wait4(pid, &status, 0, &use), pid);
    EQUAL(WEXITSTATUS(status), 2);
    CHECK(use.ru_minflt >= 5 * NPAGES);
    CHECK(use.ru_maxrss >= 4 * NPAGES * PAGE / 1024);
    CHECK(use.ru_nvcsw + use.ru_nivcsw > 0);
    CHECK(usage_of(RUSAGE_CHILDREN).ru_minflt - before >= 5 * NPAGES);
    CHECK(usage_of(RUSAGE_CHILDREN).ru_maxrss >= 4 * NPAGES * PAGE / 1024);
    of_stat(&own, &children);
    CHECK(children >= 5 * NPAGES);
    CHECK(own < children);
}

/* The peak of the program before exec stays. */
static void test_exec(char *self)
{
    char *args[] = {self, (char *)"after", NULL};
    struct rusage use;
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        touch(6 * NPAGES);
        execv("/proc/self/exe", args);
        _exit(98);
    }
    EQUAL(wait4(pid, &status, 0, &use), pid);
    EQUAL(status, 0);
    CHECK(use.ru_maxrss >= 6 * NPAGES * PAGE / 1024);
}

/* After the exec: 0 if the peak of memory is new, and that of usage is not. */
static int check_after(void)
{
    long kib = 6 * NPAGES * PAGE / 1024;
    struct rusage use;

    if (getrusage(RUSAGE_SELF, &use) != 0 || use.ru_maxrss < kib)
        return 1;
    return of_status("VmHWM:") < kib ? 0 : 2;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return check_after();
    setvbuf(stdout, NULL, _IOLBF, 0);
    test_faults();
    test_peak();
    test_children();
    test_exec(argv[0]);
    return tap_done();
}
