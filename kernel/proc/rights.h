/*
 * What the running process may do to another one. docs/security.md has the
 * whole table; every call that names a process asks here.
 */
#ifndef PROC_RIGHTS_H
#define PROC_RIGHTS_H

#include <cairn/signal.h>
#include "lib/types.h"
#include "proc/process.h"

/*
 * May it see what is the process's own: memory, environment, open files,
 * places? Its user may, if all ids of the process are his and it is dumpable:
 * it has not changed its ids, and its program's text could be read.
 */
bool may_inspect(const struct process *p);

/* May it send the process `signo` (0: any)? */
static inline bool may_signal(const struct process *p, int signo)
{
    const struct process *self = current_process();
    const struct creds *me = &self->creds, *c = &p->creds;

    return me->euid == 0 || me->euid == c->uid || me->euid == c->suid ||
           me->uid == c->uid || me->uid == c->suid ||
           (signo == SIGCONT && p->sid == self->sid);
}

/* May it change how the process is scheduled? */
bool may_schedule(const struct process *p);

/* May it see and change the process's limits? */
bool may_limit(const struct process *p);

#endif
