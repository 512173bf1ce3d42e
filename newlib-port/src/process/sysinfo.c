/*
 * sysinfo: EFAULT.
 */
#include "../call.h"
#include <sys/sysinfo.h>

int sysinfo(struct sysinfo *info)
{
    return (int)RESULT(CALL(sysinfo, info));
}
