/*
 * A child has no locks to set free.  __tz.c, which asks for that, has variables
 * whose names <string.h> and <time.h> have given away.
 */
#define index         zone_index
#define __munmap      munmap
#define __libc_malloc malloc
#define timezone      __cairn_timezone
#define daylight      __cairn_daylight
#define tzname        __cairn_tzname
