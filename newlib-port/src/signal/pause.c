/*
 * pause: EINTR, always.
 */
#include "../call.h"
#include <unistd.h>

int pause(void)
{
    return (int)RESULT(CANCEL(pause));
}
