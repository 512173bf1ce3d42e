/*
 * poll: EFAULT, EINTR, EINVAL, ENOMEM.
 */
#include "../call.h"
#include <poll.h>

int poll(struct pollfd *fds, nfds_t count, int milliseconds)
{
    return (int)RESULT(CANCEL(poll, fds, count, milliseconds));
}
