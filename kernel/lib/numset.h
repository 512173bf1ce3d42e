/*
 * A set of small numbers, 0 to 32,767, with the next one in it, or not in it,
 * found in constant time.
 *
 * Three levels of bits: one for each number; one for each word of these that
 * has a set bit, and one for each that has a clear bit; one for each word of
 * those. A search looks at two words of each level at most.
 */
#ifndef LIB_NUMSET_H
#define LIB_NUMSET_H

#include <stdbool.h>
#include <stdint.h>

#define NUMSET_SIZE  32768
#define NUMSET_WORDS (NUMSET_SIZE / 32)

/* Which words of the level below have a bit, and which words of this do. */
struct numset_index {
    uint32_t words[NUMSET_WORDS / 32];
    uint32_t top;
};

struct numset {
    uint32_t bits[NUMSET_WORDS];
    struct numset_index some, open; /* words with a set bit, a clear bit */
};

/* Make the set empty. */
void numset_init(struct numset *set);

void numset_add(struct numset *set, unsigned n);
void numset_remove(struct numset *set, unsigned n);

static inline bool numset_has(const struct numset *set, unsigned n)
{
    return set->bits[n / 32] >> n % 32 & 1;
}

/* The lowest number from `n` on that is in the set, or is not; -1: none. */
int numset_next(const struct numset *set, unsigned n);
int numset_next_free(const struct numset *set, unsigned n);

#endif
