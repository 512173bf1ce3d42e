/*
 * What memory is used for at the end of the first program, while all that it
 * has is still there: for cairn-run's pictures.
 */
#include <cairn/mman.h>

#include "lib/string.h"
#include "mm/frame.h"
#include "mm/kmalloc.h"
#include "mm/memmap.h"
#include "mm/space.h"
#include "proc/process.h"
#include "proc/procfs.h"
#include "sys/lab.h"

/* ---- physical memory ---- */

/* Records of one kind of run each; the last run is not sent yet. */
struct runs {
    struct record record;
    struct cairn_trace_run last; /* nframes 0: none */
};

static void send_run(struct runs *runs)
{
    if (runs->last.nframes == 0)
        return;
    if (runs->record.bytes && record_room(&runs->record) < sizeof(runs->last))
        record_end(&runs->record);
    if (!runs->record.bytes)
        record_begin(&runs->record, CAIRN_RECORD_RUNS);
    record_add(&runs->record, &runs->last, sizeof(runs->last));
}

static void add_run(struct runs *runs, uint32_t first, uint32_t nframes,
                    uint32_t kind)
{
    struct cairn_trace_run *last = &runs->last;

    if (last->nframes > 0 && last->kind == kind &&
        last->first + last->nframes == first) {
        last->nframes += nframes;
        return;
    }
    send_run(runs);
    *last = (struct cairn_trace_run){first, nframes, kind};
}

static bool is_managed(uint32_t kind)
{
    return kind == MEMMAP_AVAILABLE || kind == MEMMAP_MODULE;
}

/* RAM that the frame allocator has, by what each frame is used for. */
static void add_frames(struct runs *runs, uint64_t start, uint64_t end)
{
    paddr_t cursor = (paddr_t)start;
    struct frame_info info;
    uint64_t at = start;

    while (at < end && frame_next(&cursor, &info) && info.pa < end) {
        uint64_t last = info.pa + ((uint64_t)PAGE_SIZE << info.order);

        if (last > end)
            last = end;
        if (info.pa > at)
            add_run(runs, (uint32_t)(at >> PAGE_SHIFT),
                    (uint32_t)((info.pa - at) >> PAGE_SHIFT), MEMMAP_UNUSED);
        add_run(runs, (uint32_t)(info.pa >> PAGE_SHIFT),
                (uint32_t)((last - info.pa) >> PAGE_SHIFT),
                CAIRN_RUN_FRAMES + info.kind);
        at = last;
    }
    if (at < end)
        add_run(runs, (uint32_t)(at >> PAGE_SHIFT),
                (uint32_t)((end - at) >> PAGE_SHIFT), MEMMAP_UNUSED);
}

/* Blocks of frames may reach over the end of a module: so ranges are joined. */
void view_record_memory(void)
{
    struct runs runs = {.record = {0}};
    uint64_t start = 0, end = 0;
    struct memmap_range range;

    if (!procfs_memory_map())
        return;
    for (unsigned i = 0; memmap_next(procfs_memory_map(), &i, &range);) {
        if (is_managed(range.kind) && range.start == end && end > start) {
            end = range.end;
            continue;
        }
        add_frames(&runs, start, end);
        start = end = 0;
        if (is_managed(range.kind)) {
            start = range.start;
            end = range.end;
        } else {
            add_run(&runs, (uint32_t)(range.start >> PAGE_SHIFT),
                    (uint32_t)((range.end - range.start) >> PAGE_SHIFT),
                    range.kind);
        }
    }
    add_frames(&runs, start, end);
    send_run(&runs);
    record_end(&runs.record);
}

/* ---- the address space ---- */

static uint8_t state_of(const struct area_info *area, vaddr_t va)
{
    struct space_usage usage;
    uint8_t there = 0;

    if (space_resident(current->space, va, 1, &there) != 0 || !(there & 1))
        return CAIRN_PAGE_ABSENT;
    space_measure(current->space, va, va + PAGE_SIZE, &usage);
    if (usage.resident == 0)
        return area->obj ? CAIRN_PAGE_ABSENT : CAIRN_PAGE_ZERO;
    if (usage.shared_clean + usage.shared_dirty > 0)
        return CAIRN_PAGE_SHARED;
    return usage.file > 0 ? CAIRN_PAGE_FILE : CAIRN_PAGE_PRIVATE;
}

static void add_pages(struct record *r, const struct area_info *area)
{
    for (vaddr_t va = area->start; va < area->end && record_room(r) > 4;
         va += PAGE_SIZE) {
        uint8_t state = state_of(area, va);

        record_add(r, &state, 1);
    }
}

void view_record_space(void)
{
    struct area_info area;

    for (vaddr_t va = 0; space_find(current->space, va, &area); va = area.end) {
        struct cairn_trace_area words = {
            .start = area.start,
            .end = area.end,
            .prot = area.prot,
            .flags = area.flags,
            .offset = area.page << PAGE_SHIFT,
        };
        struct record r;

        record_begin(&r, CAIRN_RECORD_PAGES);
        record_add(&r, &words, sizeof(words));
        core_add_name(&r, &area);
        add_pages(&r, &area);
        record_end(&r);
    }
}
