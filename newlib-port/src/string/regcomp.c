/*
 * regcomp: newlib's, which refuses an empty pattern and an empty branch of an
 * extended one with REG_EMPTY, where all others let it match the empty string.
 *
 * Each empty branch is written as "$?" before newlib sees it: an end of line,
 * or none, which always matches, takes nothing and is no group.
 */
#include <regex.h>
#include <stdlib.h>
#include <string.h>

int __newlib_regcomp(regex_t *, const char *, int);

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

/* The end of the next part of an extended pattern: one character or more. */
static const char *skip_part(const char *at)
{
    if (*at == '[')
        return skip_bracket(at);
    return *at == '\\' && at[1] != '\0' ? at + 2 : at + 1;
}

/* Copy an extended pattern; `to` has room for thrice its length and three. */
static void fill_branches(char *to, const char *at)
{
    int depth = 0, starts = 1;

    for (;;) {
        const char *end = skip_part(at);

        if (starts &&
            (*at == '\0' || *at == '|' || (*at == ')' && depth > 0))) {
            *to++ = '$';
            *to++ = '?';
        }
        if (*at == '\0')
            break;
        starts = *at == '(' || *at == '|';
        depth += (*at == '(') - (*at == ')' && depth > 0);
        while (at < end)
            *to++ = *at++;
    }
    *to = '\0';
}

int regcomp(regex_t *restrict regex, const char *restrict pattern, int flags)
{
    char *filled;
    int error;

    /* Of a basic pattern only the whole can be empty. */
    if (!(flags & (REG_EXTENDED | REG_NOSPEC)) && *pattern == '\0')
        flags |= REG_EXTENDED;
    if (!(flags & REG_EXTENDED) || flags & (REG_NOSPEC | REG_PEND))
        return __newlib_regcomp(regex, pattern, flags);
    filled = malloc(3 * strlen(pattern) + 3);
    if (filled == NULL)
        return REG_ESPACE;
    fill_branches(filled, pattern);
    error = __newlib_regcomp(regex, filled, flags);
    free(filled);
    return error;
}
