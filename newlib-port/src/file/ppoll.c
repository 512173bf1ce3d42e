/*
 * ppoll: EFAULT, EINTR, EINVAL, ENOMEM.  The kernel writes the time left into
 * its argument; the caller's is const, so it gets a copy.
 */
#define _GNU_SOURCE
#include "../call.h"
#include <poll.h>

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout,
          const sigset_t *mask)
{
    struct timespec copy;

    if (timeout != NULL)
        copy = *timeout;
    return (int)RESULT(CANCEL(ppoll_time64, fds, count,
                              timeout != NULL ? &copy : NULL, mask,
                              sizeof(*mask)));
}
