/*
 * prctl: EFAULT, EINVAL.
 */
#include "../call.h"
#include <stdarg.h>
#include <sys/prctl.h>

int prctl(int option, ...)
{
    unsigned long words[4];
    va_list args;

    va_start(args, option);
    for (int i = 0; i < 4; i++)
        words[i] = va_arg(args, unsigned long);
    va_end(args);
    return (int)RESULT(
        CALL(prctl, option, words[0], words[1], words[2], words[3]));
}
