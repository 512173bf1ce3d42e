/*
 * Waiting for files to become ready.
 */
#ifndef _POLL_H
#define _POLL_H

#include <sys/cdefs.h>
#include <sys/types.h>
#include <sys/_sigset.h>
#include <sys/_timespec.h>
#include <cairn/poll.h>

#if !defined(_SIGSET_T_DECLARED)
#    define _SIGSET_T_DECLARED
typedef __sigset_t sigset_t;
#endif

typedef unsigned int nfds_t;

__BEGIN_DECLS

int poll(struct pollfd *, nfds_t, int);
#if __GNU_VISIBLE
int ppoll(struct pollfd *, nfds_t, const struct timespec *, const sigset_t *);
#endif

__END_DECLS

#endif
