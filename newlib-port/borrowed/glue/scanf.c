/*
 * The scanf family: newlib's public names over the borrowed scanner.
 *
 * Errors: those of read; ENOMEM for a directive with `m`.  The result is EOF
 * when the input ends or fails before the first conversion.
 */
#include "stdio_impl.h"

#include <stdarg.h>
#include <string.h>

#include "forward.h"
#include "stream.h"

#undef vfscanf
#undef fscanf
#undef FILE

int vfscanf(__FILE *restrict file, const char *restrict format, va_list args)
{
    struct __cairn_stream f;
    int result;

    memset(&f, 0, sizeof(f));
    f.file = file;
    flockfile(file);
    __cairn_stream_begin(&f);
    result = __cairn_vscan(&f, format, args);
    __cairn_stream_end(&f);
    funlockfile(file);
    return result;
}

int vscanf(const char *restrict format, va_list args)
{
    return vfscanf(stdin, format, args);
}

int scanf(const char *restrict format, ...)
{
    FORWARD(vfscanf(stdin, format, args));
}

int fscanf(__FILE *restrict file, const char *restrict format, ...)
{
    FORWARD(vfscanf(file, format, args));
}

int sscanf(const char *restrict text, const char *restrict format, ...)
{
    FORWARD(vsscanf(text, format, args));
}
