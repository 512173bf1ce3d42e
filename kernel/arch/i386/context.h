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
};

#endif
