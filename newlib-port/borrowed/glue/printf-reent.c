/*
 * The forms of printf that newlib's own functions call (tmpnam, perror,
 * psignal), so that no program has two formatters.  The reentrancy structure
 * that they pass is this thread's.
 */
#define _GNU_SOURCE
#include <reent.h>
#include <stdarg.h>
#include <stdio.h>

#include "forward.h"

int _printf_r(struct _reent *reent, const char *format, ...)
{
    (void)reent;
    FORWARD(vprintf(format, args));
}

int _fprintf_r(struct _reent *reent, FILE *file, const char *format, ...)
{
    (void)reent;
    FORWARD(vfprintf(file, format, args));
}

int _fiprintf_r(struct _reent *reent, FILE *file, const char *format, ...)
{
    (void)reent;
    FORWARD(vfprintf(file, format, args));
}

int _sprintf_r(struct _reent *reent, char *text, const char *format, ...)
{
    (void)reent;
    FORWARD(vsprintf(text, format, args));
}

int _siprintf_r(struct _reent *reent, char *text, const char *format, ...)
{
    (void)reent;
    FORWARD(vsprintf(text, format, args));
}

int _snprintf_r(struct _reent *reent, char *text, size_t size,
                const char *format, ...)
{
    (void)reent;
    FORWARD(vsnprintf(text, size, format, args));
}

int _asprintf_r(struct _reent *reent, char **text, const char *format, ...)
{
    (void)reent;
    FORWARD(vasprintf(text, format, args));
}

int _vfprintf_r(struct _reent *reent, FILE *file, const char *format,
                va_list args)
{
    (void)reent;
    return vfprintf(file, format, args);
}

int _vsnprintf_r(struct _reent *reent, char *text, size_t size,
                 const char *format, va_list args)
{
    (void)reent;
    return vsnprintf(text, size, format, args);
}

int _vasprintf_r(struct _reent *reent, char **text, const char *format,
                 va_list args)
{
    (void)reent;
    return vasprintf(text, format, args);
}
