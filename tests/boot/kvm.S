/*
 * The smallest guest that says whether /dev/kvm can run Cairn at all.
 *
 * It turns PAE paging on as the kernel does, and writes 1 to QEMU's exit port
 * when the next instruction is reached. A virtual machine monitor for 64-bit
 * guests only does not get there: it refuses to, and QEMU ends otherwise.
 */
        .set MAGIC, 0x1BADB002

        .text
        .balign 4
        .long MAGIC, 0, -MAGIC

        .globl _start
_start:
        mov     $0x20, %eax             /* CR4.PAE */
        mov     %eax, %cr4
        mov     $pointers, %eax
        mov     %eax, %cr3
        mov     %cr0, %eax
        or      $0x80000001, %eax       /* PG, PE */
        mov     %eax, %cr0
        mov     $1, %al
        out     %al, $0xF4
1:      hlt
        jmp     1b

        .data
        .balign 4096
directory:                              /* the lowest 2 MiB, as they are */
        .quad   0x83
        .fill   511, 8, 0
pointers:
        .long   directory + 1, 0
        .fill   3, 8, 0

        .section .note.GNU-stack, "", @progbits
