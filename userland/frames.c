/*
 * frames - show what the frames of physical memory are used for
 *
 *     frames
 *
 * First each kind with a bar, by /proc/frames; then, for low and high memory,
 * the free blocks of the buddy allocator: how many there are of each order, and
 * which part of the free memory lies in them. Memory that is free but only in
 * small blocks is fragmented.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NORDERS   11
#define BAR_CELLS 40
#define KIB       4 /* of a frame */

static const char *const colours[] = {"\033[32m", "\033[36m", "\033[34;1m",
                                      "\033[33m", "\033[35m"};
static bool coloured;

static void want_colours(void)
{
    const char *term = getenv("TERM");

    coloured = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL &&
               term != NULL && strcmp(term, "dumb") != 0;
}

/* Something is never drawn as nothing. */
static void print_bar(unsigned long part, unsigned long all, unsigned colour)
{
    unsigned cells =
        all > 0 ? (unsigned)((unsigned long long)part * BAR_CELLS / all) : 0;

    if (part > 0 && cells == 0)
        cells = 1;
    printf("%s", coloured
                     ? colours[colour % (sizeof(colours) / sizeof(*colours))]
                     : "");
    while (cells-- > 0)
        putchar('#');
    printf("%s\n", coloured ? "\033[0m" : "");
}

static unsigned long find_total(const char *text)
{
    const char *at = strstr(text, "total:");

    return at != NULL ? strtoul(at + 6, NULL, 10) : 0;
}

/* The line "low blocks: 0 1 2 ..." of a zone. */
static void print_zone(const char *zone, const char *numbers)
{
    unsigned long counts[NORDERS] = {0}, all = 0;
    char *rest = (char *)numbers;
    unsigned order;

    for (order = 0; order < NORDERS; order++) {
        counts[order] = strtoul(rest, &rest, 10);
        all += counts[order] << order;
    }
    if (all == 0)
        return;
    printf("\n%s memory, free blocks\n", zone);
    for (order = 0; order < NORDERS; order++) {
        printf("%6d KiB %7lu  ", KIB << order, counts[order]);
        print_bar(counts[order] << order, all, 0);
    }
}

static void print_kind(const char *kind, unsigned long n, unsigned long all,
                       unsigned colour)
{
    printf("%-12s %8lu %8lu KiB  ", kind, n, n * KIB);
    print_bar(n, all, colour);
}

static void print_report(char *text)
{
    unsigned long all = find_total(text);
    unsigned nkinds = 0;

    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
        char *colon = strchr(line, ':'), *space;

        if (colon == NULL)
            continue;
        *colon = '\0';
        space = strstr(line, " blocks");
        if (space != NULL) {
            *space = '\0';
            print_zone(line, colon + 1);
        } else if (strstr(line, " cached") == NULL &&
                   strstr(line, " zeroed") == NULL) {
            print_kind(line, strtoul(colon + 1, NULL, 10), all, nkinds++);
        }
    }
}

int main(void)
{
    static char text[8192];
    FILE *file = fopen("/proc/frames", "r");
    size_t n;

    if (file == NULL) {
        fprintf(stderr, "frames: /proc/frames: %s\n", strerror(errno));
        return 1;
    }
    n = fread(text, 1, sizeof(text) - 1, file);
    text[n] = '\0';
    fclose(file);
    want_colours();
    print_report(text);
    return fflush(stdout) != 0;
}
