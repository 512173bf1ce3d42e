/*
 * The system's name.
 */
#ifndef _SYS_UTSNAME_H
#define _SYS_UTSNAME_H

#include <sys/cdefs.h>
#include <cairn/utsname.h>

#define _UTSNAME_LENGTH __CAIRN_UTS_LENGTH
#define SYS_NMLN        __CAIRN_UTS_LENGTH

__BEGIN_DECLS

int uname(struct utsname *);

__END_DECLS

#endif
