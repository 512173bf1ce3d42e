/*
 * setsid: EPERM.
 */
#include "../call.h"
#include <unistd.h>

pid_t setsid(void)
{
    return (pid_t)RESULT(CALL(setsid));
}
