/*
 * The heap as an LD_PRELOAD library: threads from the first call on.
 */
#include "../internal.h"
#include "os_host.h"

__attribute__((constructor)) static void preload_start(void)
{
    os_host_use_threads();
}
