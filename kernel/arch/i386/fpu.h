/*
 * FPU and SSE state: saved and loaded at every switch of threads, never
 * lazily, so that no state of another process can ever be seen.
 */
#ifndef ARCH_FPU_H
#define ARCH_FPU_H

#include "arch/i386/context.h"

/* Prepare the state a new program starts with. */
void fpu_init(void);

/* Give `context` the state of a new program; the CPU's registers stay. */
void fpu_reset(struct context *context);

void fpu_save(struct context *context);
void fpu_load(struct context *context);

/*
 * Load an image of the size that the CPU uses, 16-byte aligned; bits of MXCSR
 * outside fpu_mxcsr_mask() must be clear.
 */
void fpu_load_image(const void *image);
uint32_t fpu_mxcsr_mask(void);

/* Load the state of a new program. */
void fpu_load_fresh(void);

/* si_code of a floating point exception, from the unmasked status bits. */
int fpu_error_code(bool simd);

#endif
