/*
 * The report of a panic: message, registers, backtrace, and the end. A panic
 * within a panic prints no second report.
 */
#include "arch/i386/panic.h"

#include <stdarg.h>

#include "arch/i386/cpu.h"
#include "arch/i386/layout.h"
#include "arch/i386/trap.h"
#include "lib/ksym.h"
#include "lib/log.h"
#include "lib/printf.h"

#define MAX_FRAMES 32

void (*panic_poweroff)(void);
static unsigned depth;
extern char boot_stack[], boot_stack_top[], kernel_start[], kernel_end[];

/* True if a frame pointer can be followed without a fault. */
static bool is_stack_address(uint32_t va)
{
    if (va & 3)
        return false;
    return (va >= (uint32_t)(uintptr_t)kernel_start &&
            va < (uint32_t)(uintptr_t)kernel_end - 8) ||
           (va >= KSTACK_BASE && va < KSTACK_END - 8);
}

static void print_frame(unsigned number, uint32_t eip)
{
    uint32_t offset;
    const char *name = ksym_lookup(eip, &offset);

    if (name)
        klog(LOG_EMERG, "  #%u %08x %s+0x%x", number, eip, name, offset);
    else
        klog(LOG_EMERG, "  #%u %08x", number, eip);
}

/* The callers on a kernel stack, with their names, to the log. */
static void print_backtrace(uint32_t eip, uint32_t ebp)
{
    unsigned number = 0;

    klog(LOG_EMERG, "backtrace:");
    print_frame(number++, eip);
    while (number < MAX_FRAMES && is_stack_address(ebp)) {
        const uint32_t *frame = (const uint32_t *)(uintptr_t)ebp;

        if (frame[1] == 0)
            break;
        print_frame(number++, frame[1]);
        if (frame[0] <= ebp || (frame[0] - ebp) > 8192)
            break;
        ebp = frame[0];
    }
}

bool panic_is_under_way;

static _Noreturn void halt(void)
{
    if (panic_poweroff)
        panic_poweroff();
    for (;;)
        __asm__ volatile("cli\n\thlt");
}

static void print_message(const char *fmt, va_list ap)
{
    char text[256];

    irq_disable();
    if (depth++ > 0)
        halt();
    panic_is_under_way = true;
    kvsnprintf(text, sizeof(text), fmt, ap);
    klog(LOG_EMERG, "panic: %s", text);
}

static void print_registers(const struct trapframe *tf)
{
    uint32_t cr0, cr2, cr3, cr4;

    __asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
    __asm__ volatile("movl %%cr2, %0" : "=r"(cr2));
    __asm__ volatile("movl %%cr3, %0" : "=r"(cr3));
    __asm__ volatile("movl %%cr4, %0" : "=r"(cr4));
    klog(LOG_EMERG, "eax %08x  ebx %08x  ecx %08x  edx %08x", tf->eax, tf->ebx,
         tf->ecx, tf->edx);
    klog(LOG_EMERG, "esi %08x  edi %08x  ebp %08x  esp %08x", tf->esi, tf->edi,
         tf->ebp, trap_from_user(tf) ? tf->esp : (uint32_t)(uintptr_t)&tf->esp);
    klog(LOG_EMERG, "eip %04x:%08x  eflags %08x  vector %u  error %x", tf->cs,
         tf->eip, tf->eflags, tf->vector, tf->error);
    klog(LOG_EMERG, "cr0 %08x  cr2 %08x  cr3 %08x  cr4 %08x", cr0, cr2, cr3,
         cr4);
}

void panic_trap(const struct trapframe *tf, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    print_message(fmt, ap);
    va_end(ap);
    print_registers(tf);
    print_backtrace(tf->eip, tf->ebp);
    halt();
}

void panic_at(uint32_t eip, uint32_t ebp, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    print_message(fmt, ap);
    va_end(ap);
    print_backtrace(eip, ebp);
    halt();
}

void panic(const char *fmt, ...)
{
    const uint32_t *frame = __builtin_frame_address(0);
    struct trapframe tf = {0};
    va_list ap;

    __asm__ volatile("movl %%ebx, %0\n\tmovl %%esi, %1\n\tmovl %%edi, %2"
                     : "=m"(tf.ebx), "=m"(tf.esi), "=m"(tf.edi));
    va_start(ap, fmt);
    print_message(fmt, ap);
    va_end(ap);
    tf.eip = frame[1];
    tf.ebp = frame[0];
    tf.cs = SEL_KCODE;
    tf.esp = (uint32_t)(uintptr_t)(frame + 2);
    klog(LOG_EMERG, "ebx %08x  esi %08x  edi %08x  ebp %08x  esp %08x", tf.ebx,
         tf.esi, tf.edi, tf.ebp, tf.esp);
    print_backtrace(tf.eip, tf.ebp);
    halt();
}
