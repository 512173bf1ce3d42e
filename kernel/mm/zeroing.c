/*
 * The only one who zeroes frames ahead of time is the idle thread. Nobody else
 * runs meanwhile but interrupt handlers, which touch neither frames nor the
 * windows that it uses for high ones.
 */
#include "mm/zeroing.h"

#include "arch/i386/cpu.h"
#include "arch/i386/window.h"
#include "mm/frame.h"

bool zeroing_step(void)
{
    paddr_t pa;

    if (!frame_zeroed_begin(&pa))
        return false;
    irq_enable();
    frame_zero(pa);
    irq_disable();
    frame_zeroed_end(pa);
    return true;
}

static bool is_zero(paddr_t pa)
{
    const uint32_t *words = window_open(pa);
    uint32_t sum = 0;

    for (size_t i = 0; i < PAGE_SIZE / sizeof(*words); i++)
        sum |= words[i];
    window_close((void *)(uintptr_t)words);
    return sum == 0;
}

const char *zeroing_check(void)
{
    if (!frame_zeroed_each(is_zero))
        return "a frame that should be zero is not";
    return NULL;
}
