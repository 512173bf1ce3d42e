/*
 * syslog(2): reading the kernel's log, as dmesg does. It tells addresses and
 * what other users do: it is root's alone.
 *
 * The log has no second reader that takes lines away, so action 2 (read and
 * take) is not there.
 */
#include "lib/log.h"
#include "mm/kmalloc.h"
#include "proc/process.h"
#include "sys/sys.h"

enum action {
    ACTION_CLOSE = 0,
    ACTION_OPEN = 1,
    ACTION_READ_ALL = 3,
    ACTION_READ_CLEAR = 4,
    ACTION_CLEAR = 5,
    ACTION_CONSOLE_LEVEL = 8,
    ACTION_SIZE_UNREAD = 9,
    ACTION_SIZE_BUFFER = 10,
};

static uint64_t cleared; /* what came before is not shown any more */

/* Read what the log has since it was cleared into a buffer of its size. */
static size_t read_log(char *buf, uint64_t *end)
{
    size_t n = 0, part;

    *end = cleared;
    while (n < LOG_RING_BYTES &&
           (part = log_read(end, buf + n, LOG_RING_BYTES - n)) > 0)
        n += part;
    return n;
}

/* Copy the last `nbytes` bytes; how many there were. */
static long copy_log(uaddr_t address, uint32_t nbytes, bool clear)
{
    char *buf = kmalloc(LOG_RING_BYTES);
    uint64_t end;
    size_t n;
    int error;

    if (buf == NULL)
        return -ENOMEM;
    n = read_log(buf, &end);
    nbytes = nbytes < n ? nbytes : (uint32_t)n;
    error = copy_to_user(address, buf + n - nbytes, nbytes);
    kfree(buf);
    if (error == 0 && clear)
        cleared = end;
    return error < 0 ? error : (long)nbytes;
}

static long clear(void)
{
    char part[64];

    while (log_read(&cleared, part, sizeof(part)) > 0)
        continue;
    return 0;
}

SYSCALL_DEFINE(syslog, int32_t action, uaddr_t address, int32_t nbytes)
{
    if (current_process()->creds.euid != 0)
        return -EPERM;
    switch (action) {
    case ACTION_CLOSE:
    case ACTION_OPEN:
    case ACTION_SIZE_UNREAD:
        return 0;
    case ACTION_READ_ALL:
    case ACTION_READ_CLEAR:
        if (address == 0 || nbytes < 0)
            return -EINVAL;
        return copy_log(address, (uint32_t)nbytes, action == ACTION_READ_CLEAR);
    case ACTION_CLEAR:
        return clear();
    case ACTION_CONSOLE_LEVEL:
        if (nbytes < 1 || nbytes > 8)
            return -EINVAL;
        log_set_level(nbytes - 1);
        return 0;
    case ACTION_SIZE_BUFFER:
        return LOG_RING_BYTES;
    default:
        return -EINVAL;
    }
}
