/* What must hold of every accepted program; see elf_oracle.h. */
#include "elf_oracle.h"

#define PAGE 4096u

static const char *segment_broken(const struct elf_segment *s,
                                  uint64_t file_size, uint32_t lowest)
{
    uint64_t end = (uint64_t)s->start + s->memsz;

    if (s->memsz == 0 || s->filesz > s->memsz)
        return "a segment's sizes are wrong";
    if (s->start < lowest || end > 0xC0000000u)
        return "a segment lies outside user space";
    if (s->filesz > 0 && s->offset % PAGE != s->start % PAGE)
        return "a segment cannot be mapped by pages";
    if ((uint64_t)s->offset + s->filesz > file_size)
        return "a segment lies outside the file";
    if ((s->flags & ~7u) != 0)
        return "a segment has unknown flags";
    return NULL;
}

/* Two neighbours that share a page must have one source for it. */
static const char *pair_broken(const struct elf_segment *a,
                               const struct elf_segment *b)
{
    uint64_t end = (uint64_t)a->start + a->memsz;

    if (end > b->start)
        return "segments overlap or are out of order";
    if ((end - 1) / PAGE != b->start / PAGE)
        return NULL;
    if (b->start - a->start != b->offset - a->offset || b->filesz == 0)
        return "segments with another source share a page";
    if (a->filesz != a->memsz)
        return "a segment's zeros share a page with the next one's data";
    return NULL;
}

const char *elf_image_broken(const struct elf_image *image, uint64_t file_size)
{
    const struct elf_segment *last;
    const char *broken = NULL;
    bool executable = false;

    if (image->nsegments == 0 || image->nsegments > ELF_MAX_SEGMENTS)
        return "the number of segments is wrong";
    for (unsigned i = 0; i < image->nsegments && broken == NULL; i++) {
        const struct elf_segment *s = &image->segments[i];
        broken = segment_broken(s, file_size, image->is_movable ? 0 : 0x10000);
        if (broken == NULL && i > 0)
            broken = pair_broken(s - 1, s);
        if (image->entry >= s->start && image->entry - s->start < s->memsz)
            executable = (s->flags & ELF_EXEC) != 0;
    }
    if (broken != NULL)
        return broken;
    if (!executable)
        return "the entry point is not executable";
    last = &image->segments[image->nsegments - 1];
    if (image->brk % PAGE != 0 || image->brk > 0xC0000000u ||
        image->brk < (uint64_t)last->start + last->memsz)
        return "the heap begins at a wrong place";
    if (image->align < PAGE || (image->align & (image->align - 1)) != 0)
        return "the alignment is no power of two, or less than a page";
    if (image->interp_nbytes == 1 || image->interp_nbytes > ELF_INTERP_MAX ||
        (uint64_t)image->interp_offset + image->interp_nbytes > file_size)
        return "the interpreter's name is not in the file";
    return NULL;
}

const char *elf_place_broken(const struct elf_image *image, uint64_t file_size,
                             uint32_t base)
{
    struct elf_image moved = *image;
    uint32_t bias = 0, first = image->segments[0].start & ~(PAGE - 1);
    bool fits = base >= 0x10000 && base <= 0xC0000000u &&
                elf_span(image) <= 0xC0000000u - base;
    int error = elf_place(&moved, base, &bias);

    if ((error == 0) != fits)
        return fits ? "a place that is good is refused"
                    : "a place that is none is taken";
    if (error != 0)
        return NULL;
    if ((moved.segments[0].start & ~(PAGE - 1)) != base || base - first != bias)
        return "the image is somewhere else";
    if (moved.entry - image->entry != bias || moved.brk - image->brk != bias ||
        (image->phdr_va != 0 && moved.phdr_va - image->phdr_va != bias))
        return "something did not move along";
    return elf_image_broken(&moved, file_size);
}
