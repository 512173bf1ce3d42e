/*
 * Which clock time is read from, and how it is kept right.
 *
 * The time stamp counter is quick to read, but its rate is not known. So it is
 * measured against a reference of known rate, the ACPI timer or channel 2 of
 * the interval timer, and compared with it from then on:
 *
 *     init      interval     interval         comparisons, 16 ms to 16 s apart
 *      |------------|------------|-----------|------------------|--------
 *       2 or 6 ms each: their      each one makes the rate more exact,
 *       rates must agree           or shows that the two clocks differ
 *
 * Before the first two intervals that agree, and on a machine without a usable
 * time stamp counter, time is read from the reference.
 *
 * The host of a virtual machine may stop it at any instruction. A sample of
 * the clocks is therefore the tightest of several readings of the reference,
 * each between two of the time stamp counter, and is thrown away if even that
 * took long. A stop between two samples does no harm, since both clocks see
 * it, but for one thing: the reference may have wrapped (the interval timer
 * does every 54.9 ms). While the rate is unknown this spoils an interval, and
 * it does not agree with the next one. Afterwards the rate tells how often the
 * reference has wrapped. If no two intervals agree, as in an emulator that is
 * always late, the rate is measured at one go, by waiting a few milliseconds.
 *
 * A comparison that disagrees changes nothing. After several in a row the rate
 * is measured again; time goes on from where it is. A time stamp counter that
 * needs this again and again is not used any more.
 *
 * The base of the line moves when the rate changes and when the distance to
 * it would be more than 32 bits.
 *
 * Sources: ACPI 6.4, 4.8.3.3 and 5.2.9 (timer); Intel SDM 3B 17.17 (time stamp
 * counter).
 */
#include "arch/i386/clock.h"

#include "arch/i386/acpi.h"
#include "arch/i386/alarm.h"
#include "arch/i386/apic.h"
#include "arch/i386/pit.h"
#include "arch/i386/wall.h"
#include "lib/log.h"
#include "lib/string.h"
#include "lib/units.h"

#define REF_SHIFT 22

#define SAMPLE_TRIES   6
#define SAMPLE_WIDE_NS 20000u /* a reading that took longer tells little */
#define INTERVAL_STEPS 7000u  /* of the reference: 2 or 6 ms */
#define INTERVAL_AGAIN (NS_PER_MS / 4)
#define AGREEMENT      512u /* two intervals differ by less than 1 in this */
#define PATIENCE       6    /* intervals that do not agree */
#define SPIN_NS        (4 * NS_PER_MS)
#define SPIN_MAX       100000u
#define WATCH_FIRST_NS (NS_PER_S / 64)
#define WATCH_LAST_NS  (16 * NS_PER_S)
#define ANCHOR_NS      (64 * NS_PER_S) /* a rate is measured over this */
#define TOLERANCE      2000u           /* disagreement: more than 1 in this */
#define DISAGREE_MAX   3
#define REMEASURE_MAX  8

/* A clock of known rate. It is 16 to 32 bits wide, and counts up. */
struct reference {
    const char *name;
    uint32_t hz, mask;
    uint32_t (*count)(void);
};

/* All clocks at one moment. */
struct sample {
    uint64_t tsc;
    uint32_t width; /* of the reading, in time stamps */
    uint32_t ref;
    uint32_t apic;
};

/* The measurement of one counter's rate. */
struct measurement {
    uint32_t last_rate; /* ns per step * 2^CLOCK_SHIFT of the last interval */
    uint64_t steps, ns; /* of the last interval */
};

struct clock_line clock_line = {.base_tsc = CLOCK_NO_BASE};
uint32_t clock_epoch;

static struct reference ref;
static uint32_t ref_scale; /* ns per step * 2^REF_SHIFT */
static uint32_t ref_last;
static uint64_t ref_steps, ref_base_ns;

static struct sample first, last, anchor;
static struct measurement tsc_measured, apic_measured;
static bool tsc_usable, tsc_measuring;
static unsigned nfailed, ndisagree, nremeasured;
static uint64_t watch_ns;
static struct clock_info info;

/* ---- arithmetic ---- */

/* a * scale / 2^shift without losing high bits. */
static uint64_t scale_by(uint64_t a, uint32_t scale, unsigned shift)
{
    uint64_t low = (a & UINT32_MAX) * scale;
    uint64_t high = (a >> 32) * scale;

    return (high << (32 - shift)) + (low >> shift);
}

/* numerator * 2^CLOCK_SHIFT / denominator, 0 if that is of no use. */
static uint32_t rate_of(uint64_t numerator, uint64_t denominator)
{
    uint64_t value;

    while (numerator >> (64 - CLOCK_SHIFT) != 0) {
        numerator >>= 1;
        denominator >>= 1;
    }
    if (denominator == 0)
        return 0;
    value = (numerator << CLOCK_SHIFT) / denominator;
    return value > UINT32_MAX ? 0 : (uint32_t)value;
}

static bool are_close(uint32_t a, uint32_t b, uint32_t fraction)
{
    uint32_t difference = a > b ? a - b : b - a;

    return a != 0 && b != 0 && difference <= a / fraction;
}

static uint64_t ref_ns(uint64_t steps)
{
    return scale_by(steps, ref_scale, REF_SHIFT);
}

/* ---- the reference ---- */

static uint16_t pm_timer_port;

/* A timer that is read while it changes may show anything: ask twice. */
static uint32_t pm_timer_count(void)
{
    uint32_t a = inl(pm_timer_port), b = inl(pm_timer_port);

    for (unsigned i = 0; i < 8 && ((b - a) & 0xFFFFFF) > 1000; i++) {
        a = b;
        b = inl(pm_timer_port);
    }
    return b;
}

/* The fixed table of ACPI, as far as the timer's port. */
static uint16_t find_pm_timer(void)
{
    uint8_t table[80];
    uint32_t port = 0;

    if (acpi_read("FACP", table, sizeof(table)) < sizeof(table))
        return 0;
    memcpy(&port, table + 76, sizeof(port));
    return port <= UINT16_MAX ? (uint16_t)port : 0;
}

static bool is_counting(uint32_t (*count)(void))
{
    uint32_t start = count();

    for (unsigned i = 0; i < 10000; i++)
        if (count() != start)
            return true;
    return false;
}

static void choose_reference(void)
{
    pm_timer_port = find_pm_timer();
    if (pm_timer_port != 0 && is_counting(pm_timer_count))
        ref =
            (struct reference){"ACPI timer", 3579545, 0xFFFFFF, pm_timer_count};
    else
        ref = (struct reference){"8254", PIT_HZ, 0xFFFF, pit_count};
    ref_scale = (uint32_t)((NS_PER_S << REF_SHIFT) / ref.hz);
    ref_last = ref.count() & ref.mask;
}

/* Time by the reference, which must be read before it has wrapped. */
static uint64_t ref_now(void)
{
    uint32_t count = ref.count();

    ref_steps += (count - ref_last) & ref.mask;
    ref_last = count & ref.mask;
    return ref_base_ns + ref_ns(ref_steps);
}

/* ---- reading ---- */

static uint64_t line_at(uint64_t tsc)
{
    return clock_line.base_ns +
           scale_by(tsc - clock_line.base_tsc, clock_line.scale, CLOCK_SHIFT);
}

static void move_base(uint64_t tsc)
{
    clock_line.base_ns = line_at(tsc);
    clock_line.base_tsc = tsc;
}

uint64_t clock_now_slowly(void)
{
    uint64_t tsc;

    if (clock_line.scale == 0)
        return ref_now();
    tsc = rdtsc();
    if ((int64_t)(tsc - clock_line.base_tsc) < 0) {
        /* It was reset: go on from the latest that can have been read. */
        clock_line.base_ns +=
            scale_by(UINT32_MAX, clock_line.scale, CLOCK_SHIFT);
        clock_line.base_tsc = tsc;
        anchor.width = UINT32_MAX;
    }
    move_base(tsc);
    return clock_line.base_ns;
}

uint64_t clock_monotonic_ns(void)
{
    uint32_t flags = irq_save();
    uint64_t now = clock_now();

    irq_restore(flags);
    return now;
}

/* ---- measuring ---- */

static struct sample take_sample(void)
{
    struct sample best = {.width = UINT32_MAX}, s;
    uint64_t before, after;

    for (unsigned i = 0; i < SAMPLE_TRIES; i++) {
        before = cpu.tsc ? rdtsc() : 0;
        s.ref = ref.count() & ref.mask;
        after = cpu.tsc ? rdtsc() : 0;
        if (after - before >= best.width)
            continue;
        s.width = (uint32_t)(after - before);
        s.tsc = before + s.width / 2;
        s.apic = apic_timer_count();
        best = s;
    }
    return best;
}

/*
 * Take the next interval of a counter into account. Return its rate over this
 * and the one before if they agree, else 0.
 */
static uint32_t measure(struct measurement *m, uint64_t steps, uint64_t ns)
{
    uint32_t rate = rate_of(ns, steps), both = 0;

    if (are_close(rate, m->last_rate, AGREEMENT))
        both = rate_of(ns + m->ns, steps + m->steps);
    *m = (struct measurement){rate, steps, ns};
    return both;
}

/* From here on time is read from the time stamp counter. */
static void use_tsc(const struct sample *s, uint32_t rate)
{
    uint64_t now = clock_now(), since_init;

    if (clock_line.scale != 0) {
        move_base(rdtsc());
        clock_line.scale = rate;
    } else {
        uint64_t tsc = rdtsc();

        since_init = scale_by(tsc - first.tsc, rate, CLOCK_SHIFT);
        clock_line =
            (struct clock_line){tsc, since_init > now ? since_init : now, rate};
    }
    tsc_measuring = false;
    anchor = *s;
    ndisagree = 0;
    watch_ns = WATCH_FIRST_NS;
    klog(LOG_DEBUG, "clock: time stamp counter, %u kHz by the %s",
         clock_read_info().tsc_khz, ref.name);
}

/* From here on it is read from the reference. */
static void use_reference(void)
{
    uint64_t now = clock_now();

    tsc_usable = tsc_measuring = false;
    clock_line.scale = 0;
    clock_line.base_tsc = CLOCK_NO_BASE;
    ref_last = ref.count() & ref.mask;
    ref_steps = 0;
    ref_base_ns = now;
    klog(LOG_WARNING,
         "clock: the time stamp counter is not steady; time is "
         "read from the %s",
         ref.name);
}

/* Wait until the reference has counted some time, and return how much. */
static uint64_t spin(struct sample *from, struct sample *to)
{
    uint64_t ns = 0;

    *from = take_sample();
    for (unsigned i = 0; i < SPIN_MAX && ns < SPIN_NS; i++) {
        *to = take_sample();
        ns = ref_ns((to->ref - from->ref) & ref.mask);
    }
    return ns;
}

/* The rate of the time stamp counter, measured without a pause. Or 0. */
static uint32_t measure_at_once(struct sample *at)
{
    struct measurement m = {0};
    uint32_t rate = 0;
    struct sample from;

    for (unsigned i = 0; i < PATIENCE && rate == 0; i++) {
        uint64_t ns = spin(&from, at);

        rate = measure(&m, at->tsc - from.tsc, ns);
    }
    return rate;
}

static bool is_wide(const struct sample *s, uint32_t rate)
{
    return scale_by(s->width, rate, CLOCK_SHIFT) > SAMPLE_WIDE_NS;
}

/* The end of an interval. */
static void end_interval(struct sample *s, uint64_t ns)
{
    uint64_t tsc_steps = s->tsc - last.tsc;
    uint32_t rate = tsc_measuring ? measure(&tsc_measured, tsc_steps, ns) : 0;
    uint32_t apic_rate = 0;

    if (!alarm_has_apic() && apic_is_there())
        apic_rate = measure(&apic_measured, last.apic - s->apic, ns);
    last = *s;
    if (apic_rate != 0)
        alarm_use_apic(apic_rate);
    if (!tsc_measuring)
        return;
    if (rate == 0 && ++nfailed >= PATIENCE) {
        nfailed = 0;
        rate = measure_at_once(s);
    }
    if (rate != 0 && !is_wide(s, rate))
        use_tsc(s, rate);
}

static uint64_t watch_intervals(void)
{
    struct sample s = take_sample();
    uint32_t steps = (s.ref - last.ref) & ref.mask;

    if (clock_line.scale == 0)
        (void)ref_now();
    if (steps >= INTERVAL_STEPS)
        end_interval(&s, ref_ns(steps));
    return ref_ns(INTERVAL_STEPS) + INTERVAL_AGAIN;
}

/* ---- comparing ---- */

/*
 * How long the reference says that it was from the anchor to `s`: of all
 * numbers of wraps, with the one that comes closest to `expected`.
 */
static uint64_t ref_elapsed(const struct sample *s, uint64_t expected)
{
    uint64_t wrap = ref_ns((uint64_t)ref.mask + 1);
    uint64_t ns = ref_ns((s->ref - anchor.ref) & ref.mask);

    if (expected > ns)
        ns += (expected - ns + wrap / 2) / wrap * wrap;
    return ns;
}

static void disagree(const struct sample *s)
{
    info.disagreements++;
    anchor = *s;
    watch_ns = WATCH_FIRST_NS;
    if (++ndisagree < DISAGREE_MAX)
        return;
    if (++nremeasured > REMEASURE_MAX) {
        use_reference();
        return;
    }
    ndisagree = nfailed = 0;
    tsc_measured = (struct measurement){0};
    last = *s;
    tsc_measuring = true;
}

static void agree(const struct sample *s, uint64_t ns)
{
    uint32_t rate = rate_of(ns, s->tsc - anchor.tsc);

    info.agreements++;
    ndisagree = 0;
    move_base(s->tsc > clock_line.base_tsc ? s->tsc : clock_line.base_tsc);
    if (are_close(rate, clock_line.scale, 100))
        clock_line.scale = rate;
    if (ns > ANCHOR_NS)
        anchor = *s;
    if (watch_ns < WATCH_LAST_NS)
        watch_ns *= 2;
}

/* Compare the time stamp counter with the reference. */
static uint64_t watch_tsc(void)
{
    struct sample s = take_sample();
    uint64_t expected, ns, difference;

    if (is_wide(&s, clock_line.scale))
        return WATCH_FIRST_NS;
    if (is_wide(&anchor, clock_line.scale)) {
        anchor = s;
        return WATCH_FIRST_NS;
    }
    expected = scale_by(s.tsc - anchor.tsc, clock_line.scale, CLOCK_SHIFT);
    ns = ref_elapsed(&s, expected);
    difference = ns > expected ? ns - expected : expected - ns;
    if (difference > expected / TOLERANCE + 2 * SAMPLE_WIDE_NS)
        disagree(&s);
    else if (ns >= WATCH_FIRST_NS / 2)
        agree(&s, ns);
    return tsc_measuring ? INTERVAL_AGAIN : watch_ns;
}

/* Nothing but the reference: it is read before it wraps. */
static uint64_t watch_reference(void)
{
    uint64_t half = ref_ns((uint64_t)ref.mask + 1) / 2;

    if (apic_is_there() && !alarm_has_apic())
        return watch_intervals();
    (void)ref_now();
    return half;
}

uint64_t clock_watch(void)
{
    if (tsc_measuring)
        return watch_intervals();
    return tsc_usable ? watch_tsc() : watch_reference();
}

/* ---- the rest ---- */

struct clock_info clock_read_info(void)
{
    struct clock_info i = info;

    i.source = clock_line.scale != 0 ? "time stamp counter" : ref.name;
    i.reference = ref.name;
    i.alarm = alarm_has_apic() ? "local APIC" : "8254";
    if (clock_line.scale != 0)
        i.tsc_khz =
            (uint32_t)(((uint64_t)NS_PER_MS << CLOCK_SHIFT) / clock_line.scale);
    i.steps = wall_steps();
    return i;
}

void clock_init(void (*alarm)(bool user))
{
    pit_init();
    choose_reference();
    tsc_usable = tsc_measuring = cpu.tsc;
    first = last = take_sample();
    alarm_init(alarm);
    wall_init();
}

void clock_set_alarm(uint64_t deadline, uint64_t now)
{
    alarm_set(deadline > now ? deadline - now : 0);
}
