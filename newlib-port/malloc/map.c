/*
 * What the map says of a block, and how it is written there.
 */
#include "internal.h"

internal size_t __heap_length(const struct heap *h, size_t i)
{
    uint32_t bits = bits_from(h->start, i) >> 1;

    if (bits != 0)
        return __builtin_ctz(bits) + 1;
    bits = bits_from(h->start, i + 32);
    if (bits != 0)
        return __builtin_ctz(bits) + 32;
    return bit_get(h->start, i + LONG) ? LONG : h->idle[(i >> 5) + 1];
}

internal bool __heap_is_run(const struct heap *h, size_t i, size_t *length)
{
    if (!is_idle(h, i))
        return false;
    *length = __heap_length(h, i);
    return *length > 1 && *length < h->limit - i &&
           bit_get(h->idle, i + *length - 1);
}

static size_t *run_end(const struct heap *h, size_t i)
{
    return (size_t *)grain_at(h, i) - 1;
}

internal size_t __heap_run_before(struct heap *h, size_t i)
{
    size_t n, length = 0;

    if (!bit_get(h->idle, i - 1) || bit_get(h->start, i - 1))
        return 0;
    n = *run_end(h, i);
    /* The run ends where a block starts, though i may not be marked now. */
    bit_set(h->start, i);
    if (n > i || !__heap_is_run(h, i - n, &length) || length != n)
        __heap_die("corrupted free block", run_end(h, i));
    bit_clear(h->start, i);
    return n;
}
