/* Times of user space as nanoseconds. */
#include "lib/units.h"
#include "sys/timespec.h"

#include <cairn/time.h>

#include "arch/i386/clock.h"

int timespec_put64(uaddr_t address, uint64_t ns)
{
    struct __cairn_timespec64 ts = {.tv_sec = (int64_t)(ns / NS_PER_S),
                                    .tv_nsec = (int64_t)(ns % NS_PER_S)};

    return copy_to_user(address, &ts, sizeof(ts));
}

int timespec_put32(uaddr_t address, uint64_t ns)
{
    struct __cairn_timespec32 ts = {.tv_sec = (int32_t)(ns / NS_PER_S),
                                    .tv_nsec = (int32_t)(ns % NS_PER_S)};

    return copy_to_user(address, &ts, sizeof(ts));
}

int timespec_ns(int64_t sec, int64_t nsec, uint64_t *ns)
{
    if (sec < 0 || nsec < 0 || nsec >= NS_PER_S)
        return -EINVAL;
    *ns = sec >= INT64_MAX / NS_PER_S
              ? (uint64_t)INT64_MAX
              : (uint64_t)sec * NS_PER_S + (uint64_t)nsec;
    return 0;
}

int timespec_get64(uaddr_t address, uint64_t *ns)
{
    struct __cairn_timespec64 ts;

    if (copy_from_user(&ts, address, sizeof(ts)) != 0)
        return -EFAULT;
    /* As Linux for 32-bit programs: the upper half of tv_nsec is padding. */
    return timespec_ns(ts.tv_sec, (int32_t)ts.tv_nsec, ns);
}

int timespec_get32(uaddr_t address, uint64_t *ns)
{
    struct __cairn_timespec32 ts;

    if (copy_from_user(&ts, address, sizeof(ts)) != 0)
        return -EFAULT;
    return timespec_ns(ts.tv_sec, ts.tv_nsec, ns);
}

static uint32_t size_of(bool wide)
{
    return wide ? sizeof(struct __cairn_timespec64)
                : sizeof(struct __cairn_timespec32);
}

int itimerspec_get(uaddr_t address, bool wide, uint64_t *interval_ns,
                   uint64_t *value_ns)
{
    int error = timespec_get(address, wide, interval_ns);

    return error ? error
                 : timespec_get(address + size_of(wide), wide, value_ns);
}

int itimerspec_put(uaddr_t address, bool wide, uint64_t interval_ns,
                   uint64_t value_ns)
{
    int error = timespec_put(address, wide, interval_ns);

    return error ? error
                 : timespec_put(address + size_of(wide), wide, value_ns);
}

uint64_t timespec_later(uint64_t from, uint64_t ns)
{
    if (ns == UINT64_MAX)
        return ns;
    return ns > UINT64_MAX - 1 - from ? UINT64_MAX - 1 : from + ns;
}

int timespec_span(uaddr_t address, bool wide, uint64_t *ns)
{
    *ns = UINT64_MAX;
    return address != 0 ? timespec_get(address, wide, ns) : 0;
}

int timespec_deadline(uaddr_t address, bool wide, uint64_t *deadline)
{
    uint64_t ns, now;
    int error = timespec_span(address, wide, &ns);

    if (!error && ns != UINT64_MAX) {
        now = clock_realtime_ns();
        ns = ns > now ? ns - now : 0;
    }
    *deadline = timespec_later(clock_monotonic_ns(), ns);
    return error;
}
