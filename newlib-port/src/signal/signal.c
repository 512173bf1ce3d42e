/*
 * signal: set a handler as BSD does: it stays, and calls are restarted.
 *
 * Errors: EINVAL, with SIG_ERR returned.
 */
#include "../call.h"
#include <signal.h>

_sig_func_ptr _signal_r(struct _reent *reent, int signo, _sig_func_ptr handler)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    struct sigaction old;

    (void)reent;
    if (handler == SIG_ERR) {
        errno = EINVAL;
        return SIG_ERR;
    }
    if (sigaction(signo, &action, &old) < 0)
        return SIG_ERR;
    return old.sa_handler;
}

_sig_func_ptr signal(int signo, _sig_func_ptr handler)
{
    return _signal_r(_REENT, signo, handler);
}
