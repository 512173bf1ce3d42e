/*
 * crt0.S - where the kernel enters a program.
 *
 * ESP points at argc, argv, a null, the environment, a null, and the auxiliary
 * vector (System V ABI, i386, figure 3-31).  The frame pointer is cleared so
 * that a backtrace ends here.
 *
 * main is named here, in the first object of every link, so that the linker
 * looks for it in the program's own libraries too, which come before the C
 * library.
 */
        .text
        .globl  _start
        .type   _start, @function
_start:
        xorl    %ebp, %ebp
        movl    %esp, %eax
        andl    $-16, %esp
        subl    $8, %esp
        pushl   $main
        pushl   %eax
        call    __cairn_start
        hlt
        .size   _start, . - _start

        .section .note.GNU-stack, "", @progbits
