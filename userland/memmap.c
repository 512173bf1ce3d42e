/*
 * memmap - show the memory map that the kernel works with
 *
 *     memmap
 *
 * A line for each range of /proc/memmap, and then how much there is of each
 * kind. Coloured on a terminal, unless NO_COLOR is set or TERM is dumb.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_KINDS 16
#define KIB       1024ull

struct kind {
    char name[24];
    unsigned long long nbytes;
    unsigned nranges;
};

static struct kind kinds[MAX_KINDS];
static bool coloured;

static const char *colour_of(const char *name)
{
    static const char *const colours[][2] = {
        {"available", "\033[32m"},      {"kernel", "\033[36m"},
        {"module", "\033[36m"},         {"bad", "\033[31m"},
        {"frame metadata", "\033[33m"},
    };

    for (size_t i = 0; i < sizeof(colours) / sizeof(colours[0]); i++)
        if (strcmp(colours[i][0], name) == 0)
            return coloured ? colours[i][1] : "";
    return coloured ? "\033[90m" : "";
}

static void want_colours(void)
{
    const char *term = getenv("TERM");

    coloured = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL &&
               term != NULL && strcmp(term, "dumb") != 0;
}

static void print_name(const char *name)
{
    printf("%s%s%s\n", colour_of(name), name, coloured ? "\033[0m" : "");
}

static void count(const char *name, unsigned long long nbytes)
{
    struct kind *kind = kinds;

    while (kind < &kinds[MAX_KINDS - 1] && kind->nranges > 0 &&
           strcmp(kind->name, name) != 0)
        kind++;
    snprintf(kind->name, sizeof(kind->name), "%s", name);
    kind->nbytes += nbytes;
    kind->nranges++;
}

static void print_ranges(FILE *file)
{
    unsigned long long start, end;
    char line[128], name[24];

    puts("first       last              size  kind");
    while (fgets(line, sizeof(line), file) != NULL) {
        if (sscanf(line, "%llx-%llx %*u %23[^\n]", &start, &end, name) != 3)
            continue;
        printf("%09llx - %09llx %8llu KiB  ", start, end - 1,
               (end - start) / KIB);
        print_name(name);
        count(name, end - start);
    }
}

static void print_totals(void)
{
    puts("\ntotal         ranges  kind");
    for (struct kind *kind = kinds; kind->nranges > 0; kind++) {
        printf("%8llu KiB  %6u  ", kind->nbytes / KIB, kind->nranges);
        print_name(kind->name);
    }
}

int main(void)
{
    FILE *file = fopen("/proc/memmap", "r");

    if (file == NULL) {
        fprintf(stderr, "memmap: /proc/memmap: %s\n", strerror(errno));
        return 1;
    }
    want_colours();
    print_ranges(file);
    fclose(file);
    print_totals();
    return fflush(stdout) != 0;
}
