/*
 * The functions of <malloc.h>, <stdlib.h> and <cairn/malloc.h> that newlib's
 * own allocators lack, made of those that they have: a program that calls them
 * can be linked with -lmalloc-newlib and -lmalloc-nano too.
 *
 * They are right in themselves (products are tested, errors are POSIX's), but
 * what they are made of keeps its faults; tests/guest/malloc_newlib_faults.c
 * lists those.  There is no malloc_set_trace.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairn/malloc.h>

static int is_power_of_two(size_t n)
{
    return n != 0 && (n & (n - 1)) == 0;
}

int posix_memalign(void **result, size_t align, size_t nbytes)
{
    int saved = errno;
    void *memory;

    if (align % sizeof(void *) != 0 || !is_power_of_two(align))
        return EINVAL;
    memory = memalign(align, nbytes);
    errno = saved;
    if (memory == NULL)
        return ENOMEM;
    *result = memory;
    return 0;
}

void *aligned_alloc(size_t align, size_t nbytes)
{
    if (!is_power_of_two(align)) {
        errno = EINVAL;
        return NULL;
    }
    return memalign(align, nbytes);
}

void *reallocarray(void *p, size_t n, size_t size)
{
    size_t nbytes;

    if (__builtin_mul_overflow(n, size, &nbytes)) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(p, nbytes);
}

void freezero(void *p, size_t nbytes)
{
    size_t have = p == NULL ? 0 : malloc_usable_size(p);

    if (p == NULL)
        return;
    explicit_bzero(p, nbytes < have ? nbytes : have);
    free(p);
}

void free_sized(void *p, size_t nbytes)
{
    (void)nbytes;
    free(p);
}

void free_aligned_sized(void *p, size_t align, size_t nbytes)
{
    (void)align;
    (void)nbytes;
    free(p);
}

struct mallinfo2 mallinfo2(void)
{
    struct mallinfo info = mallinfo();
    struct mallinfo2 wide = {.arena = info.arena,
                             .ordblks = info.ordblks,
                             .smblks = info.smblks,
                             .hblks = info.hblks,
                             .hblkhd = info.hblkhd,
                             .usmblks = info.usmblks,
                             .fsmblks = info.fsmblks,
                             .uordblks = info.uordblks,
                             .fordblks = info.fordblks,
                             .keepcost = info.keepcost};

    return wide;
}

int malloc_info(int options, FILE *out)
{
    struct mallinfo info = mallinfo();

    if (options != 0)
        return EINVAL;
    fprintf(out,
            "<malloc version=\"1\">\n"
            "<system type=\"current\" size=\"%lu\"/>\n"
            "<total type=\"rest\" count=\"%lu\" size=\"%lu\"/>\n"
            "</malloc>\n",
            (unsigned long)info.arena, (unsigned long)info.ordblks,
            (unsigned long)info.fordblks);
    return 0;
}

const char *malloc_check(void)
{
    return "newlib's allocator cannot walk its heap";
}
