/*
 * pause: EINTR, always.
 */
#include "../call.h"
#include <unistd.h>

int pause(void)
{
    return (int)RESULT(CALL(pause));
}
