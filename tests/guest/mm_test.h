/*
 * The harness of the mm_ tests, whose programs run in Cairn and, as the same
 * binary, on a Linux host. A test is a group of checks with one line of TAP.
 *
 *      CHECK(p != NULL);                  a failed check is told and counted
 *      CHECK_EQ(read(fd, b, 1), 1);       with both values
 *      CHECK_ERR(close(99), EBADF);       -1 and this errno
 *      tap_end("files can be closed");    ends a test: one line of TAP
 *      return tap_done();                 the plan and the exit status
 */
#ifndef TESTS_GUEST_MM_TEST_H
#define TESTS_GUEST_MM_TEST_H

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

static unsigned tap_ntests;
static unsigned tap_nbad;
static unsigned tap_nfailures; /* since the last tap_end */

static inline bool __attribute__((format(printf, 3, 4)))
tap_fail(const char *file, int line, const char *fmt, ...)
{
    va_list ap;

    if (++tap_nfailures > 20)
        return false;
    printf("# %s:%d: ", file, line);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    return false;
}

/* Whether a check has failed since the last tap_end. */
static inline bool tap_failed(void)
{
    return tap_nfailures > 0;
}

static inline void tap_end(const char *name)
{
    tap_ntests++;
    tap_nbad += tap_nfailures > 0;
    printf("%sok %u - %s\n", tap_nfailures > 0 ? "not " : "", tap_ntests, name);
    fflush(stdout);
    tap_nfailures = 0;
}

static inline void tap_skip(const char *name, const char *why)
{
    printf("ok %u - %s # SKIP %s\n", ++tap_ntests, name, why);
    tap_nfailures = 0;
}

static inline int tap_done(void)
{
    printf("1..%u\n", tap_ntests);
    return tap_nbad > 0 || tap_ntests == 0;
}

#define CHECK(condition) \
    ((condition) ? true : tap_fail(__FILE__, __LINE__, "%s", #condition))

static inline bool tap_equal(const char *file, int line, const char *what,
                             long long left, long long right)
{
    if (left == right)
        return true;
    return tap_fail(file, line, "%s: %lld (0x%llx), not %lld (0x%llx)", what,
                    left, (unsigned long long)left, right,
                    (unsigned long long)right);
}

#define CHECK_EQ(left, right)                                             \
    tap_equal(__FILE__, __LINE__, #left " == " #right, (long long)(left), \
              (long long)(right))

static inline bool tap_error(const char *file, int line, const char *what,
                             bool failed, int error, int wanted)
{
    if (failed && error == wanted)
        return true;
    return tap_fail(file, line, "%s: %s (errno %d), not errno %d (%s)", what,
                    failed ? strerror(error) : "succeeded", error, wanted,
                    strerror(wanted));
}

/* The call returns -1, or a pointer of that value, with this errno. */
#define CHECK_ERR(call, wanted)                                       \
    do {                                                              \
        long tap_result;                                              \
                                                                      \
        errno = 0;                                                    \
        tap_result = (long)(call);                                    \
        tap_error(__FILE__, __LINE__, #call, tap_result == -1, errno, \
                  (wanted));                                          \
    } while (0)

/* Whether this is Cairn, not a Linux host. */
static inline bool tap_on_cairn(void)
{
    struct utsname name;

    return uname(&name) == 0 && strcmp(name.sysname, "Cairn") == 0;
}

/* The seed of random tests: TEST_SEED, else `fallback`; it is printed. */
static inline uint64_t tap_seed(uint64_t fallback)
{
    const char *given = getenv("TEST_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : fallback;

    printf("# seed %llu; repeat with TEST_SEED=%llu in the environment\n",
           (unsigned long long)seed, (unsigned long long)seed);
    return seed;
}

/* SplitMix64, by Sebastiano Vigna: public domain. */
static inline uint64_t tap_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

#endif
