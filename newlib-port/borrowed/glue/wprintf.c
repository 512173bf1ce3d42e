/*
 * The wprintf and wscanf families: newlib's public names over the borrowed
 * formatter and scanner.
 *
 * Errors: those of printf.c and scanf.c; EOVERFLOW when a result does not fit
 * the array of swprintf.
 */
#include "stdio_impl.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "forward.h"
#include "stream.h"

#undef vfwprintf
#undef vfwscanf
#undef fwide
#undef FILE

#define BUFFER_BYTES 256

int vfwprintf(__FILE *restrict file, const wchar_t *restrict format,
              va_list args)
{
    unsigned char buffer[BUFFER_BYTES];
    struct __cairn_stream f;
    int result;

    flockfile(file);
    fwide(file, 1);
    __cairn_output_begin(&f, file, buffer, sizeof(buffer));
    result = __cairn_vwformat(&f, format, args);
    if (__cairn_output_end(&f) != 0)
        result = -1;
    funlockfile(file);
    return result;
}

/* An array that UTF-8 is decoded into. */
struct wide_array {
    wchar_t *next;
    wchar_t *end; /* the place of the last null */
    int overflow;
};

static void decode(struct wide_array *array, const unsigned char *bytes,
                   size_t length)
{
    while (length > 0) {
        size_t n = *bytes < 0xc0   ? 1
                   : *bytes < 0xe0 ? 2
                   : *bytes < 0xf0 ? 3
                                   : 4;
        unsigned long wide = n == 1 ? *bytes : *bytes & (0x7fu >> n);

        for (size_t i = 1; i < n; i++)
            wide = wide << 6 | (bytes[i] & 0x3f);
        bytes += n;
        length -= n;
        if (array->next < array->end)
            *array->next++ = (wchar_t)wide;
        else
            array->overflow = 1;
    }
}

static size_t write_array(struct __cairn_stream *f, const unsigned char *bytes,
                          size_t length)
{
    decode(f->cookie, f->wbase, (size_t)(f->wpos - f->wbase));
    f->wpos = f->wbase;
    decode(f->cookie, bytes, length);
    return length;
}

int vswprintf(wchar_t *restrict text, size_t n, const wchar_t *restrict format,
              va_list args)
{
    unsigned char buffer[BUFFER_BYTES];
    struct wide_array array = {text, text + n - 1, 0};
    struct __cairn_stream f;
    int result;

    if (n == 0) {
        errno = EOVERFLOW;
        return -1;
    }
    __cairn_output_begin(&f, NULL, buffer, sizeof(buffer));
    f.write = write_array;
    f.cookie = &array;
    result = __cairn_vwformat(&f, format, args);
    __cairn_output_end(&f);
    *array.next = L'\0';
    if (result >= 0 && array.overflow) {
        errno = EOVERFLOW;
        return -1;
    }
    return result;
}

int vfwscanf(__FILE *restrict file, const wchar_t *restrict format,
             va_list args)
{
    struct __cairn_stream f;
    int result;

    memset(&f, 0, sizeof(f));
    f.file = file;
    flockfile(file);
    fwide(file, 1);
    __cairn_stream_begin(&f);
    result = __cairn_vwscan(&f, format, args);
    __cairn_stream_end(&f);
    funlockfile(file);
    return result;
}

int vswscanf(const wchar_t *restrict text, const wchar_t *restrict format,
             va_list args)
{
    unsigned char buffer[BUFFER_BYTES];
    struct __cairn_stream f;

    memset(&f, 0, sizeof(f));
    f.buf = f.rpos = f.rend = buffer + UNGET;
    f.buf_size = sizeof(buffer) - UNGET;
    f.cookie = (void *)text;
    f.read = __cairn_read_wide;
    return __cairn_vwscan(&f, format, args);
}

int vwprintf(const wchar_t *restrict format, va_list args)
{
    return vfwprintf(stdout, format, args);
}

int vwscanf(const wchar_t *restrict format, va_list args)
{
    return vfwscanf(stdin, format, args);
}

int wprintf(const wchar_t *restrict format, ...)
{
    FORWARD(vfwprintf(stdout, format, args));
}

int fwprintf(__FILE *restrict file, const wchar_t *restrict format, ...)
{
    FORWARD(vfwprintf(file, format, args));
}

int swprintf(wchar_t *restrict text, size_t n, const wchar_t *restrict format,
             ...)
{
    FORWARD(vswprintf(text, n, format, args));
}

int wscanf(const wchar_t *restrict format, ...)
{
    FORWARD(vfwscanf(stdin, format, args));
}

int fwscanf(__FILE *restrict file, const wchar_t *restrict format, ...)
{
    FORWARD(vfwscanf(file, format, args));
}

int swscanf(const wchar_t *restrict text, const wchar_t *restrict format, ...)
{
    FORWARD(vswscanf(text, format, args));
}
