/*
 * pid_t vfork(void).  The child runs on the parent's stack and may overwrite
 * the return address, so it travels in a register.  Errors: EAGAIN, ENOMEM.
 */
#include <cairn/syscall.h>

        .text
        .globl  vfork
        .type   vfork, @function
vfork:
        popl    %edx
        movl    $190, %eax
        int     $0x80
        pushl   %edx
        cmpl    $-4096, %eax
        ja      failed
        ret
failed:
        negl    %eax
        pushl   %eax
        call    __errno
        popl    (%eax)
        movl    $-1, %eax
        ret
        .size   vfork, . - vfork

        .section .note.GNU-stack, "", @progbits
