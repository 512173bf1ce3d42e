/*
 * setpgrp: setpgid(0, 0), as System V has it.  Errors: EPERM.
 */
#include <unistd.h>

pid_t setpgrp(void)
{
    setpgid(0, 0);
    return getpgrp();
}
