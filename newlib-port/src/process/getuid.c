/*
 * getuid: cannot fail.
 */
#include "../call.h"
#include <unistd.h>

uid_t getuid(void)
{
    return (uid_t)CALL(getuid32);
}
