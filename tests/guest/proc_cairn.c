/*
 * What only Cairn shows: the boot map, the frames, the slabs, the commit. The
 * numbers must agree with each other.
 */
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/sysinfo.h>

#include "proc_read.h"
#include "tap.h"

static const char *next_line(const char *line)
{
    line = strchr(line, '\n');
    return line != NULL && line[1] != '\0' ? line + 1 : NULL;
}

static void test_memmap(void)
{
    const char *line = proc_read("/proc/memmap");
    unsigned long long start, end, nbytes, last = 0, ram = 0;
    char kind[32];
    bool good = line != NULL, low_is_free = false;

    for (; line != NULL; line = next_line(line)) {
        good = good && sscanf(line, "%llx-%llx %llu %31[^\n]", &start, &end,
                              &nbytes, kind) == 4;
        good = good && start < end && end - start == nbytes &&
               (start | end) % 4096 == 0 && start >= last;
        last = end;
        if (strcmp(kind, "available") == 0 || strcmp(kind, "kernel") == 0 ||
            strcmp(kind, "module") == 0 || strcmp(kind, "frame metadata") == 0)
            ram += nbytes;
        if (strcmp(kind, "available") == 0 && start < 0x100000)
            low_is_free = true;
    }
    CHECK(good);
    CHECK(!low_is_free);
    EQUAL(ram / 4096, proc_value("/proc/frames", "total"));
}

static void test_frames(void)
{
    static const char *const kinds[] = {"free", "kernel", "page table", "user",
                                        "file"};
    const char *text = proc_read("/proc/frames");
    long long sum = 0, blocks = 0;

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        CHECK(proc_value_in(text, kinds[i]) >= 0);
        sum += proc_value_in(text, kinds[i]);
    }
    EQUAL(sum, proc_value_in(text, "total"));
    for (int zone = 0; zone < 2; zone++) {
        const char *at = strstr(text, zone ? "high blocks:" : "low blocks:");
        char *rest;

        CHECK(at != NULL);
        rest = strchr(at, ':') + 1;
        for (int order = 0; order <= 10; order++)
            blocks += strtoll(rest, &rest, 10) << order;
        blocks += proc_value_in(text, zone ? "high cached" : "low cached");
        blocks += proc_value_in(text, zone ? "high zeroed" : "low zeroed");
    }
    EQUAL(blocks, proc_value_in(text, "free"));
}

static void test_sysinfo(void)
{
    struct sysinfo info;
    long long kib;

    EQUAL(sysinfo(&info), 0);
    kib = (long long)info.totalram * info.mem_unit / 1024;
    EQUAL(kib, proc_value("/proc/meminfo", "MemTotal"));
}

static void test_slabs(void)
{
    const char *line = proc_read("/proc/slabs");
    unsigned long size, used, room, frames, sum = 0;
    long long total = -1;
    char name[32];
    bool good = line != NULL;

    for (line = next_line(line); line != NULL; line = next_line(line)) {
        if (sscanf(line, "total - %lu - %lu", &used, &frames) == 2) {
            total = (long long)frames;
            break;
        }
        good = good && sscanf(line, "%31s %lu %lu %lu %lu", name, &size, &used,
                              &room, &frames) == 5;
        good = good && size > 0 && used <= room;
        sum += frames;
    }
    CHECK(good);
    CHECK(total >= (long long)sum); /* large blocks are in no cache */
}

static void test_commit(void)
{
    const char *text = proc_read("/proc/commit");
    long long spaces = proc_value_in(text, "spaces"), shared;
    void *pages;

    CHECK(proc_value_in(text, "charged") <= proc_value_in(text, "limit"));
    CHECK(proc_value_in(text, "taken") + proc_value_in(text, "taken_low") <=
          proc_value_in(text, "charged"));
    CHECK(proc_value_in(text, "spaces") + proc_value_in(text, "spaces_low") <=
          proc_value_in(text, "charged"));
    pages = mmap(NULL, 40960, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EQUAL(proc_value("/proc/commit", "spaces"), spaces + 10);
    munmap(pages, 40960);
    EQUAL(proc_value("/proc/commit", "spaces"), spaces);
    shared = proc_value("/proc/commit", "shared");
    pages = mmap(NULL, 40960, PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    EQUAL(proc_value("/proc/commit", "shared"), shared + 10);
    munmap(pages, 40960);
    EQUAL(proc_value("/proc/commit", "shared"), shared);
}

int main(void)
{
    test_memmap();
    test_frames();
    test_sysinfo();
    test_slabs();
    test_commit();
    return tap_done();
}
