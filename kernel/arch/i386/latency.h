/*
 * How long the kernel keeps the processor: the longest stretch in the kernel
 * without a chance to switch to another thread, and the longest with
 * interrupts off, each with the place where it began and ended. Only a kernel
 * built with LATENCY=1 measures (`make LATENCY=1`), in steps of the time stamp
 * counter, which QEMU's -icount makes instructions; in others the hooks are
 * nothing.
 *
 * /proc/latency shows both, and starts again; the log has them at the end.
 */
#ifndef ARCH_LATENCY_H
#define ARCH_LATENCY_H

#include "lib/types.h"

#define LATENCY_FRAMES 12

/* The longest stretch of a kind. */
struct latency_record {
    uint64_t length;
    uint32_t begin[LATENCY_FRAMES]; /* return addresses, 0 after the last */
    uint32_t end[LATENCY_FRAMES];
};

struct latency_records {
    struct latency_record thread; /* without a chance to switch */
    struct latency_record irqs;   /* with interrupts off */
};

#ifdef LATENCY

/* The kernel is entered from user code, and about to return to it. */
void latency_enter(void);
void latency_leave(void);

/* Another thread may run, or does. */
void latency_chance(void);

/* The processor has nothing to do until the next chance. */
void latency_idle(void);

/* Interrupts go off, or are off already; on; and to what `flags` say. */
void latency_irqs_off(void);
void latency_irqs_on(void);
void latency_irqs_restore(uint32_t flags);

/* Forget what was recorded so far. */
void latency_start(void);

/* Hand out what was recorded, and begin anew. */
void latency_take(struct latency_records *out);

/* Write it to the log. */
void latency_log(void);

#else

static inline void latency_enter(void)
{
}

static inline void latency_chance(void)
{
}

static inline void latency_idle(void)
{
}

static inline void latency_irqs_off(void)
{
}

static inline void latency_irqs_on(void)
{
}

static inline void latency_irqs_restore(uint32_t flags)
{
    (void)flags;
}

static inline void latency_start(void)
{
}

static inline void latency_log(void)
{
}

#endif

#endif
