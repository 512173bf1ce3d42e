/*
 * clock: processor time of this process in microseconds, or -1.
 */
#include "../call.h"
#include <time.h>

clock_t clock(void)
{
    struct timespec used;

    if (RESULT(CALL(clock_gettime64, CLOCK_PROCESS_CPUTIME_ID, &used)) < 0)
        return (clock_t)-1;
    return (clock_t)(used.tv_sec * CLOCKS_PER_SEC + used.tv_nsec / 1000);
}
