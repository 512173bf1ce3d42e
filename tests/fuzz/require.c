/* What every fuzz target needs: complaints, and the kernel's panic. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"

#include "lib/panic.h"

void fuzz_require(const char *broken)
{
    if (broken == NULL)
        return;
    fprintf(stderr, "broken: %s\n", broken);
    abort();
}

void panic(const char *fmt, ...)
{
    va_list ap;

    fprintf(stderr, "panic: ");
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
    abort();
}
