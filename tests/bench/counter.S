/*
 * A program that prints the time stamp counter, 16 hexadecimal digits, and
 * ends. A prompt that runs it tells when it was printed.
 */
        .globl _start
        .text
_start:
        rdtsc
        mov     %edx, %ebx
        mov     %eax, %ebp
        mov     $text, %edi
        mov     $16, %ecx
next:   shld    $4, %ebx, %eax          /* the highest digit first */
        shld    $4, %ebp, %ebx
        shl     $4, %ebp
        and     $15, %eax
        mov     digits(%eax), %al
        stosb
        loop    next
        mov     $4, %eax                /* write(1, text, 17) */
        mov     $1, %ebx
        mov     $text, %ecx
        mov     $17, %edx
        int     $0x80
        mov     $1, %eax                /* exit(0) */
        xor     %ebx, %ebx
        int     $0x80

        .section .rodata
digits: .ascii  "0123456789abcdef"

        .data
text:   .ascii  "0000000000000000\n"

        .section .note.GNU-stack, "", @progbits
