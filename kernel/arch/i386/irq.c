/*
 * The two 8259A interrupt controllers of a PC, cascaded at line 2 and moved to
 * vectors 0x20 to 0x2F. Source: Intel 8259A data sheet (231468).
 */
#include "arch/i386/irq.h"

#include <cairn/errno.h>

#include "arch/i386/cpu.h"
#include "arch/i386/layout.h"

#define PIC1        0x20
#define PIC2        0xA0
#define PIC_EOI     0x20
#define PIC_ISR     0x0B /* OCW3: the next read gives the in-service bits */
#define PIC_CASCADE 2
#define SHARERS     4

struct irq_handler {
    void (*call)(void *arg);
    void *arg;
};

static struct irq_handler handlers[IRQ_LINES][SHARERS];
static uint16_t masked = 0xFFFF & ~(1 << PIC_CASCADE);
bool irq_hit_user;

static void write_masks(void)
{
    outb(PIC1 + 1, (uint8_t)masked);
    outb(PIC2 + 1, (uint8_t)(masked >> 8));
}

void irq_init(void)
{
    outb(PIC1, 0x11); /* ICW1: edge triggered, cascade, ICW4 follows */
    outb(PIC2, 0x11);
    outb(PIC1 + 1, VECTOR_IRQ);
    outb(PIC2 + 1, VECTOR_IRQ + 8);
    outb(PIC1 + 1, 1 << PIC_CASCADE);
    outb(PIC2 + 1, PIC_CASCADE);
    outb(PIC1 + 1, 1); /* ICW4: 8086 mode, normal end of interrupt */
    outb(PIC2 + 1, 1);
    write_masks();
}

int irq_attach(unsigned line, void (*handler)(void *), void *arg)
{
    uint32_t flags;

    if (line >= IRQ_LINES || line == PIC_CASCADE)
        return -EINVAL;
    for (unsigned i = 0; i < SHARERS; i++) {
        if (handlers[line][i].call)
            continue;
        flags = irq_save();
        handlers[line][i].arg = arg;
        handlers[line][i].call = handler;
        masked &= (uint16_t) ~(1u << line);
        write_masks();
        irq_restore(flags);
        return 0;
    }
    return -ENOSPC;
}

/*
 * Lines 7 and 15 fire without an in-service bit when a request went away
 * before it was acknowledged. Such an interrupt is not to be ended at its own
 * controller.
 */
static bool is_spurious(unsigned line)
{
    uint16_t port = line == 7 ? PIC1 : PIC2;

    if (line != 7 && line != 15)
        return false;
    outb(port, PIC_ISR);
    if (inb(port) & 0x80)
        return false;
    if (line == 15)
        outb(PIC1, PIC_EOI);
    return true;
}

void irq_dispatch(unsigned line, bool user)
{
    if (is_spurious(line))
        return;
    irq_hit_user = user;
    for (unsigned i = 0; i < SHARERS && handlers[line][i].call; i++)
        handlers[line][i].call(handlers[line][i].arg);
    if (line >= 8)
        outb(PIC2, PIC_EOI);
    outb(PIC1, PIC_EOI);
}
