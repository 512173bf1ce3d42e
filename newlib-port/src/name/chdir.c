/*
 * chdir: EACCES, ENOENT, ENOTDIR.
 */
#include "../call.h"
#include <unistd.h>

int chdir(const char *path)
{
    return (int)RESULT(CALL(chdir, path));
}
