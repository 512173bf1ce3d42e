/*
 * creat: open for writing, made or emptied.  Errors: those of open.
 */
#include <fcntl.h>

int creat(const char *path, mode_t mode)
{
    return open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
}
