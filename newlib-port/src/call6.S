/*
 * long __cairn_call6(nr, a, b, c, d, e, f): a system call with six arguments.
 * long syscall(nr, ...): the same with errno, for calls that have no function.
 */
        .text
        .globl  __cairn_call6
        .type   __cairn_call6, @function
__cairn_call6:
        pushl   %ebp
        pushl   %ebx
        pushl   %esi
        pushl   %edi
        movl    20(%esp), %eax
        movl    24(%esp), %ebx
        movl    28(%esp), %ecx
        movl    32(%esp), %edx
        movl    36(%esp), %esi
        movl    40(%esp), %edi
        movl    44(%esp), %ebp
        int     $0x80
        popl    %edi
        popl    %esi
        popl    %ebx
        popl    %ebp
        ret
        .size   __cairn_call6, . - __cairn_call6

        .section .note.GNU-stack, "", @progbits
