/* The interval timer. Source: Intel 8254 data sheet (231164). */
#include "arch/i386/pit.h"

#include "arch/i386/cpu.h"

#define CHANNEL0     0x40
#define CHANNEL2     0x42
#define COMMAND      0x43
#define PORT_B       0x61 /* gate of channel 2, and the speaker */
#define COUNT_ONCE_0 0x30 /* channel 0, both bytes, mode 0 */
#define COUNT_ONCE_2 0xB0 /* in mode 0 it counts on, past the end */
#define LATCH_2      0x80
#define START        0xFFFFu
#define GATE_ON      0x01
#define SPEAKER_ON   0x02

void pit_init(void)
{
    outb(PORT_B, (uint8_t)((inb(PORT_B) & ~SPEAKER_ON) | GATE_ON));
    outb(COMMAND, COUNT_ONCE_2);
    outb(CHANNEL2, START & 0xFF);
    outb(CHANNEL2, START >> 8);
    outb(COMMAND, COUNT_ONCE_0); /* counts only once it is given a count */
}

uint32_t pit_count(void)
{
    uint32_t low, high;

    outb(COMMAND, LATCH_2);
    low = inb(CHANNEL2);
    high = inb(CHANNEL2);
    return START - (low | high << 8);
}

void pit_interrupt_in(uint32_t ticks)
{
    outb(COMMAND, COUNT_ONCE_0);
    outb(CHANNEL0, (uint8_t)ticks);
    outb(CHANNEL0, (uint8_t)(ticks >> 8));
}
