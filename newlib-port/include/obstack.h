/*
 * obstack.h - stacks of objects that grow (the GNU library's interface).
 *
 * An obstack is a chain of chunks.  Its newest object lies from object_base
 * to next_free and may still grow; obstack_finish ends it.  obstack_free takes
 * back an object and all that came after it.  The program says where chunks
 * come from, by macros obstack_chunk_alloc and obstack_chunk_free.
 *
 * The structs and the functions _obstack_* are those of version 2 of the GNU
 * interface: objects compiled with a program's own copy of that header, as
 * GNU's packages have one, work with this library.
 */
#ifndef _OBSTACK_H
#define _OBSTACK_H 1

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/cdefs.h>

#define _OBSTACK_INTERFACE_VERSION 2

struct _obstack_chunk {
    char *limit; /* one past its end */
    struct _obstack_chunk *prev;
    char contents[4];
};

struct obstack {
    size_t chunk_size;
    struct _obstack_chunk *chunk;
    char *object_base;
    char *next_free;
    char *chunk_limit;
    union {
        size_t i;
        void *p;
    } temp; /* for the macros of other copies of this header */
    size_t alignment_mask;
    union {
        void *(*plain)(size_t);
        void *(*extra)(void *, size_t);
    } chunkfun;
    union {
        void (*plain)(void *);
        void (*extra)(void *, void *);
    } freefun;
    void *extra_arg;
    unsigned use_extra_arg : 1;
    unsigned maybe_empty_object : 1; /* the chunk may hold an empty object */
    unsigned alloc_failed : 1;       /* not used */
};

__BEGIN_DECLS

extern void (*obstack_alloc_failed_handler)(void);
extern int obstack_exit_failure;

int _obstack_begin(struct obstack *, size_t, size_t, void *(*)(size_t),
                   void (*)(void *));
int _obstack_begin_1(struct obstack *, size_t, size_t,
                     void *(*)(void *, size_t), void (*)(void *, void *),
                     void *);
void _obstack_newchunk(struct obstack *, size_t);
void _obstack_free(struct obstack *, void *);
int _obstack_allocated_p(struct obstack *, void *);
size_t _obstack_memory_used(struct obstack *);
void *__obstack_finish(struct obstack *);
int obstack_printf(struct obstack *, const char *, ...)
    __attribute__((__format__(__printf__, 2, 3)));
int obstack_vprintf(struct obstack *, const char *, va_list)
    __attribute__((__format__(__printf__, 2, 0)));

__END_DECLS

/* Functions of other types are taken too, as the GNU library does. */
#define __OBSTACK_ALLOC(type, alloc) ((void *(*)type)(void (*)(void))(alloc))
#define __OBSTACK_FREE(type, free)   ((void(*) type)(void (*)(void))(free))

#define obstack_init(h) obstack_begin((h), 0)
#define obstack_begin(h, size)                                      \
    obstack_specify_allocation((h), (size), 0, obstack_chunk_alloc, \
                               obstack_chunk_free)
#define obstack_specify_allocation(h, size, alignment, alloc, free)            \
    _obstack_begin((h), (size), (alignment), __OBSTACK_ALLOC((size_t), alloc), \
                   __OBSTACK_FREE((void *), free))
#define obstack_specify_allocation_with_arg(h, size, alignment, alloc, free, \
                                            arg)                             \
    _obstack_begin_1((h), (size), (alignment),                               \
                     __OBSTACK_ALLOC((void *, size_t), alloc),               \
                     __OBSTACK_FREE((void *, void *), free), (arg))

#define obstack_base(h)           ((void *)(h)->object_base)
#define obstack_next_free(h)      ((void *)(h)->next_free)
#define obstack_object_size(h)    ((size_t)((h)->next_free - (h)->object_base))
#define obstack_room(h)           ((size_t)((h)->chunk_limit - (h)->next_free))
#define obstack_chunk_size(h)     ((h)->chunk_size)
#define obstack_alignment_mask(h) ((h)->alignment_mask)
#define obstack_memory_used(h)    _obstack_memory_used(h)
#define obstack_free(h, object)   _obstack_free((h), (object))
#define obstack_finish(h)         __obstack_finish(h)
#define obstack_empty_p(h)                                             \
    ((h)->chunk->prev == NULL && (h)->next_free == (h)->object_base && \
     (size_t)((h)->next_free - (h)->chunk->contents) <= (h)->alignment_mask)

#define obstack_1grow_fast(h, c)    ((void)(*(h)->next_free++ = (char)(c)))
#define obstack_blank_fast(h, n)    ((void)((h)->next_free += (n)))
#define obstack_ptr_grow_fast(h, p) __obstack_put_pointer((h), (p))
#define obstack_int_grow_fast(h, i) __obstack_put_int((h), (i))

static inline void __obstack_make_room(struct obstack *h, size_t n)
{
    if (obstack_room(h) < n)
        _obstack_newchunk(h, n);
}

static inline void __obstack_put(struct obstack *h, const void *data, size_t n)
{
    __obstack_make_room(h, n);
    if (n > 0)
        memcpy(h->next_free, data, n);
    h->next_free += n;
}

static inline void __obstack_put_pointer(struct obstack *h, const void *p)
{
    __obstack_put(h, &p, sizeof(p));
}

static inline void __obstack_put_int(struct obstack *h, int i)
{
    __obstack_put(h, &i, sizeof(i));
}

static inline void __obstack_put_char(struct obstack *h, int c)
{
    __obstack_make_room(h, 1);
    *h->next_free++ = (char)c;
}

static inline void __obstack_blank(struct obstack *h, ptrdiff_t n)
{
    if (n > 0)
        __obstack_make_room(h, (size_t)n);
    h->next_free += n;
}

static inline void *__obstack_take(struct obstack *h, const void *data,
                                   size_t n, int zeros)
{
    if (data != NULL)
        __obstack_put(h, data, n);
    else
        __obstack_blank(h, (ptrdiff_t)n);
    if (zeros)
        __obstack_put_char(h, 0);
    return __obstack_finish(h);
}

#define obstack_make_room(h, n)  __obstack_make_room((h), (n))
#define obstack_grow(h, data, n) __obstack_put((h), (data), (n))
#define obstack_grow0(h, data, n) \
    (__obstack_put((h), (data), (n)), __obstack_put_char((h), 0))
#define obstack_1grow(h, c)       __obstack_put_char((h), (c))
#define obstack_ptr_grow(h, p)    __obstack_put_pointer((h), (p))
#define obstack_int_grow(h, i)    __obstack_put_int((h), (i))
#define obstack_blank(h, n)       __obstack_blank((h), (ptrdiff_t)(n))
#define obstack_alloc(h, n)       __obstack_take((h), NULL, (n), 0)
#define obstack_copy(h, data, n)  __obstack_take((h), (data), (n), 0)
#define obstack_copy0(h, data, n) __obstack_take((h), (data), (n), 1)

#endif
