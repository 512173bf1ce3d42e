/*
 * Segments: flat ones for kernel and user, three thread-local ones, and two
 * task state segments. The second one serves double faults: it brings a stack
 * of its own, since the usual cause is that the kernel's has run into its
 * guard page.
 *
 * The TSS has no I/O bitmap within its limit, so IN and OUT of user code fault
 * (Intel SDM 1 19.5.2).
 */
#include "arch/i386/segment.h"

#include "arch/i386/layout.h"
#include "arch/i386/trap.h"
#include "arch/i386/window.h"
#include "arch/i386/panic.h"

#define DESC_KCODE 0x00CF9A000000FFFFull
#define DESC_KDATA 0x00CF92000000FFFFull
#define DESC_UCODE 0x00CFFA000000FFFFull
#define DESC_UDATA 0x00CFF2000000FFFFull

static uint64_t gdt[GDT_ENTRIES] __attribute__((aligned(8))) = {
    [SEL_KCODE / 8] = DESC_KCODE,
    [SEL_KDATA / 8] = DESC_KDATA,
    [SEL_UCODE / 8] = DESC_UCODE,
    [SEL_UDATA / 8] = DESC_UDATA,
};

struct tss segment_main_tss;
static struct tss df_tss;
static uint8_t df_stack[4096] __attribute__((aligned(16)));
extern uint64_t kernel_pdpt[4];

/* Where the double fault task starts: the old task's state is in its TSS. */
static _Noreturn void double_fault(void)
{
    const struct tss *t = &segment_main_tss;

    panic_at(t->eip, t->ebp,
             "double fault: eip %08x esp %08x ebp %08x cr3 "
             "%08x (a kernel stack overflow?)",
             t->eip, t->esp, t->ebp, t->cr3);
}

static uint64_t tss_descriptor(const struct tss *tss)
{
    uint32_t base = (uint32_t)(uintptr_t)tss;

    return (sizeof(*tss) - 1) | (uint64_t)(base & 0xFFFFFF) << 16 |
           0x89ull << 40 | (uint64_t)(base >> 24) << 56;
}

static void init_df_tss(void)
{
    df_tss.cr3 = (uint32_t)direct_pa(kernel_pdpt);
    df_tss.eip = (uint32_t)(uintptr_t)double_fault;
    df_tss.eflags = FLAG_ONE;
    df_tss.esp = df_tss.esp0 = (uint32_t)(uintptr_t)(df_stack + 4092);
    df_tss.cs = SEL_KCODE;
    df_tss.ss = df_tss.ss0 = df_tss.ds = df_tss.es = SEL_KDATA;
    df_tss.iomap = sizeof(struct tss);
}

void segment_init(void)
{
    struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed))
    gdtr = {sizeof(gdt) - 1, (uint32_t)(uintptr_t)gdt};

    segment_main_tss.ss0 = SEL_KDATA;
    segment_main_tss.iomap = sizeof(struct tss);
    init_df_tss();
    gdt[GDT_TSS] = tss_descriptor(&segment_main_tss);
    gdt[GDT_DF_TSS] = tss_descriptor(&df_tss);
    __asm__ volatile("lgdt %0\n\t"
                     "ljmp %1, $1f\n"
                     "1:\tmovl %2, %%ds\n\t"
                     "movl %2, %%es\n\t"
                     "movl %2, %%ss\n\t"
                     "ltr %w3"
                     :
                     : "m"(gdtr), "i"(SEL_KCODE), "r"(SEL_KDATA), "r"(SEL_TSS)
                     : "memory");
}

void trap_set_stack(uint32_t esp0)
{
    segment_main_tss.esp0 = esp0;
}

void segment_load_tls(const uint64_t tls[NTLS])
{
    for (unsigned i = 0; i < NTLS; i++)
        gdt[GDT_TLS + i] = tls[i];
}
