/*
 * Where a signal handler returns to: __cairn_restore for a handler with one
 * argument, __cairn_restore_rt for one with SA_SIGINFO.  They make the system
 * calls that put the interrupted program back.  The first drops the signal's
 * number, which Linux leaves on the stack.  Debuggers and unwinders know a
 * signal frame by exactly these bytes.
 */
        .text
        nop
        .globl  __cairn_restore
        .hidden __cairn_restore
        .type   __cairn_restore, @function
__cairn_restore:
        popl    %eax
        movl    $119, %eax
        int     $0x80
        .size   __cairn_restore, . - __cairn_restore

        nop
        .globl  __cairn_restore_rt
        .hidden __cairn_restore_rt
        .type   __cairn_restore_rt, @function
__cairn_restore_rt:
        movl    $173, %eax
        int     $0x80
        .size   __cairn_restore_rt, . - __cairn_restore_rt

        .section .note.GNU-stack, "", @progbits
