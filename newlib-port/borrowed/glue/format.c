/*
 * fprintf and fscanf of a stream, which the borrowed wide functions call.
 */
#include "stdio_impl.h"

#include <stdarg.h>

int __cairn_format(struct __cairn_stream *f, const char *format, ...)
{
    va_list args;
    int result;

    va_start(args, format);
    result = __cairn_vformat(f, format, args);
    va_end(args);
    return result;
}

int __cairn_scan(struct __cairn_stream *f, const char *format, ...)
{
    va_list args;
    int result;

    va_start(args, format);
    result = __cairn_vscan(f, format, args);
    va_end(args);
    return result;
}
