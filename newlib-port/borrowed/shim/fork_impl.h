/*
 * What fork takes.  __tz.c, which says so, has variables whose names <string.h>
 * and <time.h> have given away.
 */
#define index    zone_index
#define __munmap munmap
#ifndef __libc_malloc
#    define __libc_malloc malloc
#    define __libc_calloc calloc
#endif
#define timezone __cairn_timezone
#define daylight __cairn_daylight
#define tzname   __cairn_tzname

void __pthread_key_atfork(int);
char *__shm_mapname(const char *, char *);
