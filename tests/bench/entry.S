/*
 * A Multiboot kernel that only tells when it was entered.
 *
 * It prints the time stamp counter, in hexadecimal, on the serial line: under
 * -icount, what firmware and loader took until a kernel's first instruction.
 * The padding makes it as large as Cairn's kernel, so that loading it takes
 * as long.
 */
        .set MAGIC, 0x1BADB002

        .text
        .balign 4
        .long MAGIC, 3, -(MAGIC + 3)

        .globl _start
_start:
        rdtsc
        mov     %edx, %ebx
        mov     %eax, %ebp
        mov     $16, %ecx
next:   shld    $4, %ebx, %eax          /* the highest digit first */
        shld    $4, %ebp, %ebx
        shl     $4, %ebp
        and     $15, %eax
        add     $'0', %al
        cmp     $'9', %al
        jbe     1f
        add     $'a' - '9' - 1, %al
1:      mov     $0x3F8, %dx
        out     %al, %dx
        loop    next
        mov     $'\n', %al
        out     %al, %dx
        xor     %al, %al
        mov     $0xF4, %dx
        out     %al, %dx
1:      hlt
        jmp     1b

        .data
        .skip   PADDING, 0xA5

        .section .note.GNU-stack, "", @progbits
