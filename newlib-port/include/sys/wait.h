/*
 * Waiting for children.
 */
#ifndef _SYS_WAIT_H
#define _SYS_WAIT_H

#include <sys/cdefs.h>
#include <sys/types.h>
#define __NEED_SIGNALS
#include <sys/signal.h>
#include <signal.h>
#include <sys/resource.h>
#include <cairn/wait.h>

typedef enum {
    P_ALL = __CAIRN_P_ALL,
    P_PID = __CAIRN_P_PID,
    P_PGID = __CAIRN_P_PGID
} idtype_t;

#define W_EXITCODE(ret, sig) (__W_EXITED(ret) | (sig))
#define W_STOPCODE(sig)      __W_STOPPED(sig)

__BEGIN_DECLS

pid_t wait(int *);
pid_t waitpid(pid_t, int *, int);
int waitid(idtype_t, id_t, siginfo_t *, int);
#if __MISC_VISIBLE
pid_t wait3(int *, int, struct rusage *);
pid_t wait4(pid_t, int *, int, struct rusage *);
#endif

__END_DECLS

#endif
