/*
 * int sigsetjmp(sigjmp_buf, int save), siglongjmp in siglongjmp.c,
 * _setjmp and _longjmp: setjmp without the signal mask, which is setjmp.
 *
 * A sigjmp_buf is a jmp_buf of 9 words, a word that says whether the mask was
 * saved, and the mask.
 */
        .text
        .globl  sigsetjmp
        .type   sigsetjmp, @function
sigsetjmp:
        movl    4(%esp), %eax
        movl    8(%esp), %ecx
        movl    %ecx, 36(%eax)
        testl   %ecx, %ecx
        jz      setjmp
        /* rt_sigprocmask(SIG_BLOCK, NULL, mask, 8) */
        pushl   %ebx
        pushl   %esi
        leal    40(%eax), %edx
        movl    $175, %eax
        xorl    %ebx, %ebx
        xorl    %ecx, %ecx
        movl    $8, %esi
        int     $0x80
        popl    %esi
        popl    %ebx
        jmp     setjmp
        .size   sigsetjmp, . - sigsetjmp

        .globl  _setjmp
        .type   _setjmp, @function
_setjmp:
        jmp     setjmp
        .size   _setjmp, . - _setjmp

        .globl  _longjmp
        .type   _longjmp, @function
_longjmp:
        jmp     longjmp
        .size   _longjmp, . - _longjmp

        .section .note.GNU-stack, "", @progbits
