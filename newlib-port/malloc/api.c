/*
 * The public functions, their fast paths, and what newlib calls inside.
 *
 * malloc and free of small blocks run here from end to end: a bin by length, a
 * link, two bits in the map.  Everything else goes the slow way: the first
 * call, large blocks, an empty bin, a pointer that is not a live block, and
 * every call when checking, tracing or locking is on.
 *
 * The slow way is taken under __malloc_lock, which is recursive.  A process
 * with one thread needs no lock on the fast path; one that starts a second
 * thread sets heap.is_locking and from then on has no fast path.
 *
 * realloc(p, 0) frees p and returns a new block of no bytes, as malloc(0)
 * does: never NULL but for lack of memory, and then p stays.
 */
#define _GNU_SOURCE /* secure_getenv */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "internal.h"
#include "malloc_cairn.h"

struct _reent;

void __malloc_lock(struct _reent *r);
void __malloc_unlock(struct _reent *r);

static void (*trace_hook)(const char *, void *, size_t, void *);

/* ---- messages -------------------------------------------------------------*/

static seldom char *put_string(char *to, const char *s)
{
    while (*s != '\0')
        *to++ = *s++;
    return to;
}

static seldom char *put_number(char *to, uintptr_t n, unsigned base)
{
    char digits[24];
    int i = 0;

    do
        digits[i++] = "0123456789abcdef"[n % base];
    while ((n /= base) != 0);
    while (i > 0)
        *to++ = digits[--i];
    return to;
}

cold internal _Noreturn void __heap_die(const char *what, const void *p)
{
    char line[160], *to = put_string(line, "malloc: ");

    to = put_string(to, what);
    to = put_string(to, ": 0x");
    to = put_number(to, (uintptr_t)p, 16);
    *to++ = '\n';
    if (write(2, line, to - line) < 0)
        abort();
    abort();
}

cold internal void __malloc_trace_line(const char *what, const void *p,
                                       size_t n, const void *q)
{
    char line[160], *to = put_string(line, "malloc: ");

    to = put_string(to, what);
    to = put_string(to, " 0x");
    to = put_number(to, (uintptr_t)q, 16);
    *to++ = ' ';
    to = put_number(to, n, 10);
    to = put_string(to, " = 0x");
    to = put_number(to, (uintptr_t)p, 16);
    *to++ = '\n';
    if (write(2, line, to - line) < 0)
        return;
}

/* ---- the slow way ---------------------------------------------------------*/

static seldom bool has_word(const char *list, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = list; (at = strstr(at, word)) != NULL; at += n)
        if ((at == list || at[-1] == ',') && (at[n] == ',' || at[n] == '\0'))
            return true;
    return false;
}

/* Choose the mode; open the fast paths when nothing wants to see each call. */
static seldom bool start(struct heap *h)
{
    const char *conf;

    if (!__heap_ready(h))
        return false;
    conf = secure_getenv("MALLOC_CONF");
    if (conf != NULL) {
        h->is_checking = h->is_checking || has_word(conf, "check");
        h->is_tracing = has_word(conf, "trace");
    }
    __heap_modes(h);
    return true;
}

static seldom void trace(const char *what, void *p, size_t n, void *old)
{
    if (trace_hook != NULL)
        trace_hook(what, p, n, old);
    else
        __malloc_trace_line(what, p, n, old);
}

static void *finish(const char *what, void *p, size_t n, void *old)
{
    struct heap *h = &__heap;

    if (h->is_tracing)
        trace(what, p, n, old);
    __malloc_unlock(NULL);
    if (p == NULL)
        errno = ENOMEM;
    return p;
}

static apart void *alloc_slow(size_t nbytes)
{
    struct heap *h = &__heap;
    void *p = NULL;
    bool is_zero;

    __malloc_lock(NULL);
    if (h->is_ready || start(h))
        p = h->is_checking ? __check_alloc(h, GRAIN, nbytes)
                           : __heap_alloc(h, nbytes, &is_zero);
    return finish("malloc", p, nbytes, NULL);
}

static seldom void *alloc_aligned(size_t align, size_t nbytes)
{
    struct heap *h = &__heap;
    void *p = NULL;

    __malloc_lock(NULL);
    if (h->is_ready || start(h))
        p = h->is_checking ? __check_alloc(h, align, nbytes)
                           : __heap_alloc_aligned(h, align, nbytes);
    return finish("memalign", p, nbytes, NULL);
}

static apart void free_slow(void *p)
{
    struct heap *h = &__heap;

    if (p == NULL)
        return;
    __malloc_lock(NULL);
    if (h->is_checking)
        __check_free(h, p);
    else
        __heap_free(h, p);
    if (h->is_tracing)
        trace("free", NULL, 0, p);
    __malloc_unlock(NULL);
}

static apart void free_event(void)
{
    struct heap *h = &__heap;

    __malloc_lock(NULL);
    __heap_free_event(h);
    __malloc_unlock(NULL);
}

/* ---- malloc and free ------------------------------------------------------*/

/* A block from the bin for so many bytes, or NULL. */
static inline __attribute__((always_inline)) void *alloc_fast(size_t nbytes)
{
    struct heap *h = &__heap;
    size_t n = (nbytes + GRAIN - 1) >> GRAIN_SHIFT, i;
    struct cached *c;

    /* Requests of no bytes, and those that wrap, find bin 0 always empty. */
    if (unlikely(nbytes + GRAIN - 1 >= (LONG + 1) * GRAIN))
        return NULL;
    i = grain_of(h, h->bin[n]);
    hide(i);
    /* An empty bin, or one whose link was written to. */
    if (unlikely(is_outside(h, i) || !bit_get(h->idle, i)))
        return NULL;
    bit_clear(h->idle, i);
    c = grain_at(h, i);
    h->bin[n] = (struct cached *)(c->link ^ h->key);
    h->spare++;
    return c;
}

/* Volatile, so that it stays where the caller put it and is in no register. */
hot void *malloc(volatile size_t nbytes)
{
    void *p = alloc_fast(nbytes);

    return likely(p != NULL) ? p : alloc_slow(nbytes);
}

static inline __attribute__((always_inline)) void
free_cached(struct heap *h, struct cached *c, size_t i, size_t n)
{
    if (unlikely(bit_set(h->idle, i))) {
        free_slow(c);
        return;
    }
    push(h, &h->bin[n], c);
    if (unlikely(--h->spare < 0))
        free_event();
}

/* A block of 32 granules and more. */
static __attribute__((noinline, regparm(2))) void free_longer(struct cached *c,
                                                              size_t i)
{
    struct heap *h = &__heap;
    uint32_t starts = bits_from(h->start, i + 32);

    if (starts != 0)
        free_cached(h, c, i, __builtin_ctz(starts) + 32);
    else
        free_slow(c);
}

hot void free(void *volatile p)
{
    struct heap *h = &__heap;
    size_t i = (size_t)p;
    uint32_t starts;

    if (unlikely((i & h->misfit) != 0))
        return free_slow(p);
    i = grain_of(h, (void *)i);
    if (unlikely(is_outside(h, i)))
        return free_slow(p);
    hide(i);
    starts = bits_from(h->start, i);
    if (unlikely((starts & 1) == 0))
        return free_slow(p);
    starts &= ~1u;
    if (unlikely(starts == 0))
        return free_longer(p, i);
    if (unlikely(bit_set(h->idle, i)))
        return free_slow(p);
    push(h, &h->bin[__builtin_ctz(starts)], p);
    if (unlikely(--h->spare < 0))
        free_event();
}

void *calloc(size_t count, size_t size)
{
    struct heap *h = &__heap;
    size_t nbytes;
    bool is_zero = false;
    void *p = NULL;

    if (__builtin_mul_overflow(count, size, &nbytes)) {
        errno = ENOMEM;
        return NULL;
    }
    if (nbytes <= LONG * GRAIN) {
        /* Not malloc(), which the compiler would turn into calloc(). */
        p = alloc_fast(nbytes);
        if (unlikely(p == NULL))
            p = alloc_slow(nbytes);
        is_zero = p == NULL;
    } else {
        __malloc_lock(NULL);
        if (h->is_ready || start(h))
            p = h->is_checking ? __check_alloc(h, GRAIN, nbytes)
                               : __heap_alloc(h, nbytes, &is_zero);
        p = finish("calloc", p, nbytes, NULL);
        is_zero = is_zero || p == NULL;
    }
    if (is_zero)
        return p;
    /* A canary may begin where the request ends. */
    if (h->is_checking)
        return memset(p, 0, nbytes);
    clear_grains(p, grains_for(nbytes));
    return p;
}

void *realloc(void *p, size_t nbytes)
{
    struct heap *h = &__heap;
    void *q;

    if (p == NULL)
        return malloc(nbytes);
    __malloc_lock(NULL);
    q = h->is_checking ? __check_resize(h, p, nbytes)
                       : __heap_resize(h, p, nbytes);
    return finish("realloc", q, nbytes, p);
}

/* ---- the others -----------------------------------------------------------*/

seldom void *reallocarray(void *p, size_t count, size_t size)
{
    size_t nbytes;

    if (__builtin_mul_overflow(count, size, &nbytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(p, nbytes);
}

static seldom bool is_power_of_two(size_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

seldom void *memalign(size_t align, size_t nbytes)
{
    if (!is_power_of_two(align)) {
        errno = EINVAL;
        return NULL;
    }
    return alloc_aligned(align, nbytes);
}

seldom void *aligned_alloc(size_t align, size_t nbytes)
{
    return memalign(align, nbytes);
}

seldom int posix_memalign(void **result, size_t align, size_t nbytes)
{
    int saved = errno;
    void *p;

    if (align % sizeof(void *) != 0 || !is_power_of_two(align))
        return EINVAL;
    p = alloc_aligned(align, nbytes);
    errno = saved;
    if (p == NULL)
        return ENOMEM;
    *result = p;
    return 0;
}

seldom void *valloc(size_t nbytes)
{
    return alloc_aligned(PAGE, nbytes);
}

seldom void *pvalloc(size_t nbytes)
{
    if (nbytes > REQUEST_MAX) {
        errno = ENOMEM;
        return NULL;
    }
    return alloc_aligned(PAGE, (nbytes + PAGE - 1) & -PAGE);
}

seldom size_t malloc_usable_size(void *p)
{
    struct heap *h = &__heap;
    size_t n;

    if (p == NULL)
        return 0;
    __malloc_lock(NULL);
    n = h->is_checking ? __check_usable(h, p) : __heap_usable(h, p);
    __malloc_unlock(NULL);
    return n;
}

/* Stores that the compiler may not drop because the block is freed next. */
static seldom void clear(void *p, size_t nbytes)
{
    memset(p, 0, nbytes);
    __asm__ volatile("" : : "r"(p) : "memory");
}

seldom void freezero(void *p, size_t nbytes)
{
    size_t have;

    if (p == NULL)
        return;
    have = malloc_usable_size(p);
    clear(p, nbytes < have ? nbytes : have);
    free(p);
}

static seldom void check_size(void *p, size_t nbytes)
{
    if (p != NULL && malloc_usable_size(p) < nbytes)
        __heap_die("freed with a size that the block does not have", p);
}

seldom void free_sized(void *p, size_t nbytes)
{
    check_size(p, nbytes);
    free(p);
}

seldom void free_aligned_sized(void *p, size_t align, size_t nbytes)
{
    if (p != NULL && ((uintptr_t)p & (align - 1)) != 0)
        __heap_die("freed with an alignment that the block does not have", p);
    check_size(p, nbytes);
    free(p);
}

seldom void cfree(void *p)
{
    free(p);
}

seldom int malloc_trim(size_t keep)
{
    struct heap *h = &__heap;
    size_t before;

    __malloc_lock(NULL);
    before = h->ngrains;
    if (h->is_ready)
        __heap_sweep(h, keep > REQUEST_MAX ? REQUEST_MAX : keep);
    before -= h->ngrains;
    __malloc_unlock(NULL);
    return before != 0;
}

seldom void malloc_set_trace(void (*hook)(const char *, void *, size_t, void *))
{
    struct heap *h = &__heap;

    __malloc_lock(NULL);
    trace_hook = hook;
    h->is_tracing = hook != NULL;
    __heap_modes(h);
    __malloc_unlock(NULL);
}
