/*
 * brk: set the end of the heap.  Error: ENOMEM.
 */
#include "../call.h"
#include <unistd.h>

int brk(void *end)
{
    if ((void *)CALL(brk, end) != end)
        return __cairn_fail(ENOMEM);
    return 0;
}
