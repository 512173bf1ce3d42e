/* Making allocations fail on purpose; see mm/inject.h. */
#include "mm/inject.h"

bool inject_armed;

static uint32_t npoints; /* passed since arming */
static uint32_t passed;  /* npoints of the last time */
static uint32_t failing; /* number of the point that fails, or 0 */
static bool all_after;   /* and all after it too */

void inject_arm(uint32_t nth, bool for_ever)
{
    npoints = 0;
    failing = nth;
    all_after = for_ever;
    inject_armed = true;
}

uint32_t inject_disarm(void)
{
    passed = npoints;
    inject_armed = false;
    npoints = 0;
    return passed;
}

uint32_t inject_passed(void)
{
    return passed;
}

bool inject_hit(void)
{
    npoints++;
    if (failing == 0 || npoints < failing)
        return false;
    return npoints == failing || all_after;
}
