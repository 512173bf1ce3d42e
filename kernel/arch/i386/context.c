/* Thread contexts; the switch itself is in entry.S. */
#include "arch/i386/context.h"

#include "arch/i386/fpu.h"
#include "arch/i386/segment.h"
#include "arch/i386/trap.h"
#include "lib/string.h"

void context_start(void);

void context_init(struct context *c, void *stack_top, void (*function)(void *),
                  void *arg)
{
    uint32_t *sp;

    memset(c, 0, sizeof(*c));
    fpu_reset(c);
    c->esp0 = (uint32_t)(uintptr_t)stack_top;
    sp = (uint32_t *)context_trapframe(c);
    *--sp = (uint32_t)(uintptr_t)arg;
    *--sp = (uint32_t)(uintptr_t)function;
    *--sp = (uint32_t)(uintptr_t)context_start;
    for (unsigned i = 0; i < 4; i++)
        *--sp = 0; /* EBP, EBX, ESI, EDI */
    c->esp = (uint32_t)(uintptr_t)sp;
}

void context_save_segments(struct context *c)
{
    uint16_t fs, gs;

    __asm__ volatile("movw %%fs, %0\n\tmovw %%gs, %1" : "=r"(fs), "=r"(gs));
    c->fs = fs;
    c->gs = gs;
}

void context_clear_segments(struct context *c)
{
    memset(c->tls, 0, sizeof(c->tls));
    c->fs = c->gs = 0;
    segment_load_fs(0);
    segment_load_gs(0);
    segment_load_tls(c->tls);
}

void context_leave(struct context *from)
{
    fpu_save(from);
    context_save_segments(from);
}

void context_load(struct context *to)
{
    segment_load_tls(to->tls);
    segment_load_fs(to->fs);
    segment_load_gs(to->gs);
    fpu_load(to);
}
