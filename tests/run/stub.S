/*
 * The least that QEMU can start: a Multiboot image that ends it at once. What
 * it takes is the floor that cairn-run is compared with.
 */
    .set MAGIC, 0x1BADB002
    .set FLAGS, 0

    .section .text
    .align 4
    .long MAGIC, FLAGS, -(MAGIC + FLAGS)

    .globl _start
_start:
    xorl %eax, %eax
    outb %al, $0xF4
1:  hlt
    jmp 1b
