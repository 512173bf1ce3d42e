/*
 * A small test harness that speaks TAP.
 *
 *      static void test_add(void)
 *      {
 *          CHECK(1 + 1 == 2);
 *          CHECK_EQ(sum, 4);
 *      }
 *
 *      int main(void)
 *      {
 *          tap_run("numbers add up", test_add);
 *          return tap_done();
 *      }
 *
 * A failed check is told with its place and values, and fails the test that it
 * happens in; the test goes on. The kernel's panic() is here too: it ends the
 * program, unless CHECK_PANIC waits for it.
 */
#ifndef TESTS_HOST_TAP_H
#define TESTS_HOST_TAP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Runs one test and prints its line. */
void tap_run(const char *name, void (*test)(void));

/* The same by hand, for tables: begin, check, end. */
void tap_begin(void);
void tap_end(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* A comment that helps to read a failure. */
void tap_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Counts a failure and tells it; returns false. */
bool tap_fail(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* Whether the current test has failed already. */
bool tap_failed(void);

/* Prints the plan; returns the exit status. */
int tap_done(void);

/*
 * The seed of this run's random tests: TEST_SEED in the environment, else
 * `fallback`. It is printed with the command that repeats the run.
 */
uint64_t tap_seed(uint64_t fallback);

/* How often to repeat: `times`, or 20 times that if TEST_LONG is set. */
unsigned long tap_repeats(unsigned long times);

/* A generator of random numbers: the same numbers for the same seed. */
uint64_t tap_random(uint64_t *state);

#define CHECK(condition) \
    ((condition) ? true : tap_fail(__FILE__, __LINE__, "%s", #condition))

#define CHECK_EQ(left, right)                                           \
    tap_equal(__FILE__, __LINE__, #left " == " #right, (int64_t)(left), \
              (int64_t)(right))

#define CHECK_STR(left, right) \
    tap_equal_str(__FILE__, __LINE__, #left, (left), (right))

/* The statement must panic with a message that has `text` in it. */
#define CHECK_PANIC(statement, text)                                     \
    do {                                                                 \
        if (setjmp(tap_panic_jump) == 0) {                               \
            tap_panic_wanted = true;                                     \
            statement;                                                   \
            tap_panic_wanted = false;                                    \
            tap_fail(__FILE__, __LINE__, "no panic: %s", #statement);    \
        } else {                                                         \
            tap_contains(__FILE__, __LINE__, tap_panic_message, (text)); \
        }                                                                \
    } while (0)

bool tap_equal(const char *file, int line, const char *what, int64_t left,
               int64_t right);
bool tap_equal_str(const char *file, int line, const char *what,
                   const char *left, const char *right);
bool tap_contains(const char *file, int line, const char *text,
                  const char *part);

extern jmp_buf tap_panic_jump;
extern bool tap_panic_wanted;
extern char tap_panic_message[256];

#endif
