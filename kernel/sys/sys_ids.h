/*
 * What the calls for ids of 32 bits and those for ids of 16 share.
 */
#ifndef SYS_IDS_H
#define SYS_IDS_H

#include "lib/types.h"

#define IDS_KEEP UINT32_MAX /* "leave this id as it is" */

/* Return 0 if the caller may have `n` supplementary groups; -EPERM, -EINVAL. */
int ids_may_set_groups(uint32_t n) must_check;

/*
 * Give the current process these supplementary groups, as many as it may have:
 * 0, or -EINVAL if -1 is among them.
 */
int ids_set_groups(const uint32_t *groups, uint32_t n) must_check;

/* The id of 16 bits that stands for one of 32: 65534 where it has no place. */
static inline uint16_t ids_low(uint32_t id)
{
    return id > 0xFFFF ? 65534 : (uint16_t)id;
}

#endif
