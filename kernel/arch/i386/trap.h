/*
 * What lies on the kernel stack after user code, or the kernel itself, was
 * interrupted, and what the layers above do about it.
 *
 * FS and GS are not in the frame: the kernel does not use them, so they stay
 * as they are until another thread is switched to.
 */
#ifndef ARCH_TRAP_H
#define ARCH_TRAP_H

#include "arch/i386/layout.h"
#include "lib/types.h"

struct trapframe {
    uint32_t edi, esi, ebp, esp_unused, ebx, edx, ecx, eax; /* by PUSHA */
    uint32_t es, ds;
    uint32_t call; /* number of the system call, or TRAP_NO_CALL */
    /* Defined if it is not a system call: */
    uint32_t address;         /* CR2 of a page fault, else 0 */
    uint32_t vector;          /* of the exception or interrupt */
    uint32_t error;           /* the CPU's error code, or 0 */
    uint32_t eip, cs, eflags; /* by the CPU from here on */
    uint32_t esp, ss;         /* valid only if user code was interrupted */
};

_Static_assert(sizeof(struct trapframe) == 19 * 4, "entry.S relies on it");

/* Exceptions (Intel SDM 3A 6.3.1). */
#define TRAP_DIVIDE     0
#define TRAP_DEBUG      1
#define TRAP_NMI        2
#define TRAP_BREAKPOINT 3
#define TRAP_OVERFLOW   4
#define TRAP_BOUND      5
#define TRAP_OPCODE     6
#define TRAP_NO_FPU     7
#define TRAP_DOUBLE     8
#define TRAP_TSS        10
#define TRAP_SEGMENT    11
#define TRAP_STACK      12
#define TRAP_PROTECTION 13
#define TRAP_PAGE       14
#define TRAP_FPU        16
#define TRAP_ALIGN      17
#define TRAP_MACHINE    18
#define TRAP_SIMD       19

/* Error code of a page fault. */
#define PF_PRESENT 1u
#define PF_WRITE   2u
#define PF_USER    4u
#define PF_RSVD    8u
#define PF_FETCH   16u

/*
 * Some emulators (QEMU, at least up to 7.2) let IRET of ring 3 switch to
 * virtual-8086 mode. The frame then lies 16 bytes lower on the stack, and CS
 * may be any number: upcall_user_exception ends such a program.
 */
static inline bool trap_from_user(const struct trapframe *tf)
{
    return (tf->cs & 3) == 3 || (tf->eflags & FLAG_VM);
}

/* Load the GDT, TSS and IDT. */
void trap_init(void);

/* Where the CPU's stack starts when user code is interrupted. */
void trap_set_stack(uint32_t esp0);

/*
 * Leave the kernel through a frame at the top of the current thread's kernel
 * stack.
 */
_Noreturn void trap_return(struct trapframe *tf);

/*
 * Nonzero: something must be done before user mode is entered, so the way out
 * calls upcall_user_return. Anyone may set it; that call clears it.
 */
extern volatile uint32_t trap_user_work;

/*
 * From now on system calls go to upcall_traced_call instead of their function.
 */
void trap_trace_calls(void);

/* A name such as "general protection". */
const char *trap_name(uint32_t vector);

/*
 * Provided by the rooms above (proc/fault.c, sched):
 */

/*
 * A page fault at a user address, by user code or a user copy; `access` is one
 * of FAULT_*. Return 0 when something was mended, FAULT_NOTHING when nothing
 * needed to be, else a negative errno of space_fault.
 */
int upcall_page_fault(uint32_t va, unsigned access);

/*
 * Where page faults go: upcall_page_fault, or a function around it. The call
 * through a pointer takes no more instructions than a direct one.
 */
typedef int trap_fault_fn(uint32_t va, unsigned access);
#ifdef NOLAB
#    define trap_page_fault upcall_page_fault
#else
extern trap_fault_fn *trap_page_fault;
#endif

/*
 * A system call of user code after trap_trace_calls; return what it returns.
 * Interrupts are on.
 */
long upcall_traced_call(struct trapframe *tf);

/*
 * Turn the exception in `tf`, raised by user code, into a signal;
 * `fault_error` is what upcall_page_fault returned for a page fault.
 */
void upcall_user_exception(struct trapframe *tf, int fault_error);

/*
 * Asked first about each exception of user code, while not NULL: true if it was
 * dealt with.
 */
#ifdef NOLAB
static bool (*const trap_probe)(struct trapframe *tf) = NULL;
#else
extern bool (*trap_probe)(struct trapframe *tf);
#endif

/* On the way to user mode with trap_user_work set; interrupts are off. */
void upcall_user_return(struct trapframe *tf);

#endif
