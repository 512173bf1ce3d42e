/*
 * closefrom: close every descriptor from one upwards.  Errors: ENOSYS.
 */
#include "../call.h"
#include <unistd.h>

int closefrom(int first)
{
    return (int)RESULT(CALL(close_range, first < 0 ? 0 : first, ~0U, 0));
}
