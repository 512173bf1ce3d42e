/*
 * The printf family: newlib's public names over the borrowed formatter.
 *
 * The formatter allocates no memory.  Names that ISO C does not know are weak.
 *
 * Errors: those of write; EILSEQ for a wide character that has no multibyte
 * form; EINVAL for a directive that does not exist; EOVERFLOW for a result
 * above INT_MAX; ENOMEM (asprintf).  The result is then negative.
 */
#include "stdio_impl.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forward.h"
#include "stream.h"

#undef vfprintf
#undef fprintf
#undef FILE

#define BUFFER_BYTES 128
#define WEAK         __attribute__((weak))

static int format_file(__FILE *file, const char *format, va_list args,
                       unsigned char *buffer, size_t nbytes)
{
    struct __cairn_stream f;
    int result;

    __cairn_output_begin(&f, file, buffer, nbytes);
    result = __cairn_vformat(&f, format, args);
    return __cairn_output_end(&f) != 0 ? -1 : result;
}

/* An unbuffered stream gets what one call prints in as few writes as can be. */
static __attribute__((noinline)) int
format_unbuffered(__FILE *file, const char *format, va_list args)
{
    unsigned char buffer[UNBUFFERED_BYTES];

    return format_file(file, format, args, buffer, sizeof(buffer));
}

int vfprintf(__FILE *restrict file, const char *restrict format, va_list args)
{
    unsigned char buffer[BUFFER_BYTES];
    int result;

    flockfile(file);
    if (file->_flags & __SNBF)
        result = format_unbuffered(file, format, args);
    else
        result = format_file(file, format, args, buffer, sizeof(buffer));
    funlockfile(file);
    return result;
}

int vprintf(const char *restrict format, va_list args)
{
    return vfprintf(stdout, format, args);
}

int vsprintf(char *restrict text, const char *restrict format, va_list args)
{
    return vsnprintf(text, INT_MAX, format, args);
}

WEAK int vasprintf(char **restrict result, const char *restrict format,
                   va_list args)
{
    va_list again;
    int length;

    va_copy(again, args);
    length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    *result = length < 0 ? NULL : malloc((size_t)length + 1);
    if (*result == NULL)
        return -1;
    return vsnprintf(*result, (size_t)length + 1, format, args);
}

/* Write all of it; returns 0, or -1 with errno. */
static int write_all(int fd, const unsigned char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, length);

        if (written < 0)
            return -1;
        bytes += written;
        length -= (size_t)written;
    }
    return 0;
}

static size_t write_descriptor(struct __cairn_stream *f,
                               const unsigned char *bytes, size_t length)
{
    int fd = *(int *)f->cookie;
    size_t waiting = (size_t)(f->wpos - f->wbase);

    f->wpos = f->wbase;
    if (!(f->flags & F_ERR) && write_all(fd, f->wbase, waiting) == 0 &&
        write_all(fd, bytes, length) == 0)
        return length;
    f->flags |= F_ERR;
    return 0;
}

WEAK int vdprintf(int fd, const char *restrict format, va_list args)
{
    unsigned char buffer[UNBUFFERED_BYTES];
    struct __cairn_stream f;
    int result;

    __cairn_output_begin(&f, NULL, buffer, sizeof(buffer));
    f.write = write_descriptor;
    f.cookie = &fd;
    result = __cairn_vformat(&f, format, args);
    return __cairn_output_end(&f) != 0 ? -1 : result;
}

int printf(const char *restrict format, ...)
{
    FORWARD(vfprintf(stdout, format, args));
}

int fprintf(__FILE *restrict file, const char *restrict format, ...)
{
    FORWARD(vfprintf(file, format, args));
}

int sprintf(char *restrict text, const char *restrict format, ...)
{
    FORWARD(vsprintf(text, format, args));
}

int snprintf(char *restrict text, size_t nbytes, const char *restrict format,
             ...)
{
    FORWARD(vsnprintf(text, nbytes, format, args));
}

WEAK int asprintf(char **restrict result_text, const char *restrict format, ...)
{
    FORWARD(vasprintf(result_text, format, args));
}

WEAK int dprintf(int fd, const char *restrict format, ...)
{
    FORWARD(vdprintf(fd, format, args));
}

/* newlib's names for formatting without floating point; assert() uses one. */
WEAK int vfiprintf(__FILE *file, const char *format, va_list args)
{
    return vfprintf(file, format, args);
}

WEAK int fiprintf(__FILE *file, const char *format, ...)
{
    FORWARD(vfprintf(file, format, args));
}

WEAK int iprintf(const char *format, ...)
{
    FORWARD(vfprintf(stdout, format, args));
}

WEAK int siprintf(char *text, const char *format, ...)
{
    FORWARD(vsprintf(text, format, args));
}

WEAK int sniprintf(char *text, size_t nbytes, const char *format, ...)
{
    FORWARD(vsnprintf(text, nbytes, format, args));
}
