/*
 * Page frames: who owns which page of physical memory.
 *
 * A buddy allocator: blocks of 2^order frames, aligned to their size, for
 * orders 0 to 10. Each frame of RAM has a record, each record a kind, and the
 * sum over kinds always equals the total. Two zones: "low" frames, which the
 * kernel has mapped for good, and "high" frames above them, which it reaches
 * only through short-lived windows.
 *
 * Context: nothing here sleeps. The functions must not interrupt each other:
 * call with interrupts off, or never from a handler.
 *
 * A misuse (a frame freed twice, a frame that is no RAM, the wrong order, a
 * count that overflows) is a bug of the kernel and panics with the address and
 * the values.
 */
#ifndef MM_FRAME_H
#define MM_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/compiler.h"
#include "lib/types.h"

struct memmap;

#define FRAME_MAX_ORDER 10

enum frame_kind {
    FRAME_FREE,
    FRAME_KERNEL,    /* image, metadata, slabs, stacks, buffers */
    FRAME_PAGETABLE, /* page tables and directories */
    FRAME_USER,      /* private pages of processes */
    FRAME_FILE,      /* pages of files, boot modules included */
    FRAME_NKINDS
};

enum frame_zone { FRAME_ZONE_LOW, FRAME_ZONE_HIGH, FRAME_NZONES };

/* Flags of frame_alloc. */
#define FRAME_ANY 0u /* high if there is one, else low */
#define FRAME_LOW 1u /* must be low */

/*
 * How many bytes of metadata frame_init wants for this map: 16 for each frame
 * of RAM and a small table, rounded up to whole pages. (Laying FRAMES over
 * available memory does not change it.)
 */
size_t frame_metadata_bytes(const struct memmap *map);

/*
 * Set up all frames of the map. `metadata` is aligned to 8, is `nbytes` long
 * and stays ours; its frames must be marked MEMMAP_FRAMES in the map. Frames
 * that end at or below `low_limit` are low. What is AVAILABLE becomes free;
 * KERNEL and FRAMES become FRAME_KERNEL for ever; MODULE becomes FRAME_FILE
 * with one reference per frame, to be freed frame by frame (frame_free with
 * order 0, or frame_put).
 *
 * Return 0, or with nothing usable -ENOMEM if nbytes is too small and -EINVAL
 * if the map has no RAM or is not finished. Calling it again starts anew.
 */
int frame_init(const struct memmap *map, void *metadata, size_t nbytes,
               paddr_t low_limit) must_check;

/*
 * Take 2^order frames, aligned to their size, with one reference on the
 * first; their content is undefined. `kind` is not FRAME_FREE. Return 0 and
 * store where the block starts, or -ENOMEM with nothing changed, an order
 * above FRAME_MAX_ORDER included.
 */
int frame_alloc(unsigned order, unsigned flags, enum frame_kind kind,
                paddr_t *pa) must_check;

/* What a frame that was just allocated contains. */
enum frame_content {
    FRAME_UNDEFINED,
    FRAME_ZEROED,
};

/*
 * Allocate a single frame, if possible one that is known to be zero. Return
 * FRAME_ZEROED or FRAME_UNDEFINED, or -ENOMEM with nothing changed.
 */
int frame_alloc_zeroed(unsigned flags, enum frame_kind kind,
                       paddr_t *pa) must_check;

/*
 * For whoever has time to zero free frames: frame_zeroed_begin takes one out,
 * false if there are enough or none is left; when it has been zeroed,
 * frame_zeroed_end puts it where frame_alloc_zeroed finds it. In between it is
 * free, but nobody can have it: nothing else may be called meanwhile.
 */
bool frame_zeroed_begin(paddr_t *pa) must_check;
void frame_zeroed_end(paddr_t pa);

/* Call `visit` for the zeroed frames until it returns false; then false. */
bool frame_zeroed_each(bool (*visit)(paddr_t pa)) must_check;

/*
 * Give back a block as frame_alloc gave it out; it must have exactly one
 * reference.
 */
void frame_free(paddr_t pa, unsigned order);

/*
 * Turn a block of 2^order frames with one reference into as many single
 * frames with one reference each.
 */
void frame_split(paddr_t pa, unsigned order);

/*
 * References to a block, named by its first frame. frame_get adds one and
 * returns the new count; frame_put takes one away, frees the block at zero, and
 * returns the count left.
 */
uint32_t frame_get(paddr_t pa);
uint32_t frame_put(paddr_t pa);

/* References to the block that starts at `pa`; 0 if it is free or no RAM. */
uint32_t frame_refs(paddr_t pa);

/* Give a used block another kind. */
void frame_set_kind(paddr_t pa, enum frame_kind kind);

/* The kind of one frame, which must be RAM. */
enum frame_kind frame_kind_of(paddr_t pa);

/* Whether the address lies in a frame that has a record. */
bool frame_is_ram(paddr_t pa);

/* Frames of one kind; all frames; free frames per zone. */
size_t frame_count(enum frame_kind kind);
size_t frame_total(void);
size_t frame_free_low(void);
size_t frame_free_high(void);

/* The name of a kind to print; any value may be given. */
const char *frame_kind_name(enum frame_kind kind);

/*
 * How many free blocks of this order a zone has, without single frames that
 * are kept apart; and how many of these are cached, and zeroed.
 */
size_t frame_free_blocks(enum frame_zone zone, unsigned order);
size_t frame_cached(enum frame_zone zone);
size_t frame_zeroed(enum frame_zone zone);

/* One block, for dumps. */
struct frame_info {
    paddr_t pa;
    unsigned order;
    enum frame_kind kind;
    enum frame_zone zone;
    uint32_t refs; /* 0 when free */
};

/*
 * Walk all blocks, free and used, in the order of addresses: store the
 * first block that starts at or above *cursor, move *cursor past it, and
 * return true; false when there is none.
 */
bool frame_next(paddr_t *cursor, struct frame_info *info);

/* Walk everything: NULL, or which invariant is broken. */
const char *frame_check(void);

#endif
