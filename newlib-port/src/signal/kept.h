/*
 * The first two queued signals are the thread library's: a program that blocks
 * all signals must not keep its threads from being cancelled.
 */
#ifndef SIGNAL_KEPT_H
#define SIGNAL_KEPT_H

#include <signal.h>
#include <stddef.h>

/* The address of a copy without them, or NULL. */
#define SIGNALS_KEPT(set)                                        \
    ((set) != NULL ? &(sigset_t){{(set)->__bits[0] & 0x7fffffff, \
                                  (set)->__bits[1] & ~1ul}}      \
                   : NULL)

#endif
