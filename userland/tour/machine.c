/*
 * Physical memory: the map that the boot loader gave, as the kernel made it
 * safe (/proc/memmap), and what each frame is used for now (/proc/frames).
 */
#include "tour.h"

#include <stdio.h>
#include <string.h>

#define MAX_RANGES 128
#define MAX_KINDS  16
#define BAR_CELLS  64        /* of the map */
#define MAX_HASHES 50        /* of the frames */
#define ZOOM       (4 * MIB) /* the lowest part, where all is, drawn larger */

struct range {
    unsigned long long start, end;
    char kind[24];
};

/* What /proc/frames says at one moment. */
struct count {
    char kind[24];
    long nframes;
};

struct frames {
    int nkinds;
    struct count kinds[MAX_KINDS];
};

/* How a kind is drawn. */
struct look {
    const char *kind;
    char letter;
    enum colour colour;
};

static const struct look map_looks[] = {
    {"available", '.', GREEN}, {"kernel", 'K', CYAN},
    {"module", 'M', CYAN},     {"frame metadata", 'F', YELLOW},
    {"low memory", 'l', GREY}, {"bad", 'x', RED},
    {"reserved", 'r', GREY},   {NULL, '-', GREY},
};

static const struct look frame_looks[] = {
    {"free", '.', GREEN},  {"kernel", 'K', CYAN}, {"page table", 'P', BLUE},
    {"user", 'U', YELLOW}, {"file", 'F', CYAN},   {NULL, '-', GREY},
};

static struct range ranges[MAX_RANGES];

static const struct look *look_of(const struct look *looks, const char *kind)
{
    while (looks->kind != NULL && strcmp(looks->kind, kind) != 0)
        looks++;
    return looks;
}

/* Read the map; how many ranges there are, or -1 without a map. */
static int read_map(void)
{
    FILE *file = fopen("/proc/memmap", "r");
    char line[128];
    int n = 0;

    if (file == NULL)
        return -1;
    while (n < MAX_RANGES && fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "%llx-%llx %*u %23[^\n]", &ranges[n].start,
                   &ranges[n].end, ranges[n].kind) == 3)
            n++;
    fclose(file);
    return n;
}

static unsigned long long total(int n, const char *kind)
{
    unsigned long long sum = 0;

    for (int i = 0; i < n; i++)
        if (strcmp(ranges[i].kind, kind) == 0)
            sum += ranges[i].end - ranges[i].start;
    return sum;
}

/* Whether all ranges are whole pages, in order, and none overlaps another. */
static bool is_tidy(int n)
{
    for (int i = 0; i < n; i++) {
        if (ranges[i].start >= ranges[i].end ||
            (ranges[i].start | ranges[i].end) % PAGE != 0)
            return false;
        if (i > 0 && ranges[i].start < ranges[i - 1].end)
            return false;
    }
    return true;
}

/* Where memory ends: the highest byte that is free to use. */
static unsigned long long memory_end(int n)
{
    unsigned long long end = 0;

    for (int i = 0; i < n; i++)
        if (strcmp(ranges[i].kind, "available") == 0)
            end = ranges[i].end;
    return end;
}

/* The rarest kind in a part of memory: small things shall be seen. */
static const struct look *look_at(int n, unsigned long long start,
                                  unsigned long long end)
{
    const struct look *best = look_of(map_looks, "");
    unsigned long long least = ~0ull;

    for (int i = 0; i < n; i++) {
        unsigned long long size = total(n, ranges[i].kind);

        if (ranges[i].start >= end || ranges[i].end <= start || size >= least)
            continue;
        least = size;
        best = look_of(map_looks, ranges[i].kind);
    }
    return best;
}

/* Print a letter, switching colours only where that changes anything. */
static void draw_cell(const struct look *look, enum colour *now)
{
    if (look->colour != *now)
        printf("%s", paint(look->colour));
    *now = look->colour;
    putchar(look->letter);
}

/* Memory from 0 up to `end` as a bar. */
static void draw_map(int n, unsigned long long end)
{
    enum colour now = PLAIN;

    printf("        |");
    for (unsigned i = 0; i < BAR_CELLS; i++)
        draw_cell(look_at(n, end * i / BAR_CELLS, end * (i + 1) / BAR_CELLS),
                  &now);
    printf("%s|\n        0%*lluM\n", paint(PLAIN), BAR_CELLS, end / MIB);
}

static void draw_legend(int n)
{
    const char *gap = "        ";

    for (const struct look *look = map_looks; look->kind != NULL; look++) {
        if (total(n, look->kind) == 0)
            continue;
        printf("%s%s%c%s %s", gap, paint(look->colour), look->letter,
               paint(PLAIN), look->kind);
        gap = " ";
    }
    putchar('\n');
}

void visit_map(void)
{
    int n = read_map();

    chapter("The memory map",
            "What the boot loader found, sorted and made safe by the kernel.");
    if (n < 0) {
        skip("the map", "this system has no /proc/memmap");
        return;
    }
    for (int i = 0; i < n; i++)
        show("%09llx - %09llx %10llu KiB  %s%s%s", ranges[i].start,
             ranges[i].end - 1, (ranges[i].end - ranges[i].start) / KIB,
             paint(look_of(map_looks, ranges[i].kind)->colour), ranges[i].kind,
             paint(PLAIN));
    draw_map(n, memory_end(n));
    if (memory_end(n) > 4 * ZOOM)
        draw_map(n, ZOOM);
    draw_legend(n);
    check(is_tidy(n), "%d ranges: whole pages, in order, none overlaps", n);
    check(total(n, "available") > 0 && total(n, "kernel") > 0,
          "%llu KiB are free to use, the kernel itself takes %llu KiB",
          total(n, "available") / KIB, total(n, "kernel") / KIB);
}

/* Read the counts of one moment into *frames; false without them. */
static bool read_frames(struct frames *frames)
{
    FILE *file = fopen("/proc/frames", "r");
    char line[128];

    frames->nkinds = 0;
    if (file == NULL)
        return false;
    while (frames->nkinds < MAX_KINDS &&
           fgets(line, sizeof(line), file) != NULL) {
        struct count *count = &frames->kinds[frames->nkinds];

        if (sscanf(line, "%23[^:]: %ld", count->kind, &count->nframes) == 2)
            frames->nkinds++;
    }
    fclose(file);
    return true;
}

static long count_of(const struct frames *frames, const char *kind)
{
    for (int i = 0; i < frames->nkinds; i++)
        if (strcmp(frames->kinds[i].kind, kind) == 0)
            return frames->kinds[i].nframes;
    return -1;
}

long frames_of(const char *kind)
{
    struct frames frames;

    return read_frames(&frames) ? count_of(&frames, kind) : -1;
}

/* Cells of the bar for a count: something is never drawn as nothing. */
static int cells_for(long count, long all)
{
    int cells = (int)((long long)count * MAX_HASHES / all);

    return count > 0 && cells == 0 ? 1 : cells;
}

void visit_frames(void)
{
    struct frames frames;
    long all = 0, sum = 0;

    chapter("The frames",
            "Each 4 KiB frame of memory has an owner, and all are counted.");
    if (!read_frames(&frames)) {
        skip("the frames", "this system has no /proc/frames");
        return;
    }
    all = count_of(&frames, "total");
    for (const struct look *look = frame_looks; look->kind != NULL; look++) {
        long count = count_of(&frames, look->kind);

        sum += count;
        printf("        %-10s %8ld %s", look->kind, count, paint(look->colour));
        for (int i = cells_for(count, all > 0 ? all : 1); i > 0; i--)
            putchar('#');
        printf("%s\n", paint(PLAIN));
    }
    check(sum == all, "together %ld, which is all there are", sum);
}
