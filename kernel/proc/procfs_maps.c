/*
 * /proc/PID/maps and smaps: one line per area, and for smaps what of it is
 * really there (proc(5)).
 *
 * The text is written without sleeping, so the areas are those of one moment.
 */
#include "fs/path.h"
#include "fs/ramdata.h"
#include "lib/checkpoint.h"
#include "mm/kmalloc.h"
#include "mm/space.h"
#include "proc/procfs_private.h"

/* Where the name of an area starts in its line, as in Linux. */
#define NAME_COLUMN 49

/* The file whose pages an area shows, or NULL: other objects are no files. */
static struct inode *file_of(const struct area_info *area)
{
    if (area->obj == NULL || area->obj->ops->page != ramdata_page)
        return NULL;
    return inode_of(area->obj);
}

static void add_path(struct text *text, const struct inode *inode)
{
    char *buf, *path = NULL;

    if (inode->alias == NULL) {
        text_printf(text, "(deleted)");
        return;
    }
    buf = kmalloc(PATH_MAX);
    if (buf == NULL) {
        text->failed = true;
        return;
    }
    path =
        dentry_path(inode->alias, current_process()->fs->root, buf, PATH_MAX);
    text_add_escaped(text, path != NULL ? path : "?", "");
    kfree(buf);
}

static void add_name(struct text *text, const struct area_info *area,
                     const struct inode *file, size_t line_start)
{
    size_t length = text->nbytes - line_start;
    int width = length < NAME_COLUMN ? (int)(NAME_COLUMN - length) : 1;

    if (!file && !area->obj && !area->is_heap && !area->is_stack)
        return;
    text_printf(text, "%*s", width, "");
    if (file != NULL)
        add_path(text, file);
    else if (area->obj != NULL)
        text_printf(text, "%s",
                    area->flags & MAP_SHARED ? "/dev/zero (deleted)"
                                             : "[sigreturn]");
    else
        text_printf(text, "%s", area->is_heap ? "[heap]" : "[stack]");
}

/* Write eight hexadecimal digits: a process may have many areas. */
static char *put_hex(char *to, uint32_t value)
{
    for (int shift = 28; shift >= 0; shift -= 4)
        *to++ = "0123456789abcdef"[value >> shift & 15];
    return to;
}

/* What a line begins with: addresses and rights. */
static void add_range(struct text *text, const struct area_info *area)
{
    char bytes[23], *to = put_hex(bytes, area->start);

    *to++ = '-';
    to = put_hex(to, area->end);
    *to++ = ' ';
    *to++ = area->prot & PROT_READ ? 'r' : '-';
    *to++ = area->prot & PROT_WRITE ? 'w' : '-';
    *to++ = area->prot & PROT_EXEC ? 'x' : '-';
    *to++ = area->flags & MAP_SHARED ? 's' : 'p';
    *to++ = ' ';
    text_add(text, bytes, (size_t)(to - bytes));
}

static void add_line(struct text *text, const struct area_info *area)
{
    static const char of_no_file[] = "00000000 00:00 0";
    const struct inode *file = file_of(area);
    uint32_t dev = file != NULL ? file->fs->dev : 0;
    size_t line_start = text->nbytes;

    add_range(text, area);
    if (file == NULL && area->page == 0)
        text_add(text, of_no_file, sizeof(of_no_file) - 1);
    else
        text_printf(text, "%08llx %02x:%02x %llu",
                    (unsigned long long)area->page << PAGE_SHIFT,
                    (unsigned)inode_major(dev), (unsigned)inode_minor(dev),
                    (unsigned long long)(file != NULL ? file->ino : 0));
    add_name(text, area, file, line_start);
    text_add(text, "\n", 1);
}

static void add_kib(struct text *text, const char *name, uint64_t nbytes)
{
    text_printf(text, "%-16s%8llu kB\n", name,
                (unsigned long long)nbytes / 1024);
}

static void add_flags(struct text *text, const struct area_info *area)
{
    text_printf(text, "VmFlags: %s%s%s%s%s%s\n",
                area->prot & PROT_READ ? "rd " : "",
                area->prot & PROT_WRITE ? "wr " : "",
                area->prot & PROT_EXEC ? "ex " : "",
                area->flags & MAP_SHARED ? "sh " : "",
                area->is_stack ? "gd " : "",
                area->flags & MAP_NORESERVE ? "nr " : "");
}

static void add_usage(struct text *text, struct space *space,
                      const struct area_info *area)
{
    struct space_usage usage;

    space_measure(space, area->start, area->end, &usage);
    add_kib(text, "Size:", area->end - area->start);
    add_kib(text, "KernelPageSize:", PAGE_SIZE);
    add_kib(text, "MMUPageSize:", PAGE_SIZE);
    add_kib(text, "Rss:", (uint64_t)usage.resident * PAGE_SIZE);
    add_kib(text, "Pss:", usage.share_bytes);
    add_kib(text, "Shared_Clean:", (uint64_t)usage.shared_clean * PAGE_SIZE);
    add_kib(text, "Shared_Dirty:", (uint64_t)usage.shared_dirty * PAGE_SIZE);
    add_kib(text, "Private_Clean:", (uint64_t)usage.private_clean * PAGE_SIZE);
    add_kib(text, "Private_Dirty:", (uint64_t)usage.private_dirty * PAGE_SIZE);
    add_kib(text, "Referenced:", (uint64_t)usage.resident * PAGE_SIZE);
    add_kib(text,
            "Anonymous:", (uint64_t)(usage.resident - usage.file) * PAGE_SIZE);
    add_kib(text, "Swap:", 0);
    add_kib(text, "Locked:", 0);
    add_flags(text, area);
}

static void show_areas(struct text *text, const struct process *p,
                       bool with_usage)
{
    struct space *space = p->space;
    struct area_info area;
    vaddr_t va = 0;

    if (space == NULL)
        return;
    space_get(space);
    while (!text->failed && space_find(space, va, &area)) {
        va = area.end;
        add_line(text, &area);
        if (with_usage)
            add_usage(text, space, &area);
        if (checkpoint())
            break;
    }
    space_put(space);
}

void procfs_show_maps(struct text *text, struct process *p)
{
    show_areas(text, p, false);
}

void procfs_show_smaps(struct text *text, struct process *p)
{
    show_areas(text, p, true);
}
