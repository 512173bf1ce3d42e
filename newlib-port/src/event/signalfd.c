/*
 * signalfd: EBADF, EINVAL, EMFILE, ENFILE, ENOMEM.
 */
#include "../call.h"
#include <cairn/signal.h>
#include <sys/signalfd.h>

_Static_assert(sizeof(struct signalfd_siginfo) ==
                   sizeof(struct __cairn_signalfd_siginfo),
               "what the kernel writes");

int signalfd(int fd, const sigset_t *mask, int flags)
{
    return (int)RESULT(CALL(signalfd4, fd, mask, __CAIRN_SIGSET_BYTES, flags));
}
