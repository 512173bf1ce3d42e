/*
 * The local APIC. The 8259A's interrupts reach the processor through its pin
 * LINT0, which must be in ExtINT mode; most firmware leaves it so, but not
 * all.
 *
 * Source: Intel SDM 3A 11.4 (registers), 11.5 (local vectors, timer), 11.9
 * (spurious interrupts).
 */
#include "arch/i386/apic.h"

#include "arch/i386/cpu.h"
#include "arch/i386/layout.h"
#include "arch/i386/paging.h"

#define MSR_APIC_BASE 0x1Bu
#define BASE_ENABLED  0x800u
#define BASE_X2APIC   0x400u
#define BASE_ADDRESS  0xFFFFFF000ull

/* Registers, as indices of 32-bit words. */
#define REG_EOI           (0x0B0 / 4)
#define REG_SPURIOUS      (0x0F0 / 4)
#define REG_LVT_TIMER     (0x320 / 4)
#define REG_LVT_LINT0     (0x350 / 4)
#define REG_LVT_LINT1     (0x360 / 4)
#define REG_TIMER_INITIAL (0x380 / 4)
#define REG_TIMER_CURRENT (0x390 / 4)
#define REG_TIMER_DIVIDE  (0x3E0 / 4)
#define REGISTERS_SIZE    0x400

#define SPURIOUS_ENABLE 0x100u
#define LVT_NMI         0x400u
#define LVT_EXTINT      0x700u
#define LVT_MASKED      0x10000u
#define LVT_PERIODIC    0x20000u
#define DIVIDE_BY_16    3u

static volatile uint32_t *regs; /* NULL: there is none */
static void (*timer_handler)(bool user);

static uint64_t read_base(void)
{
    uint64_t v;

    __asm__ volatile("rdmsr" : "=A"(v) : "c"(MSR_APIC_BASE));
    return v;
}

void apic_init(void)
{
    uint64_t base;

    if (!cpu.apic)
        return;
    base = read_base();
    if (!(base & BASE_ENABLED) || (base & BASE_X2APIC))
        return;
    regs = paging_map_device(base & BASE_ADDRESS, REGISTERS_SIZE);
    if (!regs)
        return;
    regs[REG_SPURIOUS] = SPURIOUS_ENABLE | VECTOR_SPURIOUS;
    regs[REG_LVT_LINT0] = LVT_EXTINT;
    regs[REG_LVT_LINT1] = LVT_NMI;
    regs[REG_TIMER_DIVIDE] = DIVIDE_BY_16;
    regs[REG_LVT_TIMER] = LVT_MASKED | LVT_PERIODIC | VECTOR_APIC_TIMER;
    regs[REG_TIMER_INITIAL] = UINT32_MAX;
}

bool apic_is_there(void)
{
    return regs != NULL;
}

uint32_t apic_timer_count(void)
{
    return regs ? regs[REG_TIMER_CURRENT] : 0;
}

void apic_interrupt_in(uint32_t ticks)
{
    regs[REG_TIMER_INITIAL] = ticks;
}

void apic_attach(void (*handler)(bool user))
{
    timer_handler = handler;
    regs[REG_LVT_TIMER] = VECTOR_APIC_TIMER;
}

void apic_dispatch(unsigned vector, bool user)
{
    if (vector != VECTOR_APIC_TIMER || !timer_handler)
        return; /* a spurious one, which is not to be ended */
    regs[REG_EOI] = 0;
    timer_handler(user);
}
