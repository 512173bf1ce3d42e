/*
 * Patterns and options: fnmatch, glob, regcomp and regexec, getopt_long, and
 * the tables of <search.h>.
 *
 * test: linux
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <glob.h>
#include <locale.h>
#include <regex.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wordexp.h>

#include "scratch.h"
#include "tap.h"

static void test_fnmatch(void)
{
    static const struct {
        const char *pattern, *text;
        int flags, result;
    } table[] = {
        {"[[:alpha:]]", "a", 0, 0},
        {"[[:alpha:]]", "1", 0, FNM_NOMATCH},
        {"[![:alpha:]]", "1", 0, 0},
        {"[[:digit:]]*", "7up", 0, 0},
        {"[[:lower:][:digit:]]", "Q", 0, FNM_NOMATCH},
        {"[[:lower:]]", "Q", FNM_CASEFOLD, 0},
        {"x[[=a=]]", "xa", 0, 0},
        {"x[[=a=]]", "xb", 0, FNM_NOMATCH},
        {"[[.-.]]", "-", 0, 0},
        {"[![.-.]]", "-", 0, FNM_NOMATCH},
        {"[]-a]", "]", 0, 0},
        {"[]-a]", "^", 0, 0},
        {"[a-", "[a-", 0, 0},
        {"\\*", "*", 0, 0},
        {"\\*", "\\*", FNM_NOESCAPE, 0},
        {"*", ".x", FNM_PERIOD, FNM_NOMATCH},
        {"a*b", "a/b", FNM_PATHNAME, FNM_NOMATCH},
        {"a*", "a/b", FNM_LEADING_DIR | FNM_PATHNAME, 0},
        {"?", "\xc3\xa9", 0, 0},
        {"[\xc3\xa8-\xc3\xaa]", "\xc3\xa9", 0, 0},
        {"[\xc3\xa8-\xc3\xaa]", "\xc3\xab", 0, FNM_NOMATCH},
        {"a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 0,
         FNM_NOMATCH},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        int result = fnmatch(table[i].pattern, table[i].text, table[i].flags);

        if (result != table[i].result)
            printf("# fnmatch(\"%s\", \"%s\", %d): %d\n", table[i].pattern,
                   table[i].text, table[i].flags, result);
        CHECK(result == table[i].result);
    }
}

static void touch(const char *name)
{
    fclose(fopen(name, "w"));
}

static void test_glob(void)
{
    glob_t found;

    touch("a1");
    touch("b2");
    touch("cc");
    touch("[x]");
    CHECK(sizeof(found.gl_pathc) == sizeof(size_t) && (size_t)-1 > 0);
    EQUAL(glob("[[:alpha:]][[:digit:]]", 0, NULL, &found), 0);
    CHECK(found.gl_pathc == 2 && strcmp(found.gl_pathv[0], "a1") == 0 &&
          strcmp(found.gl_pathv[1], "b2") == 0 && found.gl_pathv[2] == NULL);
    EQUAL(glob("c*", GLOB_APPEND, NULL, &found), 0);
    CHECK(found.gl_pathc == 3 && strcmp(found.gl_pathv[2], "cc") == 0);
    globfree(&found);
    EQUAL(glob("\\[x\\]", 0, NULL, &found), 0);
    CHECK(found.gl_pathc == 1 && strcmp(found.gl_pathv[0], "[x]") == 0);
    globfree(&found);
    EQUAL(glob("nothing*", 0, NULL, &found), GLOB_NOMATCH);
    EQUAL(glob("nothing*", GLOB_NOCHECK, NULL, &found), 0);
    CHECK(strcmp(found.gl_pathv[0], "nothing*") == 0);
    globfree(&found);
}

/* Match and compare the whole match and a group's. */
static void match(const char *pattern, int flags, const char *text, int from,
                  int to, int group_from, int group_to)
{
    regmatch_t m[2] = {{-2, -2}, {-2, -2}};
    regex_t regex;
    int result = regcomp(&regex, pattern, flags);

    if (result == 0) {
        if (regexec(&regex, text, 2, m, 0) != 0)
            m[0] = m[1] = (regmatch_t){-1, -1};
        regfree(&regex);
    }
    if (m[0].rm_so != from || m[0].rm_eo != to || m[1].rm_so != group_from ||
        m[1].rm_eo != group_to)
        printf("# \"%s\" in \"%s\": (%d,%d)(%d,%d)\n", pattern, text,
               (int)m[0].rm_so, (int)m[0].rm_eo, (int)m[1].rm_so,
               (int)m[1].rm_eo);
    CHECK(m[0].rm_so == from && m[0].rm_eo == to && m[1].rm_so == group_from &&
          m[1].rm_eo == group_to);
}

static void test_regex(void)
{
    regmatch_t m;
    regex_t regex;

    CHECK(sizeof(regoff_t) == sizeof(int));
    match("\\(a*\\)*", 0, "aaa", 0, 3, 0, 3);
    match("(a|ab)(c|bcd)", REG_EXTENDED, "abcd", 0, 4, 0, 1);
    match("x*", 0, "aaa", 0, 0, -1, -1);
    match("", REG_EXTENDED, "abc", 0, 0, -1, -1);
    match("(|a)b", REG_EXTENDED, "ab", 0, 2, 0, 1);
    match("a\\|b", 0, "xb", 1, 2, -1, -1);
    match("a\\+b\\?", 0, "xaab", 1, 4, -1, -1);
    match("\\<w\\w*\\>", 0, "a word", 2, 6, -1, -1);
    match("[[:upper:]]+", REG_EXTENDED, "abCDe", 2, 4, -1, -1);
    match("a{2,3}", REG_EXTENDED, "aaaa", 0, 3, -1, -1);
    match("\\(a\\)\\1", 0, "xaa", 1, 3, 1, 2);
    match("^b", REG_NEWLINE, "a\nb", 2, 3, -1, -1);
    match("\xc3\xa9+", REG_EXTENDED, "\xc3\xa9\xc3\xa9", 0, 4, -1, -1);
    match("[[=a=][.-.]]+", REG_EXTENDED, "xa-a", 1, 4, -1, -1);
    match("[[.a.]-[.c.]]+", REG_EXTENDED, "xabcd", 1, 4, -1, -1);
    match("STRASSE", REG_ICASE, "strasse", 0, 7, -1, -1);
    CHECK(regcomp(&regex, "a{1", REG_EXTENDED) != 0);
    EQUAL(regcomp(&regex, "(", REG_EXTENDED), REG_EPAREN);
    EQUAL(regcomp(&regex, "[a", REG_EXTENDED), REG_EBRACK);
    EQUAL(regcomp(&regex, "[[:x:]]", REG_EXTENDED), REG_ECTYPE);
    /* Groups within groups that go round with a copy of themselves. */
    EQUAL(regcomp(&regex, "\\(a*\\)*b\\1", 0), 0);
    EQUAL(regexec(&regex, "aaabaab", 1, &m, 0), 0);
    CHECK(m.rm_so == 0 && m.rm_eo >= 4);
    regfree(&regex);
}

/* What getopt_long makes of a command line, as text. */
static const char *options(const char *letters, char **argv)
{
    static const struct option longs[] = {
        {"colour", no_argument, NULL, 'c'},
        {"color", no_argument, NULL, 'c'},
        {"columns", no_argument, NULL, 'l'},
        {"out", required_argument, NULL, 'o'},
        {NULL, 0, NULL, 0},
    };
    static char text[256];
    int argc = 0, c, n = 0;

    while (argv[argc] != NULL)
        argc++;
    optind = 0;
    opterr = 0;
    while ((c = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        n += snprintf(text + n, sizeof(text) - (size_t)n, "%c", c);
        if (c == 'o')
            n += snprintf(text + n, sizeof(text) - (size_t)n, "=%s", optarg);
        n += snprintf(text + n, sizeof(text) - (size_t)n, " ");
    }
    for (; optind < argc; optind++)
        n += snprintf(text + n, sizeof(text) - (size_t)n, "[%s]", argv[optind]);
    return text;
}

#define OPTIONS(...) options("vuo:", (char *[]){"prog", __VA_ARGS__, NULL})

static int is(const char *got, const char *wanted)
{
    if (strcmp(got, wanted) == 0)
        return 1;
    printf("# \"%s\", not \"%s\"\n", got, wanted);
    return 0;
}

static void test_getopt(void)
{
    CHECK(is(OPTIONS("in", "-vo", "out"), "v o=out [in]"));
    CHECK(is(OPTIONS("in", "-uvoout", "more"), "u v o=out [in][more]"));
    CHECK(is(OPTIONS("in", "two", "-uv", "x", "-o", "out", "--", "-v"),
             "u v o=out [in][two][x][-v]"));
    CHECK(is(OPTIONS("--colo", "--out=x", "a", "--out", "y"), "c o=x o=y [a]"));
    CHECK(is(OPTIONS("--col"), "? "));
    CHECK(is(OPTIONS("a", "-vo"), "v ? [a]"));
}

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void test_search(void)
{
    char table[4][8] = {"one", "two", "three"};
    size_t n = 3;
    struct {
        void *next, *before;
    } a = {0}, b = {0};

    CHECK(lfind("two", table, &n, sizeof(table[0]), compare) == table[1]);
    CHECK(lfind("four", table, &n, sizeof(table[0]), compare) == NULL);
    CHECK(lsearch("four\0..", table, &n, sizeof(table[0]), compare) ==
          table[3]);
    EQUAL(n, 4);
    insque(&a, NULL);
    insque(&b, &a);
    CHECK(a.next == &b && b.before == &a && b.next == NULL);
    remque(&b);
    CHECK(a.next == NULL);
}

static void test_wordexp(void)
{
    wordexp_t words = {0};

    if (access("/bin/sh", X_OK) != 0) {
        printf("# there is no shell: wordexp is not tried\n");
        return;
    }
    setenv("WORDS", "one two", 1);
    EQUAL(wordexp("a$WORDS \"b c\" '$d' a?", &words, 0), 0);
    EQUAL(words.we_wordc, 5);
    CHECK(strcmp(words.we_wordv[0], "aone") == 0 &&
          strcmp(words.we_wordv[1], "two") == 0 &&
          strcmp(words.we_wordv[2], "b c") == 0 &&
          strcmp(words.we_wordv[3], "$d") == 0 &&
          strcmp(words.we_wordv[4], "a1") == 0 && words.we_wordv[5] == NULL);
    wordfree(&words);
    EQUAL(wordexp("$(echo x)", &words, WRDE_NOCMD), WRDE_CMDSUB);
    EQUAL(wordexp("a | b", &words, 0), WRDE_BADCHAR);
    EQUAL(wordexp("a; exit", &words, 0), WRDE_BADCHAR);
    EQUAL(wordexp("'a", &words, 0), WRDE_SYNTAX);
    EQUAL(wordexp("${WORDS}x $(echo '(a;b)' | (read l; echo $l)) `echo c`",
                  &words, 0),
          0);
    EQUAL(words.we_wordc, 4);
    wordfree(&words);
    EQUAL(wordexp("${WORDS}", &words, WRDE_NOCMD), 0);
    wordfree(&words);
}

int main(void)
{
    scratch_enter("pattern");
    CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
    test_fnmatch();
    test_glob();
    test_regex();
    test_getopt();
    test_search();
    test_wordexp();
    scratch_leave();
    return tap_done();
}
