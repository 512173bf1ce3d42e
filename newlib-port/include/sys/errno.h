/*
 * errno and its values.
 */
#ifndef _SYS_ERRNO_H_
#define _SYS_ERRNO_H_

#include <sys/cdefs.h>
#include <sys/reent.h>
#include <cairn/errno.h>

__BEGIN_DECLS

#ifndef _REENT_ONLY
#    define errno (*__errno())
int *__errno(void);
#endif

#define __errno_r(ptr) ((ptr)->_errno)

extern const char *const _sys_errlist[];
extern const int _sys_nerr;

#if __GNU_VISIBLE
extern char *program_invocation_name;
extern char *program_invocation_short_name;
typedef int error_t;
#endif

/* Above all numbers of the system. */
#define __ELASTERROR 2000

#ifdef _COMPILING_NEWLIB
/* newlib's data base code asks for it. */
#    define EFTYPE EINVAL
#endif

__END_DECLS

#endif
