/*
 * sethostname: EFAULT, EINVAL, EPERM.
 */
#include "../call.h"
#include <unistd.h>

int sethostname(const char *name, size_t length)
{
    return (int)RESULT(CALL(sethostname, name, length));
}
