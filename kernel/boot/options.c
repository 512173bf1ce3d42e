/* Words of the kernel command line; options.h says which there are. */
#include "boot/options.h"

#include "lib/log.h"
#include "lib/printf.h"
#include "lib/string.h"

struct boot_options boot_options = {.loglevel = LOG_INFO};

/* Take the next word off *line, without its quotes; NULL at the end. */
static char *next_word(char **line)
{
    char *in = *line, *out, *word;
    bool quoted = false;

    while (*in == ' ' || *in == '\t')
        in++;
    if (*in == '\0')
        return NULL;
    for (word = out = in; *in != '\0'; in++) {
        if (*in == '"')
            quoted = !quoted;
        else if (!quoted && (*in == ' ' || *in == '\t'))
            break;
        else
            *out++ = *in;
    }
    *line = *in == '\0' ? in : in + 1;
    *out = '\0';
    return word;
}

static bool starts_with(const char *word, const char *prefix)
{
    return strncmp(word, prefix, strlen(prefix)) == 0;
}

static void keep_for_init(const char *word)
{
    static char text[OPTIONS_ENV_BYTES];
    static size_t used;
    const char *tail = strchr(word, '=') ? "" : "=";
    size_t n = strlen(word) + strlen(tail) + 1;

    if (boot_options.nenv == OPTIONS_MAX_ENV || n > sizeof(text) - used) {
        klog(LOG_WARNING, "boot: too many words for init: %s", word);
        return;
    }
    ksnprintf(text + used, n, "%s%s", word, tail);
    boot_options.env[boot_options.nenv++] = text + used;
    used += n;
}

static void parse_loglevel(const char *value)
{
    if (value[0] < '0' || value[0] > '7' || value[1] != '\0')
        klog(LOG_WARNING, "boot: loglevel= wants a digit from 0 to 7, not %s",
             value);
    else
        boot_options.loglevel = value[0] - '0';
}

/* A decimal number that *text begins with, moved over; false: there is none. */
static bool parse_number(const char **text, unsigned *number)
{
    const char *p = *text;
    unsigned n = 0;

    for (; *p >= '0' && *p <= '9' && n <= 100000000; p++)
        n = n * 10 + (unsigned)(*p - '0');
    if (p == *text || (*p >= '0' && *p <= '9'))
        return false;
    *text = p;
    *number = n;
    return true;
}

/* fail=N or fail=N+, with N from 0 on. */
static void parse_fail(const char *value)
{
    const char *rest = value;
    unsigned nth;

    if (!parse_number(&rest, &nth) || (rest[0] != '\0' && rest[0] != '+') ||
        (rest[0] == '+' && rest[1] != '\0')) {
        klog(LOG_WARNING, "boot: fail= wants a number or number+, not %s",
             value);
        return;
    }
    boot_options.fails = true;
    boot_options.fail_nth = nth;
    boot_options.fail_on = rest[0] == '+';
}

static void parse_failcopy(const char *value)
{
    const char *rest = value;
    unsigned nth;

    if (!parse_number(&rest, &nth) || rest[0] != '\0') {
        klog(LOG_WARNING, "boot: failcopy= wants a number, not %s", value);
        return;
    }
    boot_options.fails = true;
    boot_options.fail_copy = nth;
}

/* rows=N, columns=N: more than any terminal has is no size of one. */
static void parse_size(const char *word, const char *value, unsigned *size)
{
    const char *rest = value;
    unsigned n;

    if (!parse_number(&rest, &n) || rest[0] != '\0' || n > 9999)
        klog(LOG_WARNING, "boot: not a size of a terminal: %s", word);
    else
        *size = n;
}

static void parse_word(char *word)
{
    if (starts_with(word, "init="))
        boot_options.init = word[5] ? word + 5 : NULL;
    else if (strcmp(word, "norandom") == 0)
        boot_options.norandom = true;
    else if (strcmp(word, "steady") == 0)
        boot_options.steady = true;
    else if (strcmp(word, "leakcheck") == 0)
        boot_options.leakcheck = true;
    else if (strcmp(word, "quiet") == 0)
        boot_options.loglevel = LOG_WARNING;
    else if (starts_with(word, "loglevel="))
        parse_loglevel(word + 9);
    else if (starts_with(word, "rows="))
        parse_size(word, word + 5, &boot_options.rows);
    else if (starts_with(word, "columns="))
        parse_size(word, word + 8, &boot_options.columns);
    else if (starts_with(word, "fail="))
        parse_fail(word + 5);
    else if (starts_with(word, "failcopy="))
        parse_failcopy(word + 9);
    else
        keep_for_init(word);
}

void options_parse(char *cmdline, const char *loader)
{
    bool first = true;
    char *word;

    while ((word = next_word(&cmdline)) != NULL) {
        /* QEMU and old GRUB put the kernel's file name in front. */
        bool is_name = first && (strcmp(loader, "qemu") == 0 ||
                                 (strchr(word, '/') && !strchr(word, '=')));

        first = false;
        if (!is_name)
            parse_word(word);
    }
}
