/*
 * malloc.c - an allocator that tells valgrind of every block: -lmalloc-valgrind.
 *
 * Valgrind replaces malloc in shared libraries, and a static program has none.
 * So this allocator makes valgrind's client requests itself (valgrind.h,
 * memcheck.h: an instruction sequence that does nothing elsewhere).  A block has
 * unaddressable bytes before and after it, and a freed one is not used again, so
 * that valgrind sees every access outside of a block, use after free, double
 * free, and leak.  Without valgrind it is a plain allocator that never reuses.
 *
 *     arena: | head | zone | block ... | zone | head | zone | block ...
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define ZONE        16
#define CHUNK_BYTES ((size_t)1 << 20)

#define MALLOCLIKE_BLOCK  0x1301
#define FREELIKE_BLOCK    0x1302
#define MAKE_MEM_NOACCESS 0x4d430000
#define MAKE_MEM_DEFINED  0x4d430002

struct head {
    size_t size;
    size_t unused;
};

static char *next, *end; /* what is left of the newest chunk */

/* Make a client request: the rotations of EDI add up to 64 bits. */
static void request(uintptr_t what, uintptr_t a, uintptr_t b, uintptr_t c,
                    uintptr_t d)
{
    volatile uintptr_t arguments[6] = {what, a, b, c, d, 0};
    uintptr_t result = 0;

    __asm__ volatile("roll $3, %%edi; roll $13, %%edi\n\t"
                     "roll $29, %%edi; roll $19, %%edi\n\t"
                     "xchgl %%ebx, %%ebx"
                     : "+d"(result)
                     : "a"(arguments)
                     : "cc", "memory");
}

static int new_chunk(size_t nbytes)
{
    size_t length = nbytes > CHUNK_BYTES ? nbytes : CHUNK_BYTES;

    length = (length + 4095) & ~(size_t)4095;
    next = mmap(NULL, length, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (next == MAP_FAILED) {
        next = end = NULL;
        errno = ENOMEM;
        return -1;
    }
    end = next + length;
    request(MAKE_MEM_NOACCESS, (uintptr_t)next, length, 0, 0);
    return 0;
}

static void *allocate(size_t nbytes, size_t align, int zeroed)
{
    uintptr_t at;
    struct head *head;

    if (align < ZONE)
        align = ZONE;
    if (nbytes > PTRDIFF_MAX - align - 4096) {
        errno = ENOMEM;
        return NULL;
    }
    at = ((uintptr_t)next + sizeof(*head) + ZONE + align - 1) & -align;
    if (next == NULL || at > (uintptr_t)end ||
        nbytes + ZONE > (uintptr_t)end - at) {
        if (new_chunk(nbytes + align + sizeof(*head) + 2 * ZONE) < 0)
            return NULL;
        at = ((uintptr_t)next + sizeof(*head) + ZONE + align - 1) & -align;
    }
    head = (struct head *)(at - ZONE) - 1;
    request(MAKE_MEM_DEFINED, (uintptr_t)head, sizeof(*head), 0, 0);
    head->size = nbytes;
    request(MAKE_MEM_NOACCESS, (uintptr_t)head, sizeof(*head), 0, 0);
    next = (char *)at + ((nbytes + ZONE + 15) & ~(size_t)15);
    if (next > end)
        next = end;
    request(MALLOCLIKE_BLOCK, at, nbytes, ZONE, (uintptr_t)zeroed);
    return (void *)at;
}

static size_t size_of(void *p)
{
    struct head *head = (struct head *)((char *)p - ZONE) - 1;
    size_t size;

    request(MAKE_MEM_DEFINED, (uintptr_t)head, sizeof(*head), 0, 0);
    size = head->size;
    request(MAKE_MEM_NOACCESS, (uintptr_t)head, sizeof(*head), 0, 0);
    return size;
}

void *malloc(size_t nbytes)
{
    return allocate(nbytes, ZONE, 0);
}

void free(void *p)
{
    if (p != NULL)
        request(FREELIKE_BLOCK, (uintptr_t)p, ZONE, 0, 0);
}

/* Fresh memory is zero: the kernel's, and never used again. */
void *calloc(size_t n, size_t size)
{
    size_t nbytes;

    if (!__builtin_mul_overflow(n, size, &nbytes))
        return allocate(nbytes, ZONE, 1);
    errno = ENOMEM;
    return NULL;
}

void *realloc(void *old, size_t nbytes)
{
    void *p = malloc(nbytes);

    if (p == NULL || old == NULL)
        return p;
    memcpy(p, old, size_of(old) < nbytes ? size_of(old) : nbytes);
    free(old);
    return p;
}

void *reallocarray(void *p, size_t n, size_t size)
{
    size_t nbytes;

    if (!__builtin_mul_overflow(n, size, &nbytes))
        return realloc(p, nbytes);
    errno = ENOMEM;
    return NULL;
}

void *aligned_alloc(size_t align, size_t nbytes)
{
    if (align == 0 || (align & (align - 1)) != 0) {
        errno = EINVAL;
        return NULL;
    }
    return allocate(nbytes, align, 0);
}

void *memalign(size_t align, size_t nbytes)
{
    return aligned_alloc(align, nbytes);
}

int posix_memalign(void **result, size_t align, size_t nbytes)
{
    void *p;

    if (align < sizeof(void *) || (align & (align - 1)) != 0)
        return EINVAL;
    p = allocate(nbytes, align, 0);
    if (p == NULL)
        return ENOMEM;
    *result = p;
    return 0;
}

void *valloc(size_t nbytes)
{
    return allocate(nbytes, 4096, 0);
}

size_t malloc_usable_size(void *p)
{
    return p == NULL ? 0 : size_of(p);
}
