/*
 * Printing and counting. Standard output gets a buffer of our own, so that a
 * line can be printed when there is no memory at all.
 */
#include "tour.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char buffer[BUFSIZ];
static bool coloured;
static int nchapters, npassed, nfailed, nskipped;

void report_init(void)
{
    const char *term = getenv("TERM");

    setvbuf(stdout, buffer, _IOLBF, sizeof(buffer));
    coloured = isatty(1) && term != NULL && *term != '\0' &&
               strcmp(term, "dumb") != 0 && getenv("NO_COLOR") == NULL;
}

const char *paint(enum colour colour)
{
    static const char *const codes[] = {
        [PLAIN] = "\033[0m",   [BOLD] = "\033[1m",   [GREY] = "\033[90m",
        [RED] = "\033[31m",    [GREEN] = "\033[32m", [YELLOW] = "\033[33m",
        [BLUE] = "\033[34;1m", [CYAN] = "\033[36m",
    };

    return coloured ? codes[colour] : "";
}

void chapter(const char *title, const char *why)
{
    printf("\n%s%d. %s%s\n   %s\n", paint(BOLD), ++nchapters, title,
           paint(PLAIN), why);
}

void check(bool good, const char *fmt, ...)
{
    va_list ap;

    if (good)
        npassed++;
    else
        nfailed++;
    printf("   %s%s%s ", paint(good ? GREEN : RED), good ? "ok  " : "FAIL",
           paint(PLAIN));
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
}

void skip(const char *what, const char *why)
{
    nskipped++;
    printf("   %sskip%s %s: %s\n", paint(YELLOW), paint(PLAIN), what, why);
}

void show(const char *fmt, ...)
{
    va_list ap;

    printf("        ");
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
}

int report_end(void)
{
    if (nskipped > 0)
        printf("\ntour: %d step%s skipped", nskipped, nskipped > 1 ? "s" : "");
    printf("\ntour: %d steps passed", npassed);
    if (nfailed > 0)
        printf(", %d failed", nfailed);
    printf("\n");
    if (fflush(stdout) != 0 || ferror(stdout))
        return 1;
    return nfailed > 0;
}
