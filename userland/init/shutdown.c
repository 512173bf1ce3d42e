/*
 * The end: every program is asked to, then made to; then the machine stops.
 *
 * Switching off is init's own end, by the way: the kernel looks then if all
 * memory has come back, and gives the status to who started the machine.
 */
#include "init.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

#define STEP_NS     20000000 /* between two looks */
#define PATIENCE_NS 2000000000

/* True if nobody but init is left; kill leaves init itself out. */
static bool is_alone(void)
{
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
    return kill(-1, 0) != 0 && errno == ESRCH;
}

static bool wait_until_alone(void)
{
    static const struct timespec step = {.tv_nsec = STEP_NS};

    for (long waited = 0; waited < PATIENCE_NS; waited += STEP_NS) {
        if (is_alone())
            return true;
        nanosleep(&step, NULL);
    }
    return false;
}

/* An interactive shell ignores SIGTERM; a stopped program must go on first. */
static void end_programs(void)
{
    kill(-1, SIGTERM);
    kill(-1, SIGCONT);
    hang_up_shells();
    if (wait_until_alone())
        return;
    kill(-1, SIGKILL);
    if (!wait_until_alone())
        say("some programs do not end");
}

void shut_down(enum ending ending)
{
    end_programs();
    sync();
    switch (ending) {
    case ENDING_HALT:
        reboot(RB_HALT_SYSTEM);
        break;
    case ENDING_REBOOT:
        reboot(RB_AUTOBOOT);
        break;
    case ENDING_OFF:
    case ENDING_FAILED:
        break;
    }
    exit(ending == ENDING_OFF ? 0 : 1);
}
