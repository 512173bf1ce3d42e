/*
 * Kernel stacks: two pages each, with an unmapped page below, so that an
 * overflow faults (and the double fault task reports it) instead of writing
 * over something.
 */
#ifndef SCHED_KSTACK_H
#define SCHED_KSTACK_H

#include "arch/i386/layout.h"
#include "lib/types.h"

#define KSTACK_SIZE 8192u
#define KSTACK_SLOT (KSTACK_SIZE + 4096u) /* with the unmapped page */

/* How many the addresses suffice for: whole words of a bitmap. */
#define KSTACK_MAX ((KSTACK_END - KSTACK_BASE) / KSTACK_SLOT / 32 * 32)

/* A stack's lowest usable address; its frames are charged. -ENOMEM. */
int kstack_alloc(void **stack) must_check;

/* Give a stack back. It must not be the one in use. */
void kstack_free(void *stack);

/* Unmap the free stacks that are kept for reuse: frames freed. */
size_t kstack_shrink(void);

/* Low frames that stacks and their page tables have charged. */
size_t kstack_charged(void);

/* Page tables of the area so far, which are kept: frames of kind PAGETABLE. */
size_t kstack_tables(void);

#endif
