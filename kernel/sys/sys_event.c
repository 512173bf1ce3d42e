/* System calls that make events files: eventfd, timerfd, signalfd, epoll. */
#include <cairn/event.h>
#include <cairn/fcntl.h>
#include <cairn/signal.h>
#include <cairn/time.h>

#include "arch/i386/clock.h"
#include "fs/eventfd.h"
#include "fs/fdtable.h"
#include "fs/file.h"
#include "fs/timerfd.h"
#include "lib/units.h"
#include "proc/epoll.h"
#include "proc/process.h"
#include "proc/signalfd.h"
#include "sys/restart.h"
#include "sys/sys.h"
#include "sys/sys_path.h"
#include "sys/timespec.h"

#define FD_FLAGS ((uint32_t)(O_CLOEXEC | O_NONBLOCK))

/* Give a new file a number. */
static long install(struct file *file, uint32_t flags)
{
    return fdtable_add(current_process()->files, file, user_nofile(),
                       (flags & O_CLOEXEC) != 0);
}

/* The file of a descriptor, counted, or NULL. */
static struct file *get_file(int fd)
{
    struct file *file = fdtable_file(current_process()->files, fd);

    if (file != NULL && (file->mode & FILE_PATH)) {
        file_put(file);
        return NULL;
    }
    return file;
}

/* ---- eventfd ---- */

SYSCALL_DEFINE(eventfd2, uint32_t count, uint32_t flags)
{
    struct file *file;
    int error;

    if (flags & ~(FD_FLAGS | __CAIRN_EFD_SEMAPHORE))
        return -EINVAL;
    error = eventfd_create(count, (flags & __CAIRN_EFD_SEMAPHORE) != 0,
                           flags & O_NONBLOCK, &file);
    return error ? error : install(file, flags);
}

SYSCALL_DEFINE(eventfd, uint32_t count)
{
    return sys_eventfd2(count, 0);
}

/* ---- timerfd ---- */

SYSCALL_DEFINE(timerfd_create, int clock, uint32_t flags)
{
    bool wall = clock == __CAIRN_CLOCK_REALTIME;
    struct file *file;
    int error;

    if (flags & ~FD_FLAGS)
        return -EINVAL;
    if (!wall && clock != __CAIRN_CLOCK_MONOTONIC &&
        clock != __CAIRN_CLOCK_BOOTTIME)
        return -EINVAL;
    error = timerfd_create(wall, flags & O_NONBLOCK, &file);
    return error ? error : install(file, flags);
}

/* The timer of a descriptor, counted: -EBADF, -EINVAL. */
static int get_timer(int fd, struct file **out)
{
    struct file *file = get_file(fd);

    if (file == NULL)
        return -EBADF;
    if (!timerfd_is(file)) {
        file_put(file);
        return -EINVAL;
    }
    *out = file;
    return 0;
}

static long put_left(struct file *file, uaddr_t address, bool wide)
{
    uint64_t value, interval;

    timerfd_get(file, &value, &interval);
    return itimerspec_put(address, wide, interval, value);
}

static long do_timerfd_get(int fd, uaddr_t address, bool wide)
{
    struct file *file;
    long error = get_timer(fd, &file);

    if (error)
        return error;
    error = put_left(file, address, wide);
    file_put(file);
    return error;
}

SYSCALL_DEFINE(timerfd_gettime, int fd, uaddr_t address)
{
    return do_timerfd_get(fd, address, false);
}

SYSCALL_DEFINE(timerfd_gettime64, int fd, uaddr_t address)
{
    return do_timerfd_get(fd, address, true);
}

static long do_timerfd_set(int fd, uint32_t flags, uaddr_t new, uaddr_t old,
                           bool wide)
{
    uint64_t value, interval, old_value, old_interval;
    struct file *file;
    long error;

    if (flags & ~(uint32_t)(__CAIRN_TFD_TIMER_ABSTIME |
                            __CAIRN_TFD_TIMER_CANCEL_ON_SET))
        return -EINVAL;
    error = itimerspec_get(new, wide, &interval, &value);
    if (!error)
        error = get_timer(fd, &file);
    if (error)
        return error;
    timerfd_get(file, &old_value, &old_interval);
    timerfd_set(file, (flags & __CAIRN_TFD_TIMER_ABSTIME) != 0,
                (flags & __CAIRN_TFD_TIMER_CANCEL_ON_SET) != 0, value,
                interval);
    file_put(file);
    return old ? itimerspec_put(old, wide, old_interval, old_value) : 0;
}

SYSCALL_DEFINE(timerfd_settime, int fd, uint32_t flags, uaddr_t new,
               uaddr_t old)
{
    return do_timerfd_set(fd, flags, new, old, false);
}

SYSCALL_DEFINE(timerfd_settime64, int fd, uint32_t flags, uaddr_t new,
               uaddr_t old)
{
    return do_timerfd_set(fd, flags, new, old, true);
}

/* ---- signalfd ---- */

SYSCALL_DEFINE(signalfd4, int fd, uaddr_t address, uint32_t size,
               uint32_t flags)
{
    struct file *file;
    uint64_t mask;
    int error;

    if ((flags & ~FD_FLAGS) || size != __CAIRN_SIGSET_BYTES)
        return -EINVAL;
    if (copy_from_user(&mask, address, sizeof(mask)) != 0)
        return -EFAULT;
    if (fd == -1) {
        error = signalfd_create(mask, flags & O_NONBLOCK, &file);
        return error ? error : install(file, flags);
    }
    file = get_file(fd);
    if (file == NULL)
        return -EBADF;
    error = signalfd_set(file, mask);
    file_put(file);
    return error ? error : fd;
}

SYSCALL_DEFINE(signalfd, int fd, uaddr_t mask, uint32_t size)
{
    return sys_signalfd4(fd, mask, size, 0);
}

/* ---- epoll ---- */

SYSCALL_DEFINE(epoll_create1, uint32_t flags)
{
    struct file *file;
    int error;

    if (flags & ~(uint32_t)O_CLOEXEC)
        return -EINVAL;
    error = epoll_create(&file);
    return error ? error : install(file, flags);
}

SYSCALL_DEFINE(epoll_create, int size)
{
    return size <= 0 ? -EINVAL : sys_epoll_create1(0);
}

/* EPOLLEXCLUSIVE goes with few others, and not with sets of sets. */
static bool is_good_event(int operation, struct file *file, uint32_t events)
{
    const uint32_t good = POLLIN | POLLOUT | POLLERR | POLLHUP |
                          __CAIRN_EPOLLWAKEUP | __CAIRN_EPOLLET |
                          __CAIRN_EPOLLEXCLUSIVE;

    if (!(events & __CAIRN_EPOLLEXCLUSIVE))
        return true;
    return operation == __CAIRN_EPOLL_CTL_ADD && epoll_of(file) == NULL &&
           (events & ~good) == 0;
}

static int change(struct epoll *ep, struct file *file, int fd, int operation,
                  const struct __cairn_epoll_event *event)
{
    switch (operation) {
    case __CAIRN_EPOLL_CTL_ADD:
        return epoll_add(ep, file, fd, event);
    case __CAIRN_EPOLL_CTL_MOD:
        return epoll_modify(ep, file, fd, event);
    case __CAIRN_EPOLL_CTL_DEL:
        return epoll_remove(ep, file, fd);
    default:
        return -EINVAL;
    }
}

static int check_and_change(struct file *set, struct file *file, int fd,
                            int operation,
                            const struct __cairn_epoll_event *event)
{
    struct epoll *ep = epoll_of(set);

    if (file->ops->poll == NULL)
        return -EPERM;
    if (ep == NULL || set == file)
        return -EINVAL;
    if (operation != __CAIRN_EPOLL_CTL_DEL &&
        !is_good_event(operation, file, event->events))
        return -EINVAL;
    return change(ep, file, fd, operation, event);
}

SYSCALL_DEFINE(epoll_ctl, int epfd, int operation, int fd, uaddr_t address)
{
    struct __cairn_epoll_event event = {0};
    struct file *set, *file;
    int error = -EBADF;

    if (operation != __CAIRN_EPOLL_CTL_DEL &&
        copy_from_user(&event, address, sizeof(event)) != 0)
        return -EFAULT;
    set = get_file(epfd);
    file = get_file(fd);
    if (set != NULL && file != NULL)
        error = check_and_change(set, file, fd, operation, &event);
    if (file != NULL)
        file_put(file);
    if (set != NULL)
        file_put(set);
    return error;
}

#define EVENTS_MAX (INT32_MAX / (int)sizeof(struct __cairn_epoll_event))

static long do_epoll_wait(int epfd, uaddr_t events, int max, uint64_t deadline)
{
    struct file *file;
    long result = -EINVAL;

    if (max <= 0 || max > EVENTS_MAX)
        return -EINVAL;
    file = get_file(epfd);
    if (file == NULL)
        return -EBADF;
    if (epoll_of(file) != NULL)
        result =
            epoll_wait_events(epoll_of(file), events, (uint32_t)max, deadline);
    file_put(file);
    return result;
}

/* The deadline of a wait: -1 is none, 0 is now. */
static uint64_t deadline_of(int timeout_ms)
{
    if (timeout_ms <= 0)
        return timeout_ms < 0 ? WAITQ_FOREVER : 0;
    return clock_monotonic_ns() + (uint64_t)timeout_ms * NS_PER_MS;
}

/* Wait with another signal mask, if there is one. */
static long masked_wait(int epfd, uaddr_t events, int max, uint64_t deadline,
                        uaddr_t address, uint32_t size)
{
    uint64_t mask;
    long result;

    if (address != 0) {
        if (size != sizeof(mask))
            return -EINVAL;
        if (copy_from_user(&mask, address, sizeof(mask)) != 0)
            return -EFAULT;
        signal_mask_begin(mask);
    }
    deadline = restart_deadline(deadline);
    result = do_epoll_wait(epfd, events, max, deadline);
    restart_end(result, deadline);
    if (address != 0)
        signal_mask_end(result);
    return result;
}

SYSCALL_DEFINE(epoll_wait, int epfd, uaddr_t events, int max, int timeout_ms)
{
    return masked_wait(epfd, events, max, deadline_of(timeout_ms), 0, 0);
}

SYSCALL_DEFINE(epoll_pwait, int epfd, uaddr_t events, int max, int timeout_ms,
               uaddr_t mask, uint32_t size)
{
    return masked_wait(epfd, events, max, deadline_of(timeout_ms), mask, size);
}

SYSCALL_DEFINE(epoll_pwait2, int epfd, uaddr_t events, int max, uaddr_t timeout,
               uaddr_t mask, uint32_t size)
{
    uint64_t deadline, ns;
    int error = timespec_span(timeout, true, &ns);

    if (error)
        return error;
    deadline = ns == 0 ? 0 : timespec_later(clock_monotonic_ns(), ns);
    return masked_wait(epfd, events, max, deadline, mask, size);
}
