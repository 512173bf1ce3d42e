/*
 * Both timers count down once from a number and interrupt. Their rates are
 * known to one in some thousands, so a time that is far off is approached in
 * two steps, the first of which ends a little early.
 */
#include "arch/i386/alarm.h"

#include "arch/i386/apic.h"
#include "arch/i386/clock.h"
#include "arch/i386/irq.h"
#include "arch/i386/pit.h"
#include "lib/panic.h"

#define PIT_MAX_NS  50000000u /* it is 16 bits wide */
#define APIC_MAX_NS 4000000000u
#define FAR_NS      20000000u
#define PIT_SCALE   5124677ull /* PIT_HZ / 10^9 * 2^32 */

static void (*ring_hook)(bool user);
static uint32_t apic_steps; /* per ns * 2^CLOCK_SHIFT, 0: not in use */

static void on_pit(void *arg)
{
    (void)arg;
    ring_hook(irq_hit_user);
}

void alarm_init(void (*ring)(bool user))
{
    ring_hook = ring;
    if (irq_attach(PIT_LINE, on_pit, NULL) != 0)
        panic("alarm: line %d is taken", PIT_LINE);
}

void alarm_set(uint64_t ns)
{
    uint32_t max = apic_steps ? APIC_MAX_NS : PIT_MAX_NS;
    uint32_t in = ns > max ? max : (uint32_t)ns;

    if (apic_steps) {
        if (in > FAR_NS)
            in -= in / 1024;
        apic_interrupt_in(
            (uint32_t)(((uint64_t)in * apic_steps) >> CLOCK_SHIFT) + 1);
    } else {
        pit_interrupt_in((uint32_t)((in * PIT_SCALE) >> 32) + 1);
    }
}

void alarm_use_apic(uint32_t rate)
{
    uint64_t steps = (1ull << (2 * CLOCK_SHIFT)) / rate;

    if (steps == 0 || steps > UINT32_MAX)
        return;
    apic_steps = (uint32_t)steps;
    apic_attach(ring_hook);
    apic_interrupt_in(1); /* what the other had been set to comes at once */
}

bool alarm_has_apic(void)
{
    return apic_steps != 0;
}
