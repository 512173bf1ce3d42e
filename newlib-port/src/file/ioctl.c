/*
 * ioctl: EBADF, EFAULT, EINVAL, ENOTTY.
 */
#include "../call.h"
#include <stdarg.h>
#include <sys/ioctl.h>

int ioctl(int fd, unsigned long request, ...)
{
    va_list args;
    long argument;

    va_start(args, request);
    argument = va_arg(args, long);
    va_end(args);
    return (int)RESULT(CALL(ioctl, fd, request, argument));
}
