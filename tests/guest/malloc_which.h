/*
 * Which allocator a test is linked with: Cairn's, or by -lmalloc-newlib or
 * -lmalloc-nano one of newlib's, each of which has a variable of its own.
 */
#ifndef TESTS_GUEST_MALLOC_WHICH_H
#define TESTS_GUEST_MALLOC_WHICH_H

#include <cairn/malloc.h>

extern char __malloc_av_[] __attribute__((weak));
extern char __malloc_free_list[] __attribute__((weak));

static inline int is_newlibs(void)
{
    return __malloc_av_ != 0 || __malloc_free_list != 0;
}

static inline int is_nano(void)
{
    return __malloc_free_list != 0;
}

/* The heap walk of Cairn's allocator; newlib's have none. */
static inline int is_heap_sound(void)
{
    return is_newlibs() || malloc_check() == 0;
}

#endif
