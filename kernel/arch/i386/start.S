/*
 * The first instructions, from the loader to kmain.
 *
 * Multiboot 0.6.96, 3.2: the loader leaves the magic number in EAX, the
 * address of its information in EBX, paging off, flat segments whose GDT may
 * be gone, no stack, interrupts off. Nothing else is relied upon.
 *
 * The code up to the jump is linked where it is loaded. It maps the first 832
 * MiB twice, at 0 and at 0xC0000000, with 2 MiB pages (one page directory
 * serves both), and goes on in the upper half; paging_init replaces these
 * tables by the final ones.
 */
#include "arch/i386/layout.h"

#define MB_MAGIC 0x1BADB002
#define MB_FLAGS 0x00000003 /* modules on page boundaries; memory size */

#define PATTERN  0x5AA53CC3
#define LAST     (PHYS(kernel_bss_end) - 4) /* word of the image */

#define PHYS(symbol) ((symbol) - KERNEL_BASE)

    .section .multiboot, "a"
    .balign 4
    .long MB_MAGIC
    .long MB_FLAGS
    .long -(MB_MAGIC + MB_FLAGS)
    /*
     * For GRUB tools/mkiso.sh adds flag 4: text is wanted, a framebuffer will
     * do. QEMU's own loader only complains of it.
     */
    .fill 5, 4, 0               /* addresses, which ELF has */
    .long 1, 80, 25, 0

    .section .boot, "ax"
    .globl start
    .type start, @function
start:
    cli
    cld

    /*
     * Is there memory up to the image's end? If not, the stack may be missing,
     * too. What the loader says may be wrong, so ask the last word.
     */
    movl $PATTERN, LAST
    cmpl $PATTERN, LAST
    jne no_memory
    notl LAST
    cmpl $~PATTERN, LAST
    jne no_memory

    movl %eax, %esi             /* magic and information, kept for kmain */
    movl %ebx, %edi
    movl $PHYS(boot_stack_top), %esp
    pushl $FLAG_ONE             /* known flags: NT and AC may be anything */
    popfl

    /* Is there CPUID? EFLAGS.ID can be changed (Intel SDM 1 20.1.2). */
    pushfl
    popl %eax
    movl %eax, %ecx
    xorl $FLAG_ID, %eax
    pushl %eax
    popfl
    pushfl
    popl %eax
    cmpl %eax, %ecx
    je no_pae
    movl $1, %eax
    cpuid
    testl $(1 << 6), %edx       /* CPUID.1:EDX.PAE */
    jz no_pae
    testl $(1 << 15), %edx      /* CPUID.1:EDX.CMOV: all C code uses it */
    jz no_cmov

    /* Clear .bss: not every loader does. The stack in it is still empty. */
    movl %edi, %ebx
    xorl %eax, %eax
    movl $PHYS(kernel_bss_start), %edi
    movl $PHYS(kernel_bss_end), %ecx
    subl %edi, %ecx
    shrl $2, %ecx
    rep stosl

    /* kernel_pd[i] = i * 2 MiB, present, writable, large */
    movl $PHYS(kernel_pd), %edi
    movl $0x83, %eax
    movl $(DIRECT_MAX / LARGE_PAGE), %ecx
1:  movl %eax, (%edi)
    addl $LARGE_PAGE, %eax
    addl $8, %edi
    loop 1b

    movl $(PHYS(kernel_pd) + 1), %eax
    movl %eax, PHYS(kernel_pdpt)
    movl %eax, PHYS(kernel_pdpt) + 24

    movl %cr4, %eax
    orl $0x30, %eax             /* PAE, and PSE for emulators that want it */
    movl %eax, %cr4
    movl $PHYS(kernel_pdpt), %eax
    movl %eax, %cr3
    movl %cr0, %eax
    andl $0x9FFFFFFF, %eax      /* caches on: CD and NW clear */
    orl $0x80010001, %eax       /* PG, WP, PE */
    movl %eax, %cr0
    movl $high_start, %eax
    jmp *%eax

/*
 * The machine lacks something: say so on the screen, the serial line and the
 * debug console, give QEMU's exit device the status of a panic, and stop. No
 * firmware may have set up the line: 115200 bits a second, 8N1.
 */
no_memory:
    movl $memory_message, %esi
    jmp 1f
no_cmov:
    movl $cmov_message, %esi
    jmp 1f
no_pae:
    movl $pae_message, %esi
1:  movl $line_setup, %ebx
    xorl %edx, %edx
2:  movw (%ebx), %dx
    testw %dx, %dx
    jz 3f
    movb 2(%ebx), %al
    outb %al, %dx
    addl $3, %ebx
    jmp 2b
3:  movl $0xB8000, %edi
2:  lodsb
    testb %al, %al
    jz 5f
    movb %al, %bl
    outb %al, $0xE9
    cmpb $10, %al
    je 3f
    movb $0x0F, %ah
    stosw
3:  movw $0x3FD, %dx            /* COM1: wait until it can send, or not */
    movl $100000, %ecx
4:  inb %dx, %al
    testb $0x20, %al
    loopz 4b
    movw $0x3F8, %dx
    movb %bl, %al
    outb %al, %dx
    jmp 2b
5:  movb $125, %al
    outb %al, $0xF4
6:  hlt
    jmp 6b

/* Port and byte: divisor latch on, divisor 1, latch off and 8N1. */
line_setup:
    .word 0x3FB
    .byte 0x83
    .word 0x3F8
    .byte 1
    .word 0x3F9
    .byte 0
    .word 0x3FB
    .byte 0x03
    .word 0

memory_message:
    .asciz "Cairn needs more memory; the kernel alone does not fit.\n"
pae_message:
    .asciz "Cairn needs a processor with PAE; this one has none.\n"
cmov_message:
    .asciz "Cairn needs a processor with CMOV; this one has none.\n"

    .text
    .type high_start, @function
high_start:
    movl $boot_stack_top, %esp
    lgdt boot_gdtr
    ljmp $SEL_KCODE, $1f
1:  movl $SEL_KDATA, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    xorl %eax, %eax
    movl %eax, %fs
    movl %eax, %gs
    lldt %ax
    xorl %ebp, %ebp             /* where a backtrace ends */
    movl %esi, %eax
    movl %ebx, %edx
    pushl $0
    jmp kmain

    .section .rodata
    .balign 8
/* Flat segments at the places the final GDT has them. */
boot_gdt:
    .fill SEL_KCODE / 8, 8, 0
    .quad 0x00CF9A000000FFFF
    .quad 0x00CF92000000FFFF
boot_gdtr:
    .word . - boot_gdt - 1
    .long boot_gdt

    .section .bss.page, "aw", @nobits
    .balign 4096
    .globl kernel_pd
kernel_pd:
    .fill 4096
    .globl boot_stack, boot_stack_top
boot_stack:
    .fill 8192
boot_stack_top:
    .balign 32
    .globl kernel_pdpt
kernel_pdpt:
    .fill 32
    .section .note.GNU-stack, "", @progbits
