/*
 * sync: cannot fail.
 */
#include "../call.h"
#include <unistd.h>

void sync(void)
{
    CALL(sync);
}
