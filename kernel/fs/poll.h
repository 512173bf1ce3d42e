/*
 * Waiting for events on several files at once: poll, ppoll, select.
 *
 * A file's poll function tells which events hold now and, if it is given a
 * poll_set, puts the caller's thread into every wait queue whose wake-up may
 * change that. The caller sleeps, is woken, and asks all files again.
 */
#ifndef FS_POLL_H
#define FS_POLL_H

#include <cairn/poll.h>
#include "lib/types.h"
#include "sched/waitq.h"

struct poll_set; /* the wait queues that one poll call has joined */

/*
 * Called by poll functions: join `wq` until the poll call returns. `set` may
 * be NULL (nobody waits): then nothing happens. Out of memory is remembered
 * and makes the poll call return -ENOMEM instead of sleeping.
 */
void poll_wait(struct poll_set *set, struct waitq *wq);

#endif
