/*
 * What the heap needs of Cairn; a Linux host gives a 32-bit program the same.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>
#include "internal.h"

/* The stack protector's guard, which the kernel's random bytes became. */
uintptr_t __os_random(void)
{
    uintptr_t number;

    __asm__("movl %%gs:20, %0" : "=r"(number));
    return number * 2654435769u;
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

void *__os_remap(void *from, size_t old_bytes, size_t new_bytes)
{
    void *at = mremap(from, old_bytes, new_bytes, MREMAP_MAYMOVE);

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
