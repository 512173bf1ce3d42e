/*
 * ftime: the time in milliseconds, as in the seventh edition; cannot fail.
 */
#include <sys/timeb.h>
#include <time.h>

int ftime(struct timeb *result)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    result->time = now.tv_sec;
    result->millitm = (unsigned short)(now.tv_nsec / 1000000);
    result->timezone = 0;
    result->dstflag = 0;
    return 0;
}
