/*
 * The storage of a thread that is not the first, with a reentrancy structure of
 * its own after the control block.
 */
#include "threads.h"
#include <reent.h>

struct __cairn_control_block *__cairn_tls_copy(unsigned char *memory)
{
    size_t align = __cairn_tls_layout.align;
    uintptr_t start = ((uintptr_t)memory + align - 1) & -align;
    struct __cairn_control_block *block =
        __cairn_tls_fill((unsigned char *)start, NULL);

    block->reent = (struct _reent *)(block + 1);
    _REENT_INIT_PTR_ZEROED(block->reent);
    return block;
}
