/*
 * The auxiliary vector.
 */
#ifndef _SYS_AUXV_H
#define _SYS_AUXV_H

#include <sys/cdefs.h>
#include <cairn/auxv.h>

__BEGIN_DECLS

unsigned long getauxval(unsigned long);

__END_DECLS

#endif
