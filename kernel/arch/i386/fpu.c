/*
 * Source: Intel SDM 1 8.1.10, 10.5 (FSAVE and FXSAVE images), 11.6.4 (bits of
 * MXCSR that may be set).
 */
#include "arch/i386/fpu.h"

#include <cairn/signal.h>

#include "arch/i386/cpu.h"
#include "lib/string.h"

#define MXCSR_DEFAULT      0x1F80u
#define FXSAVE_MASK        28 /* offset of the mask; 0 there: the default */
#define MXCSR_MASK_DEFAULT 0xFFBFu

static struct context fresh; /* only its FPU state is used */

void fpu_init(void)
{
    static const uint32_t mxcsr = MXCSR_DEFAULT;

    __asm__ volatile("fninit");
    if (cpu.sse)
        __asm__ volatile("ldmxcsr %0" : : "m"(mxcsr));
    fpu_save(&fresh);
    if (!cpu.fxsr)
        return;
    /* Whatever the firmware left in the registers is not for programs. */
    memset(fresh.fpu + 8, 0, 16);
    memset(fresh.fpu + 32, 0, sizeof(fresh.fpu) - 32);
    fpu_load(&fresh);
}

void fpu_reset(struct context *context)
{
    memcpy(context->fpu, fresh.fpu, sizeof(fresh.fpu));
}

void fpu_save(struct context *context)
{
    if (cpu.fxsr)
        __asm__ volatile("fxsave %0" : "=m"(context->fpu));
    else
        __asm__ volatile("fnsave %0\n\tfrstor %0" : "+m"(context->fpu));
}

/*
 * FXRSTOR of AMD processors leaves the last x87 instruction's address as it
 * is when no exception is pending, so a load clears it first. FRSTOR waits for
 * the x87, and would raise an exception that the last program has pending.
 */
void fpu_load_image(const void *image)
{
    static const uint32_t zero;

    if (!cpu.fxsr) {
        __asm__ volatile("fnclex\n\tfrstor (%0)" : : "r"(image) : "memory");
        return;
    }
    __asm__ volatile("fnclex\n\temms\n\tfildl %0\n\tfxrstor (%1)"
                     :
                     : "m"(zero), "r"(image)
                     : "memory");
}

void fpu_load(struct context *context)
{
    fpu_load_image(context->fpu);
}

void fpu_load_fresh(void)
{
    fpu_load_image(fresh.fpu);
}

uint32_t fpu_mxcsr_mask(void)
{
    uint32_t mask;

    memcpy(&mask, fresh.fpu + FXSAVE_MASK, sizeof(mask));
    return mask ? mask : MXCSR_MASK_DEFAULT;
}

int fpu_error_code(bool simd)
{
    uint32_t pending;

    if (simd) {
        uint32_t mxcsr;

        __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
        pending = mxcsr & ~(mxcsr >> 7) & 0x3F;
    } else {
        uint16_t control, status;

        __asm__ volatile("fnstcw %0\n\tfnstsw %1"
                         : "=m"(control), "=m"(status));
        pending = status & (uint32_t)~control & 0x3F;
    }
    if (pending & 0x01)
        return FPE_FLTINV;
    if (pending & 0x04)
        return FPE_FLTDIV;
    if (pending & 0x08)
        return FPE_FLTOVF;
    if (pending & 0x12)
        return FPE_FLTUND;
    return pending & 0x20 ? FPE_FLTRES : FPE_FLTINV;
}
