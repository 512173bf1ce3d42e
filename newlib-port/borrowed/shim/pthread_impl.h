/* There is one thread, which is not cancelled. */
#include <signal.h>

#define pthread_setcancelstate(state, old) ((void)(old))
#define PTHREAD_CANCEL_DISABLE             1
#define __block_all_sigs                   block_all_sigs
#define __restore_sigs(old)                sigprocmask(SIG_SETMASK, old, NULL)

static inline void block_all_sigs(sigset_t *old)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, old);
}
