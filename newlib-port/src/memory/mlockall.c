/*
 * mlockall: EAGAIN, EINVAL, ENOMEM, EPERM.
 */
#include "../call.h"
#include <sys/mman.h>

int mlockall(int flags)
{
    return (int)RESULT(CALL(mlockall, flags));
}
