/*
 * tools/cairn-run/heap.c - what a program asks of malloc, as files
 *
 * Events come from the breakpoints of kernel/sys/probe.c, of the first process
 * only. A call site is a list of callers; its name is the innermost place that
 * is not the C library's. docs/lab.md has the formats.
 */
#define _GNU_SOURCE
#include "heap.h"

#include "cairn-run.h"
#include "program.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_PID  2
#define SNAPSHOTS  100
#define SITE_SLOTS 65536 /* a power of two */

struct event {
    uint32_t op, address, nbytes, old, brk, site;
};

struct site {
    uint32_t frames[CAIRN_TRACE_FRAMES], n;
};

static struct event *events;
static size_t nevents, room;
static struct site *sites;
static uint32_t nsites;
static uint32_t slots[SITE_SLOTS]; /* number of a site plus 1 */

/* ---- taking events ---- */

static uint32_t hash(const uint32_t *frames, uint32_t n)
{
    uint32_t h = n;

    for (uint32_t i = 0; i < n; i++)
        h = (h ^ frames[i]) * 2654435761u;
    return h ^ h >> 15;
}

/* The number of a call site; with the table full, that of the first. */
static uint32_t site_of(const uint32_t *frames, uint32_t n)
{
    uint32_t at = hash(frames, n);

    for (;; at++) {
        uint32_t *slot = &slots[at % SITE_SLOTS];

        if (*slot == 0) {
            if (nsites >= SITE_SLOTS / 2)
                return 0;
            sites = realloc(sites, (nsites + 1) * sizeof(*sites));
            if (sites == NULL)
                die(STATUS_FAILED, "out of memory");
            memcpy(sites[nsites].frames, frames, n * sizeof(*frames));
            sites[nsites].n = n;
            *slot = ++nsites;
            return nsites - 1;
        }
        if (sites[*slot - 1].n == n &&
            memcmp(sites[*slot - 1].frames, frames, n * sizeof(*frames)) == 0)
            return *slot - 1;
    }
}

static void add_event(const struct cairn_trace_malloc *e, uint32_t site)
{
    if (nevents == room) {
        room = room > 0 ? 2 * room : 4096;
        events = realloc(events, room * sizeof(*events));
        if (events == NULL)
            die(STATUS_FAILED, "out of memory");
    }
    events[nevents++] = (struct event){.op = e->op,
                                       .address = e->result,
                                       .nbytes = e->arg,
                                       .old = e->old,
                                       .brk = e->brk,
                                       .site = site};
}

bool heap_take(const struct cairn_record *head, const unsigned char *body,
               const unsigned char *end)
{
    struct cairn_trace_malloc e;
    uint32_t frames[CAIRN_TRACE_FRAMES];

    if (head->type != CAIRN_RECORD_MALLOC || head->pid != FIRST_PID)
        return true;
    while (body < end) {
        if ((size_t)(end - body) < sizeof(e))
            return false;
        memcpy(&e, body, sizeof(e));
        body += sizeof(e);
        if (e.nwords > CAIRN_TRACE_FRAMES || e.op < CAIRN_MALLOC ||
            e.op > CAIRN_MEMALIGN || (size_t)(end - body) < 4u * e.nwords)
            return false;
        memcpy(frames, body, 4u * e.nwords);
        body += 4u * e.nwords;
        add_event(&e, site_of(frames, e.nwords));
    }
    return true;
}

/* ---- live blocks, by address ---- */

struct block {
    uint32_t address; /* 0: free place */
    uint32_t nbytes, event;
};

struct live {
    struct block *blocks; /* open addressing */
    size_t nplaces, n;
    uint64_t bytes;
};

static void live_init(struct live *live)
{
    live->nplaces = 1024;
    while (live->nplaces < 4 * nevents)
        live->nplaces *= 2;
    live->n = 0;
    live->bytes = 0;
    live->blocks = calloc(live->nplaces, sizeof(*live->blocks));
    if (live->blocks == NULL)
        die(STATUS_FAILED, "out of memory");
}

static size_t place_of(const struct live *live, uint32_t address)
{
    return (address * 2654435761u >> 4) & (live->nplaces - 1);
}

static struct block *live_find(struct live *live, uint32_t address)
{
    size_t at = place_of(live, address);

    while (live->blocks[at].address != 0 && live->blocks[at].address != address)
        at = (at + 1) & (live->nplaces - 1);
    return &live->blocks[at];
}

static void live_add(struct live *live, uint32_t address, uint32_t nbytes,
                     uint32_t event)
{
    struct block *b = live_find(live, address);

    if (b->address != 0)
        live->bytes -= b->nbytes;
    else
        live->n++;
    *b = (struct block){address, nbytes, event};
    live->bytes += nbytes;
}

/* Takes a block out and closes the gap behind it (Knuth 6.4, algorithm R). */
static void live_remove(struct live *live, uint32_t address)
{
    struct block *b = live_find(live, address);
    size_t hole = (size_t)(b - live->blocks), at = hole;

    if (b->address == 0)
        return;
    live->bytes -= b->nbytes;
    live->n--;
    for (;;) {
        size_t home;

        live->blocks[hole].address = 0;
        do {
            at = (at + 1) & (live->nplaces - 1);
            if (live->blocks[at].address == 0)
                return;
            home = place_of(live, live->blocks[at].address);
        } while (((at - home) & (live->nplaces - 1)) <
                 ((at - hole) & (live->nplaces - 1)));
        live->blocks[hole] = live->blocks[at];
        hole = at;
    }
}

static void live_apply(struct live *live, uint32_t i)
{
    const struct event *e = &events[i];

    if (e->op == CAIRN_FREE ||
        (e->op == CAIRN_REALLOC && (e->address != 0 || e->nbytes == 0)))
        live_remove(live, e->old);
    if (e->op != CAIRN_FREE && e->address != 0)
        live_add(live, e->address, e->nbytes, i);
}

/* ---- what lies at an address ---- */

#define NEAR 64 /* bytes after a block that still tell of it */

static char *place_of_site(uint32_t number, const char *path)
{
    const struct site *site = &sites[number];
    struct place *places;
    uint32_t addresses[CAIRN_TRACE_FRAMES];

    for (uint32_t i = 0; i < site->n; i++)
        addresses[i] = site->frames[i] - 1;
    places = program_places(path, addresses, site->n);
    for (uint32_t i = 0; i < site->n; i++)
        if (places[i].function != NULL && !places[i].in_library)
            return place_text(&places[i]);
    return place_text(&places[0]);
}

/* The last call that gave back what event `taken` took, or nevents. */
static size_t freed_by(size_t taken)
{
    for (size_t i = taken + 1; i < nevents; i++)
        if (events[i].old == events[taken].address &&
            (events[i].op == CAIRN_FREE || events[i].op == CAIRN_REALLOC))
            return i;
    return nevents;
}

/* The block that begins at or last below the address, the newest of those. */
static size_t block_near(uint32_t address)
{
    size_t best = nevents;

    for (size_t i = nevents; i-- > 0;) {
        const struct event *e = &events[i];

        if (e->address == 0 || e->op == CAIRN_FREE || e->address > address ||
            address - e->address >= e->nbytes + NEAR)
            continue;
        if (best == nevents || e->address > events[best].address)
            best = i;
    }
    return best;
}

bool heap_explain(uint32_t address, const char *path)
{
    size_t at = block_near(address), end;
    uint32_t offset;
    char *taken, *freed;

    if (at == nevents)
        return false;
    offset = address - events[at].address;
    end = freed_by(at);
    taken = place_of_site(events[at].site, path);
    if (offset < events[at].nbytes)
        fprintf(stderr, "  byte %u of a %u-byte block allocated by %s", offset,
                events[at].nbytes, taken);
    else
        fprintf(stderr,
                "  %u bytes past the end of a %u-byte block allocated "
                "by %s",
                offset - events[at].nbytes, events[at].nbytes, taken);
    if (end < nevents) {
        freed = place_of_site(events[end].site, path);
        fprintf(stderr, ", freed by %s", freed);
        free(freed);
    }
    putc('\n', stderr);
    free(taken);
    return true;
}

/* ---- files ---- */

static FILE *open_out(const char *path)
{
    FILE *out = fopen(path, "we");

    if (out == NULL)
        die(STATUS_FAILED, "%s: %s", path, strerror(errno));
    return out;
}

static void close_out(FILE *out, const char *path)
{
    if (fclose(out) != 0)
        die(STATUS_FAILED, "%s: %s", path, strerror(errno));
}

struct slots {
    uint32_t *unused;
    size_t nunused;
    uint32_t next;
};

static void put_call(FILE *out, uint32_t what, uint32_t slot, uint32_t nbytes)
{
    uint32_t words[3] = {what, slot, nbytes};

    fwrite(words, sizeof(words), 1, out);
}

/* A block's `event` is its slot here. */
static void put_event(FILE *out, struct live *live, struct slots *s,
                      const struct event *e)
{
    uint32_t slot;

    if (e->op == CAIRN_FREE || (e->op == CAIRN_REALLOC && e->old != 0)) {
        struct block *b = live_find(live, e->old);

        if (b->address == 0 ||
            (e->op == CAIRN_REALLOC && e->address == 0 && e->nbytes != 0))
            return;
        slot = b->event;
        live_remove(live, e->old);
        put_call(out, e->op == CAIRN_FREE ? 0 : 3, slot, e->nbytes);
        if (e->op == CAIRN_FREE || e->address == 0)
            s->unused[s->nunused++] = slot;
        else
            live_add(live, e->address, e->nbytes, slot);
        return;
    }
    if (e->address == 0)
        return;
    slot = s->nunused > 0 ? s->unused[--s->nunused] : s->next++;
    put_call(out, e->op == CAIRN_CALLOC ? 2 : 1, slot, e->nbytes);
    live_add(live, e->address, e->nbytes, slot);
}

void heap_write_trace(const char *path)
{
    struct slots s = {.unused = must_alloc((nevents + 1) * 4)};
    FILE *out = open_out(path);
    struct live live;

    live_init(&live);
    for (size_t i = 0; i < nevents; i++)
        put_event(out, &live, &s, &events[i]);
    close_out(out, path);
    free(s.unused);
    free(live.blocks);
}

static void write_massif(const char *path, const char *program)
{
    FILE *out = open_out(path);
    size_t step = nevents / SNAPSHOTS + 1, shown = 0;
    struct live live;

    live_init(&live);
    fprintf(out, "desc: cairn-run --heap\ncmd: %s\ntime_unit: i\n", program);
    for (size_t i = 0; i <= nevents; i++) {
        if (i % step == 0 || i == nevents)
            fprintf(out,
                    "#-----------\nsnapshot=%zu\n#-----------\ntime=%zu\n"
                    "mem_heap_B=%" PRIu64 "\nmem_heap_extra_B=0\n"
                    "mem_stacks_B=0\nheap_tree=empty\n",
                    shown++, i, live.bytes);
        if (i < nevents)
            live_apply(&live, (uint32_t)i);
    }
    close_out(out, path);
    free(live.blocks);
}

/* ---- JSON ---- */

static void put_json_string(FILE *out, const char *s)
{
    putc('"', out);
    for (; *s != '\0'; s++) {
        if (*s == '"' || *s == '\\')
            fprintf(out, "\\%c", *s);
        else if ((unsigned char)*s < ' ' || *s == '<' || *s == 127)
            fprintf(out, "\\u%04x", (unsigned char)*s);
        else
            putc(*s, out);
    }
    putc('"', out);
}

/* All frames of all sites are asked for at once. */
static struct place *find_places(const char *path, size_t *first)
{
    size_t n = 0;
    uint32_t *addresses;
    struct place *places;

    for (uint32_t i = 0; i < nsites; i++) {
        first[i] = n;
        n += sites[i].n;
    }
    addresses = must_alloc((n + 1) * sizeof(*addresses));
    for (uint32_t i = 0; i < nsites; i++)
        for (uint32_t k = 0; k < sites[i].n; k++)
            addresses[first[i] + k] = sites[i].frames[k] - 1;
    places = program_places(path, addresses, n);
    free(addresses);
    return places;
}

static void put_sites(FILE *out, const char *path)
{
    size_t *first = must_alloc((nsites + 1) * sizeof(*first));
    struct place *places = find_places(path, first);

    fprintf(out, "\"sites\": [");
    for (uint32_t i = 0; i < nsites; i++) {
        const struct place *frames = places + first[i], *own = NULL;
        bool was_main = false;

        for (uint32_t k = 0; k < sites[i].n && own == NULL; k++)
            if (frames[k].function != NULL && !frames[k].in_library)
                own = &frames[k];
        fprintf(out, "%s\n  {\"place\": ", i > 0 ? "," : "");
        put_json_string(out, place_text(own != NULL ? own : &frames[0]));
        fprintf(out, ", \"frames\": [");
        for (uint32_t k = 0; k < sites[i].n && !was_main; k++) {
            if (k > 0 && frames[k].function != NULL &&
                strcmp(frames[k].function, "__cairn_start") == 0)
                break;
            fprintf(out, k > 0 ? ", " : "");
            put_json_string(out, place_text(&frames[k]));
            was_main = frames[k].function != NULL &&
                       strcmp(frames[k].function, "main") == 0;
        }
        fprintf(out, "]}");
    }
    fprintf(out, "]");
    free(first);
}

static void write_json(FILE *out, const char *program, const char *path)
{
    fprintf(out, "{\"format\": \"cairn-heap\", \"version\": 1,\n\"program\": ");
    put_json_string(out, program);
    fprintf(out, ",\n");
    put_sites(out, path);
    fprintf(out, ",\n\"columns\": [\"op\", \"address\", \"bytes\", \"old\", "
                 "\"brk\", \"site\"],\n\"events\": [");
    for (size_t i = 0; i < nevents; i++) {
        const struct event *e = &events[i];

        fprintf(out, "%s%u,%u,%u,%u,%u,%u", i > 0 ? "," : "", e->op, e->address,
                e->nbytes, e->old, e->brk, e->site);
        if (i % 8 == 7)
            putc('\n', out);
    }
    fprintf(out, "]}\n");
}

/* ---- the page ---- */

static char *read_file(const char *path)
{
    FILE *in = fopen(path, "re");
    char *text;
    size_t n;

    if (in == NULL)
        die(STATUS_FAILED, "%s: %s", path, strerror(errno));
    text = must_alloc(1 << 20);
    n = fread(text, 1, (1 << 20) - 1, in);
    text[n] = '\0';
    fclose(in);
    return text;
}

/* The template with the data in the place of this word. */
static void write_html(const char *file, const char *program, const char *path)
{
    static const char mark[] = "\"HEAP_DATA\"";
    char *name =
        install_find("usr/lib/cairn/heap.html", "../tools/cairn-run/heap.html");
    char *page = read_file(name), *at = strstr(page, mark);
    FILE *out = open_out(file);

    if (at == NULL)
        die(STATUS_FAILED, "%s: not the page that was expected", name);
    fwrite(page, 1, (size_t)(at - page), out);
    write_json(out, program, path);
    fputs(at + sizeof(mark) - 1, out);
    close_out(out, file);
    free(page);
    free(name);
}

static char *beside(const char *file, const char *suffix)
{
    size_t n = strlen(file);

    if (n > 5 && strcmp(file + n - 5, ".html") == 0)
        n -= 5;
    return format("%.*s%s", (int)n, file, suffix);
}

void heap_write_page(const char *file, const char *program, const char *path)
{
    char *json = beside(file, ".json"), *massif = beside(file, ".massif");
    FILE *out = open_out(json);

    write_json(out, program, path);
    close_out(out, json);
    write_massif(massif, program);
    write_html(file, program, path);
    free(json);
    free(massif);
}
