/*
 * Exceptions and interrupts, after entry.S has saved the registers.
 *
 * A fault of user code becomes a signal (upcall_user_exception). A fault of
 * the kernel is resolved if it is a page of the user's that a copy function
 * touched, or if the instruction has an entry in the exception table, where it
 * then goes on; anything else is a bug and panics.
 */
#include "arch/i386/trap.h"

#include <cairn/errno.h>

#include "arch/i386/cpu.h"
#include "arch/i386/irq.h"
#include "arch/i386/layout.h"
#include "arch/i386/pmap.h"
#include "arch/i386/segment.h"
#include "arch/i386/panic.h"

#define GATE_INTERRUPT 0x8E
#define GATE_TASK      0x85
#define GATE_USER      0x60 /* callable from ring 3 */
#define VECTOR_SIZE    16   /* bytes of one stub in entry.S */

struct extable_entry {
    uint32_t fault, fixup;
};

extern const struct extable_entry extable_start[], extable_end[];
extern char trap_vectors[], syscall_entry[];
void trap_dispatch(struct trapframe *tf);

volatile uint32_t trap_user_work;
static uint64_t idt[256] __attribute__((aligned(8)));
static uint32_t fault_address;

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
    for (unsigned v = 0; v < VECTOR_IRQ + 16; v++)
        idt[v] = gate(trap_vectors + v * VECTOR_SIZE, GATE_INTERRUPT);
    idt[TRAP_BREAKPOINT] |= (uint64_t)GATE_USER << 40;
    idt[TRAP_OVERFLOW] |= (uint64_t)GATE_USER << 40;
    idt[VECTOR_SYSCALL] = gate(syscall_entry, GATE_INTERRUPT | GATE_USER);
    idt[TRAP_DOUBLE] = (uint64_t)SEL_DF_TSS << 16 | (uint64_t)GATE_TASK << 40;
    __asm__ volatile("lidt %0" : : "m"(idtr) : "memory");
}

uint32_t trap_fault_address(void)
{
    return fault_address;
}

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
        return 1;
    return error & PF_FETCH ? 2 : 0;
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
               tf->error, tf->vector == TRAP_PAGE ? fault_address : 0);
}

static void kernel_page_fault(struct trapframe *tf)
{
    uint32_t va = fault_address;
    uint32_t fixup = find_fixup(tf->eip);

    if (!fixup || va >= USER_END)
        kernel_panic(tf);
    if (tf->eflags & FLAG_IF)
        irq_enable();
    if (upcall_page_fault(va, fault_access(tf->error)) != 0)
        tf->eip = fixup;
}

static void user_page_fault(struct trapframe *tf)
{
    uint32_t va = fault_address;
    int error = -EFAULT; /* kernel addresses are nobody's */

    irq_enable();
    if (va >= USER_END)
        tf->error |= PF_PRESENT; /* what the kernel has mapped does not show */
    if (va < USER_END && !(tf->error & PF_RSVD))
        error = upcall_page_fault(va, fault_access(tf->error));
    fault_address = va; /* others may have faulted while this one slept */
    if (error != 0)
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
    if (tf->vector == TRAP_NMI || tf->vector == TRAP_MACHINE ||
        tf->vector == TRAP_TSS)
        kernel_panic(tf);
    irq_enable();
    upcall_user_exception(tf, 0);
}

void trap_dispatch(struct trapframe *tf)
{
    if (tf->vector >= VECTOR_IRQ) {
        irq_dispatch(tf->vector - VECTOR_IRQ, trap_from_user(tf));
        return;
    }
    if (tf->vector == TRAP_PAGE)
        fault_address = read_cr2();
    if (trap_from_user(tf))
        user_exception(tf);
    else
        kernel_exception(tf);
    irq_disable();
}
