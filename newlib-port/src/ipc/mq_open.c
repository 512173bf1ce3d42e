/*
 * mq_open, mq_close, mq_unlink: message queues by name.
 *
 * Errors: EACCES, EEXIST, EINVAL (also a name without a slash in front), EMFILE,
 * ENAMETOOLONG, ENFILE, ENOENT, ENOMEM, ENOSPC; EBADF.
 */
#include "../call.h"
#include <mqueue.h>
#include <stdarg.h>
#include <unistd.h>

mqd_t mq_open(const char *name, int flags, ...)
{
    mode_t mode = 0;
    struct mq_attr *attr = NULL;
    va_list args;

    if (name[0] != '/')
        return __cairn_fail(EINVAL);
    if (flags & O_CREAT) {
        va_start(args, flags);
        mode = va_arg(args, mode_t);
        attr = va_arg(args, struct mq_attr *);
        va_end(args);
    }
    return (mqd_t)RESULT(CALL(mq_open, name + 1, flags, mode, attr));
}

int mq_close(mqd_t queue)
{
    struct mq_attr attr;

    if (RESULT(CALL(mq_getsetattr, queue, NULL, &attr)) < 0)
        return -1;
    return (int)RESULT(CALL(close, queue));
}

int mq_unlink(const char *name)
{
    long result;

    if (name[0] != '/')
        return __cairn_fail(EINVAL);
    result = CALL(mq_unlink, name + 1);
    /* A name of another user's: the kernel says what unlink would. */
    return (int)RESULT(result == -EPERM ? -EACCES : result);
}
