/*
 * rusage.h - the kernel counts times in 32 bits, the libc in 64.
 */
#ifndef RUSAGE_H
#define RUSAGE_H

#include <sys/resource.h>

/* Write the kernel's usage to the libc's struct. */
void __cairn_rusage_convert(struct rusage *to,
                            const struct __cairn_rusage *from);

#endif
