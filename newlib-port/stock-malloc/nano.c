/*
 * What the small one of newlib's allocators lacks besides: it never gives
 * memory back, which malloc_trim may say.
 */
#include <malloc.h>
#include <stdlib.h>

int _malloc_trim_r(struct _reent *r, size_t keep)
{
    (void)r;
    (void)keep;
    return 0;
}

int malloc_trim(size_t keep)
{
    (void)keep;
    return 0;
}
