/*
 * mcount.S - what code that is compiled with -pg calls at each function's start.
 *
 * The caller has set up its frame: 4(%ebp) is where it was called from, and our
 * own return address is in it. A prologue may hold arguments in registers.
 */
        .globl  mcount
        .type   mcount, @function
mcount:
        pushl   %eax
        pushl   %ecx
        pushl   %edx
        pushl   12(%esp)
        pushl   4(%ebp)
        call    __profile_arc
        addl    $8, %esp
        popl    %edx
        popl    %ecx
        popl    %eax
        ret
        .size   mcount, . - mcount
        .section .note.GNU-stack, "", @progbits
