/*
 * tools/cairn-run/inject.c - --inject in strace's syntax, as the kernel's rule
 *
 *      SET[:error=E|:retval=N][:signal=S][:delay_enter=USECS][:when=EXPR]
 *      EXPR    FIRST  FIRST+  FIRST+STEP  FIRST..LAST  FIRST..LAST+STEP
 *
 * becomes CALLS:WHAT:FIRST:LAST:STEP:SCOPE of kernel/sys/tamper.c.
 */
#define _GNU_SOURCE
#include "cairn-run.h"
#include "decode.h"
#include "strace.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rule {
    char *what; /* as the kernel has it, with slashes between */
    unsigned long first, last, step;
};

static _Noreturn void bad(const char *text, const char *why)
{
    die(STATUS_FAILED, "--inject %s: %s", text, why);
}

static unsigned long number(const char *text, const char **s)
{
    char *end;
    unsigned long n;

    errno = 0;
    n = strtoul(*s, &end, 0);
    if (!isdigit((unsigned char)**s) || errno != 0 || n > UINT32_MAX)
        bad(text, "a number is wanted");
    *s = end;
    return n;
}

static void add_what(struct rule *rule, char letter, unsigned long n)
{
    rule->what = rule->what == NULL ? format("%c%lu", letter, n)
                                    : format("%s/%c%lu", rule->what, letter, n);
}

static void take_error(const char *text, const char *value, struct rule *rule)
{
    int error = decode_errno_number(value);

    if (error == 0 && isdigit((unsigned char)*value))
        error = (int)number(text, &value);
    if (error <= 0 || error >= 4096)
        bad(text, "no such error");
    add_what(rule, 'e', (unsigned long)error);
}

static void take_signal(const char *text, const char *value, struct rule *rule)
{
    int signo = decode_signal_number(value);

    if (signo == 0 && isdigit((unsigned char)*value))
        signo = (int)number(text, &value);
    if (signo < 1 || signo > 64)
        bad(text, "no such signal");
    add_what(rule, 's', (unsigned long)signo);
}

static void take_delay(const char *text, const char *value, struct rule *rule)
{
    unsigned long n = number(text, &value);

    if (strcmp(value, "ms") == 0)
        n *= 1000;
    else if (strcmp(value, "s") == 0)
        n *= 1000000;
    else if (*value != '\0' && strcmp(value, "us") != 0)
        bad(text,
            "delay_enter= wants microseconds, or a number with us, ms, s");
    add_what(rule, 'd', n);
}

static void take_when(const char *text, const char *value, struct rule *rule)
{
    rule->first = rule->last = number(text, &value);
    if (rule->first == 0)
        bad(text, "when= counts from 1");
    if (strncmp(value, "..", 2) == 0) {
        value += 2;
        rule->last = number(text, &value);
        if (rule->last < rule->first)
            bad(text, "when= ends before it begins");
    } else if (*value == '+') {
        rule->last = 0;
    }
    if (*value == '+') {
        value++;
        if (*value != '\0')
            rule->step = number(text, &value);
    }
    if (*value != '\0')
        bad(text, "when= is FIRST, FIRST+, FIRST+STEP or FIRST..LAST[+STEP]");
}

static const char *value_of(const char *word, const char *key)
{
    size_t n = strlen(key);

    return strncmp(word, key, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

static void take_word(const char *text, const char *word, struct rule *rule)
{
    const char *value;

    if ((value = value_of(word, "error")) != NULL)
        take_error(text, value, rule);
    else if ((value = value_of(word, "retval")) != NULL)
        add_what(rule, 'r', number(text, &value));
    else if ((value = value_of(word, "signal")) != NULL)
        take_signal(text, value, rule);
    else if ((value = value_of(word, "delay_enter")) != NULL)
        take_delay(text, value, rule);
    else if ((value = value_of(word, "when")) != NULL)
        take_when(text, value, rule);
    else
        bad(text, "error=, retval=, signal=, delay_enter= or when= is wanted");
}

char *inject_numbers(const char *set)
{
    char *numbers = NULL;

    for (uint32_t n = 0; n < 0x1020; n++)
        if (decode_name(n) != NULL && strace_in_list(set, n))
            numbers =
                numbers == NULL ? format("%u", n) : format("%s,%u", numbers, n);
    return numbers;
}

char *inject_rule(const char *text)
{
    struct rule rule = {.first = 1};
    char *copy = format("%s", text), *rest = copy, *set = strsep(&rest, ":");
    const char *wrong;
    char *word, *numbers;
    int length;

    if (!strace_check_set(set, &wrong, &length))
        die(STATUS_FAILED, "--inject %s: no such call or set: %.*s", text,
            length, wrong);
    while ((word = strsep(&rest, ":")) != NULL)
        take_word(text, word, &rule);
    if (rule.what == NULL)
        add_what(&rule, 'e', 38);
    numbers = inject_numbers(set);
    if (numbers == NULL)
        bad(text, "no calls");
    free(copy);
    return format("%s:%s:%lu:%lu:%lu:t", numbers, rule.what, rule.first,
                  rule.last, rule.step);
}
