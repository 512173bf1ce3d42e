/*
 * What newlib's <stdlib.h> lacks of POSIX and the usual extensions.
 */
#ifndef _MACHSTDLIB_H_
#define _MACHSTDLIB_H_

#ifndef _STDLIB_H_
#    error "must be included via <stdlib.h>"
#endif

#include <sys/types.h>

__BEGIN_DECLS

#if __XSI_VISIBLE || __MISC_VISIBLE
int grantpt(int);
int posix_openpt(int);
char *ptsname(int);
int unlockpt(int);
#endif
#if __MISC_VISIBLE
int clearenv(void);
int getloadavg(double[], int);
#endif
#if __GNU_VISIBLE
int ptsname_r(int, char *, size_t);
char *secure_getenv(const char *);
#endif

__END_DECLS

#endif
