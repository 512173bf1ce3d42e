/*
 * What the trap code asks of the rooms above it: bring in a page, turn a fault
 * into a signal, and do what is due before user mode is entered.
 */
#include <cairn/errno.h>

#include "arch/i386/cpu.h"
#include "arch/i386/fpu.h"
#include "arch/i386/layout.h"
#include "arch/i386/trap.h"
#include "lib/log.h"
#include "mm/space.h"
#include "proc/process.h"
#include "proc/signal.h"

int upcall_page_fault(uint32_t va, unsigned access)
{
    if (!current->space)
        return -EFAULT;
    current->faults++;
    return space_fault(current->space, va, access);
}

/* What a page fault that space_fault refused means to the program. */
static void signal_page_fault(struct trapframe *tf, int error)
{
    uint32_t va = tf->address;

    switch (error) {
    case -EACCES:
        signal_fault(tf, SIGSEGV, SEGV_ACCERR, va, "not permitted");
        break;
    case -ENXIO:
        signal_fault(tf, SIGBUS, BUS_ADRERR, va, "past the end of the file");
        break;
    case -ENOBUFS:
        signal_fault(tf, SIGBUS, BUS_ADRERR, va,
                     "no memory for a page that was not reserved");
        break;
    case -EIO:
        signal_fault(tf, SIGBUS, BUS_OBJERR, va, "the file cannot be read");
        break;
    case -ENOMEM:
        signal_fault(tf, SIGSEGV, SEGV_MAPERR, va,
                     "no memory for the stack to grow");
        break;
    case -ELOOP:
        signal_fault(tf, SIGSEGV, SI_KERNEL, va,
                     "the same fault again and again");
        break;
    default:
        signal_fault(tf, SIGSEGV, SEGV_MAPERR, va,
                     va < PAGE_SIZE ? "null pointer" : "nothing is mapped");
    }
}

#ifndef NOLAB
bool (*trap_probe)(struct trapframe *tf);
#endif

/* There is no virtual-8086 mode here, and no frame for its handlers. */
static _Noreturn void end_virtual_8086(const struct trapframe *tf)
{
    const struct process *p = current_process();
    char name[PROCESS_NAME_LEN];

    process_log_name(p, name);
    if (signal_may_report())
        klog(LOG_NOTICE, "%s[%d]: SIGSEGV: virtual-8086 mode; at %04x:%04x",
             name, p->pid, tf->cs & 0xFFFF, tf->eip & 0xFFFF);
    irq_enable();
    process_exit(SIGSEGV);
}

void upcall_user_exception(struct trapframe *tf, int fault_error)
{
    struct context *c = &current->context;

    if (tf->eflags & FLAG_VM)
        end_virtual_8086(tf);
    if (unlikely(trap_probe) && trap_probe(tf))
        return;
    c->fault_vector = tf->vector;
    c->fault_error = tf->error;
    if (tf->vector == TRAP_PAGE)
        c->fault_address = tf->address;
    switch (tf->vector) {
    case TRAP_PAGE:
        signal_page_fault(tf, fault_error);
        break;
    case TRAP_DIVIDE:
        signal_fault(tf, SIGFPE, FPE_INTDIV, tf->eip, "division");
        break;
    case TRAP_DEBUG:
        signal_fault(tf, SIGTRAP, TRAP_TRACE, tf->eip, "single step");
        break;
    case TRAP_BREAKPOINT:
        signal_fault(tf, SIGTRAP, SI_KERNEL, 0, "breakpoint");
        break;
    case TRAP_OPCODE:
        signal_fault(tf, SIGILL, ILL_ILLOPN, tf->eip, "invalid opcode");
        break;
    case TRAP_FPU:
        signal_fault(tf, SIGFPE, fpu_error_code(false), tf->eip,
                     "x87 exception");
        break;
    case TRAP_SIMD:
        signal_fault(tf, SIGFPE, fpu_error_code(true), tf->eip,
                     "SSE exception");
        break;
    case TRAP_ALIGN:
        signal_fault(tf, SIGBUS, BUS_ADRALN, 0, "misaligned access");
        break;
    case TRAP_SEGMENT:
    case TRAP_STACK:
        signal_fault(tf, SIGBUS, SI_KERNEL, 0, trap_name(tf->vector));
        break;
    default:
        signal_fault(tf, SIGSEGV, SI_KERNEL, 0, trap_name(tf->vector));
    }
}

void upcall_user_return(struct trapframe *tf)
{
    trap_user_work = 0;
    sched_preempt();
    if (current->signal_pending) {
        irq_enable();
        signal_deliver(tf);
        irq_disable();
    }
}
