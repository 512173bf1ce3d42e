/*
 * flockfile, ftrylockfile, funlockfile: hold a stream for several calls.
 */
#include <stdio.h>

void flockfile(FILE *file)
{
    _flockfile(file);
}

int ftrylockfile(FILE *file)
{
    return __lock_try_acquire_recursive(file->_lock);
}

void funlockfile(FILE *file)
{
    _funlockfile(file);
}
