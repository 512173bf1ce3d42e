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
void __malloc_begin_locking(void);
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
    __heap_die_in(what, p, NULL, 0);
}

cold internal _Noreturn void __heap_die_in(const char *what, const void *p,
                                           const void *block, size_t nbytes)
{
    char line[200], *to = put_string(line, "malloc: ");

    to = put_string(to, what);
    to = put_string(to, ": 0x");
    to = put_number(to, (uintptr_t)p, 16);
    if (block != NULL) {
        to = put_string(to, ", at byte ");
        to = put_number(to, (uintptr_t)p - (uintptr_t)block, 10);
        to = put_string(to, " of ");
        to = put_number(to, nbytes, 10);
        to = put_string(to, " at 0x");
        to = put_number(to, (uintptr_t)block, 16);
    }
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

static seldom void say(const char *what, const char *word, size_t n)
{
    char line[120], *to = put_string(line, "malloc: MALLOC_CONF: ");

    to = put_string(to, what);
    for (; n > 0 && to < line + sizeof line - 1; n--)
        *to++ = *word++;
    *to++ = '\n';
    if (write(2, line, to - line) < 0)
        return;
}

/* Return whether n letters of s, in either case, are the word. */
static seldom bool is_word(const char *s, size_t n, const char *word)
{
    size_t k = 0;

    while (k < n && (s[k] | 0x20) == word[k])
        k++;
    return k == n && word[k] == '\0';
}

static seldom void obey(struct heap *h, const char *s, size_t n)
{
    if (is_word(s, n, "check"))
        h->is_checking = true;
    else if (is_word(s, n, "trace"))
        h->is_tracing = true;
    else if (is_word(s, n, "leaks"))
        h->is_listing = true;
    else if (is_word(s, n, "help"))
        say("words are check, leaks, trace and help", s, 0);
    else if (n > 0)
        say("unknown word: ", s, n);
}

/* ---- at exit --------------------------------------------------------------*/

/* The blocks that are listed one by one. */
#define LISTED 32u

static struct {
    size_t count, nbytes;
} leaks;

static seldom void say_leak(const char *what, size_t n, const char *middle,
                            size_t m, unsigned base)
{
    char line[120], *to = put_string(line, what);

    to = put_number(to, n, base);
    to = put_string(to, middle);
    to = put_number(to, m, 10);
    to = put_string(to, " bytes\n");
    if (write(2, line, to - line) < 0)
        return;
}

static seldom void look_at_exit(struct heap *h, void *p, size_t n)
{
    if ((h->is_checking && !__check_look(h, p, &n)) || !h->is_listing)
        return;
    if (leaks.count++ < LISTED)
        say_leak("malloc: leak: 0x", (uintptr_t)p, ", ", n, 16);
    leaks.nbytes += n;
}

static seldom void at_exit(void)
{
    struct heap *h = &__heap;

    __malloc_lock(NULL);
    __check_floor(h);
    __walk_live(h, look_at_exit);
    if (h->is_listing)
        say_leak("malloc: leaks: ", leaks.count, " blocks, ", leaks.nbytes, 10);
    __malloc_unlock(NULL);
}

/* Cheaper than getenv() where there is nothing to be found. */
static seldom bool is_in_environment(void)
{
    char **at = environ;

    while (at != NULL && *at != NULL && **at != 'M')
        at++;
    return at != NULL && *at != NULL;
}

/* Choose the mode; open the fast paths when nothing wants to see each call. */
static seldom bool start(struct heap *h)
{
    const char *conf;
    size_t n;

    if (!__heap_ready(h))
        return false;
    conf = is_in_environment() ? secure_getenv("MALLOC_CONF") : NULL;
    for (; conf != NULL; conf += n + 1) {
        for (n = 0; conf[n] != '\0' && conf[n] != ',' && conf[n] != ':';)
            n++;
        obey(h, conf, n);
        if (conf[n] == '\0')
            break;
    }
    __pass_set_limit(h);
    if ((h->is_checking || h->is_listing) && atexit(at_exit) != 0)
        say("no list at exit", "", 0);
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

void *__malloc_slow(size_t nbytes)
{
    struct heap *h = &__heap;
    void *p = NULL;
    bool is_zero;

    if (likely(h->limit != 0)) {
        size_t n = grains_for(nbytes);

        if (nbytes - 1 < SMALL * GRAIN && h->bin[n] == EMPTY &&
            spot_is_for(h, n))
            return spot_alloc(h, n);
        p = __heap_alloc(h, nbytes, &is_zero);
        if (unlikely(p == NULL))
            errno = ENOMEM;
        return p;
    }
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

void __malloc_free_slow(void *p)
{
    struct heap *h = &__heap;
    size_t i = grain_of(h, p);

    if (p == NULL)
        return;
    /* Ahead of the cursor, a small block. */
    if (h->limit != 0 && i >= h->limit && is_live(h, i) &&
        h->hint[i >> UNIT_SHIFT] != 0) {
        bit_clear(h->live, i);
        hole_at(h, i)->next = 0;
        h->nblocks--;
        if (--h->spare < 0)
            __pass_free_event(h);
        return;
    }
    __malloc_lock(NULL);
    if (h->is_checking)
        __check_free(h, p);
    else
        __heap_free(h, p);
    if (h->is_tracing)
        trace("free", NULL, 0, p);
    __malloc_unlock(NULL);
}

void __malloc_free_event(void)
{
    struct heap *h = &__heap;

    __malloc_lock(NULL);
    __pass_free_event(h);
    __malloc_unlock(NULL);
}

void *__malloc_resize_slow(void *p, size_t nbytes)
{
    struct heap *h = &__heap;
    size_t i = grain_of(h, p);
    void *q;

    if (p == NULL)
        return malloc(nbytes);
    if (nbytes != 0 && i < h->limit && bit_get(h->live, i) && !is_own(h, i)) {
        q = nbytes > REQUEST_MAX
                ? NULL
                : __heap_resize_to(p, grains_for(nbytes), __map_length(h, i));
        if (q == NULL)
            errno = ENOMEM;
        return q;
    }
    __malloc_lock(NULL);
    q = h->is_checking ? __check_resize(h, p, nbytes)
                       : __heap_resize(h, p, nbytes);
    return finish("realloc", q, nbytes, p);
}

/* ---- malloc and free ------------------------------------------------------*/

/* A block from the bin for so many bytes, or NULL. */
static inline __attribute__((always_inline)) void *alloc_fast(size_t nbytes)
{
    struct heap *h = &__heap;
    size_t n = (nbytes + GRAIN - 1) >> GRAIN_SHIFT, i;
    struct hole *hole;

    /* Requests of no bytes, and those that wrap, find bin 0 always empty. */
    if (unlikely(n > SMALL))
        return NULL;
    i = h->bin[n];
    /* An empty bin, or one whose link was written to. */
    if (unlikely(i >= h->limit || bit_set(h->live, i)))
        return NULL;
    hole = hole_at(h, i);
    h->bin[n] = hole->next ^ i ^ h->key;
    h->spare++;
    return hole;
}

void __malloc_free_longer(void *p)
{
    struct heap *h = &__heap;
    size_t i = grain_of(h, p);

    if (unlikely(is_own(h, i))) {
        bit_set(h->live, i);
        __malloc_free_slow(p);
    } else {
        __heap_release(h, i, __map_length(h, i));
    }
}

#if defined __i386__ && !defined __PIC__
/*
 * The same as the C below, in fewer instructions than a compiler takes: malloc
 * 19, or 37 from the spot; free 22, or 33 where the unit has no hint; realloc
 * that changes nothing 26, or 53 where the rest becomes part of the spot.
 */
#    define BASE     "__heap+1024"
#    define LIMIT    "__heap+1028"
#    define LIVE     "__heap+1032"
#    define START    "__heap+1036"
#    define HINT     "__heap+1040"
#    define KEY      "__heap+1044"
#    define SPARE    "__heap+1048"
#    define SPOT     "__heap+1052"
#    define SPOT_END "__heap+1056"
#    define NBLOCKS  "__heap+1060"
#    define BATCH    "__heap+1064"
#    define IS_AT(field, offset) \
        _Static_assert(offsetof(struct heap, field) == offset, #field)

IS_AT(bin, 0);
IS_AT(base, 1024);
IS_AT(limit, 1028);
IS_AT(live, 1032);
IS_AT(start, 1036);
IS_AT(hint, 1040);
IS_AT(key, 1044);
IS_AT(spare, 1048);
IS_AT(spot, 1052);
IS_AT(spot_end, 1056);
IS_AT(nblocks, 1060);
IS_AT(batch, 1064);

/* clang-format off */
hot __attribute__((naked)) void *malloc(size_t nbytes __attribute__((unused)))
{
    __asm__(
            "       movl  4(%esp), %ecx            \n"
            "       addl  $15, %ecx                \n"
            "       shrl  $4, %ecx                 \n" /* granules */
            "       cmpl  $64, %ecx                \n"
            "       ja    2f                       \n"
            "       movl  __heap(,%ecx,4), %edx    \n"
            "       cmpl  " LIMIT ", %edx          \n" /* the bin is empty */
            "       jae   1f                       \n"
            "       movl  " LIVE ", %eax           \n"
            "       btsl  %edx, (%eax)             \n" /* a damaged link */
            "       jc    2f                       \n"
            "       movl  %edx, %eax               \n"
            "       shll  $4, %eax                 \n"
            "       addl  " BASE ", %eax           \n"
            "       xorl  " KEY ", %edx            \n"
            "       xorl  (%eax), %edx             \n"
            "       incl  " SPARE "                \n"
            "       movl  %edx, __heap(,%ecx,4)    \n"
            "       ret                            \n"
            "1:     incl  %edx                     \n"
            "       jnz   2f                       \n"
            "       cmpb  $1, " BATCH "(%ecx)      \n"
            "       ja    2f                       \n"
            "       movl  " SPOT ", %edx           \n"
            "       leal  (%edx,%ecx), %eax        \n"
            "       cmpl  " SPOT_END ", %eax       \n"
            "       jae   2f                       \n" /* too short */
            "       cmpl  %edx, " LIMIT "          \n" /* not this way */
            "       jbe   2f                       \n"
            "       movl  %eax, " SPOT "           \n"
            "       movb  $2, " BATCH "(%ecx)      \n"
            "       pushl %ebx                     \n"
            "       movl  " START ", %ebx          \n"
            "       btsl  %eax, (%ebx)             \n"
            "       movl  " LIVE ", %ebx           \n"
            "       btsl  %edx, (%ebx)             \n"
            "       popl  %ebx                     \n"
            "       movl  %edx, %eax               \n"
            "       shrl  $6, %eax                 \n"
            "       addl  " HINT ", %eax           \n"
            "       cmpb  %cl, (%eax)              \n"
            "       je    3f                       \n"
            "       movb  $0, (%eax)               \n"
            "3:     movl  %edx, %eax               \n"
            "       shll  $4, %eax                 \n"
            "       addl  " BASE ", %eax           \n"
            "       incl  " NBLOCKS "              \n"
            "       incl  " SPARE "                \n"
            "       ret                            \n"
            "2:     jmp   __malloc_slow            \n"
    );
}

hot __attribute__((naked)) void free(void *p __attribute__((unused)))
{
    __asm__(
            "       movl  4(%esp), %eax            \n"
            "       movl  %eax, %edx               \n"
            "       subl  " BASE ", %edx           \n"
            "       rorl  $4, %edx                 \n"
            "       cmpl  " LIMIT ", %edx          \n" /* not ours */
            "       jae   3f                       \n"
            "       movl  " LIVE ", %ecx           \n"
            "       btrl  %edx, (%ecx)             \n" /* not live */
            "       jnc   3f                       \n"
            "       movl  %edx, %ecx               \n"
            "       shrl  $6, %ecx                 \n"
            "       addl  " HINT ", %ecx           \n"
            "       movzbl (%ecx), %ecx            \n" /* granules, or 0 */
            "       testl %ecx, %ecx               \n"
            "       jnz   1f                       \n"
            "       movl  %edx, %ecx               \n"
            "       shrl  $3, %ecx                 \n"
            "       addl  " START ", %ecx          \n"
            "       movl  (%ecx), %eax             \n" /* from i & ~7 on */
            "       movl  %edx, %ecx               \n"
            "       andl  $7, %ecx                 \n"
            "       shrl  %cl, %eax                \n"
            "       andl  $-2, %eax                \n"
            "       jz    4f                       \n"
            "       bsfl  %eax, %ecx               \n" /* the next start */
            "       movl  4(%esp), %eax            \n"
            "1:     xorl  __heap(,%ecx,4), %edx    \n"
            "       xorl  %edx, __heap(,%ecx,4)    \n" /* now first */
            "       xorl  " KEY ", %edx            \n"
            "       movl  %edx, (%eax)             \n"
            "       decl  " SPARE "                \n"
            "       js    5f                       \n"
            "       ret                            \n"
            "4:     jmp   __malloc_free_longer     \n"
            "3:     jmp   __malloc_free_slow       \n"
            "5:     jmp   __malloc_free_event      \n"
    );
}

/* Of a block of up to 24 granules. */
hot __attribute__((naked)) void *realloc(void *p __attribute__((unused)),
                                         size_t nbytes __attribute__((unused)))
{
    __asm__(
            "       movl  4(%esp), %edx            \n"
            "       subl  " BASE ", %edx           \n"
            "       rorl  $4, %edx                 \n"
            "       cmpl  " LIMIT ", %edx          \n" /* not ours */
            "       jae   2f                       \n"
            "       movl  " LIVE ", %ecx           \n"
            "       btl   %edx, (%ecx)             \n" /* not live */
            "       jnc   2f                       \n"
            "       movl  %edx, %ecx               \n"
            "       shrl  $3, %ecx                 \n"
            "       addl  " START ", %ecx          \n"
            "       movl  (%ecx), %eax             \n"
            "       movl  %edx, %ecx               \n"
            "       andl  $7, %ecx                 \n"
            "       shrl  %cl, %eax                \n"
            "       andl  $-2, %eax                \n"
            "       jz    2f                       \n"
            "       bsfl  %eax, %ecx               \n" /* the next start */
            "       movl  8(%esp), %edx            \n"
            "       addl  $15, %edx                \n"
            "       shrl  $4, %edx                 \n"
            "       movl  4(%esp), %eax            \n"
            "       cmpl  %ecx, %edx               \n"
            "       jne   1f                       \n"
            "       ret                            \n"
            "1:     ja    2f                       \n" /* longer */
            "       testl %edx, %edx               \n"
            "       jz    2f                       \n" /* no bytes */
            "       cmpl  $-1, __heap(,%edx,4)     \n"
            "       jne   __heap_resize_to         \n" /* to a hole */
            "       pushl %ebx                     \n"
            "       movl  %eax, %ebx               \n"
            "       subl  " BASE ", %ebx           \n"
            "       shrl  $4, %ebx                 \n"
            "       leal  (%ebx,%ecx), %eax        \n" /* what follows */
            "       cmpl  " SPOT ", %eax           \n"
            "       jne   4f                       \n"
            "       movb  $0, " BATCH "(%ecx)      \n"
            "       movl  " START ", %ecx          \n"
            "       btrl  %eax, (%ecx)             \n"
            "       leal  (%ebx,%edx), %eax        \n"
            "       btsl  %eax, (%ecx)             \n"
            "       movl  %eax, " SPOT "           \n"
            "       shrl  $6, %ebx                 \n"
            "       addl  " HINT ", %ebx           \n"
            "       cmpb  %dl, (%ebx)              \n"
            "       je    3f                       \n"
            "       movb  $0, (%ebx)               \n"
            "3:     popl  %ebx                     \n"
            "       movl  4(%esp), %eax            \n"
            "       ret                            \n"
            "4:     popl  %ebx                     \n"
            "2:     jmp   __malloc_resize_slow     \n"
    );
}
/* clang-format on */
#else
void *malloc(size_t nbytes)
{
    void *p = alloc_fast(nbytes);

    return likely(p != NULL) ? p : __malloc_slow(nbytes);
}

void free(void *p)
{
    struct heap *h = &__heap;
    size_t i = grain_of(h, p), n;
    uint32_t bits;

    if (unlikely(i >= h->limit || !bit_clear(h->live, i))) {
        __malloc_free_slow(p);
        return;
    }
    n = h->hint[i >> UNIT_SHIFT];
    if (n == 0) {
        bits = bits_from(h->start, i) >> 1;
        if (bits == 0) {
            __malloc_free_longer(p);
            return;
        }
        n = __builtin_ctz(bits) + 1u;
    }
    bin_push(h, i, n);
    if (unlikely(--h->spare < 0))
        __malloc_free_event();
}

void *realloc(void *p, size_t nbytes)
{
    return __malloc_resize_slow(p, nbytes);
}
#endif

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
    if (nbytes <= SMALL * GRAIN) {
        /* Not malloc(), which the compiler would turn into calloc(). */
        p = alloc_fast(nbytes);
        if (unlikely(p == NULL))
            p = __malloc_slow(nbytes);
        is_zero = p == NULL || nbytes == 0;
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
    if (h->nsegments > 0) {
        __pass_all(h);
        __top_trim(h, keep > REQUEST_MAX ? REQUEST_MAX : keep);
    }
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
    __pass_set_limit(h);
    __malloc_unlock(NULL);
}

/* The thread library: from now on the fast paths must not be taken. */
seldom void __malloc_begin_locking(void)
{
    __heap.is_locking = true;
    __pass_set_limit(&__heap);
}
