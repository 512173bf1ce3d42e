/*
 * tools/cairn-run/profile.c - --profile: instructions by function
 *
 * The plugin (tools/cairn-profile) counts in memory that it shares with us:
 * chains of calls by address, and instructions in them. Here they get names: of
 * the kernel, of the program, of other programs that were executed, as the
 * kernel's records say, and of libraries by the areas that the first process
 * has at its end. A function without a symbol is named by its address.
 *
 * Code that belongs to another function than the one called, because of a jump,
 * counts for a frame beside it.
 */
#define _GNU_SOURCE
#include "profile.h"

#include "cairn-run.h"
#include "profile_tree.h"
#include "program.h"
#include "symbols.h"

#include "dev/trace_proto.h"
#include "sched/kstack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FIRST_PID 2
#define KERNEL    0 /* the object */
#define NVECTORS  256

/* A program, a library or the kernel. */
struct object {
    char *name;
    struct symbols symbols;
    uint32_t *addresses; /* of which lines are wanted */
    size_t naddresses;
};

/* A file in the first process's address space. */
struct area {
    uint32_t start, end, object;
    uint64_t offset;
};

static int shared = -1;
static struct profile_data *data;
static struct object *objects;
static uint32_t nobjects;
static uint32_t *images; /* object of each image */
static uint32_t nimages;
static uint32_t first_image; /* of the first process, the last one */
static struct area *areas;
static size_t nareas;
static struct profile profile;
static const struct options *running;

/* ---- before the run ---- */

static uint32_t kernel_symbol(const struct symbols *s, const char *name,
                              uint32_t *end)
{
    for (size_t i = 0; i < s->nfunctions; i++)
        if (strcmp(s->functions[i].name, name) == 0) {
            *end = s->functions[i].end;
            return s->functions[i].start;
        }
    die(STATUS_FAILED, "--profile: this kernel has no symbol %s", name);
}

static uint32_t add_object(const char *name, const char *path)
{
    for (uint32_t i = 0; i < nobjects; i++)
        if (strcmp(objects[i].name, name) == 0)
            return i;
    objects = must_resize(objects, (nobjects + 1) * sizeof(*objects));
    objects[nobjects] = (struct object){.name = format("%s", name)};
    symbols_read(&objects[nobjects].symbols, path);
    return nobjects++;
}

static void set_image(uint32_t number, uint32_t object)
{
    if (number > 1000000)
        return;
    if (number >= nimages) {
        images = must_resize(images, (number + 1) * sizeof(*images));
        while (nimages <= number)
            images[nimages++] = object;
    }
    images[number] = object;
}

char *profile_prepare(const struct options *options, int *plugin, int *memory)
{
    char *path =
        install_find("usr/lib/cairn/cairn-profile.so", "host/cairn-profile.so");
    uint32_t init, init_end, swap, swap_end, vectors, vectors_end, image, end;
    const struct symbols *s;

    if (strcmp(options->accel, "tcg") != 0)
        die(STATUS_FAILED, "--profile needs --accel tcg");
    if (shared < 0) {
        shared = memfd_create("cairn-profile", MFD_CLOEXEC);
        if (shared < 0 || ftruncate(shared, sizeof(*data)) != 0)
            die(STATUS_FAILED, "no memory for a profile: %s", strerror(errno));
    }
    *memory = fcntl(shared, F_DUPFD_CLOEXEC, 3); /* ours stays open */
    *plugin = open(path, O_RDONLY | O_CLOEXEC);
    if (*plugin < 0)
        die(STATUS_FAILED, "%s: %s", path, strerror(errno));
    free(path);
    s = &objects[KERNEL].symbols;
    init = kernel_symbol(s, "context_init", &init_end);
    vectors = kernel_symbol(s, "trap_vectors", &end);
    vectors_end = kernel_symbol(s, "trap_entry", &end); /* it comes next */
    swap = kernel_symbol(s, "context_switch", &swap_end);
    image = kernel_symbol(s, "lab_image_begins", &end);
    return format("base=0x%x,stacks=0x%x,stackend=0x%x,stacksize=0x%x,"
                  "init=0x%x,initend=0x%x,vectors=0x%x,vectorend=0x%x,"
                  "swap=0x%x,swapend=0x%x,image=0x%x",
                  KERNEL_BASE, KSTACK_BASE, KSTACK_END, KSTACK_SLOT, init,
                  init_end, vectors, vectors_end, swap, swap_end, image);
}

/* ---- records ---- */

/* Where a file of Cairn is here; NULL: it is not. */
static char *host_path(const char *guest)
{
    const struct options *o = running;

    for (size_t i = 0; i < o->nextras; i++) {
        const struct extra *e = &o->extras[i];
        size_t n = e->guest != NULL ? strlen(e->guest) : 0;

        if (n > 0 && strncmp(e->guest, guest, n) == 0 &&
            (guest[n] == '\0' || guest[n] == '/'))
            return format("%s%s", e->host, guest + n);
    }
    if (o->sysroot != NULL) {
        char *path = format("%s%s", o->sysroot, guest);

        if (access(path, R_OK) == 0)
            return path;
        free(path);
    }
    return access(guest, R_OK) == 0 ? format("%s", guest) : NULL;
}

static uint32_t object_of_file(const char *guest)
{
    char *path = host_path(guest);
    uint32_t object = add_object(guest, path);

    free(path);
    return object;
}

/* The first program. */
static void begin(void)
{
    char *path;

    if (running->has_image) {
        set_image(0, add_object("/bin/sh", NULL));
        return;
    }
    path = image_find_program(running->argv[0]);
    set_image(0, add_object(path, path));
    free(path);
}

static bool take_area(const unsigned char *body, const unsigned char *end)
{
    struct cairn_trace_area area;
    const char *name;

    if ((size_t)(end - body) < sizeof(area))
        return false;
    memcpy(&area, body, sizeof(area));
    name = (const char *)body + sizeof(area);
    if (body + sizeof(area) == end || *name != '/' ||
        memchr(name, '\0', (size_t)(end - body) - sizeof(area)) == NULL)
        return true;
    areas = must_resize(areas, (nareas + 1) * sizeof(*areas));
    areas[nareas++] =
        (struct area){area.start, area.end, object_of_file(name), area.offset};
    return true;
}

bool profile_take(const struct cairn_record *head, const unsigned char *body,
                  const unsigned char *end)
{
    uint32_t number;

    if (head->type == CAIRN_RECORD_PAGES && head->pid == FIRST_PID)
        return take_area(body, end);
    if (head->type != CAIRN_RECORD_IMAGE)
        return true;
    if ((size_t)(end - body) < 8 ||
        memchr(body + 4, '\0', (size_t)(end - body) - 4) == NULL)
        return false;
    memcpy(&number, body, sizeof(number));
    if (head->pid == FIRST_PID)
        first_image = number;
    set_image(number, object_of_file((const char *)body + 4));
    return true;
}

/* ---- addresses ---- */

/* Of an image, the object and the object's own address of a pc. */
static uint32_t locate(uint32_t image, uint32_t *pc)
{
    if (*pc >= KERNEL_BASE)
        return KERNEL;
    for (size_t i = 0; i < nareas && image == first_image; i++) {
        const struct area *a = &areas[i];
        uint32_t address;

        if (*pc < a->start || *pc >= a->end)
            continue;
        address = symbols_address(&objects[a->object].symbols,
                                  a->offset + (*pc - a->start));
        if (address != UINT32_MAX)
            *pc = address;
        return a->object;
    }
    return images[image < nimages ? image : 0];
}

struct spot {
    uint32_t image, pc;       /* key */
    uint32_t object, address; /* of the object */
    uint32_t function;
    const char *file;
    uint32_t line;
    bool is_used;
};

#define NSPOTS (1u << 21)
static struct spot *spots;
static uint32_t nspots;

static struct spot *spot_of(uint32_t image, uint32_t pc)
{
    uint32_t at;

    if (pc >= KERNEL_BASE)
        image = 0;
    for (at = profile_hash(image, pc);; at++) {
        struct spot *s = &spots[at % NSPOTS];

        if (s->is_used && (s->image != image || s->pc != pc))
            continue;
        if (!s->is_used && ++nspots < NSPOTS) {
            *s = (struct spot){.image = image, .pc = pc, .is_used = true};
            s->address = pc;
            s->object = locate(image, &s->address);
        }
        return s;
    }
}

static uint32_t image_of(uint32_t node)
{
    while (data->nodes[node].parent != 0)
        node = data->nodes[node].parent;
    return data->nodes[node].pc;
}

/* The image of each node; nodes come after their parents. */
static uint32_t *find_images(void)
{
    uint32_t *of = must_alloc((data->nnodes + 1) * sizeof(*of));

    of[0] = PROFILE_NO_IMAGE;
    for (uint32_t n = 1; n < data->nnodes; n++)
        of[n] = data->nodes[n].parent == 0 ? image_of(n)
                                           : of[data->nodes[n].parent];
    return of;
}

static void note_spots(const uint32_t *image)
{
    for (uint32_t n = 1; n < data->nnodes; n++) {
        const struct profile_node *node = &data->nodes[n];

        if (image[n] == PROFILE_NO_IMAGE || node->parent == 0)
            continue;
        spot_of(image[n], node->pc);
        spot_of(image[n], node->from);
    }
    for (uint32_t c = 0; c < PROFILE_MAX_CELLS; c++) {
        const struct profile_cell *cell = &data->cells[c];

        if (cell->node != 0 && image[cell->node] != PROFILE_NO_IMAGE)
            spot_of(image[cell->node], cell->pc);
    }
}

/* ---- functions ---- */

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

static void want_line(struct object *o, uint32_t address)
{
    if (o->naddresses % 1024 == 0)
        o->addresses = must_resize(o->addresses, (o->naddresses + 1024) * 4);
    o->addresses[o->naddresses++] = address;
}

/* Of all spots, and of where their functions begin. */
static void want_lines(void)
{
    for (uint32_t i = 0; i < NSPOTS; i++) {
        struct object *o = &objects[spots[i].object];
        const struct function *f;

        if (!spots[i].is_used)
            continue;
        want_line(o, spots[i].address);
        f = symbols_function(&o->symbols, spots[i].address);
        if (f != NULL && f->start != spots[i].address)
            want_line(o, f->start);
    }
}

static size_t unique(uint32_t *numbers, size_t n)
{
    size_t last = 0;

    qsort(numbers, n, sizeof(*numbers), by_number);
    for (size_t i = 1; i < n; i++)
        if (numbers[i] != numbers[last])
            numbers[++last] = numbers[i];
    return last + 1;
}

static void find_lines(void)
{
    want_lines();
    for (uint32_t i = 0; i < nobjects; i++) {
        struct object *o = &objects[i];

        if (o->naddresses == 0)
            continue;
        o->naddresses = unique(o->addresses, o->naddresses);
        symbols_find_lines(&o->symbols, o->addresses, o->naddresses);
    }
}

/* Newlib's assembly and what has no line is told by where it is linked from. */
static enum function_kind kind_of(uint32_t object, const char *file)
{
    if (object == KERNEL)
        return KIND_KERNEL;
    if (program_is_library(file) ||
        strstr(objects[object].name, "/libc.so") != NULL ||
        strstr(objects[object].name, "/libc-") != NULL ||
        strstr(objects[object].name, "/ld-linux") != NULL)
        return KIND_LIBRARY;
    return KIND_PROGRAM;
}

struct function_key {
    uint32_t object, start;
};

static struct function_key *keys; /* by function */

/* Functions are few: a hash table of their numbers plus 1. */
#define NFUNCTIONS (1u << 17)
static uint32_t function_table[NFUNCTIONS];

static uint32_t function_at(uint32_t object, uint32_t start, const char *name)
{
    uint32_t at = profile_hash(object, start);
    const struct line *line;

    for (;; at++) {
        uint32_t *place = &function_table[at % NFUNCTIONS];
        size_t n = profile.nfunctions;

        if (*place != 0 && keys[*place - 1].object == object &&
            keys[*place - 1].start == start)
            return *place - 1;
        if (*place != 0)
            continue;
        if (n + 1 == NFUNCTIONS)
            return 0;
        keys = must_resize(keys, (n + 1) * sizeof(*keys));
        profile.functions = must_resize(profile.functions,
                                        (n + 1) * sizeof(profile.functions[0]));
        keys[n] = (struct function_key){object, start};
        line = symbols_line(&objects[object].symbols, start);
        profile.functions[n] =
            (struct profile_function){.name = name != NULL
                                                  ? name
                                                  : format("0x%08x", start),
                                      .object = objects[object].name,
                                      .file = line != NULL ? line->file : ""};
        *place = (uint32_t)++profile.nfunctions;
        return *place - 1;
    }
}

static const char *base_name(const char *file)
{
    const char *slash = strrchr(file, '/');

    return slash != NULL ? slash + 1 : file;
}

/*
 * A function is in the file of its first line. Of the names that debugging
 * information has for one file, "bad.c" and "/src/bad.c", the longest is used.
 */
static void agree_on_file(struct profile_function *f, const char *file)
{
    if (f->file[0] == '\0') {
        f->file = file;
    } else if (strcmp(base_name(f->file), base_name(file)) == 0 &&
               strlen(file) > strlen(f->file)) {
        f->file = file;
    }
}

static void name_spot(struct spot *s)
{
    const struct symbols *symbols = &objects[s->object].symbols;
    const struct function *f = symbols_function(symbols, s->address);
    const struct line *line = symbols_line(symbols, s->address);

    s->file = line != NULL ? line->file : "";
    s->line = line != NULL ? line->line : 0;
    s->function = f != NULL
                      ? function_at(s->object, f->start, f->name)
                      : function_at(s->object, s->address & ~0xFFFu, NULL);
    agree_on_file(&profile.functions[s->function], s->file);
}

static void finish_spot(struct spot *s)
{
    struct profile_function *f = &profile.functions[s->function];

    if (strcmp(base_name(f->file), base_name(s->file)) == 0)
        s->file = f->file;
    f->kind = kind_of(s->object, f->file);
}

static void name_spots(void)
{
    for (uint32_t i = 0; i < NSPOTS; i++)
        if (spots[i].is_used)
            name_spot(&spots[i]);
    for (uint32_t i = 0; i < NSPOTS; i++)
        if (spots[i].is_used)
            finish_spot(&spots[i]);
}

/* ---- frames ---- */

static uint32_t *frame_table; /* numbers of frames, by parent and function */
static uint32_t frame_room;

static void grow_frame_table(void);

static uint32_t frame_child(uint32_t parent, uint32_t function,
                            const struct spot *call)
{
    uint32_t line = call != NULL ? call->line : 0, at;
    const char *file = call != NULL ? call->file : "";

    if (profile.nframes * 2 >= frame_room)
        grow_frame_table();
    for (at = profile_hash(parent, function) + line;; at++) {
        uint32_t *place = &frame_table[at % frame_room];
        struct profile_frame *f = &profile.frames[*place];

        if (*place == 0) {
            *place = (uint32_t)profile.nframes++;
            profile.frames[*place] =
                (struct profile_frame){.parent = parent,
                                       .function = function,
                                       .file = file,
                                       .line = line};
            return *place;
        }
        if (f->parent == parent && f->function == function && f->line == line &&
            strcmp(f->file, file) == 0)
            return *place;
    }
}

static void grow_frame_table(void)
{
    uint32_t before = frame_room;

    frame_room = before > 0 ? 2 * before : 4096;
    profile.frames =
        must_resize(profile.frames, frame_room * sizeof(profile.frames[0]));
    free(frame_table);
    frame_table = must_alloc(frame_room * sizeof(*frame_table));
    memset(frame_table, 0, frame_room * sizeof(*frame_table));
    if (before == 0)
        profile.frames[profile.nframes++] = (struct profile_frame){0};
    for (uint32_t i = 1; i < profile.nframes; i++) {
        const struct profile_frame *f = &profile.frames[i];
        uint32_t at = profile_hash(f->parent, f->function) + f->line;

        while (frame_table[at % frame_room] != 0)
            at++;
        frame_table[at % frame_room] = i;
    }
}

/* The frame of a node's code that is in `function`. */
static uint32_t frame_in(const uint32_t *frame_of, uint32_t node,
                         uint32_t function)
{
    const struct profile_frame *f = &profile.frames[frame_of[node]];
    struct spot call = {.file = f->file, .line = f->line};

    if (data->nodes[node].parent == 0)
        return frame_child(frame_of[node], function, NULL);
    if (f->function == function)
        return frame_of[node];
    return frame_child(f->parent, function, &call);
}

/* Frames of nodes, in the order of nodes: parents come first. */
static uint32_t *make_frames(const uint32_t *image)
{
    uint32_t *frame_of = must_alloc((data->nnodes + 1) * sizeof(*frame_of));

    grow_frame_table();
    memset(frame_of, 0, (data->nnodes + 1) * sizeof(*frame_of));
    for (uint32_t n = 1; n < data->nnodes; n++) {
        const struct profile_node *node = &data->nodes[n];
        const struct spot *call, *entry;

        if (image[n] == PROFILE_NO_IMAGE || node->parent == 0)
            continue;
        call = spot_of(image[n], node->from);
        entry = spot_of(image[n], node->pc);
        frame_of[n] =
            frame_child(frame_in(frame_of, node->parent, call->function),
                        entry->function, call);
        profile.frames[frame_of[n]].calls += node->calls;
    }
    return frame_of;
}

static void add_cost(const struct spot *s, uint64_t count)
{
    if (profile.ncosts % 4096 == 0)
        profile.costs =
            must_resize(profile.costs,
                        (profile.ncosts + 4096) * sizeof(profile.costs[0]));
    profile.costs[profile.ncosts++] =
        (struct profile_cost){s->function, s->file, s->line, count};
}

static void count_cells(const uint32_t *image, const uint32_t *frame_of)
{
    for (uint32_t c = 0; c < PROFILE_MAX_CELLS; c++) {
        const struct profile_cell *cell = &data->cells[c];
        const struct spot *s;
        uint32_t frame;

        if (cell->node == 0 || cell->count == 0 ||
            image[cell->node] == PROFILE_NO_IMAGE)
            continue;
        s = spot_of(image[cell->node], cell->pc);
        frame = frame_in(frame_of, cell->node, s->function);
        profile.frames[frame].self += cell->count;
        profile.functions[s->function].self += cell->count;
        profile.total += cell->count;
        add_cost(s, cell->count);
    }
}

static int by_function_and_line(const void *a, const void *b)
{
    const struct profile_cost *x = a, *y = b;
    int files;

    if (x->function != y->function)
        return x->function < y->function ? -1 : 1;
    files = strcmp(x->file, y->file);
    if (files != 0)
        return files;
    return x->line < y->line ? -1 : x->line > y->line;
}

static void join_costs(void)
{
    struct profile_cost *costs = profile.costs;
    size_t n = 0;

    if (profile.ncosts == 0)
        return;
    qsort(costs, profile.ncosts, sizeof(*costs), by_function_and_line);
    for (size_t i = 1; i < profile.ncosts; i++)
        if (by_function_and_line(&costs[n], &costs[i]) == 0)
            costs[n].count += costs[i].count;
        else
            costs[++n] = costs[i];
    profile.ncosts = n + 1;
}

/*
 * Sums and lists of children. Frames come after their parents.
 */
static void sum_frames(void)
{
    for (size_t i = profile.nframes; i-- > 1;) {
        struct profile_frame *f = &profile.frames[i];

        f->total += f->self;
        profile.frames[f->parent].total += f->total;
        f->next = profile.frames[f->parent].child;
        profile.frames[f->parent].child = (uint32_t)i;
    }
}

/* ---- after the run ---- */

static void resolve(void)
{
    uint32_t *image = find_images(), *frame_of;

    spots = must_alloc(NSPOTS * sizeof(*spots));
    memset(spots, 0, NSPOTS * sizeof(*spots));
    note_spots(image);
    find_lines();
    name_spots();
    frame_of = make_frames(image);
    count_cells(image, frame_of);
    join_costs();
    sum_frames();
    free(image);
    free(frame_of);
    free(spots);
}

static char *command_line(char *const *argv)
{
    char *line = format("%s", argv[0]);

    for (size_t i = 1; argv[i] != NULL; i++) {
        char *longer = format("%s %s", line, argv[i]);

        free(line);
        line = longer;
    }
    for (char *c = line; *c != '\0'; c++)
        if (*c == '\n')
            *c = ' ';
    return line;
}

void profile_begin(const struct options *options)
{
    running = options;
    add_object("cairn", kernel_find());
    begin();
}

void profile_end(const char *path)
{
    char *picture = format("%s.svg", path);

    data = mmap(NULL, sizeof(*data), PROT_READ, MAP_SHARED, shared, 0);
    if (data == MAP_FAILED || !data->is_ready)
        die(STATUS_FAILED, "this QEMU loads no plugins: no profile");
    resolve();
    if (data->lost > 0)
        complain("--profile: %llu instructions are not counted, for lack of "
                 "room",
                 (unsigned long long)data->lost);
    profile.command = command_line(running->argv);
    profile_write_callgrind(path, &profile);
    profile_write_flames(picture, &profile);
    free(picture);
}
