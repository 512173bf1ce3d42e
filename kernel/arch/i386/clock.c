/*
 * The clock is the time stamp counter, scaled to nanoseconds. How fast it runs
 * is measured against the interval timer (8254) without waiting for it:
 * channel 2 counts down from the start, and the first ticks read how far it
 * has come. Until then, and where there is no time stamp counter, the clock is
 * the count of ticks alone.
 *
 *   now = base_ns + (tsc - base_tsc) * scale / 2^24
 *
 * The base moves with every tick, so the product stays small.
 *
 * Sources: Intel 8254 data sheet (231164); Motorola MC146818A (battery clock).
 */
#include "arch/i386/clock.h"

#include "arch/i386/cpu.h"
#include "arch/i386/irq.h"
#include "lib/panic.h"

#define PIT_HZ       1193182u
#define PIT_CHANNEL0 0x40
#define PIT_CHANNEL2 0x42
#define PIT_COMMAND  0x43
#define PIT_PORT_B   0x61 /* gate of channel 2 and the speaker */
#define PIT_START    0xFFFFu
#define PIT_ENOUGH   23863u /* 20 ms: a fraction of 1/10,000 is seen */
#define PIT_TOO_LATE 62000u /* nearly run down: the count may have wrapped */
#define SCALE_BITS   24
#define CMOS_INDEX   0x70
#define CMOS_DATA    0x71
#define NS_PER_S     1000000000ull

volatile uint64_t clock_ticks;
static void (*tick_hook)(bool user);
static uint64_t start_tsc, base_tsc, base_ns, last_ns;
static uint32_t scale; /* ns per TSC step, times 2^SCALE_BITS; 0: unknown */
static bool tsc_good;
static uint64_t realtime_offset_ns;

static uint32_t pit2_elapsed(void)
{
    uint32_t low, high;

    outb(PIT_COMMAND, 0x80); /* latch channel 2 */
    low = inb(PIT_CHANNEL2);
    high = inb(PIT_CHANNEL2);
    return PIT_START - (low | high << 8);
}

/* a * b / 2^SCALE_BITS without losing high bits. */
static uint64_t scale_tsc(uint64_t delta)
{
    uint64_t low = (delta & 0xFFFFFFFF) * scale;
    uint64_t high = (delta >> 32) * scale;

    return (high << (32 - SCALE_BITS)) + (low >> SCALE_BITS);
}

/* (numerator * 2^SCALE_BITS) / denominator, both well below 2^40. */
static uint32_t ratio(uint64_t numerator, uint64_t denominator)
{
    uint64_t value = (numerator << SCALE_BITS) / denominator;

    return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static void calibrate(void)
{
    uint32_t steps = pit2_elapsed();
    uint64_t tsc = rdtsc();
    uint64_t ns = (uint64_t)steps * NS_PER_S / PIT_HZ;

    if (steps < PIT_ENOUGH)
        return;
    if (steps > PIT_TOO_LATE || tsc - start_tsc < ns / 1000) {
        tsc_good = false; /* missed, or a counter of less than 1 MHz */
        return;
    }
    scale = ratio(ns, tsc - start_tsc);
    base_tsc = tsc;
    base_ns = ns > last_ns ? ns : last_ns;
}

static void on_tick(void *arg)
{
    (void)arg;
    clock_ticks++;
    if (tsc_good && !scale)
        calibrate();
    if (scale) {
        uint64_t tsc = rdtsc();

        base_ns += scale_tsc(tsc - base_tsc);
        base_tsc = tsc;
    }
    tick_hook(irq_hit_user);
}

uint64_t clock_monotonic_ns(void)
{
    uint32_t flags = irq_save();
    uint64_t now;

    if (scale)
        now = base_ns + scale_tsc(rdtsc() - base_tsc);
    else if (tsc_good)
        now = (uint64_t)pit2_elapsed() * NS_PER_S / PIT_HZ;
    else
        now = clock_ticks * CLOCK_TICK_NS;
    if (now < last_ns)
        now = last_ns;
    last_ns = now;
    irq_restore(flags);
    return now;
}

static uint8_t cmos_read(uint8_t index)
{
    outb(CMOS_INDEX, index);
    return inb(CMOS_DATA);
}

static uint32_t from_bcd(uint32_t v, bool binary)
{
    return binary ? v : (v >> 4) * 10 + (v & 15);
}

/* Days from 1970-01-01 to a date of the Gregorian calendar. */
static uint32_t days_since_1970(uint32_t year, uint32_t month, uint32_t day)
{
    static const uint16_t before[12] = {0,   31,  59,  90,  120, 151,
                                        181, 212, 243, 273, 304, 334};
    uint32_t leaps = (year - 1969) / 4 - (year > 2100 ? 1 : 0);
    bool leap = year % 4 == 0 && year != 2100;

    return (year - 1970) * 365 + leaps + before[month - 1] + day - 1 +
           (leap && month > 2 ? 1 : 0);
}

struct cmos_time {
    uint8_t second, minute, hour, day, month, year, century;
};

static struct cmos_time cmos_read_time(void)
{
    struct cmos_time t;

    for (unsigned i = 0; i < 100000 && (cmos_read(0x0A) & 0x80); i++)
        continue;
    t.second = cmos_read(0x00);
    t.minute = cmos_read(0x02);
    t.hour = cmos_read(0x04);
    t.day = cmos_read(0x07);
    t.month = cmos_read(0x08);
    t.year = cmos_read(0x09);
    t.century = cmos_read(0x32);
    return t;
}

/* Seconds since 1970 by the battery clock, taken to run in UTC. */
static uint64_t cmos_seconds(void)
{
    struct cmos_time t = cmos_read_time();
    uint8_t mode = cmos_read(0x0B);
    bool binary = mode & 4, pm = t.hour & 0x80;
    uint32_t hour = from_bcd(t.hour & 0x7F, binary);
    uint32_t month = from_bcd(t.month, binary);
    uint32_t century = from_bcd(t.century, binary);
    uint32_t year = from_bcd(t.year, binary);

    if (!(mode & 2))
        hour = hour % 12 + (pm ? 12 : 0);
    if (month < 1 || month > 12)
        return 0;
    year += century >= 19 && century <= 29 ? century * 100
                                           : (year < 70 ? 2000 : 1900);
    if (year < 1970)
        return 0;
    return (uint64_t)days_since_1970(year, month, from_bcd(t.day, binary)) *
               86400 +
           hour * 3600 + from_bcd(t.minute, binary) * 60 +
           from_bcd(t.second, binary);
}

uint64_t clock_realtime_ns(void)
{
    return realtime_offset_ns + clock_monotonic_ns();
}

void clock_set_realtime(uint64_t ns)
{
    realtime_offset_ns = ns - clock_monotonic_ns();
}

static void start_timers(void)
{
    uint32_t divisor = (PIT_HZ + CLOCK_HZ / 2) / CLOCK_HZ;

    outb(PIT_PORT_B, (uint8_t)((inb(PIT_PORT_B) & ~2) | 1));
    outb(PIT_COMMAND, 0xB0); /* channel 2, both bytes, mode 0 */
    outb(PIT_CHANNEL2, PIT_START & 0xFF);
    outb(PIT_CHANNEL2, PIT_START >> 8);
    start_tsc = rdtsc();
    outb(PIT_COMMAND, 0x34); /* channel 0, both bytes, mode 2 */
    outb(PIT_CHANNEL0, (uint8_t)divisor);
    outb(PIT_CHANNEL0, (uint8_t)(divisor >> 8));
}

void clock_init(void (*tick)(bool user))
{
    tick_hook = tick;
    tsc_good = cpu.tsc;
    start_timers();
    realtime_offset_ns = cmos_seconds() * NS_PER_S;
    if (irq_attach(0, on_tick, NULL) != 0)
        panic("clock: line 0 is taken");
}
