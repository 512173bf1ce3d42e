/*
 * Limits and little helpers, as BSD programs look for them here.
 */
#ifndef _SYS_PARAM_H
#define _SYS_PARAM_H

#include <sys/types.h>
#include <endian.h>
#include <limits.h>
#include <sys/syslimits.h>

#define HZ             100 /* sysconf(_SC_CLK_TCK) */
#define NBBY           8
#define NOFILE         256
#define NGROUPS        NGROUPS_MAX
#define MAXPATHLEN     PATH_MAX
#define PATHSIZE       PATH_MAX
#define NCARGS         ARG_MAX
#define MAXSYMLINKS    20
#define MAXHOSTNAMELEN 64
#define CANBSIZ        255
#define DEV_BSIZE      512

#ifndef MIN
#    define MIN(a, b) ((a) < (b) ? (a) : (b))
#endif
#ifndef MAX
#    define MAX(a, b) ((a) > (b) ? (a) : (b))
#endif
#ifndef howmany
#    define howmany(x, y) (((x) + ((y)-1)) / (y))
#endif
#define roundup(x, y) ((((x) + ((y)-1)) / (y)) * (y))
#define powerof2(x)   ((((x)-1) & (x)) == 0)

#define setbit(a, i) ((a)[(i) / NBBY] |= 1 << ((i) % NBBY))
#define clrbit(a, i) ((a)[(i) / NBBY] &= ~(1 << ((i) % NBBY)))
#define isset(a, i)  ((a)[(i) / NBBY] & (1 << ((i) % NBBY)))
#define isclr(a, i)  (((a)[(i) / NBBY] & (1 << ((i) % NBBY))) == 0)

#endif
