/*
 * A chance for others in the midst of a call that goes on for long.
 */
#ifndef LIB_CHECKPOINT_H
#define LIB_CHECKPOINT_H

#include <stdbool.h>

/*
 * Let another thread run if that is due. A loop whose length a program decides
 * calls it at least every 100,000 instructions or so, where all is as others
 * may find it, with interrupts on and no window open; as after each sleep,
 * everything is to be looked at again. Return true if the thread's process is
 * to be killed: then the call should end as soon as it can, with what has been
 * done so far. (The scheduler's; host tests bring their own.)
 */
bool checkpoint(void);

/*
 * The same for a call that any signal may end early, with what has been done:
 * return true if one waits.
 */
bool checkpoint_signal(void);

/*
 * Sleep until the next pause_over(), without regard to signals: for a call
 * that finds another thread's call at a checkpoint, with something half done.
 * The caller tests its condition again.
 */
void pause_wait(void);

/* Wake all that are in pause_wait. */
void pause_over(void);

#endif
