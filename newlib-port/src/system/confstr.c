/*
 * confstr: strings that describe the system; returns the bytes needed.
 *
 * Error: EINVAL, with 0 returned, for an unknown name.
 */
#include "../call.h"
#include <string.h>
#include <unistd.h>

size_t confstr(int name, char *buffer, size_t nbytes)
{
    const char *value;
    size_t needed;

    switch (name) {
    case _CS_PATH:
        value = "/bin:/usr/bin";
        break;
    case _CS_POSIX_V7_WIDTH_RESTRICTED_ENVS:
        value = "POSIX_V7_ILP32_OFFBIG";
        break;
    default:
        /* All other strings are empty: no flag is needed for anything. */
        if (name < 0 || name > _CS_LFS_LINTFLAGS) {
            errno = EINVAL;
            return 0;
        }
        value = "";
    }
    needed = strlen(value) + 1;
    if (nbytes > 0) {
        size_t length = needed < nbytes ? needed : nbytes;

        memcpy(buffer, value, length);
        buffer[length - 1] = '\0';
    }
    return needed;
}
