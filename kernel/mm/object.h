/*
 * A memory object: something whose pages can be mapped, such as a file. It is
 * the only thing the memory room knows about files.
 *
 * The rule of lifetimes, for objects and for all else that is counted (inodes,
 * names, open files, descriptor tables, address spaces, terminals):
 *
 *   A function holds a reference of its own to everything that it uses after
 *   a call which may drop the last other one.
 *
 * A pointer that is read from a structure (an area's object, a descriptor's
 * file, a process's space, a name's parent) is borrowed until the structure
 * may change: until the next *_put, until something is unmapped, closed,
 * unlinked or replaced, and until the next sleep. Arguments are the caller's
 * to hold for the whole call. The exception is space_map, which counts its
 * object itself, because the caller's may be the very area that it replaces.
 * What a release function calls never finds the object again: it is in no
 * list, tree or table by then.
 */
#ifndef MM_OBJECT_H
#define MM_OBJECT_H

#include "lib/list.h"
#include "lib/types.h"

struct mobject;

struct mobject_ops {
    /*
     * Find the frame that holds page `index` of the object and take one
     * reference to it (frame_get) for the caller. What lies past the end of
     * the data in the last page is zero. 0, -ENXIO if the page lies wholly
     * past the end, -ENOMEM, -EIO. With `write`, the page is about to be
     * written through a shared mapping. May sleep.
     */
    int (*page)(struct mobject *obj, uint64_t index, bool write, paddr_t *pa);

    /*
     * A page that a shared mapping shows is about to be written. Does not
     * sleep. NULL: it need not know, and such a page may be written from the
     * first touch on.
     */
    void (*written)(struct mobject *obj);

    /* The last reference is gone. */
    void (*release)(struct mobject *obj);

    /*
     * There is one area more (`by` is 1) or less (-1) through which the object
     * may be written, now or after an mprotect. NULL: it need not know.
     */
    void (*count_writer)(struct mobject *obj, int by);

    /* The same of any area that maps the object. NULL: it need not know. */
    void (*count_area)(struct mobject *obj, int by);
};

struct mobject {
    const struct mobject_ops *ops; /* (c) */
    uint32_t refs;                 /* holders: areas, open files, caches */
    struct list areas;             /* that map it; the memory room's */
};

/* Set up an object with one reference, the caller's. */
static inline void mobject_init(struct mobject *obj,
                                const struct mobject_ops *ops)
{
    obj->ops = ops;
    obj->refs = 1;
    list_init(&obj->areas);
}

static inline struct mobject *mobject_get(struct mobject *obj)
{
    obj->refs++;
    return obj;
}

static inline void mobject_put(struct mobject *obj)
{
    if (--obj->refs == 0)
        obj->ops->release(obj);
}

/* Drop a reference that is not the last. */
static inline void mobject_drop(struct mobject *obj)
{
    obj->refs--;
}

#endif
