/*
 * Processor time in ticks of sysconf(_SC_CLK_TCK) a second.
 */
#ifndef _SYS_TIMES_H
#define _SYS_TIMES_H

#include <sys/cdefs.h>
#include <sys/types.h>

struct tms {
    clock_t tms_utime;
    clock_t tms_stime;
    clock_t tms_cutime;
    clock_t tms_cstime;
};

__BEGIN_DECLS

clock_t times(struct tms *);

__END_DECLS

#endif
