/*
 * signgam: the sign that lgamma() found, where the borrowed code stores it and
 * where newlib's <math.h> looks for it.
 */
#include <math.h>

int __cairn_signgam;

int *__signgam(void)
{
    return &__cairn_signgam;
}
