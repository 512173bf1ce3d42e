/*
 * truncate: EACCES, EFBIG, EINVAL, EISDIR, ENOENT, EROFS.
 */
#include "../call.h"
#include <unistd.h>

int truncate(const char *path, off_t nbytes)
{
    return (int)RESULT(CALL(truncate64, path, LOW(nbytes), HIGH(nbytes)));
}
