/*
 * Every allocation on the way to a text of /proc fails once, and every copy to
 * the user: the call says ENOMEM or EFAULT, nothing else, and nothing leaks.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "proc_read.h"
#include "tap.h"

#include <cairn/inject.h>

#define MAX_POINTS 500

static const char *const files[] = {
    "clock",       "commit",       "cpuinfo",     "filesystems",  "frames",
    "loadavg",     "meminfo",      "memmap",      "mounts",       "slabs",
    "stat",        "uptime",       "version",     "vmstat",       "1/maps",
    "1/status",    "self/cmdline", "self/comm",   "self/environ", "self/limits",
    "self/maps",   "self/mounts",  "self/smaps",  "self/stat",    "self/statm",
    "self/status", "self/fd/1",    "self/cwd/..", "self/exe",
};

static long inject(unsigned nth, unsigned flags, unsigned copies)
{
    long result;

    __asm__ volatile("int $0x80"
                     : "=a"(result)
                     : "0"(0x1001), "b"(nth), "c"(flags), "d"(copies)
                     : "memory");
    return result;
}

/* Look the link up, open, read twice, close: 0 or the first error. */
static int use(const char *path)
{
    static char text[600];
    int fd, error = 0;

    if (readlink(path, text, sizeof(text)) < 0 && errno != EINVAL)
        return errno;
    fd = open(path, O_RDONLY);
    if (fd < 0)
        return errno;
    if (strstr(path, "/fd/") == NULL && strstr(path, "/cwd") == NULL &&
        (read(fd, text, sizeof(text)) < 0 || read(fd, text, 1) < 0))
        error = errno;
    close(fd);
    return error;
}

/* Refuse the first, second, third ... point until the use gets through. */
static bool fails_cleanly(const char *path, bool copies)
{
    int wanted = copies ? EFAULT : ENOMEM;
    unsigned n;

    for (n = 1; n < MAX_POINTS; n++) {
        int error;

        inject(copies ? 0 : n, 0, copies ? n : 0);
        error = use(path);
        inject(0, INJECT_OFF, 0);
        if (error == 0)
            return n > 1; /* the first was refused, at least */
        if (error != wanted) {
            printf("# %s: point %u gave errno %d\n", path, n, error);
            return false;
        }
    }
    printf("# %s: more than %u points\n", path, n);
    return false;
}

static long long charged(void)
{
    return proc_value("/proc/commit", "charged");
}

int main(void)
{
    char path[64];
    long long before = 0;

    if (!is_cairn()) {
        printf("1..0 # SKIP Cairn's own call\n");
        return 0;
    }
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        snprintf(path, sizeof(path), "/proc/%s", files[i]);
        EQUAL(use(path), 0);
        if (i == 0)
            before = charged();
        CHECK(fails_cleanly(path, false));
        CHECK(fails_cleanly(path, true));
    }
    /* Slabs keep some pages in reserve, and a sanitizer's quarantine 32. */
    CHECK(charged() <= before + 40);
    return tap_done();
}
