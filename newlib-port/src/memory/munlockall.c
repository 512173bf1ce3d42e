/*
 * munlockall: no error is known.
 */
#include "../call.h"
#include <sys/mman.h>

int munlockall(void)
{
    return (int)RESULT(CALL(munlockall));
}
