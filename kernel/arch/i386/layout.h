/*
 * The kernel's addresses and selectors, for C and assembly.
 *
 *   0x00000000 - 0xBFFFFFFF  the process
 *   0xC0000000 - 0xF3FFFFFF  direct map of physical 0 - 832 MiB
 *   0xF4000000 - 0xFBFFFFFF  kernel stacks, each above an unmapped page
 *   0xFC000000 - 0xFFDFFFFF  device memory
 *   0xFFE00000 - 0xFFFFFFFF  windows
 *
 * The GDT has Linux i386's selectors, which programs may compare.
 */
#ifndef ARCH_LAYOUT_H
#define ARCH_LAYOUT_H

#define KERNEL_BASE 0xC0000000
#define DIRECT_MAX  0x34000000 /* bytes of physical memory mapped directly */
#define KSTACK_BASE 0xF4000000
#define KSTACK_END  0xFC000000
#define DEVMEM_BASE 0xFC000000
#define DEVMEM_END  0xFFE00000
#define WINDOW_BASE 0xFFE00000
#define LARGE_PAGE  0x00200000

#define GDT_TLS     6
#define GDT_TSS     16
#define GDT_DF_TSS  31
#define GDT_ENTRIES 32
#define SEL_KCODE   0x60
#define SEL_KDATA   0x68
#define SEL_UCODE   0x73
#define SEL_UDATA   0x7B
#define SEL_TSS     0x80
#define SEL_DF_TSS  0xF8

#define VECTOR_IRQ        0x20 /* the sixteen lines of the 8259A */
#define VECTOR_APIC       0x30 /* and as many of the local APIC */
#define VECTOR_APIC_TIMER 0x30
#define VECTOR_SPURIOUS   0x3F /* its low four bits are 1 on old processors */
#define VECTOR_END        0x40
#define VECTOR_SYSCALL    0x80

/*
 * `call` of a trap frame that is not, or no longer, a system call that could be
 * made again.
 */
#define TRAP_NO_CALL 0xFFFFFFFF

/* EFLAGS (Intel SDM 1 3.4.3) */
#define FLAG_CF   0x00000001
#define FLAG_ONE  0x00000002
#define FLAG_TF   0x00000100
#define FLAG_IF   0x00000200
#define FLAG_DF   0x00000400
#define FLAG_IOPL 0x00003000
#define FLAG_NT   0x00004000
#define FLAG_RF   0x00010000
#define FLAG_VM   0x00020000
#define FLAG_AC   0x00040000
#define FLAG_ID   0x00200000

#endif
