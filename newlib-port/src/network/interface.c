/*
 * Network interfaces: there are none. Errors: ENODEV for a name, ENXIO for a
 * number, as POSIX has them.
 */
#include "../call.h"
#include <net/if.h>
#include <stdlib.h>

unsigned if_nametoindex(const char *name)
{
    (void)name;
    errno = ENODEV;
    return 0;
}

char *if_indextoname(unsigned number, char *name)
{
    (void)number;
    (void)name;
    errno = ENXIO;
    return NULL;
}

/* An empty list is an end mark alone. */
struct if_nameindex *if_nameindex(void)
{
    return calloc(1, sizeof(struct if_nameindex));
}

void if_freenameindex(struct if_nameindex *list)
{
    free(list);
}
