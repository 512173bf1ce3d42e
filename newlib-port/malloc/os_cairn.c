/*
 * What the heap needs of Cairn; a Linux host gives a 32-bit program the same.
 *
 * The map of the whole address space is 64 MiB of addresses, not of memory: it
 * is readable, so every page is the one page of zeros until the heap makes the
 * pages it needs writable, and pays for them then.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
#include "internal.h"

#define PLANE     ((size_t)0x02000000) /* for 4 GiB */
#define MAP_PARTS 16u                  /* at least a sixteenth: 256 MiB */

/*
 * The map for all addresses, or where a limit of address space does not allow
 * it, for the lower ones: the heap that sbrk grows lies there.  A page behind
 * each plane is there to be looked at.
 */
bool __os_reserve(struct heap *h)
{
    for (unsigned part = 1; part <= MAP_PARTS; part *= 2) {
        size_t nbytes = PLANE / part + PAGE;
        char *map = mmap(NULL, 2 * nbytes, PROT_READ,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (map == MAP_FAILED)
            continue;
        h->start = (uint32_t *)map;
        h->idle = (uint32_t *)(map + nbytes);
        h->limit = PLANE / part * 8;
        return true;
    }
    return false;
}

uintptr_t __os_random(void)
{
    uintptr_t number;

    /* Without it, what the addresses have of chance. */
    return getentropy(&number, sizeof number) == 0 ? number
                                                   : (uintptr_t)&number * 63;
}

bool __os_commit(void *from, size_t nbytes)
{
    return mprotect(from, nbytes, PROT_READ | PROT_WRITE) == 0;
}

void *__os_sbrk(intptr_t nbytes)
{
    void *at = sbrk(nbytes);

    return at == (void *)-1 ? NULL : at;
}

void *__os_map(size_t nbytes)
{
    void *at = mmap(NULL, nbytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    return at == MAP_FAILED ? NULL : at;
}

void __os_unmap(void *from, size_t nbytes)
{
    munmap(from, nbytes);
}

void *__os_remap(void *from, size_t old_bytes, size_t new_bytes, void *to)
{
    int flags = MREMAP_MAYMOVE | (to != NULL ? MREMAP_FIXED : 0);
    void *at = mremap(from, old_bytes, new_bytes, flags, to);

    return at == MAP_FAILED ? NULL : at;
}

void __os_drop(void *from, size_t nbytes)
{
    madvise(from, nbytes, MADV_DONTNEED);
}

void __os_guard(void *from, size_t nbytes)
{
    mprotect(from, nbytes, PROT_NONE);
}
