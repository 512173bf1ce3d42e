/*
 * clock_getcpuclockid: returns the error number; ESRCH if there is no such
 * process. The clock of another one is the complement of its number, above two
 * bits for the scheduler's kind of time and one that tells a thread.
 */
#include "../call.h"
#include <time.h>
#include <unistd.h>

#define SCHEDULED 2

int clock_getcpuclockid(pid_t pid, clockid_t *clock)
{
    clockid_t other = (clockid_t)(~(unsigned)pid << 3 | SCHEDULED);
    struct timespec resolution;

    if (pid == 0 || pid == getpid()) {
        *clock = CLOCK_PROCESS_CPUTIME_ID;
        return 0;
    }
    if (pid < 0 || CALL(clock_getres_time64, other, &resolution) < 0)
        return ESRCH;
    *clock = other;
    return 0;
}
