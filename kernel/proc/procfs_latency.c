/* /proc/latency, in kernels built with LATENCY=1: see arch/i386/latency.h. */
#include "arch/i386/latency.h"
#include "lib/ksym.h"
#include "proc/procfs_private.h"

static void add_trace(struct text *text, const char *what,
                      const uint32_t trace[LATENCY_FRAMES])
{
    uint32_t offset;

    text_printf(text, "  %s", what);
    for (unsigned i = 0; i < LATENCY_FRAMES && trace[i] != 0; i++) {
        const char *name = ksym_lookup(trace[i], &offset);

        text_printf(text, " %s+0x%x", name ? name : "?", offset);
    }
    text_printf(text, "\n");
}

static void add_record(struct text *text, const char *what,
                       const struct latency_record *record)
{
    text_printf(text, "%s %llu\n", what, (unsigned long long)record->length);
    add_trace(text, "from", record->begin);
    add_trace(text, "to", record->end);
}

void procfs_show_latency(struct text *text, struct process *p)
{
    static struct latency_records records; /* too large for a stack */

    (void)p;
    latency_take(&records);
    add_record(text, "thread", &records.thread);
    add_record(text, "irqs", &records.irqs);
}
