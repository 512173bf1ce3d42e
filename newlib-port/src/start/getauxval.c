/*
 * getauxval: an entry of the auxiliary vector.
 *
 * Errors: ENOENT, with 0 returned.
 */
#include "../call.h"
#include "start.h"
#include <sys/auxv.h>

unsigned long getauxval(unsigned long type)
{
    unsigned long value = 0;

    if (__cairn_auxv_get(type, &value) < 0)
        errno = ENOENT;
    return value;
}
