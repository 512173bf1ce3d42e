/*
 * syscall: any system call by its number, with up to six arguments.
 */
#include "../call.h"
#include <stdarg.h>
#include <unistd.h>

long syscall(long nr, ...)
{
    va_list args;
    long arg[6];

    va_start(args, nr);
    for (int i = 0; i < 6; i++)
        arg[i] = va_arg(args, long);
    va_end(args);
    return RESULT(
        __cairn_call6(nr, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]));
}
