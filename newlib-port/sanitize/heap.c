/*
 * heap.c - the address sanitizer's malloc.
 *
 * A block has a head before it and some bytes after it that may not be touched,
 * and a freed one is not used again until QUARANTINE bytes were freed after it.
 *
 *      base                   user (aligned)
 *      | ... | struct head    | size bytes | rest of the class |
 *      |  ASAN_HEAP_LEFT      |     0      | ASAN_HEAP_RIGHT   |
 *
 * Sizes are rounded to classes, four to each power of two; a large block has
 * pages of its own.  Names are weak: a program may bring another allocator.
 */
#include "asan.h"
#include "../src/call.h"
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define WEAK_NAME __attribute__((weak))

#define LEFT       ((size_t)64) /* sizeof(struct head) */
#define RIGHT      ((size_t)16)
#define CHUNK      ((size_t)256 << 10)
#define LARGE      ((size_t)64 << 10)
#define NCLASSES   48
#define QUARANTINE ((size_t)4 << 20)

#define LIVE  0x11afe11u
#define FREED 0xf4eedu

struct head {
    unsigned state;
    size_t size;
    size_t whole; /* bytes from base */
    char *base;
    uintptr_t allocated_by[NFRAMES - 1], freed_by[NFRAMES - 1];
    struct head *next; /* in quarantine, or of the free ones of a class */
    unsigned unused;
};
_Static_assert(sizeof(struct head) == LEFT, "the head fills the left zone");

static char *fresh, *fresh_end;
static struct head *idle[NCLASSES];
static struct head *oldest, **newest = &oldest;
static size_t waiting; /* bytes in quarantine */

struct _reent;
void __malloc_lock(struct _reent *);
void __malloc_unlock(struct _reent *);

/* ---- classes ------------------------------------------------------------- */

/* Round up to a class: 4, 5, 6 or 7 times a power of two from 32 on. */
static size_t round_size(size_t nbytes, int *class)
{
    size_t step = 32;
    int n = 0;

    while (step * 8 < nbytes) {
        step *= 2;
        n += 4;
    }
    nbytes = (nbytes + step - 1) & -step;
    if (nbytes < step * 4)
        nbytes = step * 4;
    *class = n + (int)(nbytes / step) - 4;
    return nbytes;
}

static char *map_pages(size_t nbytes)
{
    unsigned long at = CALL(mmap2, 0, nbytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return at > -4096ul ? NULL : (char *)at;
}

/* Return `whole` bytes, at least, of which the shadow is all ASAN_HEAP_LEFT. */
static char *get_base(size_t *whole)
{
    struct head *h;
    char *base;
    int class;

    if (*whole > LARGE) {
        *whole = (*whole + 4095) & ~(size_t)4095;
        return map_pages(*whole);
    }
    *whole = round_size(*whole, &class);
    if ((h = idle[class]) != NULL) {
        idle[class] = h->next;
        return h->base;
    }
    if (*whole > (size_t)(fresh_end - fresh)) {
        if ((base = map_pages(CHUNK)) == NULL)
            return NULL;
        fresh = base;
        fresh_end = base + CHUNK;
    }
    base = fresh;
    fresh += *whole;
    return base;
}

static void put_base(struct head *h)
{
    char *base = h->base;
    size_t whole = h->whole;
    int class;

    if (whole > LARGE) {
        asan_poison(base, whole, 0);
        CALL(munmap, base, whole);
        return;
    }
    round_size(whole, &class);
    h->next = idle[class];
    idle[class] = h;
}

/* memcpy looks at the shadow, and heads may not be touched. */
static void copy_trace(uintptr_t *to, const uintptr_t *from)
{
    for (int i = 0; i < NFRAMES - 1; i++)
        to[i] = from[i];
}

/* ---- blocks -------------------------------------------------------------- */

static void *allocate(size_t nbytes, size_t align, const void *frame)
{
    uintptr_t trace[NFRAMES];
    struct head *h = NULL;
    char *base, *user = NULL;
    size_t whole;

    if (align < 16)
        align = 16;
    if (nbytes > PTRDIFF_MAX - align - LEFT - RIGHT - 4096)
        goto none;
    whole = LEFT + nbytes + RIGHT + (align > 16 ? align : 0);
    asan_trace(trace, frame);
    __malloc_lock(NULL);
    base = get_base(&whole);
    if (base != NULL) {
        user = (char *)(((uintptr_t)base + LEFT + align - 1) & -align);
        h = (struct head *)(user - LEFT);
        h->state = LIVE;
        h->size = nbytes;
        h->whole = whole;
        h->base = base;
        copy_trace(h->allocated_by, trace);
        asan_poison(base, (size_t)(user - base), ASAN_HEAP_LEFT);
        asan_poison(user, (size_t)(base + whole - user), ASAN_HEAP_RIGHT);
        asan_unpoison(user, nbytes);
    }
    __malloc_unlock(NULL);
    if (base != NULL)
        return user;
none:
    errno = ENOMEM;
    return NULL;
}

/* Return the head of a block in use; end the program if there is none. */
static struct head *head_of(void *p, const char *what)
{
    struct head *h = (struct head *)((char *)p - LEFT);

    if ((uintptr_t)p % 16 != 0 || *shadow_of((char *)p - 1) != ASAN_HEAP_LEFT)
        asan_report(what, p);
    if (h->state == FREED)
        asan_report("attempting double-free", p);
    if (h->state != LIVE)
        asan_report(what, p);
    return h;
}

static void release(void *p, const void *frame)
{
    struct head *h = head_of(p, "attempting free of what malloc did not give");
    uintptr_t trace[NFRAMES];

    asan_trace(trace, frame);
    __malloc_lock(NULL);
    h->state = FREED;
    copy_trace(h->freed_by, trace);
    asan_poison(p, h->size, ASAN_HEAP_FREED);
    h->next = NULL;
    *newest = h;
    newest = &h->next;
    waiting += h->whole;
    while (waiting > QUARANTINE && oldest->next != NULL) {
        h = oldest;
        oldest = h->next;
        waiting -= h->whole;
        put_base(h);
    }
    __malloc_unlock(NULL);
}

/* A block's first byte follows the last granule of its left zone. */
bool asan_find_block(const void *p, struct heap_block *found)
{
    static uintptr_t by[2][NFRAMES];
    const char *at = (const char *)((uintptr_t)p & -GRANULE);
    const struct head *h;
    unsigned value = *shadow_of(at);

    if (value == ASAN_HEAP_LEFT) {
        while (*shadow_of(at) == ASAN_HEAP_LEFT)
            at += GRANULE;
    } else if (value < GRANULE || value == ASAN_HEAP_FREED ||
               value == ASAN_HEAP_RIGHT) {
        for (size_t n = 0; *shadow_of(at - 1) != ASAN_HEAP_LEFT; n++) {
            value = *shadow_of(at - 1);
            at -= GRANULE;
            if (n > LARGE * 16 ||
                (value >= GRANULE && value != ASAN_HEAP_FREED &&
                 value != ASAN_HEAP_RIGHT))
                return false;
        }
    } else {
        return false;
    }
    h = (const struct head *)(at - LEFT);
    if (h->state != LIVE && h->state != FREED)
        return false;
    copy_trace(by[0], h->allocated_by);
    copy_trace(by[1], h->freed_by);
    *found = (struct heap_block){at, h->size, h->state == FREED, by[0], by[1]};
    return true;
}

/* ---- the allocator's functions ------------------------------------------- */

#define FRAME __builtin_frame_address(0)

WEAK_NAME void *malloc(size_t nbytes)
{
    return allocate(nbytes, 16, FRAME);
}

WEAK_NAME void free(void *p)
{
    if (p != NULL)
        release(p, FRAME);
}

static void *allocate_zeroed(size_t n, size_t size, const void *frame)
{
    size_t nbytes;
    void *p;

    if (__builtin_mul_overflow(n, size, &nbytes)) {
        errno = ENOMEM;
        return NULL;
    }
    p = allocate(nbytes, 16, frame);
    return p == NULL ? NULL : memset(p, 0, nbytes);
}

WEAK_NAME void *calloc(size_t n, size_t size)
{
    return allocate_zeroed(n, size, FRAME);
}

static void *resize(void *old, size_t nbytes, const void *frame)
{
    size_t size;
    void *p;

    if (old == NULL)
        return allocate(nbytes, 16, frame);
    size = head_of(old, "attempting realloc of what malloc did not give")->size;
    p = allocate(nbytes, 16, frame);
    if (p == NULL)
        return NULL;
    memcpy(p, old, size < nbytes ? size : nbytes);
    release(old, frame);
    return p;
}

WEAK_NAME void *realloc(void *old, size_t nbytes)
{
    return resize(old, nbytes, FRAME);
}

WEAK_NAME void *reallocarray(void *old, size_t n, size_t size)
{
    size_t nbytes;

    if (!__builtin_mul_overflow(n, size, &nbytes))
        return resize(old, nbytes, FRAME);
    errno = ENOMEM;
    return NULL;
}

WEAK_NAME void *aligned_alloc(size_t align, size_t nbytes)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    return allocate(nbytes, align, FRAME);
}

WEAK_NAME void *memalign(size_t align, size_t nbytes)
{
    return aligned_alloc(align, nbytes);
}

WEAK_NAME int posix_memalign(void **result, size_t align, size_t nbytes)
{
    int before = errno;
    void *p;

    if (align < sizeof(void *) || (align & (align - 1)) != 0)
        return EINVAL;
    p = allocate(nbytes, align, FRAME);
    errno = before;
    if (p == NULL)
        return ENOMEM;
    *result = p;
    return 0;
}

WEAK_NAME void *valloc(size_t nbytes)
{
    return allocate(nbytes, 4096, FRAME);
}

WEAK_NAME void *pvalloc(size_t nbytes)
{
    return allocate((nbytes + 4095) & ~(size_t)4095, 4096, FRAME);
}

WEAK_NAME size_t malloc_usable_size(void *p)
{
    return p == NULL
               ? 0
               : head_of(p, "malloc_usable_size of what malloc did not give")
                     ->size;
}
