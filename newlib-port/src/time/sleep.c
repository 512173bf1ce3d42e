/*
 * sleep, usleep: sleep returns the seconds that are left if a signal came;
 * usleep fails with EINTR then.
 */
#include "../call.h"
#include <time.h>
#include <unistd.h>

unsigned sleep(unsigned seconds)
{
    struct timespec wanted = {.tv_sec = seconds};
    struct timespec left = {0};

    if (nanosleep(&wanted, &left) == 0)
        return 0;
    return (unsigned)left.tv_sec + (left.tv_nsec >= 500000000);
}

int usleep(useconds_t microseconds)
{
    struct timespec wanted = {.tv_sec = (time_t)(microseconds / 1000000),
                              .tv_nsec = (long)(microseconds % 1000000) * 1000};

    return nanosleep(&wanted, NULL);
}
