/*
 * time: seconds since 1970; cannot fail.
 */
#include "../call.h"
#include <time.h>

time_t time(time_t *result)
{
    struct timespec now = {0};

    CALL(clock_gettime64, CLOCK_REALTIME, &now);
    if (result != NULL)
        *result = now.tv_sec;
    return now.tv_sec;
}
