/*
 * A small harness for guest tests: each check prints a line of TAP.
 *
 *      CHECK(fd >= 0);                          one line, "ok 1 - fd >= 0"
 *      FAILS(open("/x/", O_RDONLY), ENOENT);    must return -1 with this errno
 *      EQUAL(read(fd, buf, 3), 3);              both sides are shown if not
 *      return tap_done();
 *
 * The same program runs on Cairn and on Linux. What only one of them has, or
 * what would harm a host, is asked for with is_cairn().
 */
#ifndef TESTS_GUEST_TAP_H
#define TESTS_GUEST_TAP_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static int tap_count, tap_bad;

static inline void tap_line(int good, const char *file, int line,
                            const char *text)
{
    tap_count++;
    printf("%s %d - %s\n", good ? "ok" : "not ok", tap_count, text);
    if (!good) {
        tap_bad++;
        printf("# %s:%d\n", file, line);
    }
}

static inline void tap_equal(long long left, long long right, const char *file,
                             int line, const char *text)
{
    int error = errno;

    tap_line(left == right, file, line, text);
    if (left != right)
        printf("# got %lld, not %lld (errno %d, %s)\n", left, right, error,
               strerror(error));
}

static inline void tap_fails(long long result, int error, int wanted,
                             const char *file, int line, const char *text)
{
    int good = result == -1 && error == wanted;

    tap_line(good, file, line, text);
    if (!good)
        printf("# got %lld, errno %d (%s), not %d (%s)\n", result, error,
               strerror(error), wanted, strerror(wanted));
}

#define CHECK(condition) tap_line(!!(condition), __FILE__, __LINE__, #condition)
#define EQUAL(left, right) \
    tap_equal((left), (right), __FILE__, __LINE__, #left " == " #right)
#define FAILS(call, wanted)                                         \
    do {                                                            \
        long long tap_result_ = (errno = 0, (long long)(call));     \
        tap_fails(tap_result_, errno, (wanted), __FILE__, __LINE__, \
                  #call ": " #wanted);                              \
    } while (0)

static inline void tap_skip(const char *what, const char *why)
{
    printf("ok %d - %s # SKIP %s\n", ++tap_count, what, why);
}

static inline int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_bad != 0;
}

/* Whether the kernel is Cairn's. */
static inline int is_cairn(void)
{
    struct utsname name;

    return uname(&name) == 0 && strcmp(name.sysname, "Cairn") == 0;
}

/* Return the number in a line of /proc/self/status, or 0 without such a line. */
static inline unsigned long long tap_status(const char *name, int base)
{
    unsigned long long number = 0;
    size_t length = strlen(name);
    char line[256];
    FILE *status = fopen("/proc/self/status", "r");

    if (status == NULL)
        return 0;
    while (fgets(line, sizeof(line), status) != NULL)
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            number = strtoull(line + length + 1, NULL, base);
    fclose(status);
    return number;
}

/*
 * Whether this process may use a capability of Linux, by its number. In Cairn
 * root has all of them; a container may take some away from root.
 */
static inline int may(int capability)
{
    if (is_cairn())
        return geteuid() == 0;
    return (int)(tap_status("CapEff", 16) >> capability & 1);
}

/* Whether a set-id program gets its owner's rights. A host may forbid it. */
static inline int set_id_allowed(void)
{
    return is_cairn() || tap_status("NoNewPrivs", 10) == 0;
}

#endif
