/*
 * getpid: cannot fail.
 */
#include "../call.h"
#include <unistd.h>

int _getpid_r(struct _reent *reent)
{
    (void)reent;
    return (int)CALL(getpid);
}

WEAK pid_t getpid(void)
{
    return (pid_t)CALL(getpid);
}
