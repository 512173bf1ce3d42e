/*
 * ftok: a key of a file that exists and a number. Errors: those of stat.
 */
#include <sys/ipc.h>
#include <sys/stat.h>

key_t ftok(const char *path, int id)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return -1;
    return (key_t)((st.st_ino & 0xFFFF) | (st.st_dev & 0xFF) << 16 |
                   (unsigned)(id & 0xFF) << 24);
}
