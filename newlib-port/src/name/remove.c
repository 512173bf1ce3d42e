/*
 * remove: unlink a file or remove an empty folder.  Errors: those of either.
 */
#include "../call.h"
#include <stdio.h>
#include <unistd.h>

int _remove_r(struct _reent *reent, const char *path)
{
    long error = CALL(unlink, path);

    if (error == -EISDIR || error == -EPERM) {
        long folder_error = CALL(rmdir, path);

        if (folder_error != -ENOTDIR)
            error = folder_error;
    }
    return (int)__cairn_result(reent, error);
}

int remove(const char *path)
{
    return _remove_r(_REENT, path);
}
