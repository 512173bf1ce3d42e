/*
 * A memory object: something whose pages can be mapped, such as a file. It is
 * the only thing the memory room knows about files.
 */
#ifndef MM_OBJECT_H
#define MM_OBJECT_H

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

    /* The last reference is gone. */
    void (*release)(struct mobject *obj);
};

struct mobject {
    const struct mobject_ops *ops; /* (c) */
    uint32_t refs;                 /* holders: areas, open files, caches */
};

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

#endif
