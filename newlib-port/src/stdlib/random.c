/*
 * random, srandom, initstate, setstate: an additive feedback generator.
 *
 * State: a word that holds the kind and the place, then degree words.  Each
 * number is the sum of the one degree back and the one separation back, modulo
 * 2^32, without its low bit (Knuth, The Art of Computer Programming, 3.2.2).
 * With 8 bytes there is room for one word only, which a linear congruence
 * steps.
 *
 *   bytes  degree  separation
 *       8       0           0
 *      32       7           3
 *      64      15           1
 *     128      31           3
 *     256      63           1
 */
#include "../call.h"
#include <stdint.h>
#include <stdlib.h>

#define KINDS  5
#define DEGREE 31 /* of the default, 128 bytes */

static const struct {
    size_t nbytes;
    unsigned degree;
    unsigned separation;
} kinds[KINDS] = {
    {8, 0, 0}, {32, 7, 3}, {64, 15, 1}, {128, 31, 3}, {256, 63, 1}};

static uint32_t default_state[DEGREE + 1];
static uint32_t *state; /* behind the word of kind and place; null at first */
static unsigned kind = 3;
static unsigned place; /* of the next number, below the degree */

/* The minimal standard generator: 16807 times, modulo 2^31 - 1. */
static uint32_t step(uint32_t x)
{
    return (uint32_t)((uint64_t)x * 16807 % 0x7fffffff);
}

static void save_place(void)
{
    state[-1] = place * KINDS + kind;
}

static uint32_t next(void)
{
    unsigned degree = kinds[kind].degree;
    unsigned back;

    if (degree == 0) {
        state[0] = (state[0] * 1103515245 + 12345) & 0x7fffffff;
        return state[0];
    }
    back = place + degree - kinds[kind].separation;
    state[place] += state[back % degree];
    back = place;
    place = (place + 1) % degree;
    return state[back] >> 1;
}

static void seed_state(unsigned seed)
{
    unsigned degree = kinds[kind].degree;

    place = 0;
    state[0] = seed != 0 ? seed : 1;
    for (unsigned i = 1; i < degree; i++)
        state[i] = step(state[i - 1]);
    for (unsigned i = 0; i < 10 * degree; i++)
        next();
    save_place();
}

static void ensure_state(void)
{
    if (state != NULL)
        return;
    state = default_state + 1;
    seed_state(1);
}

long random(void)
{
    ensure_state();
    return (long)next();
}

void srandom(unsigned seed)
{
    if (state == NULL)
        state = default_state + 1;
    seed_state(seed);
}

char *initstate(unsigned seed, char *memory, size_t nbytes)
{
    uint32_t *old;

    ensure_state();
    save_place();
    old = state - 1;
    if (nbytes < kinds[0].nbytes) {
        errno = EINVAL;
        return NULL;
    }
    kind = KINDS - 1;
    while (nbytes < kinds[kind].nbytes)
        kind--;
    state = (uint32_t *)memory + 1;
    seed_state(seed);
    return (char *)old;
}

char *setstate(char *memory)
{
    uint32_t *new = (uint32_t *)memory;
    uint32_t *old;

    ensure_state();
    save_place();
    old = state - 1;
    kind = new[0] % KINDS;
    place = new[0] / KINDS;
    if (kinds[kind].degree != 0)
        place %= kinds[kind].degree;
    state = new + 1;
    return (char *)old;
}
