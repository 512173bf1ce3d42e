/*
 * Panics that know where they come from; panic itself is in lib/panic.h.
 */
#ifndef ARCH_PANIC_H
#define ARCH_PANIC_H

#include "lib/panic.h"
#include "lib/types.h"

struct trapframe;

/* Panic because of what `tf` interrupted: its registers are printed. */
_Noreturn void panic_trap(const struct trapframe *tf, const char *fmt, ...)
    printf_like(2, 3);

/* Panic with the backtrace of another stack. */
_Noreturn void panic_at(uint32_t eip, uint32_t ebp, const char *fmt, ...)
    printf_like(3, 4);

/*
 * What ends the machine when the report is out: the devices set it. It must
 * not return; while it is NULL the machine halts.
 */
extern void (*panic_poweroff)(void);

#endif
