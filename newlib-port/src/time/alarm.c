/*
 * alarm: cannot fail.
 */
#include "../call.h"
#include <unistd.h>

unsigned alarm(unsigned seconds)
{
    return (unsigned)CALL(alarm, seconds);
}
