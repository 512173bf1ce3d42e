/*
 * Switching off, starting anew, stopping.
 *
 * isa-debug-exit (QEMU, hw/misc/debugexit.c) ends QEMU with (v << 1) | 1 when
 * a byte v is written to its port. The port is read first: the device gives 0,
 * a bus without it 0xFF, and on a machine with something else there nothing
 * must be written.
 *
 * Soft-off of ACPI needs the _S5 value of the firmware's byte code in general;
 * chip sets that are known by their PCI numbers have a fixed one:
 *
 *      PIIX4 (82371AB)  PM base in register 0x40 of the PM function, bit 0 of
 *                       0x80 enables it; PM1 control is at base + 4
 *      ICH9 (82801I)    PM base in register 0x40 of the LPC bridge; the same
 *
 * SLP_EN is bit 13; SLP_TYP in bits 12:10 is 0 for S5 on both in QEMU, and
 * 7 on a real ICH9 (its data sheet 13.8.3.2), so both are tried.
 */
#include "dev/poweroff.h"

#include "arch/i386/cpu.h"
#include "dev/console.h"
#include "dev/pci.h"
#include "lib/log.h"

#define DEBUG_EXIT_PORT 0xF4

#define KBC_STATUS    0x64
#define KBC_COMMAND   0x64
#define KBC_FULL      0x02
#define KBC_PULSE     0xFE
#define RESET_PORT    0xCF9
#define RESET_FULL    0x0E
#define RESET_PREPARE 0x0A

#define INTEL       0x8086
#define PIIX4_PM    0x7113
#define ICH9_LPC    0x2918
#define REG_PM_BASE 0x40
#define PM1_CONTROL 4
#define SLP_EN      0x2000
#define SLP_TYP_S5  0x1C00

bool machine_cad_reboots = true;

static void leave_qemu(int status)
{
    if (inb(DEBUG_EXIT_PORT) != 0xFF)
        outb(DEBUG_EXIT_PORT, (uint8_t)status & 0x7F);
}

static void acpi_off(uint16_t device)
{
    struct pci_function f;
    uint16_t port;

    if (!pci_find(INTEL, device, &f))
        return;
    port = pci_read32(&f, REG_PM_BASE) & 0xFFC0;
    if (port == 0)
        return;
    port += PM1_CONTROL;
    outw(port, SLP_EN);
    outw(port, SLP_EN | SLP_TYP_S5);
}

/* For good, without a word. */
static _Noreturn void sleep_for_ever(void)
{
    irq_disable();
    for (;;)
        __asm__ volatile("hlt");
}

/* What programs have written and the line has not sent goes out first. */
static void end_output(void)
{
    irq_disable();
    console_flush();
}

void machine_halt(void)
{
    end_output();
    console_set_quiet(false);
    log_set_level(LOG_NOTICE); /* whatever was asked for: this must be seen */
    klog(LOG_NOTICE, "The system is halted. It is safe to switch it off.");
    sleep_for_ever();
}

void machine_stop(int status)
{
    irq_disable();
    leave_qemu(status);
    sleep_for_ever();
}

void machine_poweroff(int status)
{
    end_output();
    leave_qemu(status);
    acpi_off(PIIX4_PM);
    acpi_off(ICH9_LPC);
    machine_halt();
}

static void pulse_keyboard_controller(void)
{
    for (unsigned i = 0; i < 100000; i++)
        if (!(inb(KBC_STATUS) & KBC_FULL))
            break;
    outb(KBC_COMMAND, KBC_PULSE);
}

/* A moment for a reset line to act: a port read takes about a microsecond. */
static void wait_a_moment(void)
{
    for (unsigned i = 0; i < 50000; i++)
        (void)inb(KBC_STATUS);
}

void machine_reboot(void)
{
    static const struct {
        uint16_t limit;
        uint32_t base;
    } __attribute__((packed)) no_idt = {0, 0};

    end_output();
    pulse_keyboard_controller();
    wait_a_moment();
    outb(RESET_PORT, RESET_PREPARE);
    outb(RESET_PORT, RESET_FULL);
    wait_a_moment();
    __asm__ volatile("lidt %0\n\tint3" : : "m"(no_idt));
    sleep_for_ever();
}
