/*
 * The loader's first instructions: a Multiboot header, so that QEMU starts it
 * with the modules, and a stack. start_kernel is its way out.
 */
        .set MAGIC, 0x1BADB002
        .set FLAGS, 3                   /* aligned modules, memory size */

        .section .multiboot, "a"
        .balign 4
        .long MAGIC, FLAGS, -(MAGIC + FLAGS)

        .text
        .globl _start
_start:
        mov     $stack_top, %esp
        push    %ebx
        call    load
1:      hlt
        jmp     1b

/*
 * void start_kernel(uint32_t entry, uint32_t eax, uint32_t ebx,
 *                   uint32_t eflags)
 *
 * Multiboot 0.6.96, 3.2: EAX, EBX, flat segments, A20 open, paging and
 * interrupts off. All that it leaves open is made as bad as may be: no stack,
 * no descriptor tables, registers full of rubbish.
 */
        .globl start_kernel
start_kernel:
        mov     4(%esp), %esi
        mov     8(%esp), %eax
        mov     12(%esp), %ebx
        lgdt    nothing
        lidt    nothing
        push    16(%esp)
        popf
        mov     %esi, entry
        mov     $0xDEADBEEF, %ecx
        mov     %ecx, %edx
        mov     %ecx, %esi
        mov     %ecx, %edi
        mov     %ecx, %ebp
        mov     %ecx, %esp
        jmp     *entry

        .data
entry:
        .long   0
nothing:
        .word   0
        .long   0

        .bss
        .balign 16
        .skip   8192
stack_top:
        .section .note.GNU-stack, "", @progbits
