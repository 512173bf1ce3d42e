/*
 * reboot: EINVAL, EPERM.
 */
#include "../call.h"
#include <sys/reboot.h>

int reboot(int command)
{
    return (int)RESULT(
        CALL(reboot, __CAIRN_REBOOT_MAGIC1, __CAIRN_REBOOT_MAGIC2, command, 0));
}
