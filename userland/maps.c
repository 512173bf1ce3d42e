/*
 * maps - show what a process has in its addresses, and how much is there
 *
 *     maps [PID]
 *
 * A line for each area, by /proc/PID/smaps (the program's own without a PID):
 * where it starts, its size, how much of it has frames, what may be done with
 * it and what it is. The bar is as long as the area is large, a cell more for
 * each doubling: '#' for the part that is there, '.' for what was only
 * promised.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_MAX_SHOWN 24

struct area {
    unsigned long start, end;
    unsigned long size, resident, dirty; /* in KiB */
    char access[8], name[256];
};

static struct area totals;
static unsigned nareas;
static bool coloured;

static void want_colours(void)
{
    const char *term = getenv("TERM");

    coloured = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL &&
               term != NULL && strcmp(term, "dumb") != 0;
}

/* Code is blue, what is written yellow, the rest grey. */
static const char *colour_of(const struct area *area)
{
    if (!coloured)
        return "";
    if (area->access[2] == 'x')
        return "\033[36m";
    return area->access[1] == 'w' ? "\033[33m" : "\033[90m";
}

static void print_bar(const struct area *area)
{
    unsigned cells = 0, full;

    for (unsigned long pages = area->size / 4; pages > 0; pages >>= 1)
        cells++;
    full = area->size == 0 ? 0
                           : (unsigned)((unsigned long long)area->resident *
                                        cells / area->size);
    if (area->resident > 0 && full == 0)
        full = 1;
    printf("%s", colour_of(area));
    for (unsigned i = 0; i < cells; i++)
        putchar(i < full ? '#' : '.');
    printf("%s\n", coloured ? "\033[0m" : "");
}

static void print_area(const struct area *area)
{
    const char *name = area->name;
    size_t length = strlen(name);

    if (length > NAME_MAX_SHOWN)
        name += length - NAME_MAX_SHOWN;
    printf("%08lx %8lu %8lu  %.4s  %-*s ", area->start, area->size,
           area->resident, area->access, NAME_MAX_SHOWN, name);
    print_bar(area);
    totals.size += area->size;
    totals.resident += area->resident;
    totals.dirty += area->dirty;
    nareas++;
}

/* A line that starts an area; else a value of the area before. */
static bool parse_head(const char *line, struct area *area)
{
    struct area found = {0};

    if (sscanf(line, "%lx-%lx %7s %*x %*x:%*x %*u %255[^\n]", &found.start,
               &found.end, found.access, found.name) < 3)
        return false;
    *area = found;
    return true;
}

static void parse_value(const char *line, struct area *area)
{
    unsigned long kib;

    if (sscanf(line, "Size: %lu", &kib) == 1)
        area->size = kib;
    else if (sscanf(line, "Rss: %lu", &kib) == 1)
        area->resident = kib;
    else if (sscanf(line, "Private_Dirty: %lu", &kib) == 1)
        area->dirty = kib;
}

static void print_areas(FILE *file)
{
    struct area area = {0}, next;
    char line[512];
    bool any = false;

    puts("start        size    there  may   what");
    while (fgets(line, sizeof(line), file) != NULL) {
        if (!parse_head(line, &next)) {
            parse_value(line, &area);
            continue;
        }
        if (any)
            print_area(&area);
        area = next;
        any = true;
    }
    if (any)
        print_area(&area);
    printf("total    %8lu %8lu  KiB in %u areas, %lu of them written\n",
           totals.size, totals.resident, nareas, totals.dirty);
}

int main(int argc, char **argv)
{
    char path[64];
    FILE *file;

    if (argc > 2 || (argc == 2 && strspn(argv[1], "0123456789") == 0)) {
        fputs("usage: maps [PID]\n", stderr);
        return 2;
    }
    snprintf(path, sizeof(path), "/proc/%.20s/smaps",
             argc == 2 ? argv[1] : "self");
    file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "maps: %s: %s\n", path, strerror(errno));
        return 1;
    }
    want_colours();
    print_areas(file);
    fclose(file);
    return fflush(stdout) != 0;
}
