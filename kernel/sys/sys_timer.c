/* System calls about the timers of a process (timer_create). */
#include <cairn/signal.h>
#include <cairn/time.h>

#include "proc/posix_timer.h"
#include "sys/sys.h"
#include "sys/timespec.h"

/* Without an event: SIGALRM, with the timer's number as value. */
static int get_event(uaddr_t address, struct timer_event *out)
{
    struct __cairn_sigevent event;

    *out = (struct timer_event){SIGEV_SIGNAL, SIGALRM, 0, 0, true};
    if (address == 0)
        return 0;
    if (copy_from_user(&event, address, sizeof(event)) != 0)
        return -EFAULT;
    *out = (struct timer_event){event.notify, event.signo, event.tid,
                                (uint32_t)event.value.sival_int, false};
    return 0;
}

SYSCALL_DEFINE(timer_create, int clock, uaddr_t address, uaddr_t out)
{
    struct timer_event event;
    int id, error = get_event(address, &event);

    if (error)
        return error;
    id = posix_timer_create(clock, &event);
    if (id < 0)
        return id;
    error = copy_to_user(out, &id, sizeof(id));
    if (error)
        (void)!posix_timer_delete(id);
    return error;
}

SYSCALL_DEFINE(timer_delete, int id)
{
    return posix_timer_delete(id);
}

SYSCALL_DEFINE(timer_getoverrun, int id)
{
    return posix_timer_overrun(id);
}

static long do_gettime(int id, uaddr_t address, bool wide)
{
    struct timer_spec spec;
    int error = posix_timer_get(id, &spec);

    if (error)
        return error;
    return itimerspec_put(address, wide, spec.interval_ns, spec.value_ns);
}

SYSCALL_DEFINE(timer_gettime, int id, uaddr_t address)
{
    return do_gettime(id, address, false);
}

SYSCALL_DEFINE(timer_gettime64, int id, uaddr_t address)
{
    return do_gettime(id, address, true);
}

static long do_settime(int id, int flags, uaddr_t new, uaddr_t old, bool wide)
{
    struct timer_spec spec, before;
    int error = -EINVAL;

    if (new != 0)
        error = itimerspec_get(new, wide, &spec.interval_ns, &spec.value_ns);
    if (!error)
        error = posix_timer_set(id, (flags & __CAIRN_TIMER_ABSTIME) != 0, &spec,
                                &before);
    if (error || old == 0)
        return error;
    return itimerspec_put(old, wide, before.interval_ns, before.value_ns);
}

SYSCALL_DEFINE(timer_settime, int id, int flags, uaddr_t new, uaddr_t old)
{
    return do_settime(id, flags, new, old, false);
}

SYSCALL_DEFINE(timer_settime64, int id, int flags, uaddr_t new, uaddr_t old)
{
    return do_settime(id, flags, new, old, true);
}
