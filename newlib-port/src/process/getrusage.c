/*
 * getrusage: EINVAL.
 */
#include "../call.h"
#include "rusage.h"

int getrusage(int who, struct rusage *usage)
{
    struct __cairn_rusage raw;

    if (RESULT(CALL(getrusage, who, &raw)) < 0)
        return -1;
    __cairn_rusage_convert(usage, &raw);
    return 0;
}
