/*
 * Files of /proc about the whole system, in the formats that other people's
 * programs read. What needs exact numbers is asked of Cairn alone: a Linux
 * host has other programs running.
 *
 * test: linux
 */
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <time.h>

#include "proc_read.h"
#include "tap.h"

#define PAGE   4096
#define NPAGES 100

static void test_meminfo(void)
{
    const char *text = proc_read("/proc/meminfo");
    long long all, idle;
    char name[64];
    bool good = true;

    CHECK(text != NULL);
    all = proc_value_in(text, "MemTotal");
    idle = proc_value_in(text, "MemFree");
    CHECK(all > 0 && idle > 0 && idle <= all);
    CHECK(proc_value_in(text, "MemAvailable") > 0);
    CHECK(proc_value_in(text, "Committed_AS") > 0);
    CHECK(proc_value_in(text, "CommitLimit") > 0);
    CHECK(proc_value_in(text, "SwapTotal") >= 0);
    for (const char *line = text; *line != '\0'; line = strchr(line, '\n') + 1)
        good = good && sscanf(line, "%63[^:]: %*u", name) == 1 &&
               strchr(line, '\n') != NULL;
    CHECK(good);
}

/* A mapping is charged when it is made, and its frames come when touched. */
static void test_commit(void)
{
    long long charged, frames;
    char *pages;

    if (!is_cairn()) {
        tap_skip("charges of a mapping", "other programs run here");
        return;
    }
    for (int i = 0; i < 4; i++) /* the buffers that texts are read into */
        (void)proc_value("/proc/meminfo", "Committed_AS");
    charged = proc_value("/proc/meminfo", "Committed_AS");
    frames = proc_value("/proc/frames", "user");
    pages = mmap(NULL, NPAGES * PAGE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(pages != MAP_FAILED);
    CHECK(proc_value("/proc/meminfo", "Committed_AS") - charged >= NPAGES * 4);
    CHECK(proc_value("/proc/meminfo", "Committed_AS") - charged <=
          NPAGES * 4 + 16);
    EQUAL(proc_value("/proc/frames", "user"), frames);
    for (int i = 0; i < NPAGES; i++)
        pages[i * PAGE] = 1;
    EQUAL(proc_value("/proc/frames", "user"), frames + NPAGES);
    munmap(pages, NPAGES * PAGE);
    EQUAL(proc_value("/proc/frames", "user"), frames);
    EQUAL(proc_value("/proc/meminfo", "Committed_AS"), charged);
}

static double read_uptime(void)
{
    double up = -1, idle = -1;
    const char *text = proc_read("/proc/uptime");

    if (text == NULL || sscanf(text, "%lf %lf\n", &up, &idle) != 2 || idle < 0)
        return -1;
    return up;
}

static void test_uptime(void)
{
    struct timespec wait = {0, 50000000};
    double before = read_uptime(), after;

    CHECK(before >= 0);
    nanosleep(&wait, NULL);
    after = read_uptime();
    CHECK(after - before >= 0.03 && after - before < 10);
}

static void test_loadavg(void)
{
    const char *text = proc_read("/proc/loadavg");
    double loads[3];
    int running, all, last;

    CHECK(text != NULL &&
          sscanf(text, "%lf %lf %lf %d/%d %d\n", &loads[0], &loads[1],
                 &loads[2], &running, &all, &last) == 6);
    CHECK(loads[0] >= 0 && loads[1] >= 0 && loads[2] >= 0);
    CHECK(running >= 1 && all >= running && last >= getpid());
}

static void test_stat(void)
{
    const char *text = proc_read("/proc/stat");
    unsigned long long cpu[4], again[4];
    volatile unsigned work = 0;
    const char *form = "cpu %llu %llu %llu %llu";

    CHECK(text != NULL &&
          sscanf(text, form, &cpu[0], &cpu[1], &cpu[2], &cpu[3]) == 4);
    CHECK(proc_value_in(text, "btime") > 1000000000);
    CHECK(proc_value_in(text, "procs_running") >= 1);
    for (time_t start = time(NULL); time(NULL) - start < 2;)
        work++;
    text = proc_read("/proc/stat");
    CHECK(sscanf(text, form, &again[0], &again[1], &again[2], &again[3]) == 4);
    CHECK(again[0] + again[2] > cpu[0] + cpu[2]);
}

static void test_texts(void)
{
    const char *text;

    text = proc_read("/proc/version");
    CHECK(text != NULL && strstr(text, " version ") != NULL);
    text = proc_read("/proc/cpuinfo");
    CHECK(text != NULL && strncmp(text, "processor\t: 0\n", 14) == 0);
    CHECK(strstr(text, "\nvendor_id\t: ") != NULL);
    CHECK(strstr(text, "\nflags\t\t: ") != NULL && strstr(text, " fpu "));
    text = proc_read("/proc/mounts");
    CHECK(text != NULL && strstr(text, " /proc proc ") != NULL);
    CHECK(strstr(text, " / ") != NULL);
    text = proc_read("/proc/filesystems");
    CHECK(text != NULL && strstr(text, "nodev\tproc\n") != NULL);
    CHECK(strstr(text, "nodev\ttmpfs\n") != NULL);
    CHECK(proc_value("/proc/vmstat", "nr_free_pages") > 0);
}

static void test_directory(void)
{
    struct statfs fs;
    struct stat st;
    char pid[16];

    snprintf(pid, sizeof(pid), "%d", getpid());
    CHECK(strcmp(proc_link("/proc/self"), pid) == 0);
    EQUAL(statfs("/proc", &fs), 0);
    EQUAL(fs.f_type, 0x9FA0);
    EQUAL(stat("/proc/meminfo", &st), 0);
    EQUAL(st.st_mode, S_IFREG | 0444);
    EQUAL(st.st_size, 0);
    FAILS(stat("/proc/none", &st), ENOENT);
    FAILS(stat("/proc/0", &st), ENOENT);
    FAILS(stat("/proc/1x", &st), ENOENT);
    FAILS(stat("/proc/01", &st), ENOENT);
    FAILS(stat("/proc/99999999999999999999", &st), ENOENT);
    FAILS(stat("/proc/meminfo/x", &st), ENOTDIR);
}

/* On Linux some of these would change the host, or differ by its rights. */
static void test_read_only(void)
{
    if (!is_cairn()) {
        tap_skip("changes of /proc", "not for a host");
        return;
    }
    FAILS(open("/proc/meminfo", O_WRONLY), EROFS);
    FAILS(open("/proc/new", O_RDWR | O_CREAT, 0666), EROFS);
    FAILS(unlink("/proc/meminfo"), EROFS);
    FAILS(mkdir("/proc/new", 0777), EROFS);
    FAILS(rmdir("/proc/self/fd"), EROFS);
    FAILS(rename("/proc/meminfo", "/proc/new"), EROFS);
    FAILS(symlink("x", "/proc/new"), EROFS);
    FAILS(link("/proc/meminfo", "/proc/new"), EROFS);
    FAILS(chmod("/proc/meminfo", 0777), EROFS);
    FAILS(truncate("/proc/meminfo", 0), EROFS);
}

int main(void)
{
    test_meminfo();
    test_commit();
    test_uptime();
    test_loadavg();
    test_stat();
    test_texts();
    test_directory();
    test_read_only();
    return tap_done();
}
