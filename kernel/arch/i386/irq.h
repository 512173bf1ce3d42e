/*
 * Hardware interrupts through the two 8259A controllers. Handlers run with
 * interrupts off, on the stack of whatever was interrupted, and must not
 * sleep, allocate, or touch user memory.
 */
#ifndef ARCH_IRQ_H
#define ARCH_IRQ_H

#include "lib/types.h"

/*
 * Attach `handler(arg)` to line 0..15 and unmask it. Several handlers may
 * share a line (PCI); up to four. 0, -EINVAL, -ENOSPC.
 */
int irq_attach(unsigned line, void (*handler)(void *arg), void *arg) must_check;

#endif
