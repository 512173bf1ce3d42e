/*
 * flockfile, ftrylockfile, funlockfile: hold a stream for several calls.  There
 * is one thread, so that none of them ever waits or fails.
 */
#include <stdio.h>

void flockfile(FILE *file)
{
    _flockfile(file);
}

int ftrylockfile(FILE *file)
{
    _flockfile(file);
    return 0;
}

void funlockfile(FILE *file)
{
    _funlockfile(file);
}
