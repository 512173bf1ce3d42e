/*
 * tools/cairn-run/callgrind.c - a profile in callgrind's format
 *
 * The format is that of Valgrind's manual, "Callgrind Format Specification":
 * callgrind_annotate and kcachegrind read it.
 *
 * Costs of a call that is made while its caller is already among the callers
 * would be counted twice: so what a function costs together with all that it
 * calls is never more than the whole.
 */
#define _GNU_SOURCE
#include "cairn-run.h"
#include "profile_tree.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All calls from a line of one function to another one. */
struct edge {
    uint32_t from, to;
    const char *file;
    uint32_t line;
    uint64_t calls, total;
};

static int compare_edges(const void *a, const void *b)
{
    const struct edge *x = a, *y = b;
    int files;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    files = strcmp(x->file, y->file);
    if (files != 0)
        return files;
    if (x->line != y->line)
        return x->line < y->line ? -1 : 1;
    return x->to < y->to ? -1 : x->to > y->to;
}

/*
 * A frame within a call that its own function has made: take its costs from
 * that call, since they are the function's own.
 */
static void take_from_caller(const struct profile *p, struct edge *edges,
                             uint32_t frame)
{
    uint32_t below = frame, at = p->frames[frame].parent;

    while (at != 0 && p->frames[at].function != p->frames[frame].function) {
        below = at;
        at = p->frames[at].parent;
    }
    if (at != 0)
        edges[below].total -= p->frames[frame].total;
}

/* An edge for each frame, then joined and sorted; *n of them. */
static struct edge *make_edges(const struct profile *p, size_t *n)
{
    struct edge *edges = must_alloc((p->nframes + 1) * sizeof(*edges));
    size_t count = 0;

    for (size_t i = 0; i < p->nframes; i++) {
        const struct profile_frame *f = &p->frames[i];

        edges[i] = (struct edge){p->frames[f->parent].function,
                                 f->function,
                                 f->file,
                                 f->line,
                                 f->calls,
                                 f->total};
    }
    for (uint32_t i = 1; i < p->nframes; i++)
        take_from_caller(p, edges, i);
    for (size_t i = 1; i < p->nframes; i++)
        if (p->frames[i].parent != 0)
            edges[count++] = edges[i];
    qsort(edges, count, sizeof(*edges), compare_edges);
    *n = 0;
    for (size_t i = 0; i < count; i++)
        if (*n > 0 && compare_edges(&edges[*n - 1], &edges[i]) == 0) {
            edges[*n - 1].calls += edges[i].calls;
            edges[*n - 1].total += edges[i].total;
        } else {
            edges[(*n)++] = edges[i];
        }
    return edges;
}

/*
 * Files below the current folder have names from there: callgrind_annotate
 * shortens them too, but not everywhere.
 */
static const char *file_name(const char *file)
{
    static char here[PATH_MAX];
    size_t n;

    if (here[0] == '\0' && getcwd(here, sizeof(here)) == NULL)
        here[0] = '?';
    n = strlen(here);
    if (strncmp(file, here, n) == 0 && file[n] == '/')
        return file + n + 1;
    return file[0] != '\0' ? file : "???";
}

static void put_function(FILE *out, const struct profile *p, uint32_t number,
                         const char *prefix)
{
    const struct profile_function *f = &p->functions[number];

    fprintf(out, "%sob=%s\n%s=%s\n%sfn=%s\n", prefix, f->object,
            prefix[0] != '\0' ? "cfi" : "fl", file_name(f->file), prefix,
            f->name);
}

/* Costs and calls of one function; both arrays are sorted by it. */
static void put_costs(FILE *out, const struct profile *p, uint32_t function,
                      size_t *cost, const struct edge *edges, size_t nedges,
                      size_t *edge)
{
    const char *file = p->functions[function].file;

    for (; *cost < p->ncosts && p->costs[*cost].function == function; ++*cost) {
        const struct profile_cost *c = &p->costs[*cost];

        if (strcmp(c->file, file) != 0)
            fprintf(out, "fe=%s\n", file_name(file = c->file));
        fprintf(out, "%" PRIu32 " %" PRIu64 "\n", c->line, c->count);
    }
    for (; *edge < nedges && edges[*edge].from == function; ++*edge) {
        const struct edge *e = &edges[*edge];

        if (strcmp(e->file, file) != 0)
            fprintf(out, "fe=%s\n", file_name(file = e->file));
        put_function(out, p, e->to, "c");
        fprintf(out, "calls=%" PRIu64 " 0\n%" PRIu32 " %" PRIu64 "\n",
                e->calls > 0 ? e->calls : 1, e->line, e->total);
    }
}

void profile_write_callgrind(const char *path, const struct profile *p)
{
    FILE *out = fopen(path, "we");
    size_t nedges, cost = 0, edge = 0;
    struct edge *edges = make_edges(p, &nedges);

    if (out == NULL)
        die(STATUS_FAILED, "%s: %s", path, strerror(errno));
    fprintf(out,
            "# callgrind format\nversion: 1\ncreator: cairn-run --profile\n"
            "cmd: %s\npart: 1\npositions: line\nevents: Ir\n"
            "summary: %" PRIu64 "\n",
            p->command, p->total);
    for (uint32_t i = 0; i < p->nfunctions; i++) {
        putc('\n', out);
        put_function(out, p, i, "");
        put_costs(out, p, i, &cost, edges, nedges, &edge);
    }
    fprintf(out, "\ntotals: %" PRIu64 "\n", p->total);
    if (fclose(out) != 0)
        die(STATUS_FAILED, "%s: %s", path, strerror(errno));
    free(edges);
}
