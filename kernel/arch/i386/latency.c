/*
 * The record of long stretches; the contract is in latency.h. All state
 * changes with interrupts off, or is of the thread that runs.
 */
#include "arch/i386/latency.h"

#include "arch/i386/cpu.h"
#include "arch/i386/layout.h"
#include "lib/ksym.h"
#include "lib/log.h"

/* A stretch that goes on now; since 0: none. */
struct stretch {
    uint64_t since;
    uint32_t begin[LATENCY_FRAMES];
};

static struct stretch thread_stretch, irq_stretch;
static struct latency_records records;
extern char kernel_start[], kernel_end[];

static bool is_stack(uint32_t va)
{
    return (va & 3) == 0 && ((va >= KSTACK_BASE && va < KSTACK_END - 8) ||
                             (va >= (uint32_t)(uintptr_t)kernel_start &&
                              va < (uint32_t)(uintptr_t)kernel_end - 8));
}

/* The callers of the hook that calls this. */
static never_inline void trace(uint32_t out[LATENCY_FRAMES])
{
    const uint32_t *frame = __builtin_frame_address(0);
    unsigned n = 0;

    frame = (const uint32_t *)(uintptr_t)frame[0];
    while (n < LATENCY_FRAMES && is_stack((uint32_t)(uintptr_t)frame)) {
        out[n++] = frame[1];
        if (frame[0] <= (uint32_t)(uintptr_t)frame)
            break;
        frame = (const uint32_t *)(uintptr_t)frame[0];
    }
    if (n < LATENCY_FRAMES)
        out[n] = 0;
}

static void begin(struct stretch *stretch)
{
    trace(stretch->begin);
    stretch->since = rdtsc();
}

static void end(struct stretch *stretch, struct latency_record *record)
{
    uint64_t length = rdtsc() - stretch->since;

    if (stretch->since != 0 && length > record->length) {
        record->length = length;
        for (unsigned i = 0; i < LATENCY_FRAMES; i++)
            record->begin[i] = stretch->begin[i];
        trace(record->end);
    }
    stretch->since = 0;
}

void latency_enter(void)
{
    thread_stretch.begin[0] = 0;
    thread_stretch.since = rdtsc();
}

void latency_leave(void)
{
    end(&thread_stretch, &records.thread);
    end(&irq_stretch, &records.irqs);
}

void latency_chance(void)
{
    end(&thread_stretch, &records.thread);
    begin(&thread_stretch);
}

void latency_idle(void)
{
    end(&thread_stretch, &records.thread);
}

void latency_irqs_off(void)
{
    if (irq_stretch.since == 0)
        begin(&irq_stretch);
}

void latency_irqs_on(void)
{
    end(&irq_stretch, &records.irqs);
}

void latency_irqs_restore(uint32_t flags)
{
    if (flags & FLAG_IF)
        latency_irqs_on();
}

void latency_start(void)
{
    records.thread.length = records.irqs.length = 0;
}

void latency_take(struct latency_records *out)
{
    uint32_t flags = irq_save();

    *out = records;
    records.thread.length = records.irqs.length = 0;
    irq_restore(flags);
}

static void log_trace(const char *what, const uint32_t trace[LATENCY_FRAMES])
{
    uint32_t offset;

    for (unsigned i = 0; i < LATENCY_FRAMES && trace[i] != 0; i++) {
        const char *name = ksym_lookup(trace[i], &offset);

        klog(LOG_INFO, "  %s %08x %s+0x%x", what, trace[i], name ? name : "?",
             offset);
    }
}

static void log_record(const char *what, const struct latency_record *record)
{
    klog(LOG_INFO, "latency: %s %llu", what,
         (unsigned long long)record->length);
    log_trace("begin", record->begin);
    log_trace("end", record->end);
}

void latency_log(void)
{
    static struct latency_records taken;

    latency_take(&taken);
    log_record("without a chance to switch", &taken.thread);
    log_record("with interrupts off", &taken.irqs);
}
