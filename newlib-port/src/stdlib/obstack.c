/*
 * obstack.c - the chunks of obstacks; <obstack.h> says what they are.
 *
 * Without memory for a chunk obstack_alloc_failed_handler is called, which does
 * not return: it writes a line and ends with obstack_exit_failure unless the
 * program has put in another one.
 */
#define _GNU_SOURCE
#include <obstack.h>
#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_CHUNK 4064

static void out_of_memory(void)
{
    fprintf(stderr, "memory exhausted\n");
    exit(obstack_exit_failure);
}

void (*obstack_alloc_failed_handler)(void) = out_of_memory;
int obstack_exit_failure = EXIT_FAILURE;

static void *chunk_alloc(struct obstack *h, size_t nbytes)
{
    void *chunk;

    if (h->use_extra_arg)
        chunk = h->chunkfun.extra(h->extra_arg, nbytes);
    else
        chunk = h->chunkfun.plain(nbytes);
    if (chunk == NULL)
        obstack_alloc_failed_handler();
    return chunk;
}

static void chunk_free(struct obstack *h, void *chunk)
{
    if (h->use_extra_arg)
        h->freefun.extra(h->extra_arg, chunk);
    else
        h->freefun.plain(chunk);
}

static char *align(const struct obstack *h, char *p)
{
    return (char *)(((uintptr_t)p + h->alignment_mask) & ~h->alignment_mask);
}

/* Make `chunk`, of `nbytes`, the newest one, with an empty object in it. */
static void push(struct obstack *h, struct _obstack_chunk *chunk, size_t nbytes)
{
    chunk->prev = h->chunk;
    chunk->limit = (char *)chunk + nbytes;
    h->chunk = chunk;
    h->chunk_limit = chunk->limit;
    h->object_base = h->next_free = align(h, chunk->contents);
}

/* Clear `h` but for the functions of chunks, and give it its first one. */
static int begin(struct obstack *h, size_t size, size_t alignment)
{
    h->chunk = NULL;
    h->maybe_empty_object = h->alloc_failed = 0;
    h->chunk_size = size ? size : DEFAULT_CHUNK;
    h->alignment_mask = (alignment ? alignment : _Alignof(max_align_t)) - 1;
    if (h->chunk_size < sizeof(struct _obstack_chunk) + h->alignment_mask)
        h->chunk_size = sizeof(struct _obstack_chunk) + h->alignment_mask;
    push(h, chunk_alloc(h, h->chunk_size), h->chunk_size);
    return 1;
}

int _obstack_begin(struct obstack *h, size_t size, size_t alignment,
                   void *(*alloc)(size_t), void (*free)(void *))
{
    h->chunkfun.plain = alloc;
    h->freefun.plain = free;
    h->extra_arg = NULL;
    h->use_extra_arg = 0;
    return begin(h, size, alignment);
}

int _obstack_begin_1(struct obstack *h, size_t size, size_t alignment,
                     void *(*alloc)(void *, size_t),
                     void (*free)(void *, void *), void *argument)
{
    h->chunkfun.extra = alloc;
    h->freefun.extra = free;
    h->extra_arg = argument;
    h->use_extra_arg = 1;
    return begin(h, size, alignment);
}

/* Move the growing object into a chunk with room for `more` bytes after it. */
void _obstack_newchunk(struct obstack *h, size_t more)
{
    struct _obstack_chunk *old = h->chunk;
    char *object = h->object_base;
    size_t length = obstack_object_size(h);
    size_t needed = sizeof(struct _obstack_chunk) + h->alignment_mask;
    size_t nbytes;

    if (__builtin_add_overflow(needed, length + length / 8 + 100, &nbytes) ||
        __builtin_add_overflow(nbytes, more, &nbytes))
        obstack_alloc_failed_handler();
    if (nbytes < h->chunk_size)
        nbytes = h->chunk_size;
    push(h, chunk_alloc(h, nbytes), nbytes);
    memcpy(h->object_base, object, length);
    h->next_free = h->object_base + length;
    /* A chunk that held this object alone is of no more use. */
    if (!h->maybe_empty_object && object == align(h, old->contents)) {
        h->chunk->prev = old->prev;
        chunk_free(h, old);
    }
    h->maybe_empty_object = 0;
}

void *__obstack_finish(struct obstack *h)
{
    char *object = h->object_base;

    if (h->next_free == object)
        h->maybe_empty_object = 1;
    h->next_free = align(h, h->next_free);
    if (h->next_free > h->chunk_limit)
        h->next_free = h->chunk_limit;
    h->object_base = h->next_free;
    return object;
}

static int holds(const struct _obstack_chunk *chunk, const void *object)
{
    return (const char *)chunk < (const char *)object &&
           (const char *)object <= chunk->limit;
}

int _obstack_allocated_p(struct obstack *h, void *object)
{
    struct _obstack_chunk *chunk = h->chunk;

    while (chunk != NULL && !holds(chunk, object))
        chunk = chunk->prev;
    return chunk != NULL;
}

void _obstack_free(struct obstack *h, void *object)
{
    while (h->chunk != NULL && !holds(h->chunk, object)) {
        struct _obstack_chunk *prev = h->chunk->prev;

        chunk_free(h, h->chunk);
        h->chunk = prev;
        h->maybe_empty_object = 1;
    }
    if (h->chunk == NULL) {
        if (object != NULL)
            abort();
        return;
    }
    h->object_base = h->next_free = object;
    h->chunk_limit = h->chunk->limit;
}

size_t _obstack_memory_used(struct obstack *h)
{
    size_t sum = 0;

    for (struct _obstack_chunk *c = h->chunk; c != NULL; c = c->prev)
        sum += (size_t)(c->limit - (char *)c);
    return sum;
}

int obstack_vprintf(struct obstack *h, const char *format, va_list args)
{
    va_list again;
    int length;

    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length < 0)
        return length;
    obstack_make_room(h, (size_t)length + 1);
    vsnprintf(h->next_free, (size_t)length + 1, format, args);
    h->next_free += length;
    return length;
}

int obstack_printf(struct obstack *h, const char *format, ...)
{
    va_list args;
    int length;

    va_start(args, format);
    length = obstack_vprintf(h, format, args);
    va_end(args);
    return length;
}
