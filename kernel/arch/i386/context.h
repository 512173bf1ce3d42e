/*
 * What the switch between threads saves: the kernel stack pointer (callee-
 * saved registers lie on the stack), the FPU and SSE state (FXSAVE image, or
 * FSAVE where the CPU has no FXSR) and the thread-local segments.
 */
#ifndef ARCH_CONTEXT_H
#define ARCH_CONTEXT_H

#include "lib/types.h"

#define NTLS 3 /* GDT entries 6..8, as on Linux i386 */

struct context {
    uint8_t fpu[512] __attribute__((aligned(16)));
    uint32_t esp;       /* kernel stack pointer while not running */
    uint32_t esp0;      /* top of the kernel stack: TSS.esp0 */
    uint64_t tls[NTLS]; /* segment descriptors; 0: none */
    uint32_t fs, gs;    /* selectors of user mode while not running */
    uint32_t fault_vector, fault_error, fault_address; /* last user fault */
};

struct trapframe;

/* Where user code's registers lie while its thread is in the kernel. */
static inline struct trapframe *context_trapframe(const struct context *c)
{
    return (struct trapframe *)(c->esp0 - 19 * 4);
}

/*
 * Build the stack of a new thread that starts in function(arg) in the kernel,
 * below the place of its trap frame. `stack_top` is 16-byte aligned. FPU state
 * is that of a new program, segments are empty.
 */
void context_init(struct context *c, void *stack_top, void (*function)(void *),
                  void *arg);

/* Save what the user side of `from` has in the CPU; load that of `to`. */
void context_leave(struct context *from);
void context_load(struct context *to);

/* Go on with another kernel stack (entry.S); returns when switched back. */
void context_switch(uint32_t *save_esp, uint32_t esp);

/* The selectors of the running thread's user side, and new ones. */
void context_save_segments(struct context *c);
void context_clear_segments(struct context *c);

#endif
