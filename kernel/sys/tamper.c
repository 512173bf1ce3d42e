/*
 * Calls that fail on purpose. A rule, all numbers decimal:
 *
 *      CALLS:WHAT:FIRST:LAST:STEP:SCOPE
 *
 *      CALLS   numbers of system calls, with commas between
 *      WHAT    of eN (the call is not made and returns -N), rN (likewise,
 *              returns N), sN (signal N is sent and the call is made) and dN
 *              (N microseconds pass first), with slashes between
 *      FIRST   the invocation from which on it applies, LAST (0: none) the
 *              last one, every STEP-th of them (0: all that follow from FIRST)
 *      SCOPE   t: each thread's invocations of each call are counted by
 *              themselves, as strace does; g: all calls of the rule together
 */
#include <cairn/errno.h>
#include <cairn/signal.h>

#include "arch/i386/trap.h"
#include "arch/i386/ucopy.h"
#include "lib/log.h"
#include "lib/string.h"
#include "mm/kmalloc.h"
#include "proc/process.h"
#include "sys/lab.h"

#define MAX_RULES   8
#define STACK_BYTES 2048 /* for who looks for callers without frames */
#define MAX_CALLS   512  /* numbers of Linux; Cairn's own follow */
#define NCALLS      (MAX_CALLS + 32)
#define NCOUNTERS   512

struct rule {
    uint32_t calls[NCALLS / 32];
    bool steps_in, has_signal, is_global;
    int32_t result;
    uint32_t signo, delay_us;
    uint32_t first, last, step;
    uint32_t count; /* invocations, if is_global */
};

/* Invocations of one call by one thread, under one rule. */
struct counter {
    int tid; /* 0: free */
    uint16_t rule, call;
    uint32_t n;
};

static struct rule *rules;
static unsigned nrules;
static struct counter *counters;

static uint32_t index_of(uint32_t number)
{
    if (number < MAX_CALLS)
        return number;
    number -= 0x1000 - MAX_CALLS;
    return number >= MAX_CALLS && number < NCALLS ? number : NCALLS;
}

/* The value of a digit, or 16. */
static uint32_t digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return (uint32_t)(c - '0');
    return c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10) : 16;
}

bool lab_number(const char **text, uint32_t *number)
{
    const char *p = *text;
    uint32_t base = p[0] == '0' && p[1] == 'x' ? 16 : 10, n = 0;

    p += base == 16 ? 2 : 0;
    for (uint32_t digit; (digit = digit_of(*p)) < base; p++) {
        if (n > (UINT32_MAX - digit) / base)
            return false;
        n = n * base + digit;
    }
    if (p == *text)
        return false;
    *text = p;
    *number = n;
    return true;
}

static bool parse_calls(const char **text, struct rule *rule)
{
    uint32_t number;

    do {
        if (!lab_number(text, &number) || index_of(number) == NCALLS)
            return false;
        number = index_of(number);
        rule->calls[number / 32] |= 1u << number % 32;
    } while (*(*text)++ == ',');
    return (*text)[-1] == ':';
}

static bool parse_what(const char **text, struct rule *rule)
{
    uint32_t number;
    char what;

    do {
        what = *(*text)++;
        if (what == '\0' || !lab_number(text, &number))
            return false;
        if (what == 'e' || what == 'r') {
            rule->steps_in = true;
            rule->result = what == 'e' ? -(int32_t)number : (int32_t)number;
        } else if (what == 's' && number >= 1 && number <= __CAIRN_NSIG) {
            rule->signo = number;
        } else if (what == 'd') {
            rule->delay_us = number;
        } else {
            return false;
        }
    } while (*(*text)++ == '/');
    return (*text)[-1] == ':';
}

static bool parse_when(const char **text, struct rule *rule)
{
    uint32_t *fields[] = {&rule->first, &rule->last, &rule->step};

    for (unsigned i = 0; i < 3; i++)
        if (!lab_number(text, fields[i]) || *(*text)++ != ':')
            return false;
    return true;
}

bool tamper_add(const char *text)
{
    struct rule *rule;

    if (!rules) {
        rules = kzalloc(MAX_RULES * sizeof(*rules));
        counters = kzalloc(NCOUNTERS * sizeof(*counters));
    }
    if (!rules || !counters || nrules == MAX_RULES)
        return false;
    rule = &rules[nrules];
    if (!parse_calls(&text, rule) || !parse_what(&text, rule) ||
        !parse_when(&text, rule) || (*text != 't' && *text != 'g')) {
        memset(rule, 0, sizeof(*rule));
        return false;
    }
    rule->is_global = *text == 'g';
    nrules++;
    return true;
}

/* The counter of this thread, call and rule; the last resort is the first. */
static uint32_t *counter_of(unsigned rule, uint32_t call)
{
    struct counter *unused = NULL;

    for (unsigned i = 0; i < NCOUNTERS; i++) {
        struct counter *c = &counters[i];

        if (c->tid == current->tid && c->rule == rule && c->call == call)
            return &c->n;
        if (c->tid == 0 && !unused)
            unused = c;
    }
    if (!unused)
        unused = &counters[0];
    *unused = (struct counter){current->tid, (uint16_t)rule, (uint16_t)call, 0};
    return &unused->n;
}

void tamper_forget(int tid)
{
    for (unsigned i = 0; counters && i < NCOUNTERS; i++)
        if (counters[i].tid == tid)
            counters[i].tid = 0;
}

/* Does the rule apply to its n-th invocation? */
static bool applies(const struct rule *rule, uint32_t n)
{
    if (n < rule->first || (rule->last != 0 && n > rule->last))
        return false;
    if (rule->step == 0)
        return true;
    return (n - rule->first) % rule->step == 0;
}

static void delay(uint32_t us)
{
    uint64_t end = clock_monotonic_ns() + (uint64_t)us * 1000;

    while (clock_monotonic_ns() < end)
        if (sched_block(true, end) == -EINTR)
            return;
}

/* The first rule that applies; all of them count. */
static const struct rule *find(uint32_t call)
{
    const struct rule *found = NULL;

    for (unsigned i = 0; i < nrules; i++) {
        struct rule *rule = &rules[i];
        uint32_t *n;

        if (!(rule->calls[call / 32] >> call % 32 & 1))
            continue;
        n = rule->is_global ? &rule->count : counter_of(i, call);
        if (applies(rule, ++*n) && !found)
            found = rule;
    }
    return found;
}

static void tell(const struct trapframe *tf)
{
    struct cairn_trace_place place = {.number = tf->call};
    struct record r;

    place.nframes = lab_callers(tf, place.frames, CAIRN_TRACE_FRAMES);
    (void)!get_user_word(tf->esp, &place.top);
    record_begin(&r, CAIRN_RECORD_INJECTED);
    record_add(&r, &place, sizeof(place));
    record_memory(&r, tf->esp, STACK_BYTES);
    record_end(&r);
}

uint32_t tamper_call(const struct trapframe *tf, int32_t *result)
{
    uint32_t call = index_of(tf->call);
    const struct rule *rule = call < NCALLS && nrules > 0 ? find(call) : NULL;

    if (!rule)
        return 0;
    tell(tf);
    if (rule->delay_us > 0)
        delay(rule->delay_us);
    if (rule->signo > 0)
        (void)signal_send(current_process(), (int)rule->signo);
    if (!rule->steps_in)
        return CAIRN_TRACE_INJECTED;
    *result = rule->result;
    return CAIRN_TRACE_INJECTED | CAIRN_TRACE_STEPPED;
}

void tamper_end(void)
{
    nrules = 0;
    kfree(rules);
    kfree(counters);
    rules = NULL;
    counters = NULL;
}
