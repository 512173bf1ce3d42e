/*
 * tools/cairn-run/flames.c - a profile as a flame graph
 *
 * A box for each chain of calls: as wide as its instructions are many, on top
 * of its caller. A click on a box makes it as wide as the picture. Boxes of
 * less than half a point are left out.
 */
#define _GNU_SOURCE
#include "cairn-run.h"
#include "profile_tree.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH  1200.0
#define LEFT   10.0
#define TOP    64
#define HEIGHT 18  /* of a box, with the gap below it */
#define LETTER 6.6 /* width of one */
#define LEAST  0.5 /* width of a box */

static const struct {
    const char *name, *colour;
} kinds[] = {
    [KIND_PROGRAM] = {"the program", "#f2a65a"},
    [KIND_LIBRARY] = {"libraries", "#f6d365"},
    [KIND_KERNEL] = {"the kernel", "#8fb8de"},
};

/* Boxes are zoomed by their place in instructions, data-x and data-w. */
static const char script[] =
    "<script><![CDATA[\n"
    "var boxes=document.querySelectorAll('g.box');\n"
    "function zoom(x,w){boxes.forEach(function(g){\n"
    " var a=+g.dataset.x,b=a+ +g.dataset.w;\n"
    " var l=Math.max(a,x),r=Math.min(b,x+w),s=1200/w;\n"
    " g.style.display=(r-l)*s<.5?'none':'';\n"
    " var c=g.querySelector('rect'),t=g.querySelector('text');\n"
    " c.setAttribute('x',10+(l-x)*s);c.setAttribute('width',"
    "Math.max((r-l)*s-.5,.1));\n"
    " var n=Math.floor(((r-l)*s-6)/6.6),f=g.dataset.name;\n"
    " t.setAttribute('x',13+(l-x)*s);\n"
    " t.textContent=n<3?'':f.length<=n?f:f.slice(0,n-1)+'\\u2026';});}\n"
    "boxes.forEach(function(g){g.addEventListener('click',function(){\n"
    " zoom(+g.dataset.x,+g.dataset.w);});});\n"
    "]]></script>\n";

static const struct profile *profile;
static FILE *out;
static unsigned height; /* of the whole picture */

static void put_text(const char *s, size_t most)
{
    for (; *s != '\0' && most > 0; s++, most--) {
        if (*s == '<')
            fputs("&lt;", out);
        else if (*s == '>')
            fputs("&gt;", out);
        else if (*s == '&')
            fputs("&amp;", out);
        else if (*s == '"')
            fputs("&quot;", out);
        else
            putc((unsigned char)*s < ' ' ? '?' : *s, out);
    }
}

static double width_of(uint64_t count)
{
    return WIDTH * (double)count / (double)profile->total;
}

static void put_label(const char *name, double width)
{
    size_t fits = width > 6 ? (size_t)((width - 6) / LETTER) : 0;

    if (fits < 3)
        return;
    if (strlen(name) <= fits) {
        put_text(name, fits);
        return;
    }
    put_text(name, fits - 1);
    fputs("\xe2\x80\xa6", out);
}

static void put_box(const char *name, const char *colour, uint64_t x,
                    uint64_t count, unsigned depth)
{
    double left = LEFT + width_of(x), width = width_of(count);
    unsigned y = height - HEIGHT * (depth + 1) - 10;

    fprintf(out,
            "<g class=\"box\" data-x=\"%" PRIu64 "\" data-w=\"%" PRIu64
            "\" data-name=\"",
            x, count);
    put_text(name, SIZE_MAX);
    fprintf(out, "\"><title>");
    put_text(name, SIZE_MAX);
    fprintf(out, ": %" PRIu64 " instructions, %.2f %%</title>", count,
            100.0 * (double)count / (double)profile->total);
    fprintf(out,
            "<rect x=\"%.1f\" y=\"%u\" width=\"%.1f\" height=\"%d\" "
            "fill=\"%s\"/>",
            left, y, width > 1 ? width - 0.5 : width, HEIGHT - 1, colour);
    fprintf(out, "<text x=\"%.1f\" y=\"%u\">", left + 3, y + 13);
    put_label(name, width);
    fputs("</text></g>\n", out);
}

/* ---- frames of one function, called from any line, are one box ---- */

struct group {
    uint32_t *frames;
    size_t n;
    uint64_t total;
};

static int by_function(const void *a, const void *b)
{
    const struct profile_frame *f = &profile->frames[*(const uint32_t *)a];
    const struct profile_frame *g = &profile->frames[*(const uint32_t *)b];

    if (f->function != g->function)
        return f->function < g->function ? -1 : 1;
    return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

/* All children of the frames, sorted by function. */
static struct group children_of(const uint32_t *frames, size_t n)
{
    struct group all = {0};

    for (size_t i = 0; i < n; i++)
        for (uint32_t c = profile->frames[frames[i]].child; c != 0;
             c = profile->frames[c].next) {
            if (all.n % 64 == 0)
                all.frames =
                    must_resize(all.frames, (all.n + 64) * sizeof(*all.frames));
            all.frames[all.n++] = c;
        }
    if (all.n > 0)
        qsort(all.frames, all.n, sizeof(*all.frames), by_function);
    return all;
}

/* The next frames of one function, at *from. */
static struct group next_group(const struct group *all, size_t *from)
{
    struct group g = {.frames = all->frames + *from};
    uint32_t function = profile->frames[g.frames[0]].function;

    for (; *from < all->n &&
           profile->frames[all->frames[*from]].function == function;
         ++*from, g.n++)
        g.total += profile->frames[all->frames[*from]].total;
    return g;
}

/* How many boxes are on top of each other there. */
static unsigned depth_of(const uint32_t *frames, size_t n)
{
    struct group all = children_of(frames, n);
    unsigned depth = 0;

    for (size_t i = 0; i < all.n;) {
        struct group g = next_group(&all, &i);
        unsigned d;

        if (width_of(g.total) < LEAST)
            continue;
        d = 1 + depth_of(g.frames, g.n);
        depth = d > depth ? d : depth;
    }
    free(all.frames);
    return depth;
}

static void put_children(const uint32_t *frames, size_t n, uint64_t x,
                         unsigned depth)
{
    struct group all = children_of(frames, n);

    for (size_t i = 0; i < all.n;) {
        struct group g = next_group(&all, &i);
        const struct profile_function *f =
            &profile->functions[profile->frames[g.frames[0]].function];

        if (width_of(g.total) >= LEAST) {
            put_box(f->name, kinds[f->kind].colour, x, g.total, depth);
            put_children(g.frames, g.n, x, depth + 1);
        }
        x += g.total;
    }
    free(all.frames);
}

/* ---- the picture ---- */

static void put_legend(void)
{
    double x = LEFT;

    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        uint64_t self = 0;

        for (size_t i = 0; i < profile->nfunctions; i++)
            if (profile->functions[i].kind == (enum function_kind)k)
                self += profile->functions[i].self;
        fprintf(out,
                "<rect x=\"%.0f\" y=\"36\" width=\"12\" height=\"12\" "
                "fill=\"%s\"/><text x=\"%.0f\" y=\"46\">%s: %.1f %%</text>\n",
                x, kinds[k].colour, x + 17, kinds[k].name,
                100.0 * (double)self / (double)profile->total);
        x += 170;
    }
}

void profile_write_flames(const char *path, const struct profile *p)
{
    uint32_t root = 0;

    profile = p;
    out = fopen(path, "we");
    if (out == NULL)
        die(STATUS_FAILED, "%s: %s", path, strerror(errno));
    height = TOP + HEIGHT * (p->total > 0 ? 1 + depth_of(&root, 1) : 1) + 10;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1220\" "
            "height=\"%u\" viewBox=\"0 0 1220 %u\" font-family=\"monospace\" "
            "font-size=\"11\">\n"
            "<style>.box{cursor:pointer}.box:hover rect{stroke:#333}</style>\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n"
            "<text x=\"10\" y=\"22\" font-size=\"15\">",
            height, height);
    put_text(p->command, 120);
    fprintf(out, ": %" PRIu64 " instructions</text>\n", p->total);
    if (p->total > 0) {
        put_legend();
        put_box("all", "#ddd", 0, p->total, 0);
        put_children(&root, 1, 0, 1);
    }
    fputs(script, out);
    fputs("</svg>\n", out);
    if (fclose(out) != 0)
        die(STATUS_FAILED, "%s: %s", path, strerror(errno));
}
