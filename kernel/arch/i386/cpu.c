/*
 * CPU features and the control registers that switch them on.
 * Source: Intel SDM 2A CPUID, 3A 2.5 (control registers), 4.6 (SMEP, SMAP).
 */
#include "arch/i386/cpu.h"

#include "lib/string.h"

#define CR0_MP         0x00000002u
#define CR0_EM         0x00000004u
#define CR0_TS         0x00000008u
#define CR0_NE         0x00000020u
#define CR0_WP         0x00010000u
#define CR0_AM         0x00040000u
#define CR4_PSE        0x00000010u
#define CR4_PAE        0x00000020u
#define CR4_MCE        0x00000040u
#define CR4_PGE        0x00000080u
#define CR4_OSFXSR     0x00000200u
#define CR4_OSXMMEXCPT 0x00000400u
#define CR4_UMIP       0x00000800u
#define CR4_SMEP       0x00100000u
#define CR4_SMAP       0x00200000u
#define MSR_EFER       0xC0000080u
#define EFER_NXE       0x800u
#define EFER_SCE       0x001u
#define MSR_SYSENTER   0x174u

struct cpu_features cpu;
bool cpu_smap; /* usercopy.S too */

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

static struct cpuid cpuid(uint32_t leaf)
{
    struct cpuid r;

    __asm__ volatile("cpuid"
                     : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx)
                     : "a"(leaf), "c"(0));
    return r;
}

static uint32_t read_cr4(void)
{
    uint32_t v;

    __asm__ volatile("movl %%cr4, %0" : "=r"(v));
    return v;
}

static void write_cr4(uint32_t v)
{
    __asm__ volatile("movl %0, %%cr4" : : "r"(v) : "memory");
}

static void detect_basic(void)
{
    struct cpuid r = cpuid(1);

    cpu.hwcap = r.edx;
    cpu.tsc = r.edx & (1u << 4);
    cpu.pae = r.edx & (1u << 6);
    cpu.apic = r.edx & (1u << 9);
    cpu.pge = r.edx & (1u << 13);
    cpu.fxsr = r.edx & (1u << 24);
    cpu.sse = r.edx & (1u << 25);
    cpu.hypervisor = r.ecx & (1u << 31);
    cpu.rdrand = r.ecx & (1u << 30);
    cpu.stepping = r.eax & 15;
    cpu.model = ((r.eax >> 4) & 15) | ((r.eax >> 12) & 0xF0);
    cpu.family = (r.eax >> 8) & 15;
    if (cpu.family == 15)
        cpu.family += (r.eax >> 20) & 255;
}

static void detect_extended(uint32_t max)
{
    struct cpuid r;

    if (max >= 7) {
        r = cpuid(7);
        cpu.smep = r.ebx & (1u << 7);
        cpu.smap = r.ebx & (1u << 20);
        cpu.umip = r.ecx & (1u << 2);
    }
    r = cpuid(0x80000000);
    if (r.eax >= 0x80000001 && r.eax < 0x80010000)
        cpu.nx = cpuid(0x80000001).edx & (1u << 20);
    if (r.eax < 0x80000004 || r.eax >= 0x80010000)
        return;
    for (uint32_t i = 0; i < 3; i++) {
        r = cpuid(0x80000002 + i);
        memcpy(cpu.brand + i * 16, &r, 16);
    }
}

/*
 * SYSCALL and SYSENTER are not ways into this kernel, whatever a loader has
 * set up: they fault (SDM 2B, SYSCALL, SYSENTER).
 */
static void enable_msrs(void)
{
    if (cpu.nx)
        __asm__ volatile("rdmsr\n\t"
                         "andl %2, %%eax\n\t"
                         "orl %1, %%eax\n\t"
                         "wrmsr"
                         :
                         : "c"(MSR_EFER), "i"(EFER_NXE), "i"(~EFER_SCE)
                         : "eax", "edx", "memory");
    if (cpu.hwcap & (1u << 11))
        __asm__ volatile("wrmsr" : : "c"(MSR_SYSENTER), "a"(0), "d"(0));
}

/*
 * CR4 has what is wanted here and nothing that was left in it: no virtual
 * interrupts for ring 3, no performance counters, no XSAVE.
 */
static void enable(void)
{
    uint32_t cr0, cr4 = read_cr4() & (CR4_PSE | CR4_PAE | CR4_MCE);

    enable_msrs();
    if (cpu.smep)
        cr4 |= CR4_SMEP;
    if (cpu.smap)
        cr4 |= CR4_SMAP;
    if (cpu.umip)
        cr4 |= CR4_UMIP;
    if (cpu.fxsr)
        cr4 |= CR4_OSFXSR;
    if (cpu.sse)
        cr4 |= CR4_OSXMMEXCPT;
    write_cr4(cr4);
    cpu_smap = cpu.smap;
    __asm__ volatile("movl %%cr0, %0" : "=r"(cr0));
    cr0 &= ~(CR0_EM | CR0_TS);
    cr0 |= CR0_MP | CR0_NE | CR0_WP | CR0_AM;
    __asm__ volatile("movl %0, %%cr0" : : "r"(cr0) : "memory");
}

void cpu_init(void)
{
    struct cpuid r = cpuid(0);

    memcpy(cpu.vendor, &r.ebx, 4);
    memcpy(cpu.vendor + 4, &r.edx, 4);
    memcpy(cpu.vendor + 8, &r.ecx, 4);
    detect_basic();
    detect_extended(r.eax);
    enable();
}

void cpu_disable_smap(void)
{
    cpu_smap = false;
    write_cr4(read_cr4() & ~CR4_SMAP);
}

void cpu_enable_global_pages(void)
{
    if (cpu.pge)
        write_cr4(read_cr4() | CR4_PGE);
}
