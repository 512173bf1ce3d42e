/*
 * umask: cannot fail.
 */
#include "../call.h"
#include <sys/stat.h>

mode_t umask(mode_t mask)
{
    return (mode_t)CALL(umask, mask);
}
