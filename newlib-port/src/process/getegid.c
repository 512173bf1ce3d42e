/*
 * getegid: cannot fail.
 */
#include "../call.h"
#include <unistd.h>

gid_t getegid(void)
{
    return (gid_t)CALL(getegid32);
}
