/*
 * Memory that does not come back: counts taken before a program runs are
 * compared with those after it, and every structure is walked.
 */
#ifndef BOOT_BALANCE_H
#define BOOT_BALANCE_H

#include <stdbool.h>

/* Note the counts as they are now, nothing of the program being there yet. */
void balance_take(void);

/* Compare and walk; what is wrong is logged. True if all is well. */
bool balance_check(void);

/* Walk groups and sessions, at any time. */
bool balance_check_processes(void);

#endif
