/*
 * The wall clock is the monotonic clock and an offset. The offset comes from
 * the battery clock at boot, or from a program.
 *
 * A virtual machine that was stopped, by its monitor or to be moved to another
 * host, has a monotonic clock that stood still, rightly. Only the battery
 * clock tells. It shows whole seconds, so what is known of it is when it
 * changes them:
 *
 *     SEEK    look every 10 ms until the second changes: `difference`, from
 *             the monotonic clock to the battery clock, is known to 5 ms
 *     TRACK   once a second, shortly before or after a change is due, see
 *             that it shows what it should; if not, it has moved: SEEK, and
 *             move the wall clock forward by as much
 *
 * The battery clock is believed only if it has kept up with the monotonic
 * clock before. It is not asked at all on a machine whose time is the number
 * of instructions it has carried out (QEMU's -icount), since it then does not
 * belong to the same time, and each run shall be like the other.
 *
 * Source: Motorola MC146818A.
 */
#include "arch/i386/wall.h"

#include "arch/i386/clock.h"
#include "arch/i386/cpu.h"
#include "lib/units.h"

#define CMOS_INDEX 0x70
#define CMOS_DATA  0x71

#define READ_TRIES   8
#define SEEK_NS      (10 * NS_PER_MS)
#define SEEK_WIDE_NS (25 * NS_PER_MS) /* a change seen so late is no use */
#define SEEK_MAX     300
#define TRACK_NS     (30 * NS_PER_MS) /* this long before or after a change */
#define TOLERANCE_NS (20 * NS_PER_MS)
#define TRUST        2 /* how often it was right before it is believed */
#define DOUBT        4 /* how often it was wrong before it is left alone */

void (*wall_moved)(void);

static uint64_t realtime_offset_ns;
static bool seeking = true;
static bool is_known;            /* `difference` */
static uint64_t difference;      /* battery clock less monotonic clock */
static uint64_t seek_ns, seek_s; /* the last look: when, and what it showed */
static unsigned nlooks, ngood, nbad, nsteps, ntracked;

/* ---- the battery clock ---- */

struct cmos_time {
    uint8_t second, minute, hour, day, month, year, century;
};

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

static bool cmos_is_changing(void)
{
    return cmos_read(0x0A) & 0x80;
}

static struct cmos_time cmos_read_registers(void)
{
    struct cmos_time t;

    t.second = cmos_read(0x00);
    t.minute = cmos_read(0x02);
    t.hour = cmos_read(0x04);
    t.day = cmos_read(0x07);
    t.month = cmos_read(0x08);
    t.year = cmos_read(0x09);
    t.century = cmos_read(0x32);
    return t;
}

/* Read all registers between two changes: false if that did not succeed. */
static bool cmos_read_time(struct cmos_time *t)
{
    for (unsigned i = 0; i < READ_TRIES; i++) {
        if (cmos_is_changing())
            continue;
        *t = cmos_read_registers();
        if (!cmos_is_changing() && cmos_read(0x00) == t->second)
            return true;
    }
    return false;
}

/* Seconds since 1970 by the battery clock, taken to run in UTC, or 0. */
static uint64_t cmos_seconds(const struct cmos_time *t)
{
    uint8_t mode = cmos_read(0x0B);
    bool binary = mode & 4, pm = t->hour & 0x80;
    uint32_t hour = from_bcd(t->hour & 0x7F, binary);
    uint32_t month = from_bcd(t->month, binary);
    uint32_t century = from_bcd(t->century, binary);
    uint32_t year = from_bcd(t->year, binary);

    if (!(mode & 2))
        hour = hour % 12 + (pm ? 12 : 0);
    if (month < 1 || month > 12)
        return 0;
    year += century >= 19 && century <= 29 ? century * 100
                                           : (year < 70 ? 2000 : 1900);
    if (year < 1970)
        return 0;
    return (uint64_t)days_since_1970(year, month, from_bcd(t->day, binary)) *
               86400 +
           hour * 3600 + from_bcd(t->minute, binary) * 60 +
           from_bcd(t->second, binary);
}

static uint64_t read_seconds(void)
{
    struct cmos_time t;

    return cmos_read_time(&t) ? cmos_seconds(&t) : 0;
}

/* ---- the wall clock ---- */

uint64_t clock_realtime_ns(void)
{
    return realtime_offset_ns + clock_monotonic_ns();
}

static void move_to(uint64_t offset)
{
    uint32_t flags = irq_save();

    realtime_offset_ns = offset;
    if (wall_moved)
        wall_moved();
    irq_restore(flags);
}

void clock_set_realtime(uint64_t ns)
{
    move_to(ns - clock_monotonic_ns());
}

uint32_t wall_steps(void)
{
    return nsteps;
}

/* How many time stamps a loop of n rounds takes. The same code for each n. */
static never_inline uint32_t time_loop(uint32_t n)
{
    uint32_t start = (uint32_t)rdtsc();

    __asm__ volatile("1: subl $1, %0\n\tjnz 1b" : "+r"(n) : : "cc");
    return (uint32_t)rdtsc() - start;
}

/*
 * True if the time stamp counter counts instructions: a longer loop then takes
 * exactly as much more as it has more of them, times a power of two, always.
 */
static bool counts_instructions(void)
{
    uint32_t one = time_loop(100), more = time_loop(200), step = more - one;

    if (step == 0 || step % 200 != 0 || (step / 200 & (step / 200 - 1)) != 0)
        return false;
    for (unsigned i = 0; i < 3; i++)
        if (time_loop(100) != one || time_loop(200) != more)
            return false;
    return true;
}

void wall_init(void)
{
    uint64_t seconds = 0;

    /* The registers cannot be read for some 2 ms of every second. */
    for (unsigned i = 0; i < 1000 && seconds == 0; i++)
        seconds = read_seconds();
    realtime_offset_ns = seconds * NS_PER_S;
    if (seconds == 0 || (cpu.tsc && counts_instructions()))
        nbad = DOUBT;
}

/* ---- following the battery clock ---- */

static uint64_t seek(void)
{
    seeking = true;
    seek_s = 0;
    nlooks = 0;
    return SEEK_NS;
}

/* The battery clock does not keep up with the monotonic one. */
static uint64_t doubt(void)
{
    is_known = false;
    ngood = 0;
    return ++nbad >= DOUBT ? CLOCK_NEVER : seek();
}

/* When to look next: before the change of a second, or sometimes after it. */
static uint64_t next_track(uint64_t now)
{
    uint64_t in = NS_PER_S - (now + difference) % NS_PER_S;

    if (++ntracked % 8 == 0)
        return in + TRACK_NS;
    return in > 2 * TRACK_NS ? in - TRACK_NS : in + NS_PER_S - TRACK_NS;
}

/* A change of the second has been seen, in the middle of two looks. */
static uint64_t found(uint64_t now, uint64_t seconds)
{
    uint64_t fresh = seconds * NS_PER_S - (now + seek_ns) / 2;
    int64_t moved = (int64_t)(fresh - difference);

    if (is_known && ngood >= TRUST && moved > (int64_t)TOLERANCE_NS) {
        move_to(realtime_offset_ns + (uint64_t)moved);
        nsteps++;
    }
    difference = fresh;
    is_known = true;
    seeking = false;
    return next_track(now);
}

static uint64_t look(uint64_t now, uint64_t seconds)
{
    bool changed = seek_s != 0 && seconds != seek_s;
    bool soon = now - seek_ns < SEEK_WIDE_NS;

    if (++nlooks > SEEK_MAX)
        return doubt();
    if (changed && soon)
        return found(now, seconds);
    seek_s = seconds;
    seek_ns = now;
    return SEEK_NS;
}

static uint64_t track(uint64_t now, uint64_t seconds)
{
    uint64_t expected = now + difference;

    if (seconds < (expected - TOLERANCE_NS) / NS_PER_S ||
        seconds > (expected + TOLERANCE_NS) / NS_PER_S)
        return ngood >= TRUST ? seek() : doubt();
    ngood++;
    nbad = 0;
    return next_track(now);
}

uint64_t wall_watch(void)
{
    uint64_t before, seconds, after;

    if (nbad >= DOUBT)
        return CLOCK_NEVER;
    before = clock_now();
    seconds = read_seconds();
    after = clock_now();
    if (seconds == 0 || after - before > SEEK_NS)
        return SEEK_NS; /* it was changing, or the machine was stopped */
    return seeking ? look(after, seconds) : track(after, seconds);
}
