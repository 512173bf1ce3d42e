/*
 * Taking /.cairn/run apart, see runfile.h for what it looks like.
 *
 * Two passes: arguments first and then the environment, so that both become
 * arrays in the same memory, in whatever order the records come.
 */
#include "proc/runfile.h"

#include "lib/string.h"

/* One record: its key's value, or NULL if the record has another key. */
static char *value_of(char *record, const char *key)
{
    size_t n = strlen(key);

    return strncmp(record, key, n) == 0 && record[n] == '=' ? record + n + 1
                                                            : NULL;
}

/* The record behind this one; both lie in bytes that end with a NUL. */
static char *next_record(char *record)
{
    return record + strlen(record) + 1;
}

size_t runfile_count_strings(const char *bytes, size_t nbytes)
{
    size_t n = 2;

    for (size_t i = 0; i < nbytes; i++)
        if (bytes[i] == '\0')
            n++;
    return n;
}

/* A decimal number without sign that fits 64 bits and is not NO_LIMIT. */
static bool parse_number(const char *s, uint64_t *out)
{
    uint64_t v = 0;

    if (*s == '\0')
        return false;
    for (; *s != '\0'; s++) {
        unsigned digit = (unsigned)*s - '0';

        if (digit > 9 || v > (UINT64_MAX - digit) / 10)
            return false;
        v = v * 10 + digit;
    }
    *out = v;
    return v != RUNFILE_NO_LIMIT;
}

static const char *set_string(char **field, char *value)
{
    if (*field != NULL)
        return "a path is given twice";
    if (*value != '/')
        return "a path does not begin with a slash";
    *field = value;
    return NULL;
}

static const char *set_limit(uint64_t *field, const char *value)
{
    if (*field != RUNFILE_NO_LIMIT)
        return "a limit is given twice";
    return parse_number(value, field) ? NULL : "a limit is no number";
}

/* Everything but arguments and environment. */
static const char *take_setting(char *record, struct runfile *out)
{
    char *value;

    if ((value = value_of(record, "path")) != NULL)
        return set_string(&out->path, value);
    if ((value = value_of(record, "cwd")) != NULL)
        return set_string(&out->cwd, value);
    if ((value = value_of(record, "data")) != NULL)
        return set_limit(&out->data, value);
    if ((value = value_of(record, "as")) != NULL)
        return set_limit(&out->as, value);
    if ((value = value_of(record, "stack")) != NULL)
        return set_limit(&out->stack, value);
    if ((value = value_of(record, "stdin")) != NULL)
        return set_string(&out->input, value);
    if ((value = value_of(record, "lab")) != NULL) {
        if (out->lab != NULL)
            return "the laboratory is given twice";
        out->lab = value;
        return NULL;
    }
    if (value_of(record, "arg") != NULL || value_of(record, "env") != NULL)
        return NULL;
    return "an unknown record";
}

/* Collects the values of one key and the NULL behind them: how many. */
static size_t collect(char *bytes, const char *end, const char *key,
                      char **strings)
{
    size_t n = 0;

    for (char *record = bytes; record < end; record = next_record(record)) {
        char *value = value_of(record, key);

        if (value != NULL)
            strings[n++] = value;
    }
    strings[n] = NULL;
    return n;
}

const char *runfile_parse(char *bytes, size_t nbytes, char **strings,
                          size_t nstrings, struct runfile *out)
{
    const char *end = bytes + nbytes;

    *out = (struct runfile){
        .data = RUNFILE_NO_LIMIT,
        .as = RUNFILE_NO_LIMIT,
        .stack = RUNFILE_NO_LIMIT,
    };
    if (nbytes == 0 || nbytes > RUNFILE_MAX_BYTES || bytes[nbytes - 1] != '\0')
        return "empty, too long or cut off";
    if (nstrings < runfile_count_strings(bytes, nbytes))
        return "more strings than there is room for";
    for (char *record = bytes; record < end; record = next_record(record)) {
        const char *wrong = take_setting(record, out);

        if (wrong != NULL)
            return wrong;
    }
    out->argv = strings;
    out->nargs = collect(bytes, end, "arg", out->argv);
    out->envp = strings + out->nargs + 1;
    out->nenv = collect(bytes, end, "env", out->envp);
    if (out->path == NULL)
        return "no path";
    return out->nargs > 0 ? NULL : "no arguments";
}
