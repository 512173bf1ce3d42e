/*
 * raise: EINVAL.  A handler has run before it returns.
 */
#include "../call.h"
#include <signal.h>

int _raise_r(struct _reent *reent, int signo)
{
    return (int)__cairn_result(reent,
                               CALL(tgkill, CALL(getpid), CALL(gettid), signo));
}

int raise(int signo)
{
    return _raise_r(_REENT, signo);
}
