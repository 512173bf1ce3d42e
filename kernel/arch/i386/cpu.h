/*
 * Instructions of the processor that C cannot say, and what CPUID offers.
 */
#ifndef ARCH_CPU_H
#define ARCH_CPU_H

#include "arch/i386/latency.h"
#include "lib/types.h"

/* Features found by cpu_init (Intel SDM 2A, CPUID). */
struct cpu_features {
    bool nx, smep, smap, umip, pge, sse, fxsr, tsc, apic, pae;
    bool rdrand, hypervisor;
    char vendor[13];
    char brand[49]; /* empty if the CPU has none */
    uint32_t family, model, stepping;
    uint32_t hwcap; /* CPUID.1:EDX, for AT_HWCAP */
};
extern struct cpu_features cpu;

/* Detect features and switch them on. Needs paging on. */
void cpu_init(void);

/* Whether SMAP is on: user pages are touched between STAC and CLAC only. */
extern bool cpu_smap;

/* Live without SMAP from now on. */
void cpu_disable_smap(void);

/* Global pages, to be switched on when the final tables are loaded. */
void cpu_enable_global_pages(void);

static inline void outb(uint16_t port, uint8_t v)
{
    __asm__ volatile("outb %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

static inline uint8_t inb(uint16_t port)
{
    uint8_t v;
    __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port) : "memory");
    return v;
}

static inline void outw(uint16_t port, uint16_t v)
{
    __asm__ volatile("outw %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

static inline uint16_t inw(uint16_t port)
{
    uint16_t v;
    __asm__ volatile("inw %1, %0" : "=a"(v) : "Nd"(port) : "memory");
    return v;
}

static inline void outl(uint16_t port, uint32_t v)
{
    __asm__ volatile("outl %0, %1" : : "a"(v), "Nd"(port) : "memory");
}

static inline uint32_t inl(uint16_t port)
{
    uint32_t v;
    __asm__ volatile("inl %1, %0" : "=a"(v) : "Nd"(port) : "memory");
    return v;
}

static inline uint64_t rdtsc(void)
{
    uint64_t v;
    __asm__ volatile("rdtsc" : "=A"(v));
    return v;
}

static inline bool irq_is_on(void)
{
    uint32_t flags;
    __asm__ volatile("pushfl\n\tpopl %0" : "=r"(flags) : : "memory");
    return flags & 0x200;
}

/* Switch interrupts off and return the flags for irq_restore. */
static inline uint32_t irq_save(void)
{
    uint32_t flags;
    __asm__ volatile("pushfl\n\tpopl %0\n\tcli" : "=r"(flags) : : "memory");
    latency_irqs_off();
    return flags;
}

static inline void irq_restore(uint32_t flags)
{
    latency_irqs_restore(flags);
    __asm__ volatile("pushl %0\n\tpopfl" : : "r"(flags) : "memory", "cc");
}

static inline void irq_enable(void)
{
    latency_irqs_on();
    __asm__ volatile("sti" : : : "memory");
}

static inline void irq_disable(void)
{
    __asm__ volatile("cli" : : : "memory");
    latency_irqs_off();
}

#endif
