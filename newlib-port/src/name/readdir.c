/*
 * readdir, readdir_r: the next entry of a folder.
 *
 * Errors: EBADF; ENAMETOOLONG (readdir_r); readdir leaves errno alone at the end of the folder.
 */
#include "../call.h"
#include "dir.h"
#include <string.h>

_Static_assert(__builtin_offsetof(struct dirent, d_name) ==
                   __builtin_offsetof(struct __cairn_dirent64, d_name),
               "struct dirent begins as the kernel's");

struct dirent *readdir(DIR *dir)
{
    struct dirent *entry;

    if (dir->next >= dir->filled) {
        int saved = errno;
        ssize_t filled = getdents64(dir->fd, dir->buffer, DIR_BUFFER_BYTES);

        if (filled < 0 && errno == ENOENT)
            errno = saved; /* a folder that was removed has no entries */
        if (filled <= 0)
            return NULL;
        dir->filled = (size_t)filled;
        dir->next = 0;
    }
    entry = (struct dirent *)(dir->buffer + dir->next);
    dir->next += entry->d_reclen;
    dir->position = entry->d_off;
    return entry;
}

int readdir_r(DIR *restrict dir, struct dirent *restrict entry,
              struct dirent **restrict result)
{
    int saved = errno;
    struct dirent *found;
    int error;

    *result = NULL;
    errno = 0;
    found = readdir(dir);
    error = errno;
    errno = saved;
    if (found == NULL)
        return error;
    if (strlen(found->d_name) >= sizeof(entry->d_name))
        return ENAMETOOLONG;
    /* A record can be padded beyond the end of struct dirent. */
    memcpy(entry, found,
           found->d_reclen < sizeof(*entry) ? found->d_reclen : sizeof(*entry));
    *result = entry;
    return 0;
}
