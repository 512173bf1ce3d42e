/*
 * Nanoseconds as the 32-bit calls show them.
 */
#ifndef SYS_TIMEVAL_H
#define SYS_TIMEVAL_H

#include <cairn/time.h>
#include "lib/types.h"
#include "lib/units.h"

static inline struct __cairn_timeval32 to_timeval(uint64_t ns)
{
    return (struct __cairn_timeval32){.tv_sec = (int32_t)(ns / NS_PER_S),
                                      .tv_usec =
                                          (int32_t)(ns % NS_PER_S / NS_PER_US)};
}

#endif
