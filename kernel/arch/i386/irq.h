/*
 * Hardware interrupts through the two 8259A controllers. Handlers run with
 * interrupts off, on the stack of whatever was interrupted, and must not
 * sleep, allocate, or touch user memory.
 */
#ifndef ARCH_IRQ_H
#define ARCH_IRQ_H

#include "lib/types.h"

#define IRQ_LINES 16

/* Set the controllers up with every line masked. */
void irq_init(void);

/*
 * Attach `handler(arg)` to line 0..15 and unmask it. Up to four handlers may
 * share a line, as PCI devices do. 0, -EINVAL, -ENOSPC.
 */
int irq_attach(unsigned line, void (*handler)(void *arg), void *arg) must_check;

/* Called by the trap code; `user`: user mode was interrupted. */
void irq_dispatch(unsigned line, bool user);

/* True while the interrupt being served hit user mode. For the clock. */
extern bool irq_hit_user;

#endif
