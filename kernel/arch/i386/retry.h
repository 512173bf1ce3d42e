/*
 * A watch over faults that come again. A fault that has been dealt with is
 * tried again; when that leads to the same fault, with nothing left to mend,
 * trying on would never end.
 */
#ifndef ARCH_RETRY_H
#define ARCH_RETRY_H

#include "lib/types.h"

#define RETRY_LIMIT 16

/* The last fault that needed nothing; all zero at first. */
struct retry {
    const void *who;
    uint32_t eip, address;
    unsigned times;
};

/*
 * Note a fault of `who` (any pointer that tells threads apart) at instruction
 * `eip`, about `address`, that found nothing to mend. Return true, and forget
 * it, when it is the RETRY_LIMITth of its kind with no other in between.
 */
bool retry_is_stuck(struct retry *last, const void *who, uint32_t eip,
                    uint32_t address);

#endif
