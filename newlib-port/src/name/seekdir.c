/*
 * seekdir, telldir, rewinddir: places in a folder.  The kernel's d_off of the
 * last entry read is the place after it.
 */
#include "dir.h"
#include <unistd.h>

static void move(DIR *dir, off_t position)
{
    lseek(dir->fd, position, SEEK_SET);
    dir->next = 0;
    dir->filled = 0;
    dir->position = position;
}

void seekdir(DIR *dir, long position)
{
    move(dir, position);
}

long telldir(DIR *dir)
{
    return (long)dir->position;
}

void rewinddir(DIR *dir)
{
    move(dir, 0);
}
