/*
 * tools/cairn-run/picture.c - memory and an address space as SVG
 *
 * What is drawn is the moment before the first program gives back what it has.
 * Each run of frames is one group of the picture, to scale, with its addresses
 * in data-start and data-end; the list beside it has each range, however small.
 */
#define _GNU_SOURCE
#include "cairn-run.h"

#include "dev/trace_proto.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE      4096ull
#define FIRST_PID 2
#define ROWS      64 /* of the picture of memory */
#define WIDE      640
#define ROW       9

struct kind {
    uint32_t number;
    const char *name, *colour;
};

/* enum memmap_kind and, from CAIRN_RUN_FRAMES on, enum frame_kind. */
static const struct kind kinds[] = {
    {2, "module", "#d98e4a"},       {3, "frame metadata", "#f2d024"},
    {4, "kernel image", "#3a6ea5"}, {5, "low memory", "#a0452e"},
    {6, "left out", "#9a9a92"},     {7, "ACPI", "#6d6d66"},
    {8, "ACPI storage", "#5d5d57"}, {9, "reserved", "#7b7b74"},
    {10, "bad", "#d01c1c"},         {16, "free", "#c9b7ea"},
    {17, "kernel data", "#6fa3d8"}, {18, "page tables", "#2f9e8f"},
    {19, "user pages", "#3fae49"},  {20, "files", "#e6a86a"},
};

static const struct {
    const char *name, *colour;
} states[] = {
    [CAIRN_PAGE_ABSENT] = {"not there yet", "#ffffff"},
    [CAIRN_PAGE_PRIVATE] = {"its own", "#3fae49"},
    [CAIRN_PAGE_SHARED] = {"shared", "#3a6ea5"},
    [CAIRN_PAGE_ZERO] = {"the page of zeros", "#d8d8d2"},
    [CAIRN_PAGE_FILE] = {"a file's", "#e6a86a"},
};

#define NSTATES (sizeof(states) / sizeof(states[0]))

struct area {
    struct cairn_trace_area area;
    char *name;
    unsigned char *pages;
    size_t npages; /* of which the state is known */
};

static struct cairn_trace_run *runs;
static size_t nruns;
static struct area *areas;
static size_t nareas;

/* ---- records ---- */

static void *append(void *array, size_t n, size_t size)
{
    array = realloc(array, (n + 1) * size);
    if (array == NULL)
        die(STATUS_FAILED, "out of memory");
    return array;
}

static bool take_runs(const unsigned char *body, const unsigned char *end)
{
    for (; (size_t)(end - body) >= sizeof(*runs); body += sizeof(*runs)) {
        runs = append(runs, nruns, sizeof(*runs));
        memcpy(&runs[nruns++], body, sizeof(*runs));
    }
    return body == end;
}

static bool take_pages(const unsigned char *body, const unsigned char *end)
{
    struct area *a;
    size_t n;

    if ((size_t)(end - body) < sizeof(a->area))
        return false;
    areas = append(areas, nareas, sizeof(*areas));
    a = &areas[nareas++];
    *a = (struct area){0};
    memcpy(&a->area, body, sizeof(a->area));
    body += sizeof(a->area);
    if (a->area.start >= a->area.end)
        return false;
    /* A name begins with a slash or a bracket, a state is a small number. */
    if (body<end && * body> NSTATES) {
        n = strnlen((const char *)body, (size_t)(end - body));
        a->name = format("%.*s", (int)n, (const char *)body);
        n = (n + 4) & ~(size_t)3;
        body += n < (size_t)(end - body) ? n : (size_t)(end - body);
    }
    n = (a->area.end - a->area.start) / PAGE;
    a->npages = n < (size_t)(end - body) ? n : (size_t)(end - body);
    a->pages = must_alloc(a->npages + 1);
    memcpy(a->pages, body, a->npages);
    return true;
}

bool picture_take(const struct cairn_record *head, const unsigned char *body,
                  const unsigned char *end)
{
    if (head->pid != FIRST_PID)
        return true;
    if (head->type == CAIRN_RECORD_RUNS)
        return take_runs(body, end);
    if (head->type == CAIRN_RECORD_PAGES)
        return take_pages(body, end);
    return true;
}

/* ---- pieces of SVG ---- */

static FILE *begin_svg(const char *path, int width, int height)
{
    FILE *out = fopen(path, "we");

    if (out == NULL)
        die(STATUS_FAILED, "%s: %s", path, strerror(errno));
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
            "height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" "
            "font-size=\"12\">\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#fdfdfb\"/>\n",
            width, height, width, height);
    return out;
}

static void end_svg(FILE *out, const char *path)
{
    fputs("</svg>\n", out);
    if (fclose(out) != 0)
        die(STATUS_FAILED, "%s: %s", path, strerror(errno));
}

static void put_escaped(FILE *out, const char *s)
{
    for (; *s != '\0'; s++) {
        if (*s == '<' || *s == '>' || *s == '&' || *s == '"')
            fprintf(out, "&#%d;", *s);
        else
            putc((unsigned char)*s < ' ' ? '?' : *s, out);
    }
}

static void text(FILE *out, double x, double y, const char *style,
                 const char *s)
{
    fprintf(out, "<text x=\"%.1f\" y=\"%.1f\" %s>", x, y, style);
    put_escaped(out, s);
    fputs("</text>\n", out);
}

static void box(FILE *out, double x, double y, double w, double h,
                const char *colour, const char *more)
{
    fprintf(out,
            "<rect x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\" "
            "fill=\"%s\"%s/>\n",
            x, y, w, h, colour, more);
}

static char *size_text(uint64_t nbytes)
{
    if (nbytes >= 10ull << 20)
        return format("%" PRIu64 " MiB", nbytes >> 20);
    return format("%" PRIu64 " KiB", nbytes >> 10);
}

#define MONO "font-family=\"monospace\" font-size=\"11\""
#define GREY "fill=\"#666\" font-size=\"11\""

/* ---- physical memory ---- */

static const struct kind *kind_of(uint32_t number)
{
    static const struct kind unknown = {0, "unknown", "#000000"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (kinds[i].number == number)
            return &kinds[i];
    return &unknown;
}

/* Where RAM ends: what lies above is only in the list. */
static uint64_t end_of_ram(void)
{
    uint64_t end = 0;

    for (size_t i = 0; i < nruns; i++)
        if (runs[i].kind >= CAIRN_RUN_FRAMES || runs[i].kind == 5)
            end = (runs[i].first + (uint64_t)runs[i].nframes) * PAGE;
    for (size_t i = 0; i < nruns; i++)
        if (runs[i].first * PAGE == end) /* what follows without a gap */
            end += runs[i].nframes * PAGE;
    return end;
}

/* A region in rows of `per_row` bytes. */
static void draw_region(FILE *out, uint64_t start, uint64_t end,
                        uint64_t per_row, const char *name, const char *colour)
{
    fprintf(out,
            "<g class=\"region\" data-start=\"%" PRIu64 "\" data-end=\"%" PRIu64
            "\" data-kind=\"%s\"><title>%s: %09" PRIx64 " - %09" PRIx64
            "</title>\n",
            start, end, name, name, start, end - 1);
    for (uint64_t at = start; at < end;) {
        uint64_t row = at / per_row, stop = (row + 1) * per_row;
        double x = (double)(at % per_row) / (double)per_row * WIDE;

        if (stop > end)
            stop = end;
        box(out, 96 + x, 44 + (double)row * ROW,
            (double)(stop - at) / (double)per_row * WIDE, ROW - 1.0, colour,
            "");
        at = stop;
    }
    fputs("</g>\n", out);
}

/* Every byte below the end of RAM is in one region; gaps are holes. */
static void draw_regions(FILE *out, uint64_t end, uint64_t per_row)
{
    uint64_t at = 0;

    for (size_t i = 0; i < nruns; i++) {
        uint64_t start = runs[i].first * PAGE,
                 stop = start + runs[i].nframes * PAGE;
        const struct kind *kind = kind_of(runs[i].kind);

        if (start >= end)
            break;
        if (start > at)
            draw_region(out, at, start, per_row, "no memory", "#ececec");
        draw_region(out, start, stop, per_row, kind->name, kind->colour);
        at = stop;
    }
}

static double draw_totals(FILE *out, double x, double y)
{
    text(out, x, y, "font-weight=\"bold\"", "in all");
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        uint64_t nframes = 0;
        char *size;

        for (size_t k = 0; k < nruns; k++)
            if (runs[k].kind == kinds[i].number)
                nframes += runs[k].nframes;
        if (nframes == 0)
            continue;
        y += 18;
        box(out, x, y - 10, 12, 12, kinds[i].colour, " rx=\"2\"");
        text(out, x + 20, y, "", kinds[i].name);
        size = size_text(nframes * PAGE);
        text(out, x + 210, y, "text-anchor=\"end\"", size);
        free(size);
    }
    return y;
}

/* Ranges of the firmware's and loader's map: runs of frames are joined. */
static double draw_list(FILE *out, double x, double y)
{
    text(out, x, y, "font-weight=\"bold\"", "from low to high");
    for (size_t i = 0; i < nruns;) {
        bool frames = runs[i].kind >= CAIRN_RUN_FRAMES;
        uint64_t start = runs[i].first * PAGE, end = start;
        const struct kind *kind = kind_of(runs[i].kind);
        char *line, *size;

        for (; i < nruns && runs[i].first * PAGE == end &&
               (frames ? runs[i].kind >= CAIRN_RUN_FRAMES
                       : runs[i].kind == kind->number);
             i++)
            end += runs[i].nframes * PAGE;
        y += 16;
        box(out, x, y - 10, 12, 12, frames ? "#c9b7ea" : kind->colour,
            " rx=\"2\"");
        line = format("%09" PRIx64 "-%09" PRIx64, start, end - 1);
        text(out, x + 18, y, MONO, line);
        size = size_text(end - start);
        text(out, x + 210, y, "text-anchor=\"end\" font-size=\"11\"", size);
        text(out, x + 218, y, GREY, frames ? "frames" : kind->name);
        free(line);
        free(size);
    }
    return y;
}

static void draw_scale(FILE *out, uint64_t end, uint64_t per_row)
{
    for (uint64_t row = 0; row * per_row < end; row += 8) {
        char *label = format("%09" PRIx64, row * per_row);

        text(out, 88, 44 + (double)row * ROW + ROW - 1,
             "text-anchor=\"end\" " MONO, label);
        free(label);
    }
}

void picture_memory(const char *path)
{
    uint64_t end = end_of_ram(), per_row = (end + ROWS - 1) / ROWS;
    size_t ranges = 0;
    int height = 44 + ROWS * ROW + 20, needed;
    char *title, *per;
    FILE *out;

    if (nruns == 0) {
        complain("%s: nothing to draw", path);
        return;
    }
    per_row = (per_row + PAGE - 1) / PAGE * PAGE;
    for (size_t i = 1; i < nruns; i++)
        ranges += runs[i].kind < CAIRN_RUN_FRAMES;
    needed = (int)(2 * ranges + 4) * 16 + 400;
    out = begin_svg(path, 1120, needed > height ? needed : height);
    per = size_text(per_row);
    title = format("Physical memory, to scale: %s a row", per);
    text(out, 96, 26, "font-size=\"15\" font-weight=\"bold\"", title);
    draw_scale(out, end, per_row);
    draw_regions(out, end, per_row);
    draw_list(out, 768, draw_totals(out, 768, 50) + 34);
    end_svg(out, path);
    free(title);
    free(per);
}

/* ---- an address space ---- */

static void draw_pages(FILE *out, const struct area *a, double y)
{
    double wide = (double)WIDE / (a->npages > 128 ? (double)a->npages : 128);

    for (size_t i = 0; i < a->npages;) {
        unsigned state = a->pages[i] < NSTATES ? a->pages[i] : 0;
        size_t k = i;

        while (k < a->npages && a->pages[k] == a->pages[i])
            k++;
        fprintf(out, "<g class=\"pages\" data-state=\"%s\" data-n=\"%zu\">",
                states[state].name, k - i);
        box(out, 420 + (double)i * wide, y - 11, (double)(k - i) * wide, 14,
            states[state].colour, " stroke=\"#aaa\" stroke-width=\"0.5\"");
        fputs("</g>\n", out);
        i = k;
    }
}

static const char *last_part(const char *name)
{
    const char *slash = name != NULL ? strrchr(name, '/') : NULL;

    if (name == NULL)
        return "";
    return slash != NULL ? slash + 1 : name;
}

static void draw_area(FILE *out, const struct area *a, double y)
{
    uint32_t prot = a->area.prot;
    char *line = format("%08x-%08x %c%c%c%c", a->area.start, a->area.end,
                        prot & 1 ? 'r' : '-', prot & 2 ? 'w' : '-',
                        prot & 4 ? 'x' : '-', a->area.flags & 1 ? 's' : 'p');
    char *size = size_text(a->area.end - a->area.start);

    fprintf(out, "<g class=\"area\" data-start=\"%u\" data-end=\"%u\"><title>",
            a->area.start, a->area.end);
    put_escaped(out, a->name != NULL ? a->name : "anonymous memory");
    fputs("</title>\n", out);
    text(out, 20, y, MONO, line);
    text(out, 250, y, "text-anchor=\"end\" font-size=\"11\"", size);
    text(out, 262, y, GREY, last_part(a->name));
    draw_pages(out, a, y);
    fputs("</g>\n", out);
    free(line);
    free(size);
}

static void draw_states(FILE *out, double y)
{
    double x = 20;

    for (size_t s = 0; s < NSTATES; s++) {
        size_t n = 0;
        char *label;

        for (size_t i = 0; i < nareas; i++)
            for (size_t k = 0; k < areas[i].npages; k++)
                n += areas[i].pages[k] == s;
        box(out, x, y - 10, 12, 12, states[s].colour,
            " stroke=\"#aaa\" stroke-width=\"0.5\"");
        label = format("%s: %zu pages", states[s].name, n);
        text(out, x + 18, y, "", label);
        free(label);
        x += 200;
    }
}

/* Pages below are drawn with a gap where nothing is mapped. */
void picture_space(const char *path, const char *program)
{
    int height = 110 + (int)nareas * 30;
    double y = 66;
    char *title;
    FILE *out;

    if (nareas == 0) {
        complain("%s: nothing to draw", path);
        return;
    }
    out = begin_svg(path, 1100, height);
    title = format("The address space of %s at its end", program);
    text(out, 20, 28, "font-size=\"15\" font-weight=\"bold\"", title);
    for (size_t i = 0; i < nareas; i++) {
        if (i > 0 && areas[i].area.start != areas[i - 1].area.end) {
            char *size = size_text(areas[i].area.start - areas[i - 1].area.end);
            char *gap = format("%s of addresses with nothing", size);

            text(out, 20, y - 4, "fill=\"#999\" font-size=\"10\"", gap);
            y += 12;
            free(size);
            free(gap);
        }
        draw_area(out, &areas[i], y);
        y += 18;
    }
    draw_states(out, y + 16);
    end_svg(out, path);
    free(title);
}

/* ---- an address in words ---- */

static void print_area(const struct area *a, const char *where)
{
    uint32_t prot = a->area.prot;

    fprintf(stderr, "  %s %08x-%08x %c%c%c %s\n", where, a->area.start,
            a->area.end, prot & 1 ? 'r' : '-', prot & 2 ? 'w' : '-',
            prot & 4 ? 'x' : '-',
            a->name != NULL ? last_part(a->name) : "anonymous memory");
}

void picture_explain(uint32_t address)
{
    const struct area *below = NULL;

    for (size_t i = 0; i < nareas; i++) {
        const struct area *a = &areas[i];

        if (address >= a->area.start && address < a->area.end) {
            print_area(a, "the address lies in");
            return;
        }
        if (a->area.start > address) {
            if (below != NULL)
                print_area(below, "the area below it is");
            print_area(a, "the area above it is");
            return;
        }
        below = a;
    }
    if (below != NULL)
        print_area(below, "the area below it is");
}
