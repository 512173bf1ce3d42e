/*
 * The GDT's thread-local entries, the TSS, and the task that takes double
 * faults.
 */
#ifndef ARCH_SEGMENT_H
#define ARCH_SEGMENT_H

#include "arch/i386/context.h"
#include "lib/types.h"

/* A task state segment (Intel SDM 3A 8.2.1). */
struct tss {
    uint32_t link, esp0, ss0, esp1, ss1, esp2, ss2, cr3, eip, eflags;
    uint32_t eax, ecx, edx, ebx, esp, ebp, esi, edi;
    uint32_t es, cs, ss, ds, fs, gs, ldt;
    uint16_t trap, iomap;
};

_Static_assert(sizeof(struct tss) == 104, "the CPU defines it");

/* Load the GDT and the TSS. */
void segment_init(void);

/* Put the thread's segments into the GDT. */
void segment_load_tls(const uint64_t tls[NTLS]);

/* Load GS or FS; 0 where the selector is no longer good. See entry.S. */
void segment_load_gs(uint32_t selector);
void segment_load_fs(uint32_t selector);

/* The registers at the time of a double fault. */
extern struct tss segment_main_tss;

#endif
