/*
 * waitid: ECHILD, EINTR, EINVAL.
 */
#include "../call.h"
#include <sys/wait.h>

int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
    return (int)RESULT(CANCEL(waitid, type, id, info, options, 0));
}
