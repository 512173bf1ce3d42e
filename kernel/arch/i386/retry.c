/* Faults that come again; the contract is in retry.h. Pure. */
#include "arch/i386/retry.h"

bool retry_is_stuck(struct retry *last, const void *who, uint32_t eip,
                    uint32_t address)
{
    if (last->who != who || last->eip != eip || last->address != address)
        *last = (struct retry){who, eip, address, 0};
    if (++last->times < RETRY_LIMIT)
        return false;
    *last = (struct retry){0};
    return true;
}
