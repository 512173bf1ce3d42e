/*
 * getppid: cannot fail.
 */
#include "../call.h"
#include <unistd.h>

pid_t getppid(void)
{
    return (pid_t)CALL(getppid);
}
