/* Cairn's own call that makes memory and user copies fail; <cairn/inject.h>. */
#include <cairn/inject.h>

#include "mm/inject.h"
#include "proc/process.h"
#include "sys/sys.h"

SYSCALL_DEFINE(inject, uint32_t nth, uint32_t flags, uint32_t copies)
{
    uint32_t passed, left = ucopy_fail_in;

    if (current_process()->creds.euid != 0)
        return -EPERM;
    if (flags & ~(uint32_t)(INJECT_FOR_EVER | INJECT_OFF | INJECT_COPIES))
        return -EINVAL;
    passed = inject_disarm();
    ucopy_fail_in = copies;
    current_process()->injects = !(flags & INJECT_OFF) || copies != 0;
    if (!(flags & INJECT_OFF))
        inject_arm(nth, flags & INJECT_FOR_EVER);
    return (long)(flags & INJECT_COPIES ? left : passed);
}
