/*
 * fprintf and fscanf of a stream, which the borrowed wide functions call.
 */
#include "stdio_impl.h"

#include "forward.h"

int __cairn_format(struct __cairn_stream *f, const char *format, ...)
{
    FORWARD(__cairn_vformat(f, format, args));
}

int __cairn_scan(struct __cairn_stream *f, const char *format, ...)
{
    FORWARD(__cairn_vscan(f, format, args));
}
