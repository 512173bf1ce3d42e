/*
 * Entering and leaving the kernel. The frame is struct trapframe (trap.h).
 *
 * User mode may bring along any flags and any segment registers. Each entry
 * loads known flags (a gate clears only IF, TF, NT, RF and VM; DF and AC stay)
 * and known DS and ES; CS and SS come from the gate and the TSS.
 *
 * C functions take their first three words in EAX, EDX and ECX (-mregparm=3),
 * those of system calls all of them from the stack.
 */
#include "arch/i386/layout.h"

#define TF_EAX    28
#define TF_ES     32
#define TF_CS     60

    .text

/* An exception or interrupt without an error code, and one with. */
.macro vector n
    .balign 16
    pushl $0
    pushl $\n
    jmp trap_entry
.endm
.macro vector_error n
    .balign 16
    pushl $\n
    jmp trap_entry
.endm

    .balign 16
    .globl trap_vectors
trap_vectors:
    .set i, 0
    .rept VECTOR_END
    .if i == 8 || (i >= 10 && i <= 14) || i == 17 || i == 21
    vector_error i
    .else
    vector i
    .endif
    .set i, i + 1
    .endr

    .balign 16
    .type trap_entry, @function
trap_entry:
    pushl $0                    /* address */
    pushl $TRAP_NO_CALL
    pushl %ds
    pushl %es
    pushal
    movl $SEL_KDATA, %eax
    movl %eax, %ds
    movl %eax, %es
    pushl $FLAG_ONE
    popfl
    movl %esp, %ebx
    xorl %eax, %eax
    testb $3, TF_CS(%ebx)
    cmovnzl %eax, %ebp          /* a backtrace ends where the user begins */
    movl %ebx, %eax
    call trap_dispatch
    testb $3, TF_CS(%esp)
    jnz user_return
    jmp restore
    .size trap_entry, . - trap_entry

/*
 * INT 0x80: number in EAX, arguments in EBX, ECX, EDX, ESI, EDI, EBP. The
 * arguments are pushed a second time, as a C function's own; it may change
 * them without harm to the frame.
 */
    .balign 16
    .globl syscall_entry
    .type syscall_entry, @function
syscall_entry:
    subl $12, %esp              /* address, vector, error */
    pushl %eax
    pushl %ds
    pushl %es
    pushal
    pushl %ebp
    pushl %edi
    pushl %esi
    pushl %edx
    pushl %ecx
    pushl %ebx
    movl $SEL_KDATA, %ecx
    movl %ecx, %ds
    movl %ecx, %es
    pushl $(FLAG_ONE | FLAG_IF)
    popfl
    xorl %ebp, %ebp
#ifdef LATENCY
    pushl %eax
    call latency_enter
    popl %eax
#endif
    cmpl syscall_count, %eax
    jae 2f
    movl syscall_table(,%eax,4), %eax
1:  call *%eax
    addl $24, %esp
    movl %eax, TF_EAX(%esp)
    cli
user_return:
    cmpl $0, trap_user_work
    jne 3f
#ifdef LATENCY
    call latency_leave
#endif
restore:
    popal
restore_es:
    popl %es
restore_ds:
    popl %ds
    addl $16, %esp
restore_iret:
    iretl
2:  call syscall_private        /* the handler of a number out of the table */
    jmp 1b
3:  movl %esp, %eax
    call upcall_user_return
    cli
    jmp user_return
    .size syscall_entry, . - syscall_entry

/*
 * The same with a C function between: what traps to trap_trace_calls(true).
 */
#ifndef NOLAB
    .balign 16
    .globl syscall_entry_traced
    .type syscall_entry_traced, @function
syscall_entry_traced:
    subl $12, %esp              /* address, vector, error */
    pushl %eax
    pushl %ds
    pushl %es
    pushal
    movl $SEL_KDATA, %ecx
    movl %ecx, %ds
    movl %ecx, %es
    pushl $(FLAG_ONE | FLAG_IF)
    popfl
    xorl %ebp, %ebp
    movl %esp, %eax
    call upcall_traced_call
    movl %eax, TF_EAX(%esp)
    cli
    jmp user_return
    .size syscall_entry_traced, . - syscall_entry_traced
#endif

/* void trap_return(struct trapframe *tf): the stack pointer becomes tf. */
    .globl trap_return
    .type trap_return, @function
trap_return:
    movl %eax, %esp
    cli
    jmp user_return

/*
 * A selector that was good when user code loaded it may have become bad
 * (set_thread_area): it is then replaced by 0. An IRET that faults leaves the
 * user's frame on the stack: it is taken as a fault of the user's.
 */
fix_es:
    movl $0, (%esp)
    jmp restore_es
fix_ds:
    movl $0, (%esp)
    jmp restore_ds
fix_iret:
    pushl $0
    pushl $13
    jmp trap_entry

    .section .extable, "a"
    .long restore_es, fix_es
    .long restore_ds, fix_ds
    .long restore_iret, fix_iret
    .text

/*
 * void context_switch(uint32_t *save_esp, uint32_t esp)
 * Leaves one kernel stack and goes on with another, where a thread stands in
 * this very function, or at context_start for a new one.
 */
    .globl context_switch
    .type context_switch, @function
context_switch:
    pushl %ebp
    pushl %ebx
    pushl %esi
    pushl %edi
    movl %esp, (%eax)
    movl %edx, %esp
    popl %edi
    popl %esi
    popl %ebx
    popl %ebp
    ret
    .size context_switch, . - context_switch

/*
 * A new thread's first instructions: its stack holds function and argument. The
 * switch has left interrupts off.
 */
    .globl context_start
    .type context_start, @function
context_start:
    xorl %ebp, %ebp
#ifdef LATENCY
    call latency_irqs_on
#endif
    sti
    popl %ecx
    popl %eax
    pushl $0                    /* no way back: the function must not return */
    jmp *%ecx

/*
 * uint32_t segment_load_gs(uint32_t selector), and the same for FS: loads it,
 * or 0 where the selector is no longer good.
 */
    .globl segment_load_gs, segment_load_fs
    .type segment_load_gs, @function
segment_load_gs:
1:  movl %eax, %gs
    ret
2:  xorl %eax, %eax
    jmp 1b
    .section .extable, "a"
    .long 1b, 2b
    .text
    .type segment_load_fs, @function
segment_load_fs:
1:  movl %eax, %fs
    ret
2:  xorl %eax, %eax
    jmp 1b
    .section .extable, "a"
    .long 1b, 2b
    .section .note.GNU-stack, "", @progbits
