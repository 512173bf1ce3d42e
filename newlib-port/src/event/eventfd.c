/*
 * eventfd: EINVAL, EMFILE, ENFILE, ENOMEM; the others as read and write.
 */
#include "../call.h"
#include <sys/eventfd.h>

int eventfd(unsigned count, int flags)
{
    return (int)RESULT(CALL(eventfd2, count, flags));
}

int eventfd_read(int fd, eventfd_t *value)
{
    long n = RESULT(CALL(read, fd, value, sizeof(*value)));

    return n == (long)sizeof(*value) ? 0 : -1;
}

int eventfd_write(int fd, eventfd_t value)
{
    long n = RESULT(CALL(write, fd, &value, sizeof(value)));

    return n == (long)sizeof(value) ? 0 : -1;
}
