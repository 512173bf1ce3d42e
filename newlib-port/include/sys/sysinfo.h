/*
 * Memory and load of the machine.
 */
#ifndef _SYS_SYSINFO_H
#define _SYS_SYSINFO_H

#include <sys/cdefs.h>
#include <cairn/sysinfo.h>

#define SI_LOAD_SHIFT 16

__BEGIN_DECLS

int sysinfo(struct sysinfo *);
int get_nprocs(void);
int get_nprocs_conf(void);
long get_phys_pages(void);
long get_avphys_pages(void);

__END_DECLS

#endif
