/*
 * getpgrp: cannot fail.
 */
#include "../call.h"
#include <unistd.h>

pid_t getpgrp(void)
{
    return (pid_t)CALL(getpgrp);
}
