/*
 * start.h - what the parts of a program's start share.
 */
#ifndef START_H
#define START_H

#include <cairn/auxv.h>

/* The auxiliary vector, up to its AT_NULL. */
extern const struct __cairn_auxv *__cairn_auxv;

/*
 * The value of an entry of the auxiliary vector.  Returns 0 and writes *value,
 * or -1 if there is no such entry.
 */
int __cairn_auxv_get(unsigned long type, unsigned long *value);

/*
 * Lay out thread-local storage for the only thread and make %gs select it.
 * Ends the process with status 127 when the program has such storage and the
 * kernel refuses.
 */
void __cairn_tls_init(void);

#endif
