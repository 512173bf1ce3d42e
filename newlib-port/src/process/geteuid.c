/*
 * geteuid: cannot fail.
 */
#include "../call.h"
#include <unistd.h>

uid_t geteuid(void)
{
    return (uid_t)CALL(geteuid32);
}
