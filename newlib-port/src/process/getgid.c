/*
 * getgid: cannot fail.
 */
#include "../call.h"
#include <unistd.h>

gid_t getgid(void)
{
    return (gid_t)CALL(getgid32);
}
