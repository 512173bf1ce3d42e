/*
 * What the map says of a block, and where the map is.
 *
 * It covers the addresses from the heap's base to somewhat above its end, and
 * grows with the heap: at first it is part of struct heap, then a block of the
 * heap itself, and from 1 MiB on three mappings, which grow by mremap.
 */
#include <string.h>
#include "internal.h"

/* The longest that a map in the heap covers by choice, in granules. */
#define OWN_COVER 65536u
/* Granules that one page of a plane covers. */
#define PAGE_COVER (PAGE * 8)

/* ---- lengths --------------------------------------------------------------*/

static size_t long_length(const uint8_t *hint)
{
    uint32_t n;

    memcpy(&n, hint, sizeof n);
    return n;
}

internal size_t __map_length(const struct heap *h, size_t i)
{
    uint32_t bits = bits_from(h->start, i) >> 1;
    size_t k, hint;

    if (bits != 0)
        return __builtin_ctz(bits) + 1;
    bits = bits_from(h->start, i + 32);
    if (bits != 0)
        return __builtin_ctz(bits) + 32;
    if (i == h->spot)
        return h->spot_end - i;
    k = (i >> UNIT_SHIFT) + 1;
    if ((h->start[2 * k] | h->start[2 * k + 1]) == 0) {
        hint = h->hint[k];
        if (hint == LONG_MARK)
            return long_length(&h->hint[k + 1]);
        k += hint - INSIDE;
    }
    k *= 2;
    while ((bits = h->start[k]) == 0)
        k++;
    return k * 32 + __builtin_ctz(bits) - i;
}

internal size_t __map_before(const struct heap *h, size_t i)
{
    size_t k = (i - 1) >> 5, end = i >> UNIT_SHIFT, hint;
    uint32_t bits = h->start[k] & (~0u >> (31 - ((i - 1) & 31)));

    if (i == h->spot_end)
        return h->spot;
    if (bits == 0 && k > 0)
        bits = h->start[--k];
    while (bits == 0 && k + 2 > 2 * end)
        bits = h->start[--k];
    if (bits == 0) {
        hint = h->hint[end - 1];
        if (hint == LONG_MARK)
            return i - long_length(&h->hint[end - 5]);
        k = 2 * (end - (hint - INSIDE));
    }
    while (bits == 0 && k > 0)
        bits = h->start[--k];
    return bits == 0 ? 0 : k * 32 + 31 - __builtin_clz(bits);
}

/* The length is in the four hints that follow the first, or precede the last. */
internal void __map_hint_inside(struct heap *h, size_t i, size_t n)
{
    size_t first = (i >> UNIT_SHIFT) + 1, end = (i + n) >> UNIT_SHIFT;
    uint8_t *hint = h->hint;
    size_t code = INSIDE + end - first;
    uint32_t word = (uint32_t)n;

    if (end <= first)
        return;
    if (end - first >= LONG_UNITS) {
        code = LONG_MARK;
        memcpy(hint + first + 1, &word, sizeof word);
        memcpy(hint + end - 5, &word, sizeof word);
    }
    hint[first] = hint[end - 1] = (uint8_t)code;
}

/* Whether a block starts in i's unit before it. */
static bool is_shared(const struct heap *h, size_t i)
{
    size_t k = i >> 5;
    uint32_t bits = h->start[k] & ~(~0u << (i & 31));

    return bits != 0 || ((k & 1) != 0 && h->start[k - 1] != 0);
}

internal void __map_hint(struct heap *h, size_t i, size_t n, size_t count)
{
    size_t u = i >> UNIT_SHIFT, end = i + n * count;
    size_t whole = end >> UNIT_SHIFT, last = (end - n) >> UNIT_SHIFT;

    if (last >= whole && h->hint[last] != n)
        h->hint[last] = 0;
    if (u >= whole)
        return;
    if (!is_shared(h, i))
        h->hint[u] = (uint8_t)n;
    else if (h->hint[u] != n)
        h->hint[u] = 0;
    while (++u < whole)
        h->hint[u] = (uint8_t)n;
}

/* ---- growth ---------------------------------------------------------------*/

static size_t plane_bytes(size_t cover)
{
    return cover / 8 + MAP_SPARE;
}

static size_t hint_bytes(size_t cover)
{
    return cover / UNIT + MAP_SPARE;
}

/* In granules. */
static size_t own_need(size_t cover)
{
    return grains_for(2 * plane_bytes(cover) + hint_bytes(cover));
}

static size_t own_cover(size_t end)
{
    size_t cover = FIRST_COVER;

    while (cover < end)
        cover *= 4;
    return cover;
}

static seldom void use(struct heap *h, void *start, void *live, void *hint)
{
    size_t n = grains_for(plane_bytes(h->cover));

    copy_grains(start, h->start, n);
    copy_grains(live, h->live, n);
    copy_grains(hint, h->hint, grains_for(hint_bytes(h->cover)));
    h->start = start;
    h->live = live;
    h->hint = hint;
}

/* The map moves into a block at *i; the memory is zero from `zero` on. */
static seldom bool extend_in_heap(struct heap *h, size_t *i, size_t end,
                                  size_t zero)
{
    size_t cover = own_cover(end), n = own_need(cover), old = h->map_block;
    char *at = grain_at(h, *i);

    if (h->area_bytes[0] != 0 || h->is_extending || end - *i <= n + 1)
        return false;
    if (zero > *i)
        clear_grains(at, zero < *i + n ? zero - *i : n);
    use(h, at, at + plane_bytes(cover), at + 2 * plane_bytes(cover));
    h->cover = cover;
    map_mark(h, *i, n);
    bit_set(h->live, *i);
    h->map_block = *i;
    *i += n;
    if (old != 0)
        __heap_give_own(h, old);
    return true;
}

/* One part of the map, grown: NULL if it cannot be. */
static seldom void *grow_area(struct heap *h, unsigned k, void *old,
                              size_t nbytes)
{
    void *at;

    nbytes = (nbytes + PAGE - 1) & -PAGE;
    if (h->area_bytes[k] >= nbytes)
        return old;
    at = __os_remap(old, h->area_bytes[k], nbytes);
    if (at != NULL)
        h->area_bytes[k] = nbytes;
    return at;
}

static seldom bool extend_areas(struct heap *h, size_t cover)
{
    void *start, *live, *hint;

    start = grow_area(h, 0, h->start, plane_bytes(cover));
    if (start == NULL)
        return false;
    h->start = start;
    live = grow_area(h, 1, h->live, plane_bytes(cover));
    if (live == NULL)
        return false;
    h->live = live;
    hint = grow_area(h, 2, h->hint, hint_bytes(cover));
    if (hint == NULL)
        return false;
    h->hint = hint;
    return true;
}

/* The map moves into mappings of its own. */
static seldom bool make_areas(struct heap *h, size_t cover)
{
    size_t nbytes[3], old = h->map_block;
    void *at[3];

    nbytes[0] = nbytes[1] = (plane_bytes(cover) + PAGE - 1) & -PAGE;
    nbytes[2] = (hint_bytes(cover) + PAGE - 1) & -PAGE;
    for (unsigned k = 0; k < 3; k++) {
        at[k] = __os_map(nbytes[k]);
        if (at[k] != NULL)
            continue;
        while (k-- > 0)
            __os_unmap(at[k], nbytes[k]);
        return false;
    }
    use(h, at[0], at[1], at[2]);
    memcpy(h->area_bytes, nbytes, sizeof nbytes);
    h->cover = cover;
    h->map_block = 0;
    if (old != 0)
        __heap_give_own(h, old);
    return true;
}

static seldom bool extend_mapped(struct heap *h, size_t end)
{
    size_t cover = end + h->cover / 4;

    /* Whole pages of each plane, less what is spare. */
    cover = (cover / PAGE_COVER + 1) * PAGE_COVER - MAP_SPARE * 8;
    if (cover < end)
        cover += PAGE_COVER;
    if (h->area_bytes[0] == 0)
        return make_areas(h, cover);
    if (!extend_areas(h, cover))
        return false;
    h->cover = cover;
    return true;
}

internal seldom size_t __map_need(const struct heap *h, size_t end)
{
    size_t n;

    if (end <= h->cover || h->area_bytes[0] != 0 || h->is_extending ||
        end > OWN_COVER)
        return 0;
    n = own_need(own_cover(end));
    return own_need(own_cover(end + n));
}

internal seldom bool __map_extend(struct heap *h, size_t *i, size_t end,
                                  size_t zero)
{
    bool is_ok;

    if (end <= h->cover)
        return true;
    is_ok = end <= OWN_COVER
                ? extend_in_heap(h, i, end, zero) || extend_mapped(h, end)
                : extend_mapped(h, end) || extend_in_heap(h, i, end, zero);
    __pass_set_limit(h);
    return is_ok;
}

static seldom void drop_area(void *at, size_t from, size_t to)
{
    if (from < to)
        __os_drop((char *)at + from, to - from);
}

/* The hints stay: they may be what they are. */
internal seldom void __map_drop(struct heap *h, size_t end)
{
    size_t from = (plane_bytes(end) + PAGE - 1) & -PAGE;

    drop_area(h->start, from, h->area_bytes[0]);
    drop_area(h->live, from, h->area_bytes[1]);
}

internal seldom size_t __map_empty(struct heap *h, size_t first)
{
    size_t i = h->map_block, n = i == 0 ? 0 : __map_length(h, i);

    if (h->area_bytes[0] != 0) {
        __os_drop(h->start, h->area_bytes[0]);
        __os_drop(h->hint, h->area_bytes[2]);
    } else {
        memset(h->start, 0, plane_bytes(h->cover));
        memset(h->hint, 0, hint_bytes(h->cover));
    }
    bit_set(h->start, first - 1);
    if (i == 0)
        return first;
    map_mark(h, i, n);
    return i + n;
}
