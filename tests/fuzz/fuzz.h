/*
 * What a fuzz target is made of.
 *
 * A target defines LLVMFuzzerTestOneInput, which tries one input and calls
 * fuzz_require for what must hold, and fuzz_seed, which gives sound inputs to
 * start from. It is linked with clang's libFuzzer (`make fuzz`), or with
 * driver.c, which needs nothing but a C compiler (`make test-host`).
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Tries one input of `size` bytes. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * Writes sound input number `n`, at most `max` bytes, to `buf` and returns its
 * size; 0 when there are no more.
 */
size_t fuzz_seed(unsigned n, uint8_t *buf, size_t max);

/* Inputs that driver.c tries; 100,000 unless the target says otherwise. */
extern unsigned long fuzz_runs;

/* Ends the program with a message if `broken` is not NULL. */
void fuzz_require(const char *broken);

/* The same for a condition. */
#define FUZZ_CHECK(condition) \
    fuzz_require((condition) ? NULL : __FILE__ ": " #condition)

#endif
