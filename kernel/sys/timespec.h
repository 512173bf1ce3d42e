/*
 * Times as system calls pass them: struct timespec in its two widths, and
 * struct itimerspec, which is two of them.
 */
#ifndef SYS_TIMESPEC_H
#define SYS_TIMESPEC_H

#include "lib/types.h"
#include "sys/sys.h"

/* Seconds and nanoseconds as one number, at most INT64_MAX: -EINVAL. */
int timespec_ns(int64_t sec, int64_t nsec, uint64_t *ns) must_check;

/* Read or write one: -EFAULT, -EINVAL. */
int timespec_get64(uaddr_t address, uint64_t *ns) must_check;
int timespec_get32(uaddr_t address, uint64_t *ns) must_check;
int timespec_put64(uaddr_t address, uint64_t ns) must_check;
int timespec_put32(uaddr_t address, uint64_t ns) must_check;

/* The same where a word of the call says which. */
static inline must_check int timespec_get(uaddr_t address, bool wide,
                                          uint64_t *ns)
{
    return wide ? timespec_get64(address, ns) : timespec_get32(address, ns);
}

static inline must_check int timespec_put(uaddr_t address, bool wide,
                                          uint64_t ns)
{
    return wide ? timespec_put64(address, ns) : timespec_put32(address, ns);
}

/* The interval, then the value. */
int itimerspec_get(uaddr_t address, bool wide, uint64_t *interval_ns,
                   uint64_t *value_ns) must_check;
int itimerspec_put(uaddr_t address, bool wide, uint64_t interval_ns,
                   uint64_t value_ns) must_check;

/* A span that a call waits for at most; `address` 0: UINT64_MAX, for ever. */
int timespec_span(uaddr_t address, bool wide, uint64_t *ns) must_check;

/* The moment `ns` after another one; UINT64_MAX if `ns` is that. */
uint64_t timespec_later(uint64_t from, uint64_t ns);

/*
 * A time of CLOCK_REALTIME that a call waits for at most, as one of the
 * monotonic clock; `address` 0: UINT64_MAX.
 */
int timespec_deadline(uaddr_t address, bool wide,
                      uint64_t *deadline) must_check;

#endif
