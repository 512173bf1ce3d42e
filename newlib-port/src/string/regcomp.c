/*
 * regcomp: newlib's, after the pattern has been written in words that it knows.
 *
 * It refuses an empty pattern and an empty branch, where all others let them
 * match the empty string: such a one becomes "$?", an end of line or none,
 * which always matches, takes nothing and is no group.
 *
 * Programs also use what GNU's has beyond POSIX:
 *
 *     \w \W \s \S \< \> in both kinds        classes, edges of words
 *     \| \+ \? in a basic pattern            as | + ? of an extended one
 *
 * A basic pattern with one of the latter becomes an extended one, unless it
 * has \1 to \9 too, which newlib knows in basic ones only.
 */
#include <ctype.h>
#include <regex.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Each character of a pattern becomes at most this many. */
#define GROWTH 16

/* A pattern on its way from one kind to the other. */
struct rewrite {
    const char *at; /* what is to be read */
    char *to;       /* where to write */
    bool basic;     /* how it is read */
    bool becomes;   /* whether it is written as an extended one */
    bool starts;    /* a branch begins here */
    unsigned depth; /* of open groups */
};

int __newlib_regcomp(regex_t *, const char *, int);

static void put(struct rewrite *r, const char *text)
{
    while (*text != '\0')
        *r->to++ = *text++;
}

/* Copy characters up to an address. */
static void copy_to(struct rewrite *r, const char *end)
{
    while (r->at < end)
        *r->to++ = *r->at++;
}

/* The end of the bracket expression that begins at "[". */
static const char *skip_bracket(const char *at)
{
    at++;
    if (*at == '^')
        at++;
    if (*at == ']')
        at++;
    while (*at != '\0' && *at != ']') {
        /* [:class:], [.name.] and [=class=] may hold a bracket. */
        if (*at == '[' && at[1] != '\0' && strchr(":.=", at[1]) != NULL) {
            const char close[] = {at[1], ']', '\0'};
            const char *end = strstr(at + 2, close);

            if (end != NULL)
                at = end + 1;
        }
        at++;
    }
    return *at != '\0' ? at + 1 : at;
}

/* What a backslash and a letter stand for in GNU's patterns, or null. */
static const char *gnu_class(char letter)
{
    switch (letter) {
    case 'w':
        return "[[:alnum:]_]";
    case 'W':
        return "[^[:alnum:]_]";
    case 's':
        return "[[:space:]]";
    case 'S':
        return "[^[:space:]]";
    case '<':
        return "[[:<:]]";
    case '>':
        return "[[:>:]]";
    default:
        return NULL;
    }
}

/*
 * The operator at a place, or 0: '(', ')', '|', '{', '}', '+', '?', in
 * whichever way the pattern writes it.
 */
static char operator_at(const struct rewrite *r)
{
    const char *at = r->at;

    if (r->basic && *at++ != '\\')
        return 0;
    return *at != '\0' && strchr("(){}|+?", *at) != NULL ? *at : 0;
}

/* Before what ends a branch: if that has nothing in it, something. */
static void fill_branch(struct rewrite *r, char op)
{
    if (r->starts &&
        (*r->at == '\0' || op == '|' || (op == ')' && r->depth > 0)))
        put(r, "$?");
}

static void rewrite_operator(struct rewrite *r, char op)
{
    r->starts = op == '(' || op == '|';
    if (op == '(')
        r->depth++;
    if (op == ')' && r->depth > 0)
        r->depth--;
    copy_to(r, r->at + 1 + (r->basic && !r->becomes));
    if (r->basic && r->becomes) {
        r->to[-1] = op;
        r->at++;
    }
}

/*
 * Whether a character of a basic pattern stands for itself and would not in an
 * extended one: operators, and stars and anchors in the middle of a branch or
 * at its wrong end.
 */
static bool is_literal(const struct rewrite *r, bool first)
{
    const char *next = r->at + 1;

    switch (*r->at) {
    case '*':
        return first;
    case '^':
        return !first;
    case '$':
        return *next != '\0' &&
               (*next != '\\' || (next[1] != ')' && next[1] != '|'));
    default:
        return strchr("(){}|+?", *r->at) != NULL;
    }
}

/* Anything that is no operator: one character, or an escape or a bracket. */
static void rewrite_ordinary(struct rewrite *r)
{
    const char *class = *r->at == '\\' ? gnu_class(r->at[1]) : NULL;
    bool first = r->starts;

    r->starts = false;
    if (class != NULL) {
        put(r, class);
        r->at += 2;
    } else if (*r->at == '[') {
        copy_to(r, skip_bracket(r->at));
    } else if (*r->at == '\\' && r->at[1] != '\0') {
        copy_to(r, r->at + 2);
    } else {
        if (r->basic && r->becomes && is_literal(r, first))
            *r->to++ = '\\';
        /* After an anchor a star is still at the start. */
        r->starts = r->basic && first && *r->at == '^';
        copy_to(r, r->at + 1);
    }
}

static void rewrite(struct rewrite *r)
{
    for (;;) {
        char op = operator_at(r);

        if (r->becomes)
            fill_branch(r, op);
        if (*r->at == '\0')
            break;
        if (op != 0)
            rewrite_operator(r, op);
        else
            rewrite_ordinary(r);
    }
    *r->to = '\0';
}

/* Whether a basic pattern must become an extended one. */
static bool must_become(const char *at)
{
    bool has_operator = *at == '\0';

    while (*at != '\0') {
        if (*at == '[') {
            at = skip_bracket(at);
            continue;
        }
        if (*at++ != '\\' || *at == '\0')
            continue;
        if (isdigit((unsigned char)*at))
            return false;
        has_operator = has_operator || strchr("|+?", *at) != NULL;
        at++;
    }
    return has_operator;
}

int regcomp(regex_t *restrict regex, const char *restrict pattern, int flags)
{
    struct rewrite r = {.at = pattern,
                        .basic = !(flags & REG_EXTENDED),
                        .starts = true};
    char *written;
    int error;

    if (flags & (REG_NOSPEC | REG_PEND))
        return __newlib_regcomp(regex, pattern, flags);
    written = r.to = malloc(GROWTH * strlen(pattern) + GROWTH);
    if (written == NULL)
        return REG_ESPACE;
    r.becomes = !r.basic || must_become(pattern);
    rewrite(&r);
    if (r.becomes)
        flags |= REG_EXTENDED;
    error = __newlib_regcomp(regex, written, flags);
    free(written);
    return error;
}
