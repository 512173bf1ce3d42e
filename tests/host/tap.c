/* A small test harness that speaks TAP; see tap.h. */
#include "tap.h"

#include <stdio.h>
#include <stdlib.h>

jmp_buf tap_panic_jump;
bool tap_panic_wanted;
char tap_panic_message[256];

static unsigned ntests;
static unsigned nbad;      /* tests that failed */
static unsigned nfailures; /* failed checks of the current test */

void tap_begin(void)
{
    nfailures = 0;
}

void tap_end(const char *fmt, ...)
{
    va_list ap;

    ntests++;
    nbad += nfailures > 0;
    printf("%sok %u - ", nfailures > 0 ? "not " : "", ntests);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout);
}

void tap_run(const char *name, void (*test)(void))
{
    tap_begin();
    test();
    tap_end("%s", name);
}

void tap_note(const char *fmt, ...)
{
    va_list ap;

    printf("# ");
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
}

bool tap_fail(const char *file, int line, const char *fmt, ...)
{
    va_list ap;

    nfailures++;
    if (nfailures > 20)
        return false;
    printf("# %s:%d: ", file, line);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    return false;
}

bool tap_failed(void)
{
    return nfailures > 0;
}

int tap_done(void)
{
    printf("1..%u\n", ntests);
    return nbad > 0 || ntests == 0;
}

uint64_t tap_seed(uint64_t fallback)
{
    const char *given = getenv("TEST_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 0) : fallback;

    printf("# seed %llu; repeat with TEST_SEED=%llu make test-host\n",
           (unsigned long long)seed, (unsigned long long)seed);
    return seed;
}

unsigned long tap_repeats(unsigned long times)
{
    return getenv("TEST_LONG") != NULL ? 20 * times : times;
}

/* SplitMix64, by Sebastiano Vigna: public domain. */
uint64_t tap_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

bool tap_equal(const char *file, int line, const char *what, int64_t left,
               int64_t right)
{
    if (left == right)
        return true;
    return tap_fail(file, line, "%s: %lld (0x%llx), not %lld (0x%llx)", what,
                    (long long)left, (unsigned long long)left, (long long)right,
                    (unsigned long long)right);
}

bool tap_equal_str(const char *file, int line, const char *what,
                   const char *left, const char *right)
{
    if (left == right ||
        (left != NULL && right != NULL && strcmp(left, right) == 0))
        return true;
    return tap_fail(file, line, "%s: \"%s\", not \"%s\"", what,
                    left != NULL ? left : "(null)",
                    right != NULL ? right : "(null)");
}

bool tap_contains(const char *file, int line, const char *text,
                  const char *part)
{
    if (strstr(text, part) != NULL)
        return true;
    return tap_fail(file, line, "panic says \"%s\", not \"%s\"", text, part);
}

/* The kernel's panic, as declared in lib/panic.h. */
_Noreturn void panic(const char *fmt, ...);

_Noreturn void panic(const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(tap_panic_message, sizeof(tap_panic_message), fmt, ap);
    va_end(ap);
    if (tap_panic_wanted) {
        tap_panic_wanted = false;
        longjmp(tap_panic_jump, 1);
    }
    printf("Bail out! panic: %s\n", tap_panic_message);
    fflush(stdout);
    abort();
}
