/*
 * The shadow of lib/kasan.h and the functions that the compiler calls.
 *
 * All instrumentation is calls (asan-instrumentation-with-call-threshold=0),
 * so the shadow may lie anywhere and the kernel runs before there is one: then
 * nothing is checked. Source: the calls in GCC 12's gcc/sanitizer.def, the
 * struct of globals in gcc/asan.cc.
 *
 * This file is not instrumented itself.
 */
#include "lib/kasan.h"

#include "lib/compiler.h"
#include "lib/panic.h"
#include "lib/printf.h"

void (*kasan_describe)(const void *at, char *buf, size_t size);

static uint8_t *shadow; /* NULL: nothing is checked */
static uintptr_t base;
static size_t limit; /* bytes from base that have a shadow */

/* What the compiler says of a global variable. */
struct global {
    const void *start;
    size_t size;
    size_t size_with_redzone;
    const char *name;
    const char *module;
    uintptr_t has_dynamic_init;
    const void *location;
    uintptr_t odr_indicator;
};

/* By the linker script: functions that register the globals of each file. */
extern void (*const kernel_ctors_start[])(void);
extern void (*const kernel_ctors_end[])(void);

size_t kasan_shadow_bytes(uint64_t nbytes)
{
    return (size_t)((nbytes + KASAN_GRANULE - 1) / KASAN_GRANULE);
}

void kasan_init(void *start, uint64_t nbytes, void *at)
{
    size_t n = kasan_shadow_bytes(nbytes);
    uint8_t *bytes = at;

    for (size_t i = 0; i < n; i++)
        bytes[i] = 0;
    base = (uintptr_t)start;
    limit = (size_t)nbytes;
    shadow = bytes;
    for (void (*const *f)(void) = kernel_ctors_start; f < kernel_ctors_end; f++)
        (*f)();
}

/* The shadow of an address, or NULL if it has none. */
static uint8_t *shadow_at(const void *at)
{
    uintptr_t offset = (uintptr_t)at - base;

    if (shadow == NULL || offset >= limit)
        return NULL;
    return shadow + offset / KASAN_GRANULE;
}

void kasan_poison(const void *at, size_t nbytes, unsigned why)
{
    uint8_t *s = shadow_at(at);

    for (size_t i = 0; s != NULL && i < nbytes / KASAN_GRANULE; i++)
        s[i] = (uint8_t)why;
}

void kasan_unpoison(const void *at, size_t nbytes)
{
    uint8_t *s = shadow_at(at);

    kasan_poison(at, nbytes, 0);
    if (s != NULL && nbytes % KASAN_GRANULE != 0)
        s[nbytes / KASAN_GRANULE] = nbytes % KASAN_GRANULE;
}

void kasan_poison_frames(uint64_t pa, size_t nbytes)
{
    if (pa < limit)
        kasan_poison((const void *)(base + (uintptr_t)pa), nbytes, KASAN_FRAME);
}

void kasan_unpoison_frames(uint64_t pa, size_t nbytes)
{
    if (pa < limit)
        kasan_poison((const void *)(base + (uintptr_t)pa), nbytes, 0);
}

unsigned kasan_shadow_of(const void *at)
{
    uint8_t *s = shadow_at(at);

    return s != NULL ? *s : 0;
}

/* ---- checks ---- */

static const char *reason(unsigned byte)
{
    switch (byte) {
    case KASAN_SLAB:
        return "a slab's own words";
    case KASAN_FREED:
        return "a freed object";
    case KASAN_UNUSED:
        return "an object that nobody has";
    case KASAN_FRAME:
        return "a free frame";
    default:
        return "beyond its end";
    }
}

/* The first byte of a range that must not be touched, or NULL. */
static const char *find_bad(const char *at, size_t nbytes)
{
    for (const char *end = at + nbytes; at < end;) {
        unsigned byte = kasan_shadow_of(at);
        unsigned offset = (uintptr_t)at % KASAN_GRANULE;
        unsigned left = KASAN_GRANULE - offset;

        if (byte >= KASAN_GRANULE)
            return at;
        if (byte != 0 && offset + left > byte &&
            (offset >= byte || at + (byte - offset) < end))
            return offset >= byte ? at : at + (byte - offset);
        at += left;
    }
    return NULL;
}

static _Noreturn never_inline void report(const char *at, const char *bad,
                                          size_t nbytes, bool is_write)
{
    char what[96] = "";
    unsigned byte = kasan_shadow_of(bad);

    shadow = NULL; /* the report itself is not to be checked */
    if (kasan_describe != NULL)
        kasan_describe(bad, what, sizeof(what));
    panic("kasan: %s of %zu bytes at %p: %s (%02x at %p)%s",
          is_write ? "write" : "read", nbytes, at, reason(byte), byte, bad,
          what);
}

void kasan_check(const void *at, size_t nbytes, bool is_write)
{
    const char *bad;

    if (nbytes == 0 || shadow == NULL || (uintptr_t)at - base >= limit)
        return;
    bad = find_bad(at, nbytes);
    if (unlikely(bad != NULL))
        report(at, bad, nbytes, is_write);
}

/* One granule or two, which is what nearly all accesses touch. */
static inline void check_small(uintptr_t at, size_t nbytes, bool is_write)
{
    uintptr_t offset = at - base, last = offset + nbytes - 1;

    if (shadow == NULL || last >= limit)
        return;
    if (unlikely((shadow[offset / KASAN_GRANULE] |
                  shadow[last / KASAN_GRANULE]) != 0))
        kasan_check((const void *)at, nbytes, is_write);
}

/* ---- what the compiler calls ---- */

#define ACCESS(n)                             \
    void __asan_load##n##_noabort(void *at);  \
    void __asan_load##n##_noabort(void *at)   \
    {                                         \
        check_small((uintptr_t)at, n, false); \
    }                                         \
    void __asan_store##n##_noabort(void *at); \
    void __asan_store##n##_noabort(void *at)  \
    {                                         \
        check_small((uintptr_t)at, n, true);  \
    }

ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)

void __asan_loadN_noabort(void *at, intptr_t nbytes);
void __asan_loadN_noabort(void *at, intptr_t nbytes)
{
    kasan_check(at, (size_t)nbytes, false);
}

void __asan_storeN_noabort(void *at, intptr_t nbytes);
void __asan_storeN_noabort(void *at, intptr_t nbytes)
{
    kasan_check(at, (size_t)nbytes, true);
}

void __asan_handle_no_return(void);
void __asan_handle_no_return(void)
{
}

void __asan_register_globals(void *globals, size_t n);
void __asan_register_globals(void *globals, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const struct global *g = (const struct global *)globals + i;

        kasan_poison(g->start, g->size_with_redzone, KASAN_REDZONE);
        kasan_unpoison(g->start, g->size);
    }
}

void __asan_unregister_globals(void *globals, size_t n);
void __asan_unregister_globals(void *globals, size_t n)
{
    (void)globals, (void)n;
}
