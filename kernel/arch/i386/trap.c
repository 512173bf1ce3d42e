/*
 * Exceptions and interrupts, after entry.S has saved the registers.
 *
 * Every exception that user code raises becomes a signal
 * (upcall_user_exception), unless it is a page fault that can be mended. Only
 * NMI and machine check, which code does not raise, panic there. A fault of
 * the kernel is resolved if it is a page of the user's that a copy function
 * touched, or if the instruction has an entry in the exception table, where it
 * then goes on; anything else is a bug and panics.
 */
#include "arch/i386/trap.h"

#include <cairn/errno.h>

#include "arch/i386/apic.h"
#include "arch/i386/cpu.h"
#include "arch/i386/irq.h"
#include "arch/i386/layout.h"
#include "arch/i386/pmap.h"
#include "arch/i386/segment.h"
#include "arch/i386/panic.h"
#include "arch/i386/retry.h"
#include "lib/log.h"

#define GATE_INTERRUPT 0x8E
#define GATE_TASK      0x85
#define GATE_USER      0x60 /* callable from ring 3 */
#define VECTOR_SIZE    16   /* bytes of one stub in entry.S */

struct extable_entry {
    uint32_t fault, fixup;
};

extern const struct extable_entry extable_start[], extable_end[];
extern char trap_vectors[], syscall_entry[], syscall_entry_traced[];
void trap_dispatch(struct trapframe *tf);

volatile uint32_t trap_user_work;
#ifndef NOLAB
trap_fault_fn *trap_page_fault = upcall_page_fault;
#endif
static uint64_t idt[256] __attribute__((aligned(8)));

static uint64_t gate(const char *entry, uint32_t type)
{
    uint32_t offset = (uint32_t)(uintptr_t)entry;

    return (offset & 0xFFFF) | (uint64_t)SEL_KCODE << 16 |
           (uint64_t)type << 40 | (uint64_t)(offset >> 16) << 48;
}

void trap_init(void)
{
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed))
    idtr = {sizeof(idt) - 1, (uint32_t)(uintptr_t)idt};

    segment_init();
    for (unsigned v = 0; v < VECTOR_END; v++)
        idt[v] = gate(trap_vectors + v * VECTOR_SIZE, GATE_INTERRUPT);
    idt[TRAP_BREAKPOINT] |= (uint64_t)GATE_USER << 40;
    idt[TRAP_OVERFLOW] |= (uint64_t)GATE_USER << 40;
    idt[VECTOR_SYSCALL] = gate(syscall_entry, GATE_INTERRUPT | GATE_USER);
    idt[TRAP_DOUBLE] = (uint64_t)SEL_DF_TSS << 16 | (uint64_t)GATE_TASK << 40;
    __asm__ volatile("lidt %0" : : "m"(idtr) : "memory");
}

#ifndef NOLAB
void trap_trace_calls(void)
{
    idt[VECTOR_SYSCALL] =
        gate(syscall_entry_traced, GATE_INTERRUPT | GATE_USER);
}
#endif

const char *trap_name(uint32_t vector)
{
    static const char *const names[] = {
        [TRAP_DIVIDE] = "division",
        [TRAP_DEBUG] = "debug",
        [TRAP_NMI] = "non-maskable interrupt",
        [TRAP_BREAKPOINT] = "breakpoint",
        [TRAP_OVERFLOW] = "overflow",
        [TRAP_BOUND] = "bound range",
        [TRAP_OPCODE] = "invalid opcode",
        [TRAP_NO_FPU] = "no coprocessor",
        [TRAP_DOUBLE] = "double fault",
        [TRAP_TSS] = "invalid TSS",
        [TRAP_SEGMENT] = "segment not present",
        [TRAP_STACK] = "stack segment",
        [TRAP_PROTECTION] = "general protection",
        [TRAP_PAGE] = "page fault",
        [TRAP_FPU] = "x87 floating point",
        [TRAP_ALIGN] = "alignment",
        [TRAP_MACHINE] = "machine check",
        [TRAP_SIMD] = "SIMD floating point",
    };

    if (vector >= sizeof(names) / sizeof(names[0]) || !names[vector])
        return "unknown exception";
    return names[vector];
}

/* Where a fault at kernel address `eip` goes on, or 0. */
static uint32_t find_fixup(uint32_t eip)
{
    const struct extable_entry *e;

    for (e = extable_start; e < extable_end; e++)
        if (e->fault == eip)
            return e->fixup;
    return 0;
}

static unsigned fault_access(uint32_t error)
{
    if (error & PF_WRITE)
        return FAULT_WRITE;
    return error & PF_FETCH ? FAULT_EXEC : FAULT_READ;
}

static uint32_t read_cr2(void)
{
    uint32_t va;

    __asm__ volatile("movl %%cr2, %0" : "=r"(va));
    return va;
}

static _Noreturn void kernel_panic(struct trapframe *tf)
{
    panic_trap(tf, "kernel %s, error %x, address %08x", trap_name(tf->vector),
               tf->error, tf->address);
}

/*
 * A page fault where nothing was amiss. Normally the page came while the fault
 * slept. Some emulators (QEMU before 9.1) let far calls and returns of ring 3
 * touch the stack as the supervisor, which SMAP forbids: the error code lacks
 * PF_USER then, and only life without SMAP helps. Return 0 to try again,
 * -ELOOP if that has not helped before.
 */
static int never_inline fault_again(const struct trapframe *tf)
{
    static struct retry last;

    if (cpu_smap && trap_from_user(tf) &&
        (tf->error & (PF_PRESENT | PF_USER)) == PF_PRESENT) {
        klog(LOG_WARNING, "trap: this processor takes accesses of user code "
                          "for the kernel's; SMAP is off from now on");
        cpu_disable_smap();
        return 0;
    }
    if (!retry_is_stuck(&last, tf, tf->eip, tf->address))
        return 0;
    klog(LOG_WARNING,
         "trap: page fault at %08x, eip %08x, error %x: "
         "it comes again though nothing is amiss",
         tf->address, tf->eip, tf->error);
    return -ELOOP;
}

static void kernel_page_fault(struct trapframe *tf)
{
    uint32_t fixup = find_fixup(tf->eip);
    int error;

    if (!fixup || tf->address >= USER_END)
        kernel_panic(tf);
    if (tf->eflags & FLAG_IF)
        irq_enable();
    error = trap_page_fault(tf->address, fault_access(tf->error));
    if (unlikely(error > 0))
        error = fault_again(tf);
    if (error != 0)
        tf->eip = fixup;
}

static void user_page_fault(struct trapframe *tf)
{
    int error = -EFAULT; /* kernel addresses are nobody's */

    irq_enable();
    if (unlikely(tf->address >= USER_END))
        tf->error |= PF_PRESENT; /* what the kernel has mapped does not show */
    else if (likely(!(tf->error & PF_RSVD)))
        error = trap_page_fault(tf->address, fault_access(tf->error));
    if (unlikely(error > 0))
        error = fault_again(tf);
    if (unlikely(error != 0))
        upcall_user_exception(tf, error);
}

/* A debug exception in the kernel: brought along by user code, so ignored. */
static void kernel_debug(struct trapframe *tf)
{
    tf->eflags &= ~(uint32_t)FLAG_TF;
    __asm__ volatile("movl %0, %%dr6" : : "r"(0));
}

static void kernel_exception(struct trapframe *tf)
{
    uint32_t fixup;

    if (tf->vector == TRAP_PAGE) {
        kernel_page_fault(tf);
        return;
    }
    if (tf->vector == TRAP_DEBUG) {
        kernel_debug(tf);
        return;
    }
    fixup = find_fixup(tf->eip);
    if (!fixup || tf->vector == TRAP_NMI)
        kernel_panic(tf);
    tf->eip = fixup;
}

static void user_exception(struct trapframe *tf)
{
    if (tf->vector == TRAP_PAGE) {
        user_page_fault(tf);
        return;
    }
    if (tf->vector == TRAP_NMI || tf->vector == TRAP_MACHINE)
        kernel_panic(tf); /* the machine's, not the program's */
    irq_enable();
    upcall_user_exception(tf, 0);
}

static void dispatch(struct trapframe *tf)
{
    if (tf->vector >= VECTOR_APIC) {
        apic_dispatch(tf->vector, trap_from_user(tf));
        return;
    }
    if (tf->vector >= VECTOR_IRQ) {
        irq_dispatch(tf->vector - VECTOR_IRQ, trap_from_user(tf));
        if (unlikely(tf->eflags & FLAG_VM))
            upcall_user_exception(tf, 0);
        return;
    }
    if (tf->vector == TRAP_PAGE)
        tf->address = read_cr2();
    if (trap_from_user(tf))
        user_exception(tf);
    else
        kernel_exception(tf);
    irq_disable();
}

void trap_dispatch(struct trapframe *tf)
{
    latency_irqs_off();
    if (trap_from_user(tf))
        latency_enter();
    dispatch(tf);
    latency_irqs_restore(tf->eflags);
}
