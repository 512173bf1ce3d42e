/* System calls of POSIX's message queues. */
#include <cairn/fcntl.h>
#include <cairn/mqueue.h>
#include <cairn/signal.h>

#include "fs/fdtable.h"
#include "fs/file.h"
#include "proc/mqueue.h"
#include "proc/process.h"
#include "sys/sys.h"
#include "sys/sys_path.h"
#include "sys/timespec.h"

static int get_name(uaddr_t address, char name[MQUEUE_NAME_MAX + 1])
{
    ssize_t length = copy_string_from_user(name, address, MQUEUE_NAME_MAX + 1);

    return length < 0 ? (int)length : 0;
}

SYSCALL_DEFINE(mq_open, uaddr_t address, uint32_t flags, uint32_t mode,
               uaddr_t attr_address)
{
    struct fdtable *files = current_process()->files;
    char name[MQUEUE_NAME_MAX + 1];
    struct __cairn_mq_attr attr;
    struct file *file;
    int fd, error;

    if (attr_address != 0 &&
        copy_from_user(&attr, attr_address, sizeof(attr)) != 0)
        return -EFAULT;
    error = get_name(address, name);
    if (error < 0)
        return error;
    fd = fdtable_reserve(files, 0, user_nofile());
    if (fd < 0)
        return fd;
    error = mqueue_open(name, flags, mode, attr_address ? &attr : NULL, &file);
    if (error < 0) {
        fdtable_release(files, fd);
        return error;
    }
    fdtable_install(files, fd, file, true); /* always, as on Linux */
    return fd;
}

SYSCALL_DEFINE(mq_unlink, uaddr_t address)
{
    char name[MQUEUE_NAME_MAX + 1];
    int error = get_name(address, name);

    return error < 0 ? error : mqueue_unlink(name);
}

/* The queue of a descriptor, counted, or NULL: -EBADF. */
static struct file *get_queue(int fd)
{
    struct file *file = fdtable_file(current_process()->files, fd);

    if (file != NULL && !mqueue_is(file)) {
        file_put(file);
        return NULL;
    }
    return file;
}

static long do_send(int fd, uaddr_t from, uint32_t nbytes, uint32_t priority,
                    uaddr_t timeout, bool wide)
{
    struct file *file;
    uint64_t deadline;
    int error;

    if (priority >= __CAIRN_MQ_PRIO_MAX)
        return -EINVAL;
    error = timespec_deadline(timeout, wide, &deadline);
    if (error < 0)
        return error;
    file = get_queue(fd);
    if (file == NULL)
        return -EBADF;
    error = mqueue_send(file, from, nbytes, priority, deadline);
    file_put(file);
    return error;
}

SYSCALL_DEFINE(mq_timedsend, int fd, uaddr_t from, uint32_t nbytes,
               uint32_t priority, uaddr_t timeout)
{
    return do_send(fd, from, nbytes, priority, timeout, false);
}

SYSCALL_DEFINE(mq_timedsend_time64, int fd, uaddr_t from, uint32_t nbytes,
               uint32_t priority, uaddr_t timeout)
{
    return do_send(fd, from, nbytes, priority, timeout, true);
}

static long do_receive(int fd, uaddr_t to, uint32_t nbytes, uaddr_t priority,
                       uaddr_t timeout, bool wide)
{
    struct file *file;
    uint64_t deadline;
    long result = timespec_deadline(timeout, wide, &deadline);

    if (result < 0)
        return result;
    file = get_queue(fd);
    if (file == NULL)
        return -EBADF;
    result = mqueue_receive(file, to, nbytes, priority, deadline);
    file_put(file);
    return result;
}

SYSCALL_DEFINE(mq_timedreceive, int fd, uaddr_t to, uint32_t nbytes,
               uaddr_t priority, uaddr_t timeout)
{
    return do_receive(fd, to, nbytes, priority, timeout, false);
}

SYSCALL_DEFINE(mq_timedreceive_time64, int fd, uaddr_t to, uint32_t nbytes,
               uaddr_t priority, uaddr_t timeout)
{
    return do_receive(fd, to, nbytes, priority, timeout, true);
}

SYSCALL_DEFINE(mq_notify, int fd, uaddr_t address)
{
    struct __cairn_sigevent event;
    struct file *file;
    int error;

    if (address != 0 && copy_from_user(&event, address, sizeof(event)) != 0)
        return -EFAULT;
    file = get_queue(fd);
    if (file == NULL)
        return -EBADF;
    error = mqueue_notify(file, address ? &event : NULL);
    file_put(file);
    return error;
}

SYSCALL_DEFINE(mq_getsetattr, int fd, uaddr_t new, uaddr_t old)
{
    struct __cairn_mq_attr attr, before;
    struct file *file;

    if (new != 0) {
        if (copy_from_user(&attr, new, sizeof(attr)) != 0)
            return -EFAULT;
        if (attr.mq_flags & ~O_NONBLOCK)
            return -EINVAL;
    }
    file = get_queue(fd);
    if (file == NULL)
        return -EBADF;
    mqueue_get(file, &before);
    if (new != 0)
        file->flags = (file->flags & ~(uint32_t)O_NONBLOCK) |
                      ((uint32_t)attr.mq_flags & O_NONBLOCK);
    file_put(file);
    return old ? copy_to_user(old, &before, sizeof(before)) : 0;
}
