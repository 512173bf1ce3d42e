/* Sets of small numbers; see numset.h. */
#include "lib/numset.h"

#include "lib/bits.h"

static void index_set(struct numset_index *index, unsigned word, bool on)
{
    uint32_t *bits = &index->words[word / 32];
    uint32_t bit = 1u << word / 32;

    *bits = on ? *bits | 1u << word % 32 : *bits & ~(1u << word % 32);
    index->top = *bits != 0 ? index->top | bit : index->top & ~bit;
}

static void reindex(struct numset *set, unsigned word)
{
    index_set(&set->some, word, set->bits[word] != 0);
    index_set(&set->open, word, set->bits[word] != UINT32_MAX);
}

void numset_init(struct numset *set)
{
    for (unsigned word = 0; word < NUMSET_WORDS; word++) {
        set->bits[word] = 0;
        reindex(set, word);
    }
}

void numset_add(struct numset *set, unsigned n)
{
    set->bits[n / 32] |= 1u << n % 32;
    reindex(set, n / 32);
}

void numset_remove(struct numset *set, unsigned n)
{
    set->bits[n / 32] &= ~(1u << n % 32);
    reindex(set, n / 32);
}

/* The bits of a word from `n` on; n may be 32. */
static uint32_t from(uint32_t word, unsigned n)
{
    return n < 32 ? word & UINT32_MAX << n : 0;
}

/* The first word from `word` on that the index has, or -1. */
static int next_word(const struct numset_index *index, unsigned word)
{
    unsigned i = word / 32;
    uint32_t bits = i < 32 ? from(index->words[i], word % 32) : 0;

    if (bits == 0) {
        bits = from(index->top, i + 1);
        if (bits == 0)
            return -1;
        i = bits_lowest32(bits);
        bits = index->words[i];
    }
    return (int)(i * 32 + bits_lowest32(bits));
}

/* The lowest number from `n` on whose bit, after `flip`, is set. */
static int search(const struct numset *set, const struct numset_index *index,
                  uint32_t flip, unsigned n)
{
    uint32_t bits;
    int word;

    if (n >= NUMSET_SIZE)
        return -1;
    bits = from(set->bits[n / 32] ^ flip, n % 32);
    if (bits != 0)
        return (int)(n / 32 * 32 + bits_lowest32(bits));
    word = next_word(index, n / 32 + 1);
    if (word < 0)
        return -1;
    return word * 32 + (int)bits_lowest32(set->bits[word] ^ flip);
}

int numset_next(const struct numset *set, unsigned n)
{
    return search(set, &set->some, 0, n);
}

int numset_next_free(const struct numset *set, unsigned n)
{
    return search(set, &set->open, UINT32_MAX, n);
}
